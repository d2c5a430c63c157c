"""This module defines the root of all errors, and the errors of the gateway itself: its storage and its settings."""

from collections.abc import Sequence
from typing import ClassVar


class SwitchboardError(Exception):
    """This class is the root of all errors. It is never raised itself.

    A class has the HTTP `status` of the answer, the stable `code` that pages and scripts act on, a `title` for people,
    and `retryable`, which says whether the same request may succeed later. An error adds a `detail` (what happened this
    time, or the title again), a `hint` (what to do, or else the class's own) and `retry_after` (seconds, or None).
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "The gateway failed because of a fault of its own"
    default_hint: ClassVar[str] = (
        "Try again. If the error comes back, give the request id to the people who run this gateway."
    )
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, hint: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.hint = self.default_hint if hint is None else hint
        self.retry_after = retry_after


class StorageUnavailable(SwitchboardError):
    """This error means that Blob or Queue storage did not answer, or refused a request."""

    status = 503
    code = "storage_unavailable"
    title = "The gateway's storage is not available"
    default_hint = "Try again in a moment. The gateway hangs up a call that it cannot record."
    retryable = True


class SettingsError(SwitchboardError):
    """This error means that the gateway cannot start with its settings. `faults` holds one sentence for each fault."""

    code = "settings_invalid"
    title = "The gateway cannot start with these settings"

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "\n".join(["The gateway cannot start with these settings:", *(f"  - {fault}" for fault in faults)])
        )
