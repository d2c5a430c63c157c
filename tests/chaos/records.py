"""Whether a summary is true: to the word, to the token, and in its gaps, its end and its reason. Sans-I/O."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from tests.chaos.evidence import JSON, Evidence, Span, gaps_of, seconds_of
from tests.standins.service.ledger import Said

# What was sent so shortly before or after a noted gap may have been on its way.
EDGE_SECONDS = 0.35
# How far the noted end may be from the true one where an observer saw it.
END_SECONDS = 3.0
# Beyond so many excused bills the sum is only bounded, not found.
MOST_EXCUSED = 14
# Begins the ids of things that a spoilt sideband made up.
MADE_UP = "odd_"


def rules(evidence: Evidence, summary: JSON) -> Iterator[tuple[str, str]]:
    """Yield each promise that the summary breaks, and how."""
    gaps = gaps_of(summary)
    yield from _words(evidence, summary, gaps)
    yield from _tokens(evidence, summary, gaps)
    yield from _true_gaps(evidence, gaps)
    yield from _end(evidence, summary, gaps)


def is_lost(at: float, gaps: list[Span]) -> bool:
    """Return whether what was sent at this moment may be missing, because a gap is noted."""
    return any(start - EDGE_SECONDS <= at <= end + EDGE_SECONDS for start, end in gaps)


def _words(evidence: Evidence, summary: JSON, gaps: list[Span]) -> Iterator[tuple[str, str]]:
    told = {line["item_id"]: line for line in summary["transcript"] if not line["item_id"].startswith(MADE_UP)}
    said = {item.item_id: item for item in evidence.truth.said()}
    for item_id, line in told.items():
        if item_id not in said:
            if line["text"]:
                yield "no word that was not said", f"{item_id} by {line['role']}"
        elif line["text"] not in (said[item_id].text, None) or line["role"] != said[item_id].role:
            yield "true to the word", f"{item_id} by {line['role']} has other words"
    for item_id, item in said.items():
        silent = item_id not in told or told[item_id]["text"] is None
        if silent and not any(is_lost(at, gaps) for at in item.at):
            yield "true to the word", f"{item_id} by {item.role} is missing, in no gap{_when(evidence, item)}"
    order = [item_id for item_id in told if item_id in said]
    if order != (truly := [item_id for item_id in said if item_id in told]):
        moved = sum(here != there for here, there in zip(order, truly, strict=True))
        yield "in the order of the conversation", f"{moved} of {len(order)} items elsewhere"


def _when(evidence: Evidence, item: Said) -> str:
    """Say when the events of an item were sent, and whether a sideband was attached then."""
    texts = []
    for at in item.at:
        attached = any(one.since <= at <= (one.until or float("inf")) for one in evidence.truth.attachments)
        texts.append(f"{at - evidence.truth.created:.2f} s {'heard' if attached else 'unheard'}")
    return f" (sent at {', '.join(texts)})"


def _bill(usage: JSON) -> Counter[str]:
    taken, given = usage["input_token_details"], usage["output_token_details"]
    cached = taken["cached_tokens_details"]
    bill = {"responses": 1, "total": usage["total_tokens"]}
    bill |= {f"input.{kind}": taken[f"{kind}_tokens"] for kind in ("text", "audio", "image")}
    bill |= {f"input.cached_{kind}": cached[f"{kind}_tokens"] for kind in ("text", "audio", "image")}
    return Counter(bill | {f"output.{kind}": given[f"{kind}_tokens"] for kind in ("text", "audio")})


def _transcription_bill(usage: JSON) -> Counter[str]:
    details = usage["input_token_details"]
    return Counter(
        {
            "input_text": details["text_tokens"],
            "input_audio": details["audio_tokens"],
            "output": usage["output_tokens"],
        }
    )


def _told_bill(usage: JSON) -> Counter[str]:
    bill = {"responses": usage["responses"], "total": usage["total"]}
    bill |= {f"input.{kind}": count for kind, count in usage["input"].items()}
    return Counter(bill | {f"output.{kind}": count for kind, count in usage["output"].items()})


def _tokens(evidence: Evidence, summary: JSON, gaps: list[Span]) -> Iterator[tuple[str, str]]:
    responses = [(one.at, _bill(one.usage)) for one in evidence.truth.billed()]
    spoken = [(item.usage_at, _transcription_bill(item.usage)) for item in evidence.truth.said() if item.usage]
    usage = summary["usage"]
    heard = Counter({name: usage["transcription"][name] for name in ("input_text", "input_audio", "output")})
    for what, bills, told in (("responses", responses, _told_bill(usage)), ("transcription", spoken, heard)):
        must = sum((bill for at, bill in bills if not is_lost(at, gaps)), Counter[str]())
        may = [bill for at, bill in bills if is_lost(at, gaps)]
        if not _explains(must, may, told):
            truly = sum((bill for _, bill in bills), Counter[str]())
            name = "total" if what == "responses" else "output"
            yield "true to the token", f"{what}: {told[name]} {name} told, {truly[name]} billed, {len(may)} in gaps"


def _explains(must: Counter[str], may: list[Counter[str]], told: Counter[str]) -> bool:
    """Say whether what is told is what must be, with some of what may be."""
    if len(may) > MOST_EXCUSED:
        most = sum(may, must)
        return all(must[name] <= told[name] <= most[name] for name in most)
    return any(sum(some, must) == +told for count in range(len(may) + 1) for some in combinations(may, count))


def _true_gaps(evidence: Evidence, gaps: list[Span]) -> Iterator[tuple[str, str]]:
    for start, end in gaps:
        for one in evidence.truth.attachments:
            until = one.until if one.until is not None else float("inf")
            if one.since < start - 1 and until > end + 1:
                yield "no gap where somebody listened", f"{end - start:.1f} s, though {one.client} heard all of it"
                break


def _end(evidence: Evidence, summary: JSON, gaps: list[Span]) -> Iterator[tuple[str, str]]:
    truth = evidence.truth
    if summary["ended"] is None or truth.ended is None:
        yield "a record is closed when the call is down", f"noted {summary['ended']}, down {truth.ended}"
        return
    noted = seconds_of(summary["ended"])
    unseen = is_lost(truth.ended, gaps)
    if noted < truth.ended - END_SECONDS and not unseen:
        yield "a record is closed when the call is down", f"noted {truth.ended - noted:.1f} s too early"
    elif abs(noted - truth.ended) > END_SECONDS and not unseen:
        yield "the end is true", f"noted {noted - truth.ended:+.1f} s beside it, in no gap"
    died = any(truth.ended - 1 <= at <= truth.ended + 60 for at in (death.at for death in evidence.deaths))
    if summary["end_reason"] not in _reasons(evidence) and not (unseen or died):
        yield "the reason is true", f"{summary['end_reason']}, though it was {truth.ended_by}"


def _reasons(evidence: Evidence) -> set[str]:
    truth, visit = evidence.truth, evidence.visit
    if truth.ended_by == "cap":
        return {"service_limit"}
    if truth.ended_by in ("peer", "nobody_joined"):
        # A page that hung up in vain and went away has done both; so has a limit that came too late by a breath.
        late = any(one.at - (truth.ended or 0) < END_SECONDS for one in truth.hang_ups if one.status == 404)
        limits = {"max_call_seconds", "max_idle_seconds"} if late else set()
        return {"peer_left", *limits} | ({"hung_up_by_caller"} if visit and visit.asked_to_hang_up else set())
    if visit is not None and visit.asked_to_hang_up is not None:
        return {"hung_up_by_caller", "max_idle_seconds", "max_call_seconds"}
    return {"max_call_seconds", "max_idle_seconds", "observer_failed"}
