"""Translates the service's error answers into errors that say what went wrong and what to do about it."""

import logging
import re
from typing import Literal

import msgspec
import requests
from urllib3.exceptions import InvalidHeader

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
from switchboard.realtime.retry import MINT_RETRY

log = logging.getLogger(__name__)

Operation = Literal["client_secrets", "calls", "hangup"]
DEFAULT_RETRY_AFTER_SECONDS = 10
_BY_CODE: dict[str, type[SwitchboardError]] = {
    "DeploymentNotFound": DeploymentNotFound,
    # This misspelling is the service's own. The correct spelling is here in case the service mends it.
    "OpperationNotSupported": DeploymentNotRealtime,
    "OperationNotSupported": DeploymentNotRealtime,
}
_BY_STATUS: dict[int, type[SwitchboardError]] = {
    403: UpstreamForbidden,
    404: DeploymentNotFound,
    408: UpstreamTimeout,
    504: UpstreamTimeout,
}
_NOT_LOGGABLE = re.compile(r"[^\w .,:;'/()-]+")


class _Error(msgspec.Struct):
    code: str | None = None
    type: str | None = None
    message: str | None = None


class _ErrorBody(msgspec.Struct):
    error: _Error


def refusal(response: requests.Response, operation: Operation, *, hint: str) -> SwitchboardError:
    """Return the error that an unsuccessful answer means. `hint` tells what to check if a credential was refused.

    What the service said is logged, redacted, and is not part of the error.
    """
    said = _read(response)
    log.warning(
        "realtime service refused %s: status %d, code %s, type %s, %s",
        operation,
        response.status_code,
        redacted(said.code),
        redacted(said.type),
        # A message about an offer may quote the offer.
        "message withheld" if operation == "calls" else redacted(said.message),
    )
    return _meaning(response, said.code or said.type or "", operation, hint)


def _meaning(response: requests.Response, code: str, operation: Operation, hint: str) -> SwitchboardError:
    status = response.status_code
    if status == 401 and operation == "calls":
        again = "Try again: the gateway gets a new client secret for the next call."
        return UpstreamUnauthorized(
            "The service refused a client secret that it had issued itself.", hint=f"{again} {hint}"
        )
    if status == 401:
        return UpstreamUnauthorized(hint=hint)
    if status == 429:
        return UpstreamThrottled(retry_after=retry_after(response))
    if code in _BY_CODE:
        return _BY_CODE[code]()
    if status in _BY_STATUS:
        return _BY_STATUS[status]()
    if status == 400 and operation == "client_secrets":
        return SessionRejected()
    if status == 400 and operation == "calls":
        return OfferInvalid("The Realtime service refused the offer.")
    return UpstreamFailed(f"The Realtime service answered with the status {status}.")


def retry_after(response: requests.Response) -> int:
    """Return how many whole seconds `Retry-After` asks to wait: at least 1, and 10 if it cannot be read."""
    header = response.headers.get("Retry-After", "")
    try:
        return max(1, round(MINT_RETRY.parse_retry_after(header)))
    except InvalidHeader:
        return DEFAULT_RETRY_AFTER_SECONDS


def redacted(text: str | None) -> str:
    """Return a text of the service in a form for the log: short, and without any word that looks like a secret."""
    words = (_NOT_LOGGABLE.sub("", word) for word in (text or "-").split())
    return " ".join("***" if len(word) > 40 or word.startswith("ek_") else word for word in words)[:200]


def _read(response: requests.Response) -> _Error:
    try:
        return msgspec.json.decode(response.content, type=_ErrorBody).error
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _Error(message="(no error body that can be read)")
