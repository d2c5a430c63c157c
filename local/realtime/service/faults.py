"""This module holds the faults that tests switch on, each by its name and for one endpoint."""

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
    # It was never recorded whether Azure honours expires_after. Without it, client secrets lived for two hours.
    "client_secrets": _HTTP | {"ignores_expiry"},
    "calls": _HTTP | {"no_location"},
    "hangup": _HTTP,
    "sideband": frozenset({"401", "404", "500", "drop", "close", "cap"}),
}
"""The names of the faults of each endpoint."""
ATTACHED = frozenset({"drop", "close", "cap"})
"""The faults of the sideband that strike sockets which are attached already; the others refuse the handshake."""


@dataclass
class Fault:
    """This class is one fault that is switched on."""

    on: str
    """The endpoint that it strikes, a key of `NAMES`."""
    name: str
    """Its name, one of those in `NAMES`."""
    times: int | None = None
    """How many more times it strikes; None lets it strike until it is cleared."""
    retry_after: float = 1
    """The number of seconds that the `Retry-After` header of a 429 announces."""
    seconds: float = 1
    """How long `slow` waits, in seconds."""
    call_id: str | None = None
    """The only call that it strikes, on a sideband or a hang-up; None lets it strike any call."""

    def refusal(self, call_id: str = "") -> ServiceError | None:
        """Return the refusal of the status after which the fault is named, or None for another kind of fault."""
        if self.name == "401":
            return needs_ephemeral_token() if self.on == "calls" else unauthorized_token()
        if self.name == "404":
            return deployment_not_found() if self.on in ("client_secrets", "calls") else call_not_found(call_id)
        make = _REFUSALS.get(self.name)
        return make(self) if make else None


class Faults:
    """This class holds the faults that are switched on. Of several that fit a request, the oldest strikes first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, body: dict[str, Any]) -> Fault:
        """Switch on the fault that the JSON body of a request describes, and return it.

        Raises:
            ValueError: There is no such endpoint or fault, or one of the numbers is not a number.
        """
        on, name = str(body.get("on")), str(body.get("fault"))
        if name not in NAMES.get(on, ()):
            known = "; ".join(f"{endpoint}: {', '.join(sorted(names))}" for endpoint, names in NAMES.items())
            raise ValueError(f"There is no fault {name!r} of {on!r}. These are known: {known}.")
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
        """Return the fault out of `names` that strikes the endpoint `on` now, if there is one, and count it down."""
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
