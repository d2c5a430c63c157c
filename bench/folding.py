"""Measures how long it takes to fold a journal into a summary, for a call of an hour and of many times as long."""

import gc
import random
import time
from pathlib import Path
from typing import Any

import msgspec

from bench.scene import TALK
from bench.section import Section, Table
from switchboard.observing.observation import Observation
from switchboard.realtime.events import parse_event
from switchboard.record.encoding import decode_lines, encode_lines
from switchboard.record.lines import Attached, CallCreated
from switchboard.record.summary import fold
from tests.standins.service.events import Conversation, Pace

# A turn of real talk takes 16 seconds.
TURNS = 225
MULTIPLES = (1, 10, 100)


def journal(turns: int) -> list[Any]:
    """Return the journal of a call of so many spoken turns, as the observer writes it."""
    call = CallCreated(at=0, call_id="rtc_1", caller_id="ada", max_call_seconds=3600, max_idle_seconds=3600)
    observation, now = Observation(call, keep_words=True), 0.0
    lines: list[Any] = [call, Attached(at=0)]
    conversation = Conversation(random.Random(1), Pace(TALK.speech, TALK.playback, TALK.words, 1))  # noqa: S311  reproducible
    for _ in range(turns):
        for number, (seconds, event) in enumerate(conversation.spoken()):
            now += seconds
            parsed = parse_event(msgspec.json.encode({**event, "event_id": f"e{now}-{number}"}).decode())
            if parsed is not None:
                lines += observation.receive(parsed, now)
    return lines


def fold_seconds(multiples: tuple[int, ...] = MULTIPLES, turns: int = TURNS) -> dict[int, tuple[int, float]]:
    """Return, for multiples of so many turns, how many lines the journal has and how many seconds its fold takes.

    The lines are read from the bytes of the journal, as the archive does it.
    """
    found = {}
    for times in multiples:
        content = encode_lines(journal(turns * times))
        gc.collect()
        began = time.process_time()
        fold(decode_lines(content))
        found[times] = (content.count(b"\n"), time.process_time() - began)
    return found


async def part(folder: Path, *, short: bool) -> Section:  # noqa: ARG001  all parts are called alike
    """Run the part of the benchmark, and return its section."""
    folds = fold_seconds((1, 2), 10) if short else fold_seconds()
    rows = [
        [f"{hours:,}", f"{lines:,}", f"{1000 * seconds:.1f} ms", f"{1e6 * seconds / lines:.1f} µs"]
        for hours, (lines, seconds) in folds.items()
    ]
    text = (
        "Reading a journal's bytes and folding its lines into a call summary is linear if the time for a line stays "
        "about the same. It rises somewhat with the length, because Python's garbage collector looks at all of them. "
        "No call is longer than an hour."
    )
    note = "nothing. The journal's bytes are in memory, so that the download of its blob is not in the figures."
    return Section("The archive", text, [Table(["hours of talk", "lines", "fold", "for each line"], rows, note)])
