"""Tests of what is said about a call's events: when storage had them, and which are lost."""

import json

from bench.evidence import Lost, evidence_of
from switchboard.record.encoding import encode_lines
from switchboard.record.lines import Attached, CallEnded, Detached
from tests.examples import call
from tests.standins.service.ledger import Attachment, HangUp, Truth


def journal(*event_ids: str) -> bytes:
    return b"".join(json.dumps({"type": "x", "event_id": event_id}).encode() + b"\n" for event_id in event_ids)


def test_events_are_durable_with_the_append_that_holds_them() -> None:
    events = [
        (9.2, {"type": "response.done", "event_id": "before the observer came"}),
        (10.0, {"type": "response.created", "event_id": "a"}),
        (10.1, {"type": "response.output_text.delta", "event_id": "b"}),
        (10.5, {"type": "response.done", "event_id": "c"}),
        (11.0, {"type": "response.done", "event_id": "d"}),
        (11.5, {"type": "conversation.item.input_audio_transcription.completed", "event_id": "e"}),
    ]
    truth = Truth("rtc_1", "gateway", 9.0, events=events)
    truth.attachments = [Attachment("gateway", 9.8), Attachment("gateway", 9.5)]
    truth.hang_ups = [HangUp(11.0, "gateway", 500), HangUp(12.0, "gateway", 200)]
    first, second = journal("", "a"), journal("c", "a")
    evidence = evidence_of(truth, first + second, [(len(first), 10.25), (len(first + second), 10.75)])

    assert evidence.lags == [250.0, 250.0]
    assert evidence.lost == [
        Lost("response.done", 11.0, noted=False),
        Lost("conversation.item.input_audio_transcription.completed", 11.5, noted=False),
    ]
    assert (evidence.created, evidence.attached, evidence.hung_up, evidence.events) == (9.0, 9.5, 12.0, 6)


def test_an_append_whose_answer_was_lost_has_kept_its_lines() -> None:
    events = [(10.0, {"type": "response.done", "event_id": "a"})]
    truth = Truth("rtc_1", "gateway", 9.0, events=events, attachments=[Attachment("gateway", 9.5)])
    evidence = evidence_of(truth, journal("a"), [])

    assert (evidence.lags, evidence.lost) == ([], [])


def test_a_call_that_nobody_observed() -> None:
    """Its record is one gap, which is another thing than an event that an observer did not keep."""
    events = [(10.0, {"type": "response.done", "event_id": "a"})]
    evidence = evidence_of(Truth("rtc_1", "gateway", 9.0, events=events), b"", [])
    assert (evidence.attached, evidence.hung_up, evidence.lags, evidence.lost) == (None, None, [], [])


def test_a_lost_event_that_the_record_admits() -> None:
    events = [(at, {"type": "response.done", "event_id": str(at)}) for at in (12.0, 22.0)]
    truth = Truth("rtc_1", "gateway", 9.0, events=events, attachments=[Attachment("gateway", 10.0)])
    attached, broke = Attached(at=10, observer="a"), Detached(at=20, how="lost", observer="a")
    lines = [call(at=9.0), attached, broke, CallEnded(at=30, reason="peer_left", observer="a")]
    evidence = evidence_of(truth, encode_lines(lines), [])

    assert [one.noted for one in evidence.lost] == [False, True]
