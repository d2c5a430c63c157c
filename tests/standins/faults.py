"""Faults that are ordered while a stand-in runs, and witnesses of its operations. Both stand-ins use them.

A rule says on which operations it works, how often, and what happens then:
  refuse   the operation is not done and answered with `status`
  silent   it is not done and never answered; the connection stays open until the rule is taken back
  slow     it is done `seconds` later
  lose     it is done, and its answer never leaves: the connection is reset
  reset    it is not done, and the connection is reset
Other names of faults mean something to the stand-in that looks for them.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from typing import Any, Literal

When = Literal["before", "after"]


@dataclass(frozen=True)
class Operation:
    """What a client wants: `kind` such as put_blob, `name` of what it is about, and which client it is."""

    kind: str
    name: str
    client: str


Witness = Callable[[Operation, When], Awaitable[None]]


@dataclass
class Rule:
    """Describes one fault. `on`, `name` and `client` are patterns as in file names.

    `skip` operations pass, the next `times` meet the fault (all of them where it is None).
    """

    fault: str
    on: str = "*"
    name: str = "*"
    client: str = "*"
    status: int = 503
    seconds: float = 1.0
    skip: int = 0
    times: int | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def takes(self, operation: Operation) -> bool:
        """Say whether the rule works on this operation, and count it."""
        pairs = ((operation.kind, self.on), (operation.name, self.name), (operation.client, self.client))
        if self.over.is_set() or not all(fnmatchcase(text, pattern) for text, pattern in pairs):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
            if self.times < 0:
                return False
        return True


class Lost(Exception):
    """The connection is to be reset without an answer."""


class Faults:
    """The rules in force, the witnesses, and how many operations of each kind there were.

    `latencies` are seconds that each operation of a kind waits; `*` stands for the kinds that are not named.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.witnesses: list[Witness] = []
        self.latencies: dict[str, float] = {}
        self._rules: dict[int, Rule] = {}
        self._numbers = count(1)

    def order(self, **fields: Any) -> int:
        """Put a rule in force; returns the number by which it is taken back."""
        number = next(self._numbers)
        self._rules[number] = Rule(**fields)
        return number

    def clear(self, number: int | None = None) -> None:
        """Take back one rule, or all of them; what they kept silent is let go, unanswered."""
        for found in [number] if number is not None else list(self._rules):
            if rule := self._rules.pop(found, None):
                rule.over.set()

    def find(self, operation: Operation, *faults: str) -> Rule | None:
        """Return the first rule with one of these faults that works on the operation."""
        return next((rule for rule in self._rules.values() if rule.fault in faults and rule.takes(operation)), None)

    async def meet(self, operation: Operation) -> Rule | None:
        """Let the operation meet what is ordered, before it is done; returns a rule that concerns its answer.

        Raises Lost. A rule that refuses is returned too: only the stand-in knows how its refusals look.
        """
        self.counts[operation.kind] += 1
        await self.tell(operation, "before")
        if latency := self.latencies.get(operation.kind, self.latencies.get("*", 0.0)):
            await asyncio.sleep(latency)
        rule = self.find(operation, "refuse", "silent", "slow", "lose", "reset")
        if rule is None:
            return None
        if rule.fault == "silent":
            await rule.over.wait()
            raise Lost
        if rule.fault == "reset":
            raise Lost
        if rule.fault == "slow":
            await asyncio.sleep(rule.seconds)
            return None
        return rule

    async def tell(self, operation: Operation, when: When) -> None:
        """Tell the witnesses; the operation waits until they have done what they want to do about it."""
        for witness in list(self.witnesses):
            await witness(operation, when)
