"""An app that exists only to show how a Functions host treats it; Core Tools serve it as well."""

import asyncio
import json
import sys
import threading
import time
from typing import List  # noqa: UP035 - the platform refuses Out[list[str]]

import azure.functions as func

STORAGE = "AzureWebJobsStorage"
# The app setting SAMPLE_NAME keeps hosts apart that share one storage account.
RESULTS, RELAY, WORK = "sample-%SAMPLE_NAME%-results", "sample-%SAMPLE_NAME%-relay", "sample-%SAMPLE_NAME%-work"
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
running = 0
most_running = 0


@app.route("things/{kind}/{number:int}", methods=["GET", "PUT"])
def echo(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """Says what arrived."""
    seen = {
        "method": req.method,
        "url": req.url,
        "params": dict(req.route_params),
        "query": dict(req.params),
        "header": req.headers.get("X-Sample"),
        "body": req.get_body().decode(),
        "function": context.function_name,
        "thread": threading.current_thread().name,
    }
    return func.HttpResponse(json.dumps(seen), mimetype="application/json", headers={"X-Answer": "yes"})


@app.route("things/special/1", methods=["GET"])
async def literal(req: func.HttpRequest) -> func.HttpResponse:
    """A literal route beside a template that matches it too."""
    return func.HttpResponse("literal")


@app.route("size", methods=["POST"])
async def size(req: func.HttpRequest) -> func.HttpResponse:
    """How many bytes of a body reach a function."""
    return func.HttpResponse(str(len(req.get_body())))


@app.route("status/{code}", methods=["GET", "DELETE"])
async def status(req: func.HttpRequest) -> func.HttpResponse:
    """A status without a body."""
    return func.HttpResponse(status_code=int(req.route_params["code"]))


@app.route("cookies", methods=["GET"])
async def cookies(req: func.HttpRequest) -> func.HttpResponse:
    """Two cookies in one answer."""
    response = func.HttpResponse("")
    response.headers.add("Set-Cookie", "a=1; Path=/; HttpOnly")
    response.headers.add("Set-Cookie", "b=2")
    return response


@app.route("wrong/{what}", methods=["GET"])
async def wrong(req: func.HttpRequest) -> func.HttpResponse:
    """Everything a handler must not do."""
    what = req.route_params["what"]
    if what == "raise":
        raise ValueError("secret detail")
    if what == "exit":
        sys.exit(3)
    if what == "cancelled":
        raise asyncio.CancelledError
    return {"dict": {"a": 1}, "none": None, "json": '{"a":  1}', "text": "plain"}[what]  # type: ignore[return-value]


@app.route("sleep/sync", methods=["POST"])
def sleep_sync(req: func.HttpRequest) -> func.HttpResponse:
    """Blocks a thread of the pool."""
    time.sleep(float(req.params["seconds"]))
    return func.HttpResponse("slept")


@app.route("sleep/async", methods=["POST"])
async def sleep_async(req: func.HttpRequest) -> func.HttpResponse:
    """Waits without blocking."""
    await asyncio.sleep(float(req.params["seconds"]))
    return func.HttpResponse("slept")


@app.route("sleep/blocking", methods=["POST"])
async def sleep_blocking(req: func.HttpRequest) -> func.HttpResponse:
    """Blocks the one event loop, which it must not."""
    time.sleep(float(req.params["seconds"]))  # noqa: ASYNC251 - the fault under test
    return func.HttpResponse("slept")


@app.route("send/{how}", methods=["POST"])
@app.queue_output("text", RESULTS, STORAGE)
def send(req: func.HttpRequest, text: func.Out[str]) -> func.HttpResponse:
    """Puts the body on the queue as text, then does what it is told."""
    text.set(req.get_body().decode())
    if req.route_params["how"] == "raise":
        raise ValueError("after the output was set")
    return func.HttpResponse(status_code=201)


@app.route("send-bytes", methods=["POST"])
@app.queue_output("out", RESULTS, STORAGE)
def send_bytes(req: func.HttpRequest, out: func.Out[bytes]) -> func.HttpResponse:
    """Puts the body on the queue as bytes."""
    out.set(req.get_body())
    return func.HttpResponse(status_code=201)


@app.route("send-list", methods=["POST"])
@app.queue_output("out", RESULTS, STORAGE)
def send_list(req: func.HttpRequest, out: func.Out[List[str]]) -> func.HttpResponse:  # noqa: UP006
    """Puts each line of the body on the queue."""
    out.set(req.get_body().decode().splitlines())
    return func.HttpResponse(status_code=201)


@app.route("send-message", methods=["POST"])
@app.queue_output("out", RESULTS, STORAGE)
def send_message(req: func.HttpRequest, out: func.Out[func.QueueMessage]) -> func.HttpResponse:
    """Puts a QueueMessage on the queue."""
    out.set(func.QueueMessage(id="mine", body=req.get_body()))
    return func.HttpResponse(status_code=201)


@app.route("relay", methods=["POST"])
@app.queue_output("out", RELAY, STORAGE)
def relay(req: func.HttpRequest, out: func.Out[bytes]) -> func.HttpResponse:
    """Puts the body on a queue on which a function of this app listens."""
    out.set(req.get_body())
    return func.HttpResponse(status_code=202)


@app.queue_trigger("msg", RELAY, STORAGE)
@app.queue_output("$return", RESULTS, STORAGE)
def relayed(msg: func.QueueMessage) -> bytes:
    """Passes on what it sees of a message."""
    seen = {"id": msg.id, "dequeue_count": msg.dequeue_count, "body": msg.get_body().decode()}
    return json.dumps(seen).encode()


@app.queue_trigger("msg", WORK, STORAGE)
@app.queue_output("out", RESULTS, STORAGE)
async def work(msg: func.QueueMessage, out: func.Out[bytes]) -> None:
    """Works for {seconds} ({first_seconds} at the first try), fails {fail} times, says how many worked at once."""
    global running, most_running
    task = msg.get_json()
    if (msg.dequeue_count or 0) <= task.get("fail", 0):
        raise ValueError("told to fail")
    running += 1
    most_running = max(most_running, running)
    try:
        await asyncio.sleep(task.get("first_seconds" if msg.dequeue_count == 1 else "seconds", task.get("seconds", 0)))
        result = {"task": task["task"], "dequeue_count": msg.dequeue_count, "most_running": most_running}
        out.set(json.dumps(result).encode())
    finally:
        running -= 1
