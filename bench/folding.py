"""How long it takes to fold a journal into a summary, for calls of 100 turns and of many times as many."""

import random
import time
from typing import Any

import msgspec

from switchboard.observing.observation import Observation
from switchboard.realtime.events import parse_event
from switchboard.record.lines import Attached, CallCreated
from switchboard.record.summary import fold
from tests.standins.service.events import Conversation, Pace

TURNS = 100
MULTIPLES = (1, 10, 100)


def journal(turns: int) -> list[Any]:
    """Return the journal of a call of so many spoken turns, as the observer writes it."""
    call = CallCreated(at=0, call_id="rtc_1", caller_id="ada", max_call_seconds=3600, max_idle_seconds=3600)
    observation, now = Observation(call, keep_words=True), 0.0
    lines: list[Any] = [call, Attached(at=0)]
    conversation = Conversation(random.Random(1), Pace())  # noqa: S311  reproducible
    for _ in range(turns):
        for number, (seconds, event) in enumerate(conversation.spoken()):
            now += seconds
            parsed = parse_event(msgspec.json.encode({**event, "event_id": f"e{now}-{number}"}).decode())
            if parsed is not None:
                lines += observation.receive(parsed, now)
    return lines


def fold_seconds(multiples: tuple[int, ...] = MULTIPLES) -> dict[int, tuple[int, float]]:
    """Return, for multiples of TURNS, how many lines the journal has and how many seconds its fold takes."""
    found = {}
    for times in multiples:
        lines = journal(TURNS * times)
        began = time.process_time()
        fold(lines)
        found[TURNS * times] = (len(lines), time.process_time() - began)
    return found
