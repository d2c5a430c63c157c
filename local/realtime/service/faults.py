"""Faults that a test switches on by name, per endpoint."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.realtime.errors import (
    ServiceError,
    call_not_found,
    deployment_not_found,
    front,
    invalid,
    needs_ephemeral_token,
    unauthorized_token,
)

_HTTP = frozenset({"400", "401", "403", "404", "429", "500", "slow", "reset", "garbage"})
NAMES: dict[str, frozenset[str]] = {
    # Whether Azure honours expires_after was never recorded; without it, secrets were seen to live for two hours.
    "client_secrets": _HTTP | {"ignores_expiry"},
    "calls": _HTTP | {"no_location"},
    "hangup": _HTTP,
    "sideband": frozenset({"401", "404", "500", "drop", "close", "cap"}),
}
"""Which faults there are, by endpoint."""
ATTACHED = frozenset({"drop", "close", "cap"})
"""Faults of the sideband that befall sockets already attached; the others refuse the handshake."""


@dataclass
class Fault:
    """One fault that is switched on."""

    on: str
    name: str
    times: int | None = None
    """How often it still strikes; None: until cleared."""
    retry_after: float = 1
    """Seconds that a 429 announces."""
    seconds: float = 1
    """How long `slow` waits."""
    call_id: str | None = None
    """Sideband and hang-up: only this call."""

    def refusal(self, call_id: str = "") -> ServiceError | None:
        """The service's refusal of that status, or None when this fault is of another kind."""
        if self.name == "401":
            return needs_ephemeral_token() if self.on == "calls" else unauthorized_token()
        if self.name == "404":
            return deployment_not_found() if self.on in ("client_secrets", "calls") else call_not_found(call_id)
        make = _REFUSALS.get(self.name)
        return make(self) if make else None


class Faults:
    """The faults that are switched on. The oldest that fits strikes first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, body: dict[str, Any]) -> Fault:
        """Switch a fault on.

        Raises:
            ValueError: for an endpoint or a name there is not, or a body that is not one.
        """
        on, name = str(body.get("on")), str(body.get("fault"))
        if name not in NAMES.get(on, ()):
            raise ValueError(
                f"no fault {name!r} on {on!r}; there are { ({key: sorted(value) for key, value in NAMES.items()}) }"
            )
        try:
            times = None if body.get("times") is None else int(body["times"])
            retry_after, seconds = float(body.get("retry_after", 1)), float(body.get("seconds", 1))
        except TypeError as error:
            raise ValueError(str(error)) from error
        fault = Fault(on, name, times, retry_after, seconds, body.get("call_id"))
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch all faults off."""
        self._faults.clear()

    def take(self, on: str, names: frozenset[str], call_id: str = "") -> Fault | None:
        """The fault that strikes now, counted down; None when nothing is wrong."""
        for fault in self._faults:
            if fault.on == on and fault.name in names and fault.call_id in (None, call_id):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None


def _throttled(fault: Fault) -> ServiceError:
    seconds = f"{fault.retry_after:g}"
    message = (
        "Requests to the Realtime API have exceeded the call rate limit of your current OpenAI pricing tier. "
        f"Please retry after {seconds} seconds."
    )
    return front(429, "429", message, {"Retry-After": seconds})


_REFUSALS: dict[str, Callable[[Fault], ServiceError]] = {
    "400": lambda fault: invalid("invalid_value", f"The {fault.on} request was refused, as a test asked."),
    "403": lambda _: front(403, "403", "The Realtime API is not available in this region."),
    "429": _throttled,
    "500": lambda _: ServiceError(
        500,
        {
            "code": "internal_error",
            "message": "The server had an error while processing your request. Sorry about that!",
            "type": "server_error",
            "param": None,
        },
    ),
}
