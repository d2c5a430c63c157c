"""The root of all errors, and those that are neither the caller's fault nor the service's."""

from collections.abc import Sequence
from typing import ClassVar


class SwitchboardError(Exception):
    """The root. `detail` says what happened this time; the class says the rest.

    `status` is the HTTP status a boundary should answer, `retry_after` whole seconds or None.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong in the gateway"
    default_hint: ClassVar[str] = "Try again; when it stays, give the request id to whoever runs this gateway."
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, hint: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.hint = self.default_hint if hint is None else hint
        self.retry_after = retry_after


class StorageUnavailable(SwitchboardError):
    """Blob or Queue storage did not do its part."""

    status = 503
    code = "storage_unavailable"
    title = "The gateway's storage does not answer"
    default_hint = "Try again in a moment. No call is left running that could not be recorded."
    retryable = True


class SettingsError(SwitchboardError):
    """The settings cannot work. `faults` has one sentence each, all of them."""

    code = "settings_invalid"
    title = "The settings cannot work"

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(["Settings cannot work:", *(f"  - {fault}" for fault in faults)]))
