"""Names the figures that the gateway measures, with their kinds and units.

The names and attributes that begin with `gen_ai.` are those of OpenTelemetry's semantic conventions for generative AI;
the others are the gateway's own. This module does no I/O.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

AttributeValue = str | int | float | bool | Sequence[str]
Attributes = Mapping[str, AttributeValue]

CALL_ID = "switchboard.call_id"
"""The attribute that holds the service's id of a call, on every span of the call."""


class Figure(msgspec.Struct, frozen=True):
    """Describes one figure."""

    name: str
    """The name under which it is exported."""
    kind: Literal["counter", "up_down", "histogram"]
    """A `counter` only grows, an `up_down` counter grows and shrinks, a `histogram` keeps a distribution."""
    unit: str
    """The unit, in the notation of UCUM: `s` for seconds, and a word in braces for what is counted."""
    description: str
    """What it says, in a sentence for people."""
    by: tuple[str, ...] = ()
    """The names of the attributes that its values may have. Never the id of a call or a caller: each new combination
    of values costs memory for as long as the process lives, and money where figures are kept."""
    bounds: tuple[float, ...] = ()
    """The upper bounds of a histogram's buckets; empty for those of the SDK."""


class Measurement(msgspec.Struct, frozen=True):
    """Is one value of a figure."""

    figure: Figure
    """The figure that was measured."""
    value: float
    """The value, in the figure's unit. A counter adds it up."""
    attributes: Attributes = {}
    """What the value belongs to. Only the attributes that the figure names in `by`."""


MODEL = "gen_ai.request.model"
"""The attribute that holds the name of the deployed model."""
END_REASON = "switchboard.end.reason"
"""The attribute that says why a call ended, as in its summary."""
SIGNALLING = "switchboard.signalling"
"""The attribute that says by which way of signalling a call began."""
CODE, ROUTE = "switchboard.code", "http.route"
"""The attributes that hold the code of an error, and the route that answered with it."""
TOKEN_KIND, CURRENCY = "switchboard.token.kind", "switchboard.currency"
"""The attributes that hold the kind of tokens, named as in PRICES, and the currency of PRICES."""

CALLS_LIVE = Figure("switchboard.calls.live", "up_down", "{call}", "Calls that this process observes.")
CALLS_STARTED = Figure(
    *("switchboard.calls.started", "counter", "{call}", "Calls that began."),
    by=(SIGNALLING, MODEL),
)
CALLS_ENDED = Figure(
    *("switchboard.calls.ended", "counter", "{call}", "Calls that ended, by the reason."),
    by=(END_REASON,),
)
REFUSALS = Figure(
    *("switchboard.requests.refused", "counter", "{request}", "Requests that were refused, by the code."),
    by=(CODE, ROUTE),
)
TOKENS = Figure(
    *("switchboard.tokens", "counter", "{token}", "Tokens that the service billed, by their kind."),
    by=(TOKEN_KIND, MODEL),
)
COST = Figure(
    *("switchboard.cost", "counter", "{currency}", "What the billed usage costs by PRICES."),
    by=(CURRENCY, MODEL),
)
CALL_SECONDS = Figure(
    *("switchboard.call.duration", "histogram", "s", "How long calls lasted."),
    by=(END_REASON,),
    bounds=(5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600),
)
RESPONSE_LATENCY = Figure(
    *("switchboard.response.latency", "histogram", "s", "From the end of the caller's speech to the answer's audio."),
    by=(MODEL,),
    bounds=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10),
)
JOURNAL_LAG = Figure(
    *("switchboard.journal.lag", "histogram", "s", "From an event to the moment at which the journal holds it."),
    bounds=(0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 5, 10, 30, 60),
)
TOKEN_USAGE = Figure(
    *("gen_ai.client.token.usage", "histogram", "{token}", "Tokens of each response, input and output apart."),
    by=("gen_ai.token.type", "gen_ai.operation.name", "gen_ai.provider.name", MODEL),
    bounds=(1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576),
)
FIGURES = (
    *(CALLS_LIVE, CALLS_STARTED, CALLS_ENDED, REFUSALS, TOKENS, COST),
    *(CALL_SECONDS, RESPONSE_LATENCY, JOURNAL_LAG, TOKEN_USAGE),
)
