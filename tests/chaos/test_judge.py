"""The judge finds what is wrong, and nothing where nothing is."""

import copy
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from switchboard.record.times import iso
from tests.chaos.evidence import Evidence, Leftovers, Loss, leftovers
from tests.chaos.judge import judge, judge_leftovers, lateness
from tests.chaos.pages import Visit
from tests.chaos.plan import Limits, planned
from tests.standins.service.events import Conversation, Pace
from tests.standins.service.ledger import Attachment, HangUp, Truth
from tests.standins.storage.blobs import Blob

NOON = 1795262400.0
LIMITS = Limits(call=100, idle=12)
JSON = dict[str, Any]


def a_truth() -> Truth:
    """Return a call of four turns, heard by w1, which the browser leaves."""
    truth = Truth("rtc_1", "w1", NOON, joined=NOON + 0.5)
    conversation, at = Conversation(random.Random(1), Pace()), NOON + 1
    for interrupted in (False, True, False, False):
        for wait, event in conversation.spoken(interrupted=interrupted):
            at += wait
            truth.events.append((at, {"event_id": f"e{len(truth.events)}", **event}))
        at += 1
    truth.ended, truth.ended_by = at, "peer"
    truth.attachments.append(Attachment("w1", NOON + 0.3, truth.ended))
    return truth


def a_summary(truth: Truth) -> JSON:
    """Return what a true summary says of the call."""
    taken = {"text": 0, "audio": 0, "image": 0, "cached_text": 0, "cached_audio": 0, "cached_image": 0}
    usage: JSON = {"responses": 0, "total": 0, "input": taken, "output": {"text": 0, "audio": 0}}
    for one in truth.billed():
        details, cached = one.usage["input_token_details"], one.usage["input_token_details"]["cached_tokens_details"]
        usage["responses"] += 1
        usage["total"] += one.usage["total_tokens"]
        for kind in ("text", "audio"):
            taken[kind] += details[f"{kind}_tokens"]
            taken[f"cached_{kind}"] += cached[f"{kind}_tokens"]
            usage["output"][kind] += one.usage["output_token_details"][f"{kind}_tokens"]
    spoken = [item.usage for item in truth.said() if item.usage]
    usage["transcription"] = {
        "input_text": 0,
        "input_audio": sum(one["input_tokens"] for one in spoken),
        "output": sum(one["output_tokens"] for one in spoken),
    }
    return {
        "call_id": truth.call_id,
        "transcript": [{"item_id": item.item_id, "role": item.role, "text": item.text} for item in truth.said()],
        "usage": usage,
        "tools": [],
        "gaps": [],
        "ended": iso(truth.ended or 0),
        "end_reason": "peer_left",
    }


def evidence(truth: Truth, *summaries: JSON, **more: Any) -> Evidence:
    visit = more.pop("visit", None) or Visit(planned(1, 1, 1, LIMITS, 5).calls[0], "c", status=201, call_id="rtc_1")
    return Evidence(truth, list(summaries), LIMITS, visit, **more)


def rules(found: Evidence) -> set[str]:
    return {finding.rule for finding in judge(found)}


def gap(summary: JSON, start: float, end: float) -> None:
    summary["gaps"].append({"from": iso(start), "to": iso(end), "seconds": end - start})


def test_an_innocent() -> None:
    truth = a_truth()

    assert len(truth.said()) == 8
    assert rules(evidence(truth, a_summary(truth))) == set()


def forget_an_item(summary: JSON) -> None:
    del summary["transcript"][3]


def another_word(summary: JSON) -> None:
    summary["transcript"][2]["text"] += " indeed"


def invented(summary: JSON) -> None:
    summary["transcript"].append({"item_id": "item_x", "role": "user", "text": "Never said."})


def turned_round(summary: JSON) -> None:
    summary["transcript"][1:3] = reversed(summary["transcript"][1:3])


def one_token(summary: JSON) -> None:
    summary["usage"]["total"] += 1


def cached_elsewhere(summary: JSON) -> None:
    summary["usage"]["input"]["cached_text"] -= 1


def twice(summary: JSON) -> None:
    summary["usage"]["transcription"]["output"] *= 2


def too_early(summary: JSON) -> None:
    summary["ended"] = iso(NOON + 2)


def too_late(summary: JSON) -> None:
    summary["ended"] = iso(NOON + 100)


def open_end(summary: JSON) -> None:
    summary["ended"] = None


def other_reason(summary: JSON) -> None:
    summary["end_reason"] = "max_call_seconds"


