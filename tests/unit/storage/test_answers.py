"""Tests what an answer of storage means."""

from datetime import UTC, datetime

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ResourceNotModifiedError,
)

from switchboard.storage.answers import Answer


def test_what_was_done() -> None:
    """An answer that is no error is returned, and says what storage says of the blob."""
    headers = {"etag": '"1"', "last-modified": "Sat, 21 Nov 2026 00:00:00 GMT", "date": "Sat, 21 Nov 2026 00:00:09 GMT"}
    answer = Answer(200, headers, b"content")

    assert answer.check() is answer
    assert (answer.code, answer.etag, answer.body) == ("", '"1"', b"content")
    assert answer.modified == datetime(2026, 11, 21, tzinfo=UTC)
    assert (answer.date - answer.modified).total_seconds() == 9


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "BlobNotFound", ResourceNotFoundError),
        (404, "", ResourceNotFoundError),
        (409, "BlobAlreadyExists", ResourceExistsError),
        (412, "ConditionNotMet", ResourceModifiedError),
        (304, "ConditionNotMet", ResourceNotModifiedError),
        (304, "", ResourceNotModifiedError),
        (412, "AppendPositionConditionNotMet", HttpResponseError),
        (403, "AuthorizationFailure", ClientAuthenticationError),
        (401, "", ClientAuthenticationError),
        (503, "ServerBusy", HttpResponseError),
    ],
)
def test_errors(status: int, code: str, kind: type[HttpResponseError]) -> None:
    """The kind of an error tells what can be done about it; the rest have their status."""
    with pytest.raises(HttpResponseError) as caught:
        Answer(status, {"x-ms-error-code": code} if code else {}, b"").check()

    assert type(caught.value) is kind
    assert caught.value.status_code == status
    assert str(caught.value) == f"Storage answered {status} {code}".rstrip()
