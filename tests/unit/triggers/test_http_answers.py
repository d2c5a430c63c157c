"""Tests what answers say, word for word where a person or a cache depends on it."""

import json
import tempfile
from typing import Any

import pytest

from switchboard.errors import BodyInvalid, OfferTooLarge, SwitchboardError, UnsupportedMediaType, UpstreamFailed
from switchboard.triggers.http import problem_answer, read_json, read_offer
from switchboard.triggers.signalling import ConnectForm
from tests.examples import OFFER

BOUNDARY = "x"
FORM = "multipart/form-data; boundary=x"


def part(name: str, value: bytes) -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"


END = b"--x--\r\n"


def test_problem() -> None:
    """What happened and what to do stand in the problem, and no cache keeps it."""
    error = UpstreamFailed("The Realtime service answered with the status 500.", hint="Try again.")
    answer = problem_answer(error, "r1")
    problem = json.loads(answer.body)

    assert answer.headers == {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    assert (problem["title"], problem["detail"], problem["hint"]) == (UpstreamFailed.title, error.detail, "Try again.")


@pytest.mark.parametrize(("status", "kind"), [(499, "invalid_request_error"), (500, "server_error")])
def test_whose_fault_for_clients_of_openai(status: int, kind: str) -> None:
    """OpenAI's clients tell their own mistakes from the server's by this word."""

    class Error(SwitchboardError):
        pass

    Error.status = status
    assert json.loads(problem_answer(Error(), "r1", for_openai=True).body)["error"]["type"] == kind


@pytest.mark.parametrize(
    ("content_type", "body", "detail"),
    [
        ("multipart/form-data", b"", "The Content-Type names no boundary."),
        (FORM, part("sdp", OFFER) * 2 + END, "The form has the field sdp twice."),
        (FORM, part("sdp", OFFER)[:-30], "The multipart body cannot be read."),
    ],
)
def test_forms_that_cannot_be_read(content_type: str, body: bytes, detail: str) -> None:
    """The detail says what to change."""
    with pytest.raises(BodyInvalid) as caught:
        read_offer(content_type, body, ConnectForm)

    assert caught.value.detail == detail


def test_length_of_a_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """A form may have 8 KB around the longest offer, and not a byte more. No part of it is written to a file."""
    monkeypatch.setattr(tempfile, "tempdir", "/proc/no such folder")
    form = part("sdp", OFFER) + part("voice", b"") + END
    longest = form.replace(b'name="voice"\r\n\r\n', b'name="voice"\r\n\r\n' + b"x" * (73_728 - len(form)))
    assert len(longest) == 73_728
    read_offer(FORM, longest, ConnectForm)
    with pytest.raises(OfferTooLarge) as caught:
        read_offer(FORM, longest.replace(b"xx", b"xxx", 1), ConnectForm)

    assert caught.value.detail == "The form has 73729 bytes; an offer of 65536 is accepted."


def test_field_that_is_not_text() -> None:
    """A field that is not UTF-8 is read as far as it is; whoever reads it finds that it is none of its values."""
    assert read_offer(FORM, part("sdp", OFFER) + part("voice", b"a\xff") + END, ConnectForm)[1] == {"voice": "a\ufffd"}


def test_not_json() -> None:
    """Bytes that are not text have no better description; a media type of another kind is named."""
    with pytest.raises(BodyInvalid) as caught:
        read_json("application/json", b'"\xff"', str)
    assert caught.value.detail
    with pytest.raises(UnsupportedMediaType, match=r"^text/plain is not read here\.$"):
        read_json("text/plain", b"{}", dict)


@pytest.mark.parametrize("opened", [b"[]", b"{}", b'{"a":[]}'])
def test_wide_json(opened: bytes) -> None:
    """What stands side by side is not deep, however much of it there is; closing one level closes one."""
    wide: Any = read_json("application/json", b"[" + b",".join([opened] * 100) + b"]", list)
    assert len(wide) == 100

    deep = b"[" * 31 + opened + b"," + b"[" * 2 + b"]" * 2 + b"]" * 31
    with pytest.raises(BodyInvalid, match="32"):
        read_json("application/json", deep, list)