def no_gap(summary: JSON) -> None:
    gap(summary, NOON + 3, NOON + 5)


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (forget_an_item, "true to the word"),
        (another_word, "true to the word"),
        (invented, "no word that was not said"),
        (turned_round, "in the order of the conversation"),
        (one_token, "true to the token"),
        (cached_elsewhere, "true to the token"),
        (twice, "true to the token"),
        (too_early, "a record is closed when the call is down"),
        (too_late, "the end is true"),
        (open_end, "a record is closed when the call is down"),
        (other_reason, "the reason is true"),
        (no_gap, "no gap where somebody listened"),
    ],
)
def test_a_summary_that_is_not_true(spoil: Callable[[JSON], None], rule: str) -> None:
    truth = a_truth()
    summary = a_summary(truth)
    spoil(summary)

    assert rule in rules(evidence(truth, summary))


def test_a_gap_excuses_what_is_missing_of_it_and_no_more() -> None:
    """Without the middle of the call: what was said and billed there may be missing, and nothing else."""
    truth = a_truth()
    start, end = truth.events[len(truth.events) // 3][0], truth.events[2 * len(truth.events) // 3][0]
    heard = copy.deepcopy(truth)
    bills = ("response.done", "conversation.item.input_audio_transcription.completed")
    heard.events = [(at, event) for at, event in truth.events if not start <= at <= end or event["type"] not in bills]
    truth.attachments = [Attachment("w1", NOON, start), Attachment("w2", end, truth.ended)]
    whole = {item.item_id: item for item in truth.said()}
    summary = a_summary(truth)
    assert summary["usage"] != a_summary(heard)["usage"]
    summary["usage"] = a_summary(heard)["usage"]
    lost = {item_id for item_id, item in whole.items() if any(start <= at <= end for at in item.at)}
    summary["transcript"] = [line for line in summary["transcript"] if line["item_id"] not in lost]

    assert lost
    assert {"true to the word", "true to the token"} <= rules(evidence(truth, summary))
    gap(summary, start, end)
    assert rules(evidence(truth, summary)) == set()
    summary["transcript"].pop(0)
    assert rules(evidence(truth, summary)) == {"true to the word"}


def test_calls_that_were_not_held() -> None:
    truth = a_truth()
    summary = a_summary(truth)
    assert "exactly one summary" in rules(evidence(truth))
    assert "exactly one summary" in rules(evidence(truth, summary, summary))
    up = copy.deepcopy(truth)
    up.ended, up.attachments[0].until = None, None
    assert {"the call is down", "limits bind within 5 s"} <= rules(evidence(up, summary))


def test_a_minute_and_more_without_an_observer() -> None:
    truth = a_truth()
    truth.ended = (truth.ended or 0) + 70
    summary = a_summary(truth)
    gap(summary, truth.attachments[0].until or 0, truth.ended)

    assert rules(evidence(truth, summary)) == {"an observer within 60 s", "limits bind within 5 s"}
    # Another instance dies, which had the message; one that had nothing to do with the call is no excuse.
    at = truth.attachments[0].until or 0
    for mattered, found in ((True, set()), (False, {"an observer within 60 s"})):
        deaths = [Loss(at, "w1"), Loss(at + 30, "w2", mattered=mattered)]
        assert rules(evidence(truth, summary, deaths=deaths)) == found


def test_a_limit_that_binds_late_or_early() -> None:
    truth = a_truth()
    quiet = truth.events[-1][0]
    for seconds, rule in ((12.5, set()), (17.5, {"limits bind within 5 s"}), (5, {"no call is hung up without cause"})):
        truth.ended, truth.ended_by = quiet + seconds, "w1"
        truth.hang_ups = [HangUp(truth.ended, "w1", 200)]
        truth.attachments[0].until = truth.ended
        summary = {**a_summary(truth), "end_reason": "max_idle_seconds"}
        assert rules(evidence(truth, summary)) == rule
    truth.ended = truth.attachments[0].until = quiet + 17.5
    summary = {**a_summary(truth), "end_reason": "max_idle_seconds"}
    assert rules(evidence(truth, summary, refusals=[(quiet + 10, quiet + 14)])) == set()


def test_a_limit_of_a_call_that_nobody_joined() -> None:
    """Its observer was killed, and the service ended it before another one came."""
    truth = Truth("rtc_1", "w1", NOON, ended=NOON + 25, ended_by="nobody_joined")
    truth.attachments.append(Attachment("w1", NOON + 0.4, NOON + 0.5))
    summary = {**a_summary(truth), "ended": iso(NOON + 0.5), "end_reason": "peer_left"}
    gap(summary, NOON + 0.5, NOON + 40)

    assert rules(evidence(truth, summary, deaths=[Loss(NOON + 0.5, "w1")])) == set()
    assert rules(evidence(truth, summary)) == {"limits bind within 5 s"}


def test_a_call_that_is_hung_up_because_the_service_denied_it() -> None:
    """Two denials are no cause, and neither is one after a clean close; two after a clean close are one."""
    truth = a_truth()
    end = (truth.ended or 0) - 3
    truth.events = [(at, event) for at, event in truth.events if at < end]
    truth.ended, truth.ended_by, truth.hang_ups = end, "w1", [HangUp(end, "w1", 200)]
    truth.attachments[0].until = end - 0.2
    summary = {**a_summary(truth), "end_reason": "observer_failed"}
    assert rules(evidence(truth, summary)) == {"no call is hung up without cause"}
    truth.denials = [end - 0.2, end - 0.1]
    assert rules(evidence(truth, summary)) == {"no call is hung up without cause"}
    truth.attachments[0].how, truth.denials = "closed by the service", [end - 0.1]
    assert rules(evidence(truth, summary)) == {"no call is hung up without cause"}
    truth.denials.append(end - 0.05)
    assert rules(evidence(truth, summary)) == set()


def test_a_204_for_a_call_that_is_up() -> None:
    truth = a_truth()
    visit = Visit(planned(1, 1, 1, LIMITS, 5).calls[0], "c", 201, call_id="rtc_1", asked_to_hang_up=NOON + 3)
    visit.hung_up = (truth.ended or 0) - 4
    summary = {**a_summary(truth), "end_reason": "hung_up_by_caller"}

    assert rules(evidence(truth, summary, visit=visit)) == {"204 means that the call is down"}


def test_a_call_that_its_page_set_up_with_a_token() -> None:
    """Its time counts once it is registered, and a call that never is has no record."""
    truth = a_truth()
    truth.events = [(at, event) for at, event in truth.events if at < NOON + 2]
    truth.created, truth.ended_by, truth.hang_ups = NOON - 20, "w1", [HangUp(NOON + LIMITS.call, "w1", 200)]
    truth.ended = truth.attachments[0].until = NOON + LIMITS.call
    page = planned(1, 1, 1, LIMITS, 5).calls[0]
    summary = {**a_summary(truth), "end_reason": "max_call_seconds"}
    late = "limits bind within 5 s"
    registered = evidence(truth, summary, visit=Visit(page, "c", 201, call_id="rtc_1", registered=NOON))
    assert "max_call_seconds" not in lateness(registered)
    assert lateness(evidence(truth, summary))["max_call_seconds"] == 20
    assert late in rules(evidence(truth, summary))

    kept = Evidence(a_truth(), [], LIMITS, kept=True)
    assert rules(kept) == set()
    assert rules(replace(kept, summaries=[a_summary(kept.truth)])) == {"no record of a call that was never registered"}


def test_leftovers() -> None:
    left = Leftovers(["places/a/0"], ["live/rtc_1"], ["1 on observe-calls"], ["poison/x"], ["rtc_2"])

    assert len(judge_leftovers(left)) == 4
    blobs = {"places/a/0": Blob("BlockBlob", NOON, modified=NOON), "places/b/0": Blob("BlockBlob", NOON, modified=NOON)}
    assert leftovers(blobs, {"q": {}}, [], failed=1, now=NOON + 60).places == []
    counts = {"places/a/token-7": Blob("BlockBlob", NOON, modified=NOON)}
    assert leftovers(counts, {}, [], failed=0, now=NOON + 60).places == []
    assert len(leftovers(counts, {}, [], failed=0, now=NOON + 120).places) == 1
    assert leftovers(blobs, {"q": {}}, [], failed=0, now=NOON + 60).places == [
        "places/a/0, 60 s old",
        "places/b/0, 60 s old",
    ]
    assert len(leftovers(blobs, {"q": {}}, [], failed=9, now=NOON + 120).places) == 2
    assert judge_leftovers(Leftovers([], [], [], ["poison/x"], [])) == []


def test_a_seed_gives_the_same_plan_always() -> None:
    assert planned(3, 50, 1.0, LIMITS, 5) == planned(3, 50, 1.0, LIMITS, 5) != planned(4, 50, 1.0, LIMITS, 5)
