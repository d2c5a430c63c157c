"""Tests that requests are read within limits, and that problems are plain values."""

import contextlib
import json
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.errors import (
    BodyInvalid,
    BodyTooLarge,
    EventNotAllowed,
    EventRefused,
    FieldNotAllowed,
    OfferMissing,
    OfferTooLarge,
    StorageUnavailable,
    SwitchboardError,
    TooManyCalls,
    UnsupportedMediaType,
)
from switchboard.realtime.client_events import ItemDelete
from switchboard.triggers.http import (
    Answer,
    json_answer,
    problem_answer,
    read_client_event,
    read_json,
    read_offer,
    safe_request_id,
    sdp_answer,
)
from switchboard.triggers.openai import ClientForm
from switchboard.triggers.signalling import ConnectForm
from tests.examples import OFFER
from tests.strategies import JSON

BOUNDARY = "----WebKitFormBoundaryA1"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
END = f"--{BOUNDARY}--\r\n".encode()


def form(**fields: bytes) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"
        for name, value in fields.items()
    ]
    return b"".join(parts) + END


def test_raw_offer() -> None:
    """A charset in the media type makes no difference."""
    assert read_offer("application/sdp; charset=utf-8", OFFER, ConnectForm) == (OFFER, {})


def test_offer_in_a_form() -> None:
    """The field `sdp` is the offer, byte for byte, and the form's voice and language are returned with it."""
    assert read_offer(FORM, form(sdp=OFFER, voice=b"ash", language=b"en"), ConnectForm) == (
        OFFER,
        {"voice": "ash", "language": "en"},
    )


def test_offer_as_a_typed_part() -> None:
    """The offer may be a part with a media type and a file name, as the Realtime API's clients send it."""
    part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="sdp"; filename="offer.sdp"\r\n'
    body = f"{part}Content-Type: application/sdp\r\n\r\n".encode() + OFFER + f"\r\n--{BOUNDARY}--\r\n".encode()

    assert read_offer(FORM, body, ConnectForm) == (OFFER, {})


@pytest.mark.parametrize(
    ("content_type", "body", "error"),
    [
        ("application/sdp", b"", OfferMissing),
        ("", b"", OfferMissing),
        (FORM, form(voice=b"ash"), OfferMissing),
        (FORM, b"", BodyInvalid),
        (FORM, OFFER, BodyInvalid),
        (FORM, form(sdp=OFFER)[:-20], BodyInvalid),
        ("multipart/form-data", form(sdp=OFFER), BodyInvalid),
        (FORM, form(sdp=OFFER)[: len(form(sdp=OFFER))].replace(b"--\r\n", b"\r\n"), BodyInvalid),
        (FORM, form(sdp=OFFER, session=b"{}"), FieldNotAllowed),
        (FORM, form(sdp=b"x" * 80_000), OfferTooLarge),
        ("application/sdp", b"v=0\r\n" + b"x" * 80_000, OfferTooLarge),
        ("application/json", b'{"sdp": ""}', UnsupportedMediaType),
        ("text/plain", OFFER, UnsupportedMediaType),
    ],
)
def test_what_is_refused(content_type: str, body: bytes, error: type[SwitchboardError]) -> None:
    """Each fault raises an error of its own, so that the caller learns what to change."""
    with pytest.raises(error):
        read_offer(content_type, body, ConnectForm)


def test_field_twice() -> None:
    """A form with two offers is refused, because it does not say which one counts."""
    with pytest.raises(BodyInvalid):
        read_offer(FORM, form(sdp=OFFER).removesuffix(f"--{BOUNDARY}--\r\n".encode()) + form(sdp=OFFER), ConnectForm)


def test_other_fields() -> None:
    """A route may allow other fields beside the offer, and then accepts only those."""
    assert read_offer(FORM, form(sdp=OFFER, session=b"{}"), ClientForm) == (OFFER, {"session": "{}"})
    with pytest.raises(FieldNotAllowed) as caught:
        read_offer(FORM, form(sdp=OFFER, voice=b"ash"), ClientForm)
    assert caught.value.detail == "The form has a field 'voice', which is none of sdp, session."


