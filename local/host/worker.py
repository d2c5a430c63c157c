"""This module is the app's side of the host, which the platform calls the language worker.

All async functions share one event loop in a thread of its own, and sync functions run in one thread pool. Every
invocation passes through that loop, as it does on the platform. So a function that blocks the loop stalls all the
others, but neither the HTTP server nor the queue listeners.
"""

import asyncio
import contextvars
import functools
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.functions.meta import Datum

from local.host.loading import Binding, LoadedFunction, load_app
from local.host.logs import invocation_id_of_log
from local.host.values import InvocationContext, Output, converter

log = logging.getLogger("functions.host")


@dataclass(frozen=True)
class Call:
    """This class is one invocation of a function."""

    invocation_id: str
    """The id of this invocation, a UUID."""
    function: LoadedFunction
    """The function to run."""
    data: Datum
    """What the trigger received: an HTTP request or the text of a queue message."""
    metadata: Mapping[str, Datum]
    """The trigger metadata, by name."""
    trace_parent: str = ""
    """The W3C traceparent of the request, or an empty string."""


@dataclass(frozen=True)
class Completed:
    """This class holds what a function has returned, converted for the host but not yet sent."""

    result: Datum | None
    """The HTTP response; None when the function has none."""
    outputs: tuple[tuple[Binding, Datum], ...]
    """The output bindings that were set, each with its value."""


class Worker:
    """A worker runs functions. It calls `on_exit`, in the app's thread, when a function ends it with `sys.exit`."""

    def __init__(self, on_exit: Callable[[], None]) -> None:
        self._on_exit = on_exit
        self._loop = asyncio.new_event_loop()
        self._pool = ThreadPoolExecutor(_thread_count(), thread_name_prefix="function")
        threading.Thread(target=self._run_loop, name="app", daemon=True).start()

    def load(self, folder: Path) -> list[LoadedFunction]:
        """Import the app on its own event loop, as the platform does, and return its functions.

        Raises:
            StartupError: The platform would refuse the app.
        """

        async def index() -> list[LoadedFunction]:
            return load_app(folder)

        return asyncio.run_coroutine_threadsafe(index(), self._loop).result()

    def submit(self, call: Call) -> "Future[Completed]":
        """Start an invocation. The future receives its result, or the exception that the function raised."""
        return asyncio.run_coroutine_threadsafe(self._invoke(call), self._loop)

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        except (SystemExit, KeyboardInterrupt):
            self._on_exit()

    async def _invoke(self, call: Call) -> Completed:
        invocation_id_of_log.set(call.invocation_id)
        function = call.function
        arguments: dict[str, Any] = {function.trigger.name: _decode(call)}
        context = InvocationContext(
            call.invocation_id, function.name, function.directory, trace_parent=call.trace_parent
        )
        if function.wants_context:
            arguments["context"] = context
        parameters = [output for output in function.outputs if output.name != "$return"]
        arguments.update({output.name: Output() for output in parameters})
        try:
            if function.is_async:
                result = await function.call(**arguments)
            else:
                run = functools.partial(_run_in_thread, context, function.call, arguments)
                result = await self._loop.run_in_executor(self._pool, contextvars.copy_context().run, run)
        except asyncio.CancelledError:
            log.error("%s raised CancelledError, and the platform never answers such an invocation.", function.name)
            await self._loop.create_future()
        return _completed(function, result, [(output, arguments[output.name].get()) for output in parameters])


def _thread_count() -> int | None:
    """Return the size of the thread pool; None is the standard library's default, which is the platform's as well."""
    given = os.environ.get("PYTHON_THREADPOOL_THREAD_COUNT", "")
    return int(given) if given.isdigit() and int(given) > 0 else None


def _run_in_thread(context: InvocationContext, call: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    storage = context.thread_local_storage
    storage.invocation_id = context.invocation_id
    try:
        return call(**arguments)
    finally:
        storage.invocation_id = None


def _decode(call: Call) -> Any:
    trigger = call.function.trigger
    if trigger.name in call.function.text_parameters:
        return call.data.value
    return converter(trigger.type).decode(call.data, trigger_metadata=call.metadata)


def _completed(function: LoadedFunction, result: Any, values: Sequence[tuple[Binding, Any]]) -> Completed:
    returned = next((output for output in function.outputs if output.name == "$return"), None)
    if result is not None and returned is None:
        raise RuntimeError(f"{function.name} has no $return binding but returned a value")
    if returned is not None and returned.type != "http":
        values = [*values, (returned, result)]
    return Completed(
        result=_encode(returned, result) if returned is not None and returned.type == "http" else None,
        outputs=tuple((output, _encode(output, value)) for output, value in values if value is not None),
    )


def _encode(binding: Binding, value: Any) -> Datum:
    try:
        datum: Datum = converter(binding.type).encode(value, expected_type=None)
    except NotImplementedError:
        raise TypeError(f"{binding.type} output {binding.name} cannot take a {type(value).__name__}") from None
    return datum
