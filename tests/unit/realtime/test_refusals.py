"""Tests what each refusal of the service means, and that nothing of it leaks into an error or the log."""

import json
import logging
from typing import Any

import pytest
import requests

from switchboard.errors import (
    DeploymentNotFound,
    DeploymentNotRealtime,
    OfferInvalid,
    SessionRejected,
    SwitchboardError,
    UpstreamFailed,
    UpstreamForbidden,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnauthorized,
)
from switchboard.realtime.refusals import Operation, redacted, refusal, retry_after


def refused(status: int, error: Any = None, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = error if isinstance(error, bytes) else json.dumps({"error": error}).encode()
    response.headers.update({name.replace("_", "-"): text for name, text in headers.items()})
    return response


@pytest.mark.parametrize(
    ("status", "error", "operation", "kind"),
    [
        (401, {}, "client_secrets", UpstreamUnauthorized),
        (401, {}, "calls", UpstreamUnauthorized),
        (403, {}, "client_secrets", UpstreamForbidden),
        (404, {"code": "DeploymentNotFound"}, "client_secrets", DeploymentNotFound),
        (404, {}, "client_secrets", DeploymentNotFound),
        (400, {"code": "DeploymentNotFound"}, "client_secrets", DeploymentNotFound),
        (400, {"code": "OpperationNotSupported"}, "client_secrets", DeploymentNotRealtime),
        (400, {"type": "OperationNotSupported"}, "client_secrets", DeploymentNotRealtime),
        (400, {"code": "invalid_value"}, "client_secrets", SessionRejected),
        (400, {"code": "invalid_offer"}, "calls", OfferInvalid),
        (400, {}, "hangup", UpstreamFailed),
        (408, {}, "calls", UpstreamTimeout),
        (504, {}, "calls", UpstreamTimeout),
        (429, {"code": "DeploymentNotFound"}, "calls", UpstreamThrottled),
        (500, b"<html>", "calls", UpstreamFailed),
        (500, b"[" * 100_000, "calls", UpstreamFailed),
        (500, b'{"error": ' + b"[" * 100_000, "calls", UpstreamFailed),
        (302, b"", "calls", UpstreamFailed),
        (409, b'{"error": "a text"}', "calls", UpstreamFailed),
    ],
)
def test_meaning(status: int, error: Any, operation: Operation, kind: type[SwitchboardError]) -> None:
    """The code of the body says more than the status, except for a refused credential and a quota."""
    assert type(refusal(refused(status, error), operation, hint="Look at the role.")) is kind


def test_hint_about_the_credential() -> None:
    """A credential that was refused is the operator's to mend; a client secret the next call gets anew."""
    minting = refusal(refused(401), "client_secrets", hint="Look at the role.")
    calling = refusal(refused(401), "calls", hint="Look at the role.")

    assert minting.hint == "Look at the role."
    assert calling.hint.endswith("next call. Look at the role.")
    assert "issued itself" in calling.detail
    assert str(refusal(refused(500), "calls", hint="")).endswith("status 500.")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "7"}, 7),
        ({"Retry_After": "0"}, 1),
        ({"Retry_After": "soon"}, 10),
        ({}, 10),
        ({"Retry_After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 1),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: int) -> None:
    """Whole seconds, at least one; ten where the service does not say."""
    assert retry_after(refused(429, **headers)) == seconds
    error = refusal(refused(429, {}, **headers), "calls", hint="")
    assert error.retry_after == seconds


def test_what_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The log has what an operator needs, without a secret; of a call it has no message, which may quote the offer."""
    said = {"code": "bad_key", "type": "auth\nforged", "message": "The key ek_abc123 is not good."}
    with caplog.at_level(logging.WARNING):
        refusal(refused(401, said), "client_secrets", hint="")
        refusal(refused(400, said), "calls", hint="")
        refusal(refused(500, b"<html>"), "hangup", hint="")

    asked = "realtime service refused"
    assert caplog.messages == [
        "realtime service refused client_secrets: status 401, code bad_key, type auth forged, The key *** is not good.",
        f"{asked} calls: status 400, code bad_key, type auth forged, message withheld",
        f"{asked} hangup: status 500, code -, type -, (no error body that can be read)",
    ]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (None, "-"),
        ("", "-"),
        ("a b", "a b"),
        ("ek_1 sk-1", "*** sk-1"),
        (f"{'x' * 40} {'y' * 41}", f"{'x' * 40} ***"),
        ("<b>bold</b>\x1b[31m", "bbold/b31m"),
        ("Bearer: 'x/y', (z)-1.;", "Bearer: 'x/y', (z)-1.;"),
    ],
)
def test_redacted(text: str | None, seen: str) -> None:
    """What looks like a secret, or could forge a line of the log, is not written."""
    assert redacted(text) == seen


def test_redacted_is_short() -> None:
    """A long text fills no log."""
    assert redacted("word " * 100) == ("word " * 40).strip() + " "


def test_refused_offer() -> None:
    """The caller learns that it was the service that refused the offer, and not why: that could quote it."""
    error = refusal(refused(400, {"message": "a=candidate"}), "calls", hint="")

    assert error.detail == "The Realtime service refused the offer."
