"""Fails a test that leaves asyncio tasks or threads behind: the next test would run beside them, and fail for them."""

import asyncio
import threading
from collections.abc import AsyncIterator, Generator

import pytest

# Threads of pools that live as long as the process. They are made when they are first needed, in whichever test.
POOLS = ("storage_", "service_", "tools_", "asyncio_", "ThreadPoolExecutor-")
# A thread that was told to end needs a moment.
SECONDS = 2.0
_CALLED = pytest.StashKey[set[threading.Thread]]()


@pytest.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Fail unless every task that the test or its fixtures started has ended when the test has."""
    yield
    # A task that was cancelled at the very end needs a turn of the loop to end.
    await asyncio.sleep(0)
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task() and not task.cancelling()]
    assert not left, f"the test leaves tasks behind: {left}"


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> None:
    """Watch the tasks of an asynchronous test. A test without an event loop has none."""
    if asyncio.iscoroutinefunction(getattr(request.node, "obj", None)):
        request.getfixturevalue("no_task_left")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Note the threads that fixtures have started: those of wider scopes may stay."""
    item.stash[_CALLED] = set(threading.enumerate())
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Fail if a thread that was started during the test is still running after its fixtures are gone."""
    answer = yield
    known = item.stash.get(_CALLED, None)
    if known is not None:
        new = [thread for thread in threading.enumerate() if thread not in known]
        left = [thread for thread in new if not thread.name.startswith(POOLS)]
        for thread in left:
            thread.join(SECONDS)
        still = [thread.name for thread in left if thread.is_alive()]
        assert not still, f"the test leaves threads behind: {still}"
    return answer
