"""The threads on which blocking work runs, so that it never holds up the event loop.

asyncio's own default executor has as few as five threads on one core. If journals, hang-ups and name resolution shared
it, slow storage would delay every hang-up. Storage and the Realtime service therefore have executors of their own.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

# A thread is made when it is first needed, so these numbers cost nothing until that many requests run at once.
STORAGE_THREADS = 64
# As many as the calls that one process observes: each can be hung up at the same time as all the others.
SERVICE_THREADS = 256

# A tool that never returns keeps its thread. So many of them can do so before the others have to wait.
TOOL_THREADS = 64


class Threads:
    """Owns the executors of the process. An instance lives as long as the process, and `close` ends it."""

    def __init__(self) -> None:
        self._storage = ThreadPoolExecutor(STORAGE_THREADS, thread_name_prefix="storage")
        self._service = ThreadPoolExecutor(SERVICE_THREADS, thread_name_prefix="service")
        self._tools = ThreadPoolExecutor(TOOL_THREADS, thread_name_prefix="tools")

    @property
    def storage(self) -> ThreadPoolExecutor:
        """Return the executor for everything that waits for Blob or Queue storage."""
        return self._storage

    @property
    def service(self) -> ThreadPoolExecutor:
        """Return the executor for requests to the Realtime service and for its credentials. Storage never uses it."""
        return self._service

    @property
    def tools(self) -> ThreadPoolExecutor:
        """Return the executor for the tools that models call. What they do can hold up nothing but other tools."""
        return self._tools

    def close(self) -> None:
        """End the threads when their present work is done; work that has not begun is dropped."""
        for executor in (self._storage, self._service, self._tools):
            executor.shutdown(wait=False, cancel_futures=True)


async def run_on(executor: ThreadPoolExecutor, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work on a thread of `executor` and return its result. Raises what the work raises."""
    # The worker's log records find the invocation they belong to in the context.
    context = contextvars.copy_context()
    call = partial(context.run, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(executor, call)
