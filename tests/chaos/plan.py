"""What a seed decides. Sans-I/O. Times are seconds since the run began."""

import random
from dataclasses import dataclass, field, replace
from typing import Any, Literal

End = Literal["leaves", "hangs_up", "too_long", "silent", "cap", "never_joins"]
# Who sends the offer to the service: the gateway, or the page with a token. A page may also keep the call to itself.
Signalling = Literal["proxy", "token", "unregistered"]

_ENDS: dict[End, float] = {
    "leaves": 0.34,
    "hangs_up": 0.26,
    "too_long": 0.12,
    "silent": 0.16,
    "cap": 0.05,
    "never_joins": 0.07,
}
_SIGNALLING: dict[Signalling, float] = {"proxy": 0.72, "token": 0.2, "unregistered": 0.08}
# How a sideband of a call is spoilt, and how likely that is.
_SPOILS = {"duplicate": 0.1, "reorder": 0.1, "garbage": 0.1, "misshapen": 0.1, "flood": 0.04, "drop": 0.1, "close": 0.1}


# How likely it is that the model calls functions, and that a page which left comes back.
WITH_TOOLS, COMING_BACK = 0.5, 0.5
# What the model calls: a plain tool, one that must not run twice, one with bad arguments, and one with a long answer.
FUNCTIONS = (
    ("count_days", '{"start": "2026-01-01", "end": "2026-02-01"}'),
    ("hand_over", '{"reason": "The caller asks about the old harbour."}'),
    ("count_days", '{"start": "yesterday"}'),
    ("search_files", '{"query": "Which limits does a call have?"}'),
)

DEADLY = frozenset({"deployment", "one instance dies", "two instances die", "all instances die"})


@dataclass(frozen=True)
class Limits:
    """The limits that the gateways run with, in seconds."""

    call: int
    idle: int


@dataclass(frozen=True)
class PlannedCall:
    """One call: when its page connects, how it talks, how it ends, and how its first sideband is spoilt."""

    number: int
    at: float
    end: End
    turns: int
    pause: float
    linger: float
    joins: float
    """Seconds from the answer until the browser is in the call: what ICE and DTLS take."""
    spoils: dict[str, float]
    lies: int
    """How many of its first dials are answered with 404."""
    signalling: Signalling = "proxy"
    assistant: str = ""
    """The assistant that answers; empty for the default one, which has no tools."""
    comes_back: bool = False
    """Whether the page continues the call in a new one, after it has left."""


@dataclass(frozen=True)
class Gust:
    """A fault for some seconds: `what` names it, `options` are its rule's."""

    at: float
    seconds: float
    what: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """Describes a whole run."""

    seed: int
    limits: Limits
    calls: list[PlannedCall]
    gusts: list[Gust]
    shuffled: int
    """The seed by which the steps are put in order, once they are known."""

    @property
    def seconds(self) -> float:
        """Return how long pages go on coming, in seconds."""
        return self.calls[-1].at


def planned(
    seed: int, calls: int, every: float, limits: Limits, calm: float, *, deadly: bool = True, tools: bool = True
) -> Plan:
    """Return the plan of a seed: `calls` calls, one about every `every` seconds, with gusts about `calm` apart.

    Gusts in which instances die are left out unless the plan is `deadly`. Without `tools` no model calls any, and no
    page continues its call.
    """
    rng, ways = random.Random(seed), random.Random(f"signalling {seed}")
    more = random.Random(f"tools {seed}")
    at, found = 0.0, []
    for number in range(calls):
        at += rng.expovariate(1 / every) if number else 0.0
        (way,) = ways.choices(list(_SIGNALLING), list(_SIGNALLING.values()))
        made = _call(rng, number, at, limits, way)
        with_tools, comes_back = tools and more.random() < WITH_TOOLS, tools and more.random() < COMING_BACK
        found.append(
            replace(
                made,
                assistant="guide" if with_tools and way == "proxy" else "",
                comes_back=comes_back and way == "proxy" and made.end == "leaves",
            )
        )
    gusts, moment = [], calm
    while moment < at:
        gust = _gust(rng, moment)
        if deadly or gust.what not in DEADLY:
            gusts.append(gust)
        moment += gust.seconds * 0.7 + rng.expovariate(1 / calm)
    return Plan(seed, limits, found, gusts, rng.getrandbits(32))


def _call(rng: random.Random, number: int, at: float, limits: Limits, signalling: Signalling) -> PlannedCall:
    end = rng.choices(list(_ENDS), list(_ENDS.values()))[0]
    spoils = {name: rng.uniform(0.5, 8) for name, chance in _SPOILS.items() if rng.random() < chance}
    return PlannedCall(
        number=number,
        at=at,
        end=end,
        turns=rng.randint(1, 5),
        pause=rng.uniform(0.3, limits.idle / 4),
        linger=rng.uniform(0.0, 3.0),
        joins=rng.uniform(0.2, 0.8),
        spoils=spoils,
        lies=rng.choice((0, 0, 0, 0, 0, 1)),
        signalling=signalling,
    )


def _gust(rng: random.Random, at: float) -> Gust:
    seconds = rng.uniform(3, 9)
    status = rng.choice((500, 503, 429))
    kinds: dict[str, dict[str, Any]] = {
        "storage refuses": {"fault": "refuse", "status": 503},
        "storage is silent": {"fault": "silent"},
        "storage is slow": {"fault": "slow", "seconds": rng.uniform(0.5, 2.5)},
        "storage refuses one kind": {
            "fault": "refuse",
            "status": 503,
            "on": rng.choice(("append_block", "put_message", "put_blob", "delete_blob", "get_blob", "list_blobs")),
        },
        "storage loses answers": {"fault": "lose", "times": rng.randint(3, 12)},
        "storage is silent to one instance": {"fault": "silent"},
        "hang-ups are refused": {"fault": "refuse", "on": "hangup", "status": status},
        "hang-ups are slow": {"fault": "slow", "on": "hangup", "seconds": rng.uniform(1, 4)},
        "hang-ups lose their answers": {"fault": "lose", "on": "hangup", "times": rng.randint(2, 6)},
        "sidebands are refused": {"fault": "refuse", "on": "sideband", "status": rng.choice((401, 429, 500, 503))},
        "sidebands lie": {"fault": "refuse", "on": "sideband", "status": 404, "times": rng.randint(1, 4)},
        "all sidebands drop": {},
        "all sidebands close": {},
        "calls are refused": {"fault": "refuse", "on": "calls", "status": rng.choice((401, 429, 500))},
        "calls are reset": {"fault": "reset", "on": "calls"},
        "calls lose their answers": {"fault": "lose", "on": "calls", "times": 2},
        "client secrets are refused": {"fault": "refuse", "on": "client_secrets", "status": status},
        "deployment": {},
        "one instance dies": {},
        "two instances die": {},
        "all instances die": {},
    }
    what = rng.choice(list(kinds))
    return Gust(at, seconds, what, kinds[what])
