"""Tests that requests are read within limits, and that problems are plain values."""

import json

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
from switchboard.triggers.http import problem_answer, read_json, read_offer, safe_request_id
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


@given(st.text(max_size=60), st.binary(max_size=500))
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
