"""A worker process: the platform's library with the app indexed, fed over its standard input."""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.app.runtime_worker import DRIVER, PYTHON
from tests.processes import ROOT

JSON = dict[str, Any]
LONGEST_LINE = 2**26


class WorkerGone(Exception):
    """The worker process has ended, and the invocation with it."""


@dataclass(frozen=True)
class Outcome:
    """Holds what an invocation gave: an error, an HTTP response as the driver describes it, and the outputs' bytes."""

    error: str | None
    http: JSON | None
    outputs: Mapping[str, bytes]


class WorkerProcess:
    """Started by `start`; invocations run side by side."""

    def __init__(self, process: asyncio.subprocess.Process, functions: JSON) -> None:
        self.functions = functions
        self.pid = process.pid
        self._process = process
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[JSON]] = {}
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(
        cls, app: Path, log: Path, env: Mapping[str, str], command: tuple[str, ...] = ()
    ) -> "WorkerProcess":
        """Start a worker for the app in folder `app`; `command` stands before it, such as taskset.

        Raises RuntimeError with what the library says against the app.
        """
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *(*command, str(PYTHON), str(DRIVER), str(app)),
                env={**os.environ, **env},
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                limit=LONGEST_LINE,
            )
        assert process.stdout is not None
        line = await process.stdout.readline()
        first: JSON = json.loads(line) if line else {"error": await asyncio.to_thread(log.read_text, errors="replace")}
        if "error" in first:
            raise RuntimeError(first["error"][-4000:])
        return cls(process, first["functions"])

    @property
    def alive(self) -> bool:
        """Return whether the process runs."""
        return self._process.returncode is None

    async def invoke(self, call: JSON) -> Outcome:
        """Run a function; `call` as the driver takes it, without its number. Raises WorkerGone."""
        answer = await self._ask(call)
        outputs = {name: base64.b64decode(value) for name, value in answer["outputs"].items()}
        return Outcome(answer["error"], answer["http"], outputs)

    async def loop_lags(self) -> list[float]:
        """Return by how many milliseconds the worker's event loop was late since the last time. Raises WorkerGone.

        It is looked at every 20 ms, from the first question on.
        """
        lags: list[float] = (await self._ask({"loop_lags": True}))["lags"]
        return lags

    async def _ask(self, call: JSON) -> JSON:
        if not self.alive or self._listening.done():
            raise WorkerGone
        number = next(self._numbers)
        future: asyncio.Future[JSON] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"n": number, **call}).encode() + b"\n")
            return await future
        finally:
            self._waiting.pop(number, None)

    def signal(self, signum: signal.Signals) -> None:
        """Send the process a signal, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signum)

    async def ended(self) -> None:
        """Wait until the process has ended."""
        await self._process.wait()
        await asyncio.wait([self._listening])

    def memory(self) -> int:
        """Return the resident memory of the process, in bytes."""
        fields = Path(f"/proc/{self.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu(self) -> float:
        """Return the seconds of CPU that the process has used, those of its system calls included."""
        return cpu_of(self.pid)

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(ConnectionError):
            while line := await self._process.stdout.readline():
                answer = json.loads(line)
                future = self._waiting.get(answer["n"])
                if future is not None and not future.done():
                    future.set_result(answer)
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(WorkerGone())


def cpu_of(pid: int) -> float:
    """Return the seconds of CPU that a process has used, those of its system calls included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