@given(st.text(st.characters(), max_size=60), st.binary(max_size=500))
def test_any_request(content_type: str, body: bytes) -> None:
    """Whatever a request contains, it is read or refused with one of the gateway's own errors."""
    with pytest.raises(SwitchboardError):
        read_offer(content_type, body, ConnectForm)


@given(st.binary(max_size=300))
def test_any_form(body: bytes) -> None:
    """Whatever a form with a valid boundary contains, it is read or refused with one of our own errors."""
    with pytest.raises(SwitchboardError):
        read_offer(FORM, f"--{BOUNDARY}\r\n".encode() + body, ConnectForm)


class Body(msgspec.Struct):
    call_id: str


def test_json() -> None:
    """A JSON body of the expected shape is decoded."""
    assert read_json("application/json", b'{"call_id": "rtc_1"}', Body) == Body("rtc_1")


@pytest.mark.parametrize(
    ("content_type", "body", "error"),
    [
        ("application/json", b"", BodyInvalid),
        ("application/json", b'{"call_id": 1}', BodyInvalid),
        ("application/json", b"[" * 10_000, BodyInvalid),
        ("application/json", b'{"figures": ' + b"[" * 32 + b"]" * 32 + b"}", BodyInvalid),
        ("application/json", b'{"call_id": "rtc_1", "other": ' + b'{"a":' * 40 + b"1" + b"}" * 41, BodyInvalid),
        ("application/json", b"\xff", BodyInvalid),
        ("application/json", b" " * 16_385, BodyTooLarge),
        ("text/plain", b"{}", UnsupportedMediaType),
    ],
)
def test_json_that_is_refused(content_type: str, body: bytes, error: type[SwitchboardError]) -> None:
    """Deeply nested JSON is refused too; it would otherwise end in a RecursionError."""
    with pytest.raises(error):
        read_json(content_type, body, Body)


def test_problem() -> None:
    """A problem has RFC 9457's fields, a stable code, a hint, the request's id and, if known, Retry-After."""
    answer = problem_answer(TooManyCalls(retry_after=12), "r1")

    assert answer.status == 429
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "12"
    problem = json.loads(answer.body)
    assert problem.keys() == {"type", "title", "status", "detail", "code", "hint", "request_id"}
    assert (problem["code"], problem["status"], problem["request_id"]) == ("too_many_calls", 429, "r1")


@pytest.mark.parametrize(
    ("error", "kind"), [(TooManyCalls("Two are up."), "invalid_request_error"), (StorageUnavailable(), "server_error")]
)
def test_problem_for_clients_of_openai(error: SwitchboardError, kind: str) -> None:
    """For OpenAI's clients the problem also has an `error`, whose message says what to do."""
    problem = json.loads(problem_answer(error, "r1", for_openai=True).body)

    assert problem["code"] == error.code
    message = f"{error.detail.removesuffix('.')}. {error.hint}"
    assert problem["error"] == {"message": message, "type": kind, "code": error.code, "param": None}


def test_request_id() -> None:
    """A request id from a header is used only if it is safe in a log line."""
    assert safe_request_id("0af7651916cd43dd") == "0af7651916cd43dd"
    assert safe_request_id("a b\nc") == ""
    assert safe_request_id("x" * 65) == ""


def test_json_answer() -> None:
    """No cache keeps an answer; a header of the route's own stands beside the usual ones."""
    assert json_answer(201, {"a": 1}, Location="/x") == Answer(
        201, {"Content-Type": "application/json", "Cache-Control": "no-store", "Location": "/x"}, b'{"a":1}'
    )


def test_sdp_answer() -> None:
    """The service's SDP answer goes back byte for byte."""
    assert sdp_answer("/api/calls/rtc_1", OFFER) == Answer(
        201,
        {"Content-Type": "application/sdp", "Cache-Control": "no-store", "Location": "/api/calls/rtc_1"},
        OFFER,
    )


