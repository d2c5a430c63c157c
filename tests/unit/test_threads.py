"""Tests the executors, and the threads on which tools run."""

import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from contextvars import ContextVar

import pytest

from switchboard.threads import Threads, ToolThreads, run_on

who = ContextVar("who", default="nobody")


async def test_work_finds_the_context_of_whoever_asked() -> None:
    """The worker's log records find the invocation they belong to there."""
    threads = Threads()
    token = who.set("ada")
    try:
        assert await run_on(threads.storage, who.get) == await run_on(threads.service, who.get) == "ada"
        assert threads.tools.start("name", who.get).result(1) == "ada"
    finally:
        who.reset(token)
        threads.close()


def test_more_work_than_threads() -> None:
    threads, release = ToolThreads(2), threading.Event()
    running = [threads.start("wait", release.wait) for _ in range(5)]
    assert sum(future.running() for future in running) == 2

    release.set()
    assert [future.result(1) for future in running] == [True] * 5


def test_an_error_is_for_whoever_waits() -> None:
    """The thread takes up the next work."""
    threads = ToolThreads(1)
    failing, working = threads.start("a", lambda: 1 / 0), threads.start("b", lambda: 1)

    with pytest.raises(ZeroDivisionError):
        failing.result(1)
    assert working.result(1) == 1


def test_work_that_is_given_up() -> None:
    """It goes on, another thread takes its place, and it is counted until it returns."""
    threads, release = ToolThreads(1), threading.Event()
    stuck, dropped, waiting = threads.start("stuck", release.wait), threads.start("a", int), threads.start("b", int)
    threads.give_up(dropped)
    assert dropped.cancelled()
    threads.give_up(stuck)
    threads.give_up(stuck)

    assert waiting.result(1) == 0
    assert (threads.stuck("stuck"), stuck.done()) == (1, False)
    again = threads.start("stuck", release.wait)
    threads.give_up(again)
    assert threads.start("c", int).result(1) == 0

    release.set()
    assert stuck.result(1) is again.result(1) is True
    deadline = time.monotonic() + 1
    while threads.stuck("stuck") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threads.stuck("stuck") == 0
    threads.give_up(stuck)
    assert threads.stuck("stuck") == 0


def test_giving_up_what_is_over() -> None:
    """It changes nothing, and neither does a future of somebody else's."""
    threads = ToolThreads(1)
    work = threads.start("a", int)
    work.result(1)
    threads.give_up(work)
    threads.give_up(Future[int]())
    assert threads.stuck("a") == 0
    assert threads.start("a", int).result(1) == 0


def test_closing_drops_what_has_not_begun() -> None:
    threads, release = ToolThreads(1), threading.Event()
    running, waiting = threads.start("a", release.wait), threads.start("b", int)
    threads.close()
    release.set()

    assert running.result(1) is True
    assert waiting.cancelled()


def test_a_stuck_tool_does_not_keep_the_process() -> None:
    """The threads of an executor would: Python waits for them when it ends."""
    program = """
import threading
from switchboard.threads import ToolThreads
ToolThreads(1).start("stuck", threading.Event().wait)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=20)
