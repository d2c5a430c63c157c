"""Tests what all errors have in common: a stable code, a status, and sentences for whoever meets them."""

import pytest

from switchboard import errors
from switchboard.errors import (
    EventRefused,
    SettingsError,
    SidebandFailed,
    StorageUnavailable,
    SwitchboardError,
    TooManyCalls,
)

ALL = [getattr(errors, name) for name in errors.__all__]


def test_each_error_is_listed() -> None:
    """Whoever imports the package finds every error in it."""

    def children(kind: type[SwitchboardError]) -> set[type[SwitchboardError]]:
        return {kind}.union(*(children(child) for child in kind.__subclasses__()))

    here = {kind for kind in children(SwitchboardError) if kind.__module__.startswith("switchboard.errors")}
    assert set(ALL) == here


def test_codes_are_told_apart() -> None:
    """Pages and scripts act on the code. Only an error that another one refines may share its code."""
    codes = [kind.code for kind in ALL if not kind.__subclasses__()]

    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind not in (SettingsError, EventRefused, SidebandFailed)])
def test_what_an_error_says(kind: type[SwitchboardError]) -> None:
    """The class says what happened if the error does not, and what to do, unless the error knows better."""
    plain, own = kind(), kind("It is broken.", hint="Mend it.", retry_after=3)

    assert (plain.detail, plain.hint, plain.retry_after) == (kind.title, kind.default_hint, None)
    assert (own.detail, own.hint, own.retry_after) == ("It is broken.", "Mend it.", 3)
    assert (str(plain), str(own)) == (kind.title, "It is broken.")
    assert kind(hint="").hint == ""


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind.status == 429])
def test_quotas_may_be_tried_again(kind: type[SwitchboardError]) -> None:
    """An answer that says "later" is one that a client may repeat."""
    assert kind.retryable
    assert issubclass(kind, errors.CallerError)


def test_whose_fault() -> None:
    """What the request is to blame for is a 4xx; what the service or the storage is to blame for is a 5xx."""
    for kind in ALL:
        assert issubclass(kind, errors.CallerError) == (400 <= kind.status < 500), kind
    assert StorageUnavailable.retryable
    assert not errors.OfferInvalid.retryable
    assert TooManyCalls.retryable


def test_every_fault_of_the_settings() -> None:
    """The text of the error, which is all that a log shows, has each fault on a line of its own."""
    error = SettingsError(["A is missing", "B is not a number"])

    assert error.faults == ("A is missing", "B is not a number")
    assert str(error).splitlines()[1:] == ["  - A is missing", "  - B is not a number"]


def test_what_the_service_said_of_an_event() -> None:
    """The four fields of the service's errors are kept, and no other."""
    error = EventRefused({"type": "invalid_request_error", "code": "x", "event_id": "e1", "secret": "s"})

    assert error.error == {"type": "invalid_request_error", "code": "x", "message": None, "param": None}
    assert error.detail == EventRefused.title


@pytest.mark.parametrize(("status", "said"), [(403, "ended with the status 403"), (0, "failed")])
def test_why_there_is_no_sideband(status: int, said: str) -> None:
    """The error names the status of the handshake, if the service answered at all."""
    error = SidebandFailed(status)

    assert error.handshake_status == status
    assert error.detail == f"The handshake of the sideband {said}."
    assert (error.status, error.hint) == (502, SidebandFailed.default_hint)
