"""Runs the platform's worker library in a process of its own (runtime_driver.py), as an object for tests."""

import base64
import contextlib
import itertools
import json
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.app.runtime_venv import VENV
from tests.processes import stop

PYTHON = VENV / "bin/python"
DRIVER = Path(__file__).with_name("runtime_driver.py")


@dataclass(frozen=True)
class Outcome:
    """Holds what an invocation gave the host: an error, an HTTP response, and the values of output bindings."""

    error: str | None
    status: int | None
    headers: Mapping[str, str]
    body: bytes
    outputs: Mapping[str, bytes]


class RuntimeWorker:
    """Invokes the functions of an indexed app, side by side; each invocation gives a future."""

    def __init__(self, process: subprocess.Popen[str], first: dict[str, Any]) -> None:
        self.functions: dict[str, Any] = first["functions"]
        self._process = process
        self._numbers = itertools.count()
        self._waiting: dict[int, Future[Outcome]] = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def request(
        self,
        function: str,
        method: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        query: Mapping[str, str] | None = None,
        **params: str,
    ) -> Outcome:
        """Invoke an HTTP function and return its response; `params` are the route parameters."""
        http = {
            "method": method,
            "url": f"http://127.0.0.1/api/{function}",
            "headers": {name.lower(): value for name, value in (headers or {}).items()},
            "query": dict(query or {}),
            "params": params,
            "body": base64.b64encode(body).decode(),
        }
        return self._invoke({"function": function, "http": http}).result(30)

    def message(self, function: str, body: str, dequeue_count: int = 1) -> "Future[Outcome]":
        """Invoke a queue function with a message."""
        metadata = {"Id": "message-1", "DequeueCount": dequeue_count, "InsertionTime": "2026-11-21T00:00:00+00:00"}
        return self._invoke({"function": function, "queue": {"body": body, "metadata": metadata}})

    def _invoke(self, call: dict[str, Any]) -> "Future[Outcome]":
        number = next(self._numbers)
        future: Future[Outcome] = Future()
        self._waiting[number] = future
        assert self._process.stdin is not None
        print(json.dumps({"n": number, **call}), file=self._process.stdin, flush=True)
        return future

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer = json.loads(line)
            http = answer["http"] or {"status": None, "headers": {}, "body": ""}
            outcome = Outcome(
                error=answer["error"],
                status=http["status"],
                headers=http["headers"],
                body=base64.b64decode(http["body"]),
                outputs={name: base64.b64decode(value) for name, value in answer["outputs"].items()},
            )
            self._waiting.pop(answer["n"]).set_result(outcome)


@contextlib.contextmanager
def indexed(app: Path, log: Path, env: Mapping[str, str]) -> Iterator[RuntimeWorker]:
    """Index the app in `folder` with the library. Raises RuntimeError with the library's objection."""
    with log.open("w") as errors:
        process = subprocess.Popen(
            [str(PYTHON), str(DRIVER), str(app)],
            env={**os.environ, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        first = json.loads(line) if line else {"error": log.read_text()[-4000:]}
        if "error" in first:
            raise RuntimeError(first["error"])
        yield RuntimeWorker(process, first)
    finally:
        stop(process)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
