"""Drives azure-functions-runtime, the worker library that the platform runs for Python 3.13 and newer.

    .venv-runtime/bin/python tests/app/runtime_driver.py APP_FOLDER

On the platform the library talks gRPC with the host. It takes the message classes as a property of the first request,
so plain classes can stand in for them. The first line of standard output is {"functions": {name: {"id", "bindings"}}}
or {"error": text}. After that, each line of JSON on standard input is one invocation. Each gives one line of output,
which has the same "n"; the lines come in the order in which the invocations end.
  in   {"n", "function", "http": {"method", "url", "headers", "query", "params", "body": base64}}
       {"n", "function", "queue": {"body": text, "metadata": {name: text or number}}}
       {"n", "function", "timer": {"past_due": true or false}}
  out  {"n", "error": text or null, "http": {"status", "headers", "body": base64} or null, "outputs": {name: base64}}
"""

import asyncio
import base64
import json
import logging
import os
import sys
import uuid
from types import SimpleNamespace
from typing import Any, TextIO

import azure_functions_runtime as worker
from azure_functions_runtime.utils.threadpool import start_threadpool_executor


class Message(SimpleNamespace):
    """Stands for any message of the worker's protocol: fields that it was not built with are None."""

    def __getattr__(self, name: str) -> None:
        if name == "TypedData" or name.startswith("__"):
            raise AttributeError(name)

    def WhichOneof(self, group: str) -> str | None:  # noqa: N802 - protobuf's name
        """Return the name of the one field that is set."""
        return next((name for name in vars(self) if name != "name"), None)


class Status(Message):
    """Stands for the protocol's StatusResult."""

    Failure, Success = 0, 1


class Binding(Message):
    """Stands for the protocol's BindingInfo, with its numbers for directions and data types."""

    out, inout, undefined = 1, 2, 0


class Cookie(Message):
    """Stands for the protocol's RpcHttpCookie."""

    SameSite = SimpleNamespace(**{"None": 0, "Lax": 1, "Strict": 2, "ExplicitNone": 3})


class Protos:
    """Stands for the module of message classes that the library is given."""

    StatusResult, BindingInfo, RpcHttpCookie = Status, Binding, Cookie

    def __getattr__(self, _name: str) -> type[Message]:
        return Message


def request(**fields: Any) -> Message:
    """Return a request in the form in which the worker's dispatcher gives it to the library."""
    return Message(request=Message(**fields), properties={"host": "127.0.0.1", "protos": Protos()})


async def index(folder: str) -> dict[str, Any]:
    """Start as on the platform and return the indexed functions by name. Raises RuntimeError as the host logs it."""
    sys.path.append(folder)
    os.chdir(folder)
    start_threadpool_executor()
    init = Message(capabilities={}, function_app_directory=folder)
    answer = await worker.worker_init_request(request(worker_init_request=init))
    _check(answer.result)
    answer = await worker.functions_metadata_request(request())
    _check(answer.result)
    functions = {
        f.name: {"id": f.function_id, "bindings": list(f.raw_bindings)} for f in answer.function_metadata_results
    }
    for function in functions.values():
        load = Message(function_id=function["id"])
        _check((await worker.function_load_request(request(function_load_request=load))).result)
    return functions


async def invoke(functions: dict[str, Any], call: dict[str, Any]) -> dict[str, Any]:
    """Run one function, and describe its outcome."""
    function = functions[call["function"]]
    trigger = next(b for b in map(json.loads, function["bindings"]) if b["type"].endswith("Trigger"))
    data, metadata = _trigger_data(call)
    answer = await worker.invocation_request(
        request(
            invocation_request=Message(
                invocation_id=str(uuid.uuid4()),
                function_id=function["id"],
                input_data=[Message(name=trigger["name"], data=data)],
                trigger_metadata=metadata,
                trace_context=Message(trace_parent="", trace_state="", attributes={}),
                retry_context=Message(retry_count=0, max_retry_count=0),
            )
        )
    )
    error = answer.result.exception
    http = answer.return_value.http if answer.return_value is not None else None
    outputs = {output.name: _bytes(output.data) for output in answer.output_data or ()}
    return {
        "n": call["n"],
        "error": error and error.message,
        "http": http and {"status": int(http.status_code), "headers": http.headers, "body": _bytes(http.body)},
        "outputs": outputs,
    }


LAGS: list[float] = []
LOOK_SECONDS = 0.02


async def watch_loop() -> None:
    """Note by how many milliseconds the event loop is late, again and again."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LOOK_SECONDS
        await asyncio.sleep(LOOK_SECONDS)
        LAGS.append(1000 * (loop.time() - due))


def _trigger_data(call: dict[str, Any]) -> tuple[Message, dict[str, Message]]:
    if "queue" in call:
        return _queue(call["queue"])
    if "timer" in call:
        timer = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": None, "IsPastDue": call["timer"]["past_due"]}
        return Message(json=json.dumps(timer)), {}
    return _http(call["http"]), {}


def _http(given: dict[str, Any]) -> Message:
    fields = {**given, "body": Message(bytes=base64.b64decode(given["body"]))}
    return Message(http=Message(**fields))


def _queue(given: dict[str, Any]) -> tuple[Message, dict[str, Message]]:
    metadata = {
        name: Message(string=value) if isinstance(value, str) else Message(json=json.dumps(value))
        for name, value in given["metadata"].items()
    }
    return Message(string=given["body"]), metadata


def _bytes(data: Message) -> str:
    kind = data.WhichOneof("data") or "string"
    value = getattr(data, kind) or ""
    return base64.b64encode(value if isinstance(value, bytes) else str(value).encode()).decode()


def _check(result: Message) -> None:
    if result.status != Status.Success:
        raise RuntimeError(result.exception.message)


async def main(folder: str, answers: TextIO) -> None:
    """Index the app, then invoke functions side by side, as the platform does, until standard input ends."""

    def tell(answer: dict[str, Any]) -> None:
        print(json.dumps(answer), file=answers, flush=True)

    try:
        functions = await index(folder)
    except RuntimeError as error:
        tell({"error": str(error)})
        return
    tell({"functions": functions})
    commands = asyncio.StreamReader(limit=2**22)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    running: set[asyncio.Task[Any]] = set()
    watching: asyncio.Task[None] | None = None
    async for line in commands:
        call = json.loads(line)
        if "loop_lags" in call:
            watching = watching or asyncio.create_task(watch_loop())
            tell({"n": call["n"], "error": None, "http": None, "outputs": {}, "lags": LAGS[:]})
            LAGS.clear()
            continue
        task = asyncio.create_task(invoke(functions, call))
        task.add_done_callback(lambda done: tell(done.result()))
        task.add_done_callback(running.discard)
        running.add(task)


if __name__ == "__main__":
    # What the app prints must not mix with the answers, so everybody else gets standard error as standard output.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as private:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        # The level at which the platform logs.
        logging.basicConfig(
            level=logging.INFO, format="%(asctime)s.%(msecs)03d %(levelname)s %(message)s", datefmt="%H:%M:%S"
        )
        asyncio.run(main(sys.argv[1], private))
