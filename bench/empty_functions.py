"""Runs an app of empty functions on the platform's worker library: the floor below which no gateway on it can come."""

import base64
import contextlib
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bench.stage import cores
from tests.examples import OFFER
from tests.processes import ROOT
from tests.standins.functions.process import WorkerProcess

# About the size of the message that connect sends to the observer.
MESSAGE = '{"call_id": "rtc_0", "padding": "' + "x" * 600 + '"}'
METADATA = {"Id": "1", "DequeueCount": 1, "InsertionTime": "2026-11-21T00:00:00+00:00"}


class EmptyFunctions:
    """Invokes as many functions as a whole call of the gateway does: connect, the observer, and the archive."""

    name, settles = "empty functions", 0.0

    def __init__(self, worker: WorkerProcess) -> None:
        self._worker = worker

    async def call(self) -> float:
        """Invoke all three; return the milliseconds until the first has answered."""
        took = await self._http("connect", "POST", OFFER)
        for function in ("observe_call", "archive_call_summary"):
            await self._invoke({"function": function, "queue": {"body": MESSAGE, "metadata": METADATA}})
        return took

    async def token(self) -> float:
        """Invoke one; return the milliseconds until it has answered."""
        return await self._http("token", "GET", b"")

    def cpu(self) -> float:
        """Return the seconds of CPU that the worker has used so far."""
        return self._worker.cpu()

    async def _http(self, function: str, method: str, body: bytes) -> float:
        began = time.perf_counter()
        headers = {"content-type": "application/sdp", "x-switchboard-caller": "0" * 32, "host": "127.0.0.1"}
        given = {"method": method, "url": f"http://127.0.0.1/api/{function}", "headers": headers}
        asked = {**given, "query": {}, "params": {}, "body": base64.b64encode(body).decode()}
        await self._invoke({"function": function, "http": asked})
        return 1000 * (time.perf_counter() - began)

    async def _invoke(self, call: dict[str, Any]) -> None:
        outcome = await self._worker.invoke(call)
        if outcome.error:
            raise RuntimeError(outcome.error)


@contextlib.asynccontextmanager
async def empty_functions(log: Path) -> AsyncIterator[EmptyFunctions]:
    """Run the app on the worker's core until the block ends."""
    # Without the variable, no other function_app can be found before this one.
    command = ("taskset", "-c", cores()[0])
    worker = await WorkerProcess.start(ROOT / "bench/empty_app", log, {"PYTHONPATH": ""}, command)
    try:
        yield EmptyFunctions(worker)
    finally:
        worker.signal(signal.SIGKILL)
        await worker.ended()