def test_problem_with_the_services_error() -> None:
    """What the service said of an operator's event is told to the operator, also where OpenAI's form is asked for."""
    refused = EventRefused({"type": "invalid_request_error", "code": "x", "message": "No.", "param": "item.id"})

    for for_openai in (False, True):
        problem = json.loads(problem_answer(refused, "r1", for_openai=for_openai).body)
        assert problem["error"] == {
            "type": "invalid_request_error",
            "code": "x",
            "message": "No.",
            "param": "item.id",
        }
        assert problem["type"] == "urn:switchboard:problem:event_refused"


def test_client_event() -> None:
    """An event of the list is read with its own fields."""
    event = read_client_event("application/json", b'{"type": "conversation.item.delete", "item_id": "i1"}')

    assert event == ItemDelete(item_id="i1")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b'{"type": "input_audio_buffer.append", "audio": ""}', "Invalid value"),
        (b'{"type": "conversation.item.delete", "item_id": "i1", "colour": "blue"}', "colour"),
        (b'{"type": "conversation.item.delete"}', "item_id"),
        (b"nothing", "JSON"),
    ],
)
def test_client_event_that_is_refused(body: bytes, what: str) -> None:
    """The answer says what was wrong, and which events there are."""
    with pytest.raises(EventNotAllowed, match=what) as caught:
        read_client_event("application/json", body)

    assert "conversation.item.create, conversation.item.delete" in caught.value.hint


def test_limits_of_a_body() -> None:
    """A body of just the longest length is read, and the error about a longer one says both lengths."""
    longest = b'{"call_id": "rtc_1"}'.ljust(16_384)
    assert read_json("application/json", longest, Body) == Body("rtc_1")
    with pytest.raises(BodyTooLarge, match="16385 bytes; 16384"):
        read_json("application/json", longest + b" ", Body)
    largest = OFFER.ljust(65_536, b"\n")
    assert read_offer(FORM, form(sdp=largest, voice=b"ash", language=b"en"), ConnectForm)[0] == largest


def test_what_is_said_of_a_media_type() -> None:
    """The error names the media type, or says that there is none."""
    with pytest.raises(UnsupportedMediaType, match="text/plain is not read here"):
        read_offer("text/plain", OFFER, ConnectForm)
    with pytest.raises(UnsupportedMediaType, match="No Content-Type is not read here"):
        read_json("", b"{}", Body)
    with pytest.raises(UnsupportedMediaType, match="No Content-Type is not read here"):
        read_offer("", OFFER, ConnectForm)


def test_long_names_are_cut() -> None:
    """A field's name is the sender's own text: no more of it is given back than is needed to find it."""
    with pytest.raises(FieldNotAllowed, match=f"a field '{'x' * 40}',"):
        read_offer(FORM, form(**{"x" * 60: b""}), ConnectForm)


NAMES = st.sampled_from(["sdp", "voice", "language", "session", ""])


@given(st.lists(st.tuples(NAMES, st.binary(max_size=20) | st.just(OFFER)), max_size=4))
def test_any_fields(fields: list[tuple[str, bytes]]) -> None:
    """A whole form is read exactly when it has an offer, no field twice, and none that the route does not know."""
    body = b"".join(form(**{name: value}).removesuffix(END) for name, value in fields) + END
    names = [name for name, _ in fields]
    good = len(set(names)) == len(names) and set(names) <= {"sdp", "voice", "language"}
    if good and dict(fields).get("sdp") == OFFER:
        expected = {name: value.decode(errors="replace") for name, value in fields if name != "sdp"}
        assert read_offer(FORM, body, ConnectForm) == (OFFER, expected)
    else:
        with pytest.raises(SwitchboardError):
            read_offer(FORM, body, ConnectForm)


@given(st.binary(max_size=200) | JSON.map(msgspec.json.encode))
def test_any_json(body: bytes) -> None:
    """Whatever the body contains, it is read or refused with one of our own errors."""
    with contextlib.suppress(BodyInvalid):
        assert isinstance(read_json("application/json", body, Body), Body)
    with contextlib.suppress(EventNotAllowed):
        read_client_event("application/json", body)


@given(st.text(max_size=70))
def test_any_request_id(text: str) -> None:
    """What is used as a request id cannot end a line of the log or hide in it."""
    assert safe_request_id(text) in (text, "")
    assert safe_request_id(text).isascii()
    assert not re.search(r"[^\w.-]", safe_request_id(text))
