"""Tests that requests are read within limits, and that problems are plain values."""

import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.errors import (
    BodyInvalid,
    BodyTooLarge,
    FieldNotAllowed,
    OfferMissing,
    OfferTooLarge,
    StorageUnavailable,
    SwitchboardError,
    TooManyCalls,
    UnsupportedMediaType,
)
from switchboard.triggers.http import problem_answer, read_client_event, read_json, read_offer, safe_request_id
from switchboard.triggers.openai import ClientForm
from switchboard.triggers.signalling import ConnectForm
from tests.examples import OFFER

BOUNDARY = "----WebKitFormBoundaryA1"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def form(**fields: bytes) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"
        for name, value in fields.items()
    ]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


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


KEYS = st.text(max_size=3)


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


def test_json_that_is_too_deep() -> None:
    """The error says how deep the JSON may be, and 32 levels may."""
    assert read_json("application/json", b"[" * 32 + b"]" * 32, Any) is not None
    with pytest.raises(BodyInvalid) as caught:
        read_json("application/json", b"[" * 33 + b"]" * 33, Any)

    assert "32" in caught.value.detail
    assert "32" in caught.value.hint


@pytest.mark.parametrize("text", ["[" * 90, '\\"' + "{" * 90, '"]}[{' * 40, "\\"])
def test_brackets_in_strings(text: str) -> None:
    """Brackets within strings and keys nest nothing, whatever is escaped before them."""
    value = {text: [text, {text: text}]}

    assert read_json("application/json", json.dumps(value).encode(), Any) == value


def test_a_scan_of_quotes_only() -> None:
    """A body of open strings and escapes is scanned once, not once for each quote."""
    for body in (b'"' * 16_383, b'"\\' * 8_000, b'\\"' * 8_000, b'["' * 8_000):
        with pytest.raises(BodyInvalid):
            read_json("application/json", body, Any)


@given(
    st.recursive(
        st.none() | st.text(max_size=5), lambda below: st.lists(below) | st.dictionaries(KEYS, below), max_leaves=8
    ),
    st.integers(0, 40),
)
def test_any_json_within_the_depth(value: Any, more: int) -> None:
    """Valid JSON is read unless it is too deep."""

    def depth(within: Any) -> int:
        below = within.values() if isinstance(within, dict) else within if isinstance(within, list) else None
        return 0 if below is None else 1 + max(map(depth, below), default=0)

    for level in range(more):
        value = [value] if level % 2 else {"[": value}
    body = json.dumps(value).encode()
    if depth(value) <= 32:
        assert read_json("application/json", body, Any) == value
    else:
        with pytest.raises(BodyInvalid):
            read_json("application/json", body, Any)


@given(st.text(st.characters(), max_size=40) | st.just("application/json"), st.binary(max_size=200))
def test_any_body(content_type: str, body: bytes) -> None:
    """Whatever comes, it is read as a struct or refused with one of our own errors."""
    for read in (lambda: read_json(content_type, body, Body), lambda: read_client_event(content_type, body)):
        with contextlib.suppress(SwitchboardError):
            read()


@pytest.mark.parametrize("content_type", ["text/\udce9", "x" * 5000, "a\nb", "\u2102"])
def test_media_type_that_is_made_up(content_type: str) -> None:
    """A problem can be sent whatever media type it names, and it names a long one in part only."""
    with pytest.raises(UnsupportedMediaType) as caught:
        read_json(content_type, b"{}", Body)

    assert len(problem_answer(caught.value, "r1").body) < 600


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
