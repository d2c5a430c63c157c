"""Whether each function that the model called got one answer, and has one outcome in the summary. Sans-I/O."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.evidence import JSON, Evidence, gaps_of
from tests.chaos.records import is_lost
from tests.standins.service.ledger import FunctionCall

# A tool of these runs takes no time, but an observer notes first that it runs, and storage may be away. So long it may
# take, of the time in which one sideband is open without a break.
ANSWER_SECONDS = 25.0


def rules(evidence: Evidence, summary: JSON) -> Iterator[tuple[str, str]]:
    """Yield each promise about function calls that was not kept, and how."""
    calls, gaps = evidence.truth.function_calls(), gaps_of(summary)
    for call in calls:
        count, when = len(call.answered), call.at - evidence.truth.created
        if count > 1:
            yield "one answer for each function call", f"{count} answers of {call.name}, called at {when:.1f} s"
        # Nobody can list the items of a conversation, so a function call that no observer heard is never answered.
        elif not count and not is_lost(call.at, gaps) and _could_be_answered(evidence, call):
            yield "one answer for each function call", f"none of {call.name}, called at {when:.1f} s"
    told = Counter(use["name"] for use in summary["tools"])
    ended = Counter(use["name"] for use in summary["tools"] if use["outcome"])
    called = Counter(call.name for call in calls)
    heard = Counter(
        call.name for call in calls if call.answered and not any(is_lost(at, gaps) for at in (call.at, *call.answered))
    )
    for name in sorted((told - called).keys()):
        yield "no tool that was not called", f"{told[name]} of {name} told, {called[name]} called"
    for name in sorted((heard - ended).keys()):
        yield "each function call has one outcome", f"{ended[name]} outcomes of {name}, {heard[name]} answered"


def _could_be_answered(evidence: Evidence, call: FunctionCall) -> bool:
    end = evidence.truth.ended if evidence.truth.ended is not None else float("inf")
    return any(
        (one.until if one.until is not None else end) - max(one.since, call.at) > ANSWER_SECONDS
        for one in evidence.truth.attachments
    )
