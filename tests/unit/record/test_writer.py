"""Tests that the journal writer loses and reorders nothing, whatever storage does, on a clock that jumps."""

import asyncio
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.errors import StorageUnavailable
from switchboard.record import writer
from switchboard.record.encoding import decode_lines
from switchboard.record.lines import AnyLine, Attached, Detached, Fault, Transcript, Watching
from switchboard.record.writer import JournalWriter
from tests.jumping_loop import run_jumping


class FakeStorage:
    """Takes blocks as an append blob would, one at a time, and fails as it is told.

    An outcome is `written`, `refused`, or `lost`: then the block is there, and the writer is told that it is not. Each
    takes some seconds. When the outcomes are used up, everything is written; while it is `away`, nothing is. It knows
    nothing of blobs and leases, and it has no limit on blocks.
    """

    def __init__(self, clock: Callable[[], float], outcomes: Iterable[tuple[str, float]] = ()) -> None:
        self._clock = clock
        self._outcomes = list(outcomes)
        self._busy = False
        self.away = False
        self.blocks: list[bytes] = []
        self.times: list[float] = []

    async def append(self, block: bytes) -> None:
        assert not self._busy, "two blocks at once could be stored in either order"
        self._busy = True
        outcome, seconds = self._outcomes.pop(0) if self._outcomes else ("written", 0.0)
        outcome = "refused" if self.away else outcome
        self.times.append(self._clock())
        await asyncio.sleep(seconds)
        self._busy = False
        if outcome != "refused":
            self.blocks.append(block)
        if outcome != "written":
            raise StorageUnavailable

    def lines(self) -> list[AnyLine]:
        return [line for block in self.blocks for line in decode_lines(block)]

    def numbers(self) -> list[int]:
        """Return the lines' times, each when it is stored first. The tests number their lines by them."""
        return list(dict.fromkeys(int(line.at) for line in self.lines()))


OUTCOMES = st.lists(
    st.tuples(st.sampled_from(["written", "refused", "lost"]), st.sampled_from([0.0, 0.1, 1.0, 30.0])), max_size=12
)
PAUSES = st.lists(st.sampled_from([0.0, 0.01, 0.3, 5.0, 120.0]), max_size=20)


@given(OUTCOMES, PAUSES, st.sets(st.integers(0, 20)))
def test_no_loss_and_no_reordering(outcomes: list[tuple[str, float]], pauses: list[float], hurried: set[int]) -> None:
    """Whatever fails and however long it takes, everything that was written is stored, in the order of writing.

    Only a block whose reply was lost may be there twice, which the summary does not mind.
    """

    async def work(clock: Callable[[], float]) -> FakeStorage:
        storage = FakeStorage(clock, outcomes)
        async with JournalWriter(storage.append, observer="a", clock=clock) as journal:
            for number, pause in enumerate(pauses):
                await asyncio.sleep(pause)
                journal.write(Watching(at=number), at_once=number in hurried)
        return storage

    storage = run_jumping(work)
    assert storage.numbers() == list(range(len(pauses)))
    assert {line.observer for line in storage.lines()} <= {"a"}
    if not any(outcome == "lost" for outcome, _ in outcomes):
        assert [int(line.at) for line in storage.lines()] == list(range(len(pauses)))


@given(OUTCOMES, PAUSES, st.sampled_from([0.0, 5.0, 60.0]))
def test_giving_up(outcomes: list[tuple[str, float]], pauses: list[float], patience: float) -> None:
    """Where storage stays away for longer than the writer may wait, it says so, and what is stored has no hole."""

    async def work(clock: Callable[[], float]) -> tuple[list[int], float]:
        storage = FakeStorage(clock, outcomes)

        async def write() -> None:
            async with JournalWriter(storage.append, give_up_at=sum(pauses) + patience, clock=clock) as journal:
                for number, pause in enumerate(pauses):
                    await asyncio.sleep(pause)
                    journal.write(Watching(at=number))
                storage.away = True
                journal.write(Watching(at=len(pauses)))

        with pytest.raises(StorageUnavailable):
            await write()
        return storage.numbers(), clock()

    stored, gave_up = run_jumping(work)
    assert stored == list(range(len(stored)))
    assert len(stored) <= len(pauses)
    # A try that is under way at that moment is waited for.
    assert gave_up <= sum(pauses) + patience + max([0.0, *(seconds for _, seconds in outcomes)])


