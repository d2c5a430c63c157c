"""What is wrong with a call, by what the service said and billed. Sans-I/O.

Each rule is a promise of the gateway. A gap that a summary notes excuses what is missing of it; nothing excuses words
that were not said, or a token that was not billed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tests.chaos import functions, records
from tests.chaos.evidence import JSON, Evidence, Leftovers, Span, gaps_of

LONGEST_UNOBSERVED = 60.0
LATEST_LIMIT = 5.0
# A 204 means that the call is down; the two clocks are one, but an answer takes its time.
ANSWER_SECONDS = 1.0
# After a refusal, the time until the next try.
RETRY_SECONDS = 3.0
# Limits count from the gateway's own clock and note, which are a little later than the service's.
EARLIEST = 1.0
# A close and the denials that follow it belong together.
DOUBT_SECONDS = 5.0
# An observer tries for 21 seconds to have its sideband back; then it ends the call rather than leave it unobserved.
REDIALLING_SECONDS = 20.0


@dataclass(frozen=True)
class Finding:
    """A promise that was not kept: for which call, which promise, and how it shows."""

    call_id: str
    rule: str
    what: str


def judge(evidence: Evidence) -> list[Finding]:
    """Return everything that is wrong with a call."""
    call_id = evidence.truth.call_id
    return [Finding(call_id, rule, what) for rule, what in _rules(evidence)]


def judge_leftovers(left: Leftovers) -> list[Finding]:
    """Return what should not lie in storage any more."""
    found = []
    for rule, names in (
        ("places are given back", left.places),
        ("live calls are forgotten at their end", left.live),
        ("queues are empty in the end", left.messages),
        ("no summary without a call", left.strangers),
    ):
        found += [Finding("", rule, name) for name in names]
    return found


def _rules(evidence: Evidence) -> Iterator[tuple[str, str]]:
    truth, count = evidence.truth, len(evidence.summaries)
    if truth.ended is None:
        yield "the call is down", f"up since its creation, ended never; {count} summaries"
    if count > 1 or (count == 0 and evidence.connected):
        yield "exactly one summary", f"{count} summaries"
    if evidence.kept and count:
        yield "no record of a call that was never registered", f"{count} summaries"
    if evidence.connected:
        yield from _observed(evidence)
        yield from _limits(evidence)
        yield from _not_early(evidence)
        yield from _hang_up(evidence)
    for summary in evidence.summaries[:1]:
        yield from records.rules(evidence, summary)
        yield from functions.rules(evidence, summary)


def longest_unobserved(evidence: Evidence) -> float:
    """Return the longest time, in seconds, in which the call was up and no sideband was attached, deaths or not."""
    return max((end - start for start, end in evidence.truth.unobserved()), default=0.0)


def _observed(evidence: Evidence) -> Iterator[tuple[str, str]]:
    for start, end in evidence.truth.unobserved():
        anew = [death.at for death in evidence.deaths if death.mattered and start < death.at < end]
        longest = max(after - before for before, after in pairwise([start, *anew, end]))
        if longest > LONGEST_UNOBSERVED:
            since = (
                f"from {start - evidence.truth.created:.1f} s on, {longest:.1f} s after the last death that mattered"
            )
            yield "an observer within 60 s", f"none for {end - start:.1f} s {since}"


def _limits(evidence: Evidence) -> Iterator[tuple[str, str]]:
    for name, late in lateness(evidence).items():
        if late > LATEST_LIMIT:
            tried = [f"{one.at - evidence.truth.created:.1f} s: {one.status}" for one in evidence.truth.hang_ups]
            heard = [f"{one.since - evidence.truth.created:.1f} s" for one in evidence.truth.attachments]
            what = f"{name} {late:.1f} s late; hang-ups {', '.join(tried) or 'none'}; attached {', '.join(heard)}"
            yield "limits bind within 5 s", what


def lateness(evidence: Evidence) -> dict[str, float]:
    """Return how many seconds after it was due each limit had not ended the call, without excused time."""
    truth = evidence.truth
    end = truth.ended if truth.ended is not None else float("inf")
    dues = {"max_call_seconds": evidence.began + evidence.limits.call}
    active, open_since = _last_activity(evidence, end)
    if open_since is None:
        attached = max((one.since for one in truth.attachments if one.since < end), default=truth.created)
        dues["max_idle_seconds"] = max(active, attached) + evidence.limits.idle
    excused = [*_orphaned(evidence), *((start, over + RETRY_SECONDS) for start, over in evidence.refusals)]
    return {name: _free(due, end, excused) for name, due in dues.items() if end > due}


def _orphaned(evidence: Evidence) -> Iterator[Span]:
    """Yield the time until the first observer, and after each death of one until the next."""
    created = evidence.truth.created
    for start, end in evidence.truth.unobserved(created):
        died = any(abs(death.at - start) < 1.5 for death in evidence.deaths)
        if died or start == created:
            yield start, end


def _last_activity(evidence: Evidence, end: float) -> tuple[float, float | None]:
    """Return when something last happened in the call, and since when somebody speaks or plays without an end."""
    last, speaking, playing = evidence.truth.created, None, None
    for at, event in evidence.truth.events:
        kind = event["type"]
        if at > end or kind not in _ACTIVITY:
            continue
        last = at
        if kind.startswith("input_audio_buffer"):
            speaking = at if kind.endswith("started") else None
        elif kind.startswith("output_audio_buffer"):
            playing = at if kind.endswith("started") else None
    return last, speaking if speaking is not None else playing


_ACTIVITY = frozenset(
    {
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "conversation.item.added",
        "conversation.item.input_audio_transcription.completed",
        "response.created",
        "response.done",
        "response.output_audio_transcript.done",
        "response.output_text.done",
        "output_audio_buffer.started",
        "output_audio_buffer.stopped",
        "output_audio_buffer.cleared",
    }
)


def _free(start: float, end: float, excused: list[Span]) -> float:
    """Return how long the time from start to end is, without the excused spans."""
    free, at = 0.0, start
    for begins, ends in sorted(excused):
        if ends <= at:
            continue
        if begins >= end:
            break
        free += max(0.0, begins - at)
        at = max(at, ends)
    return free + max(0.0, end - at)


def _not_early(evidence: Evidence) -> Iterator[tuple[str, str]]:
    truth, visit = evidence.truth, evidence.visit
    by_gateway = truth.ended is not None and any(one.status == 200 for one in truth.hang_ups)
    if not by_gateway or truth.ended is None or visit is None or visit.asked_to_hang_up is not None:
        return
    reason = (evidence.summaries[0].get("end_reason") if evidence.summaries else None) or "no reason given"
    lasted, active = truth.ended - truth.created, _last_activity(evidence, truth.ended - 0.05)
    quiet = 0.0 if active[1] is not None else truth.ended - active[0]
    if lasted >= evidence.limits.call - EARLIEST or quiet >= evidence.limits.idle - EARLIEST:
        return
    if reason == "observer_failed" and _denied(evidence, truth.ended):
        return
    yield "no call is hung up without cause", f"{reason} after {lasted:.1f} s, {quiet:.1f} s of them quiet at the end"


def _denied(evidence: Evidence, end: float) -> bool:
    """Say whether the service itself said three times that the call was over: by a clean close, and by two 404s for it.

    Or it said so by three 404s, or refused the sideband for as long as an observer tries to have one.
    """
    truth = evidence.truth
    denials = sum(end - DOUBT_SECONDS < at < end for at in truth.denials)
    closed = any(
        one.how == "closed by the service" and end - DOUBT_SECONDS < (one.until or end) for one in truth.attachments
    )
    deaf_since = max((one.until or end for one in truth.attachments), default=truth.created)
    return denials >= 3 or (denials >= 2 and closed) or end - deaf_since > REDIALLING_SECONDS


def _hang_up(evidence: Evidence) -> Iterator[tuple[str, str]]:
    visit, ended = evidence.visit, evidence.truth.ended
    if visit is not None and visit.hung_up is not None:
        late = (ended if ended is not None else float("inf")) - visit.hung_up
        if late > ANSWER_SECONDS:
            yield "204 means that the call is down", f"it ended {late:.1f} s after the answer"


def noted(summary: JSON) -> float:
    """Return the seconds of all gaps that a summary notes."""
    return sum(end - start for start, end in gaps_of(summary))
