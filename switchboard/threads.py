"""The threads on which blocking work runs, so that it never holds up the event loop.

asyncio's own default executor has as few as five threads on one core. If journals, hang-ups and name resolution shared
it, slow storage would delay every hang-up. Storage and the Realtime service therefore have executors of their own.
"""

import asyncio
import contextvars
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

# A thread is made when it is first needed, so these numbers cost nothing until that many requests run at once.
STORAGE_THREADS = 64
# As many as the calls that one process observes: each can be hung up at the same time as all the others.
SERVICE_THREADS = 256

# So many plain tools run at once; more wait for one of them. Those that have been given up do not count.
TOOL_THREADS = 64


class Threads:
    """Owns the executors of the process. An instance lives as long as the process, and `close` ends it."""

    def __init__(self) -> None:
        self._storage = ThreadPoolExecutor(STORAGE_THREADS, thread_name_prefix="storage")
        self._service = ThreadPoolExecutor(SERVICE_THREADS, thread_name_prefix="service")
        self._tools = ToolThreads(TOOL_THREADS)

    @property
    def storage(self) -> ThreadPoolExecutor:
        """Return the executor for everything that waits for Blob or Queue storage."""
        return self._storage

    @property
    def service(self) -> ThreadPoolExecutor:
        """Return the executor for requests to the Realtime service and for its credentials. Storage never uses it."""
        return self._service

    @property
    def tools(self) -> "ToolThreads":
        """Return the threads for the tools that models call. What they do can hold up nothing but other tools."""
        return self._tools

    def close(self) -> None:
        """End the threads when their present work is done; work that has not begun is dropped."""
        for executor in (self._storage, self._service):
            executor.shutdown(wait=False, cancel_futures=True)
        self._tools.close()


class ToolThreads:
    """Runs the functions of tools on threads, `most` of them at once, and can give one up that does not return.

    No thread can be stopped from outside. One that has been given up goes on, but another thread takes its place, and
    it does not keep the process from ending. An instance may be shared between threads.
    """

    def __init__(self, most: int) -> None:
        self._lock = threading.Lock()
        self._free = most
        self._waiting: deque[_Work] = deque()
        self._stuck: Counter[str] = Counter()

    def start(self, name: str, work: Callable[[], T]) -> "Future[T]":
        """Run `work` of the tool `name` on a thread, as soon as one is free, and return its future."""
        begun = _Work(name, partial(contextvars.copy_context().run, work))
        with self._lock:
            if not self._free:
                self._waiting.append(begun)
                return begun
            self._free -= 1
        self._begin(begun)
        return begun

    def give_up(self, future: "Future[Any]") -> None:
        """Drop work that has not begun. If it has begun and does not return, leave it its thread and use another."""
        if not isinstance(future, _Work) or future.cancel():
            return
        with self._lock:
            if future.given_up or future.over:
                return
            future.given_up = True
            self._stuck[future.name] += 1
            following = self._next()
        if following is not None:
            self._begin(following)

    def stuck(self, name: str) -> int:
        """Return how many runs of the tool `name` were given up and have not returned."""
        with self._lock:
            return self._stuck[name]

    def close(self) -> None:
        """Drop all work that has not begun."""
        with self._lock:
            while self._waiting:
                self._waiting.popleft().cancel()

    def _begin(self, first: "_Work") -> None:
        threading.Thread(target=self._work, args=(first,), name=f"tool-{first.name}", daemon=True).start()

    def _work(self, first: "_Work") -> None:
        current: _Work | None = first
        while current is not None:
            current.run()
            with self._lock:
                current.over = True
                if current.given_up:
                    self._stuck[current.name] -= 1
                    return
                current = self._next()

    def _next(self) -> "_Work | None":
        """Return the work that a thread takes up now. If there is none, one more thread is free."""
        if self._waiting:
            return self._waiting.popleft()
        self._free += 1
        return None


class _Work(Future[Any]):
    """Is what a tool does, and its result when it is there."""

    def __init__(self, name: str, work: Callable[[], Any]) -> None:
        super().__init__()
        self.name = name
        self.given_up = self.over = False
        self._function = work

    def run(self) -> None:
        """Do the work on this thread, unless it was dropped."""
        if not self.set_running_or_notify_cancel():
            return
        try:
            result = self._function()
        except BaseException as error:  # noqa: BLE001  whoever waits gets it, and the thread goes on
            self.set_exception(error)
        else:
            self.set_result(result)


async def run_on(executor: ThreadPoolExecutor, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work on a thread of `executor` and return its result. Raises what the work raises."""
    # The worker's log records find the invocation they belong to in the context.
    context = contextvars.copy_context()
    call = partial(context.run, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(executor, call)