def times_of(outcomes: list[tuple[str, float]], writes: list[tuple[float, bool]]) -> tuple[list[float], list[int]]:
    """Return when blocks were sent, and how many lines each stored one has, for lines written at these times."""

    async def work(clock: Callable[[], float]) -> FakeStorage:
        storage = FakeStorage(clock, outcomes)
        async with JournalWriter(storage.append, clock=clock) as journal:
            for number, (second, at_once) in enumerate(writes):
                await asyncio.sleep(second - clock())
                journal.write(Watching(at=number), at_once=at_once)
            await asyncio.sleep(1000)
        return storage

    storage = run_jumping(work)
    return [round(time, 6) for time in storage.times], [len(list(decode_lines(block))) for block in storage.blocks]


def test_lines_are_written_together() -> None:
    """What comes within a quarter of a second is one block, so that a busy call needs few of them."""
    assert times_of([], [(1, False), (1.1, False), (1.2, False), (2, False)]) == ([1.25, 2.25], [3, 1])


def test_a_line_that_is_urgent() -> None:
    """It takes those before it along, and waits for nothing."""
    assert times_of([], [(1, False), (1.1, True), (5, True)]) == ([1.1, 5], [2, 1])


def test_slow_storage_gets_fewer_blocks() -> None:
    """The wait is four times what the last block took, and never longer than two seconds."""
    slow = [("written", 0.2), ("written", 5.0)]

    assert times_of(slow, [(1, False), (2, False), (20, False)])[0] == [1.25, 2.8, 22]


def test_pauses_between_tries() -> None:
    """They double from one second to ten, begin anew once a block is written, and an urgent line ends one early."""
    refused = [("refused", 0.0)] * 6
    assert times_of(refused, [(1, False)])[0] == [1.25, 2.5, 4.75, 9, 17.25, 27.5, 37.75]
    again = [("refused", 0.0), ("written", 0.0), ("refused", 0.0)]
    assert times_of(again, [(1, False), (10, False)])[0] == [1.25, 2.5, 10.25, 11.5]
    assert times_of([("refused", 0.0)], [(1, False), (1.5, True)])[0] == [1.25, 1.5]


def test_blocks_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has gathered goes in several blocks; a line that is larger than a block goes alone."""
    monkeypatch.setattr(writer, "MAX_BLOCK_BYTES", 200)

    async def work(clock: Callable[[], float]) -> list[bytes]:
        storage = FakeStorage(clock)
        async with JournalWriter(storage.append, clock=clock) as journal:
            journal.write(*(Watching(at=number) for number in range(10)))
            journal.write(Transcript(at=10, item_id="i", role="user", text="x" * 300))
            journal.write(Watching(at=11))
        return storage.blocks

    blocks = run_jumping(work)
    assert [int(line.at) for block in blocks for line in decode_lines(block)] == list(range(12))
    assert [len(block) <= 200 or len(list(decode_lines(block))) == 1 for block in blocks] == [True] * len(blocks)
    assert len(blocks) == 4


def test_memory_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that cannot be kept any longer are dropped, and the journal says from when until when nobody observed."""
    monkeypatch.setattr(writer, "MAX_WAITING_BYTES", 400)

    async def work(clock: Callable[[], float]) -> list[AnyLine]:
        storage = FakeStorage(clock, [("refused", 0.0)] * 3)
        async with JournalWriter(storage.append, observer="a", clock=clock) as journal:
            for number in range(100):
                journal.write(Watching(at=number))
            await asyncio.sleep(60)
            journal.write(Watching(at=1000))
        return storage.lines()

    *kept, left, back, fault, after = run_jumping(work)
    assert [line.at for line in kept] == list(range(len(kept)))
    assert left == Detached(at=len(kept), how="overflow", observer="a")
    assert isinstance(back, Attached)
    assert isinstance(fault, Fault)
    assert (fault.error.code, fault.source, back.observer) == ("journal_overflow", "gateway", "a")
    assert (fault.error.message or "").startswith(f"{100 - len(kept)} lines")
    assert after == Watching(at=1000, observer="a")


def test_nothing_to_write() -> None:
    """A call of which nothing was kept makes no block."""
    assert times_of([], []) == ([], [])
