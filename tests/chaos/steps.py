"""The names of steps. A step is an operation of storage or of the service, and the moment before or after it is done.

Nobody writes the list by hand: calls of a rehearsal show which operations a call takes, and each of them becomes two
steps. So the list follows the gateway when that changes.
"""

import re
from dataclasses import dataclass

from tests.standins.faults import Operation, When

_NAMES = (
    (re.compile(r"rtc_[0-9a-f]+"), "{call}"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "{id}"),
    (re.compile(r"\b[0-9a-f]{16,64}\b"), "{caller}"),
    (re.compile(r"\d{4}/\d\d/\d\d"), "{day}"),
    (re.compile(r"(?<=/)\d+$|(?<=/token-)\d+$"), "{number}"),
)
# Asked several times a second whether anything happens or not: dying there is dying at random.
_POLLS = frozenset({"get_messages", "create_queue", "create_container", "get_container"})


@dataclass(frozen=True, order=True)
class Step:
    """Where an instance dies. `by` is worker or host: which half of the instance asked."""

    kind: str
    name: str
    by: str
    when: When

    def __str__(self) -> str:
        half = "" if self.by == "worker" else " by the host"
        return f"{self.when} {self.kind} {self.name}{half}".strip()


def step_of(operation: Operation, when: When) -> Step | None:
    """Return the step of an operation; None for what is asked for all the time."""
    if operation.kind in _POLLS:
        return None
    name = operation.name
    for pattern, general in _NAMES:
        name = pattern.sub(general, name)
    return Step(operation.kind, name, "host" if operation.client.endswith("-host") else "worker", when)


def instance_of(operation: Operation) -> str:
    """Return the name of the instance that asks."""
    return operation.client.removesuffix("-host")
