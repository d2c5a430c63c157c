"""Makes calls for the operators to look at: many that are archived, and some that are live and send heartbeats."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from switchboard.observing.live import BEAT_SECONDS, Hold, LiveCalls
from switchboard.observing.standing import Standing
from switchboard.realtime.objects import ResponseUsage, TokenDetails
from switchboard.record.archive import Archive
from switchboard.record.journal import Journals
from switchboard.record.lines import (
    AnyLine,
    Attached,
    CallCreated,
    CallEnded,
    PlaybackStarted,
    PlaybackStopped,
    ResponseDone,
    ResponseStarted,
    SpeechStarted,
    SpeechStopped,
    Transcript,
)
from switchboard.record.usage import Usage
from switchboard.services import Services
from switchboard.storage import Storage

SECONDS_OF_A_DAY = 86_400
TURNS = 6
DAYS = 14
"""Over how many days the archived calls are spread."""
BUSIEST = 4
"""One in so many calls is one of yesterday's, which makes yesterday the day with the most calls."""
CALLERS = 500
WRITERS = 8
WORD = "marmalade"
"""What is said in six calls of a hundred."""
DETAILS = TokenDetails(text_tokens=120, audio_tokens=300), TokenDetails(text_tokens=40, audio_tokens=100)
USAGE = ResponseUsage(
    total_tokens=560,
    input_tokens=420,
    output_tokens=140,
    input_token_details=DETAILS[0],
    output_token_details=DETAILS[1],
)


def caller(number: int) -> str:
    """Return the id of the caller of a call."""
    return f"aad:{number % CALLERS:032x}"


def journal(number: int, began: float) -> list[AnyLine]:
    """Return the journal of a call of six turns."""
    created = CallCreated(
        at=began,
        call_id=f"rtc_{number:032x}",
        caller_id=caller(number),
        caller_name=f"caller{number % CALLERS}@example.com",
        deployment="gpt-realtime",
        max_call_seconds=1800,
    )
    lines: list[AnyLine] = [created, Attached(at=began + 0.1)]
    for turn in range(TURNS):
        at, item, response = began + 1 + turn * 8, f"item_{turn}", f"resp_{turn}"
        latency = 0.4 + (number * 7 + turn) % 50 / 100
        said = f"This is question {turn} of call {number}" + (f", about {WORD}." if number % 100 == turn else ".")
        lines += [
            SpeechStarted(at=at, item_id=item),
            SpeechStopped(at=at + 2, item_id=item),
            ResponseStarted(at=at + 2.1, response_id=response),
            Transcript(at=at + 2.2, item_id=item, role="user", text=said),
            PlaybackStarted(at=at + 2 + latency, response_id=response),
            ResponseDone(at=at + 4, response_id=response, usage=USAGE),
            PlaybackStopped(at=at + 7, response_id=response),
        ]
    return [*lines, CallEnded(at=began + 60, reason="max_call_seconds" if number % 20 == 0 else "peer_left")]


class Written(Journals):
    """Hands journals to the archive that were never in storage: writing 10,000 of them would take most of the time."""

    def __init__(self, storage: Storage) -> None:
        super().__init__(storage)
        self._lines: dict[str, list[AnyLine]] = {}

    def write(self, lines: list[AnyLine]) -> str:
        """Take a journal, and return the id of its call."""
        created = lines[0]
        assert isinstance(created, CallCreated)
        self._lines[created.call_id] = lines
        return created.call_id

    def read(self, call_id: str) -> list[AnyLine] | None:
        """Return the lines of a journal, once."""
        return self._lines.pop(call_id, None)


def fill(services: Services, calls: int) -> float:
    """Archive so many calls through the product's own archive; return how many seconds that took.

    They are spread over the last days, and a quarter of them and more began yesterday.
    """
    midnight, start = time.time() // SECONDS_OF_A_DAY * SECONDS_OF_A_DAY, time.perf_counter()
    journals = Written(services.storage)
    archive = Archive(services.storage, journals)

    def one(number: int) -> None:
        days = 1 if number % BUSIEST == 0 else 1 + number % DAYS
        archive.summarise(journals.write(journal(number, midnight - SECONDS_OF_A_DAY * days + number)))

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(one, range(calls)))
    return time.perf_counter() - start


class Crowd:
    """Holds calls that are live, as their observers do: each writes its heartbeat every ten seconds.

    Nobody talks in them. Each heartbeat says another number of tokens, so that a page which shows it can be noticed.
    """

    def __init__(self, live: LiveCalls, calls: int) -> None:
        self._live = live
        self.calls = calls
        self._holds: dict[str, Hold] = {}
        self._over = threading.Event()
        self._writer = threading.Thread(target=self._beat, daemon=True)
        self.written: dict[str, float] = {}
        """When each heartbeat was in storage, in Unix seconds, by call and tokens."""

    def __enter__(self) -> Self:
        now = time.time()
        for number in range(self.calls):
            created = journal(1_000_000 + number, round(now - number, 3))[0]
            assert isinstance(created, CallCreated)
            hold = self._live.take(created, "bench")
            assert hold
            self._holds[created.call_id] = hold
        self._writer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._writer.join()
        for call_id in self._holds:
            self._live.end(call_id)

    def _beat(self) -> None:
        due = time.perf_counter()
        for tokens, call_id in enumerate(self._turns(), 100_000):
            due += BEAT_SECONDS / self.calls
            if self._over.wait(max(0.0, due - time.perf_counter())):
                return
            usage = Usage.nothing()
            usage.total = tokens
            hold = self._live.beat(self._holds[call_id], 0, Standing(usage))
            assert hold
            self._holds[call_id] = hold
            self.written[f"{call_id} {tokens}"] = time.time()

    def _turns(self) -> Iterator[str]:
        while True:
            yield from list(self._holds)
