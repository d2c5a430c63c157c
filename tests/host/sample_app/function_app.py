"""This app exists only to show how a Functions host treats an app. Core Tools can serve it as well."""

import asyncio
import json
import sys
import threading
import time
from typing import List  # noqa: UP035 - the platform refuses Out[list[str]]

import azure.functions as func

STORAGE = "AzureWebJobsStorage"
# The app setting SAMPLE_NAME separates hosts that share a storage account.
RESULTS, RELAY, WORK = "sample-%SAMPLE_NAME%-results", "sample-%SAMPLE_NAME%-relay", "sample-%SAMPLE_NAME%-work"
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
running = 0
most_running = 0


@app.route("things/{kind}/{number:int}", methods=["GET", "PUT"])
def echo(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """Return what has arrived."""
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
    """Answer on a literal route, which a template matches as well."""
    return func.HttpResponse("literal")


@app.route("size", methods=["POST"])
async def size(req: func.HttpRequest) -> func.HttpResponse:
    """Return how many bytes of a body have arrived."""
    return func.HttpResponse(str(len(req.get_body())))


@app.route("status/{code}", methods=["GET", "DELETE"])
async def status(req: func.HttpRequest) -> func.HttpResponse:
    """Return a status without a body."""
    return func.HttpResponse(status_code=int(req.route_params["code"]))


@app.route("cookies", methods=["GET"])
async def cookies(req: func.HttpRequest) -> func.HttpResponse:
    """Return two cookies in one response."""
    response = func.HttpResponse("")
    response.headers.add("Set-Cookie", "a=1; Path=/; HttpOnly")
    response.headers.add("Set-Cookie", "b=2")
    return response


@app.route("wrong/{what}", methods=["GET"])
async def wrong(req: func.HttpRequest) -> func.HttpResponse:
    """Do one of the things that a function must not do."""
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
    """Block a thread of the pool."""
    time.sleep(float(req.params["seconds"]))
    return func.HttpResponse("slept")


@app.route("sleep/async", methods=["POST"])
async def sleep_async(req: func.HttpRequest) -> func.HttpResponse:
    """Wait without blocking."""
    await asyncio.sleep(float(req.params["seconds"]))
    return func.HttpResponse("slept")


@app.route("sleep/blocking", methods=["POST"])
async def sleep_blocking(req: func.HttpRequest) -> func.HttpResponse:
    """Block the event loop, which a function must not do."""
    time.sleep(float(req.params["seconds"]))  # noqa: ASYNC251 - this is the fault under test
    return func.HttpResponse("slept")


@app.route("send/{how}", methods=["POST"])
@app.queue_output("text", RESULTS, STORAGE)
def send(req: func.HttpRequest, text: func.Out[str]) -> func.HttpResponse:
    """Put the body on the queue as text, and then do what the route says."""
    text.set(req.get_body().decode())
    if req.route_params["how"] == "raise":
        raise ValueError("after the output was set")
    return func.HttpResponse(status_code=201)


@app.route("send-bytes", methods=["POST"])
@app.queue_output("out", RESULTS, STORAGE)
def send_bytes(req: func.HttpRequest, out: func.Out[bytes]) -> func.HttpResponse:
    """Put the body on the queue as bytes."""
    out.set(req.get_body())
    return func.HttpResponse(status_code=201)


@app.route("send-list", methods=["POST"])
@app.queue_output("out", RESULTS, STORAGE)
def send_list(req: func.HttpRequest, out: func.Out[List[str]]) -> func.HttpResponse:  # noqa: UP006
    """Put each line of the body on the queue."""
    out.set(req.get_body().decode().splitlines())
    return func.HttpResponse(status_code=201)


@app.route("send-message", methods=["POST"])
@app.queue_output("out", RESULTS, STORAGE)
def send_message(req: func.HttpRequest, out: func.Out[func.QueueMessage]) -> func.HttpResponse:
    """Put a QueueMessage on the queue."""
    out.set(func.QueueMessage(id="mine", body=req.get_body()))
    return func.HttpResponse(status_code=201)


@app.route("relay", methods=["POST"])
@app.queue_output("out", RELAY, STORAGE)
def relay(req: func.HttpRequest, out: func.Out[bytes]) -> func.HttpResponse:
    """Put the body on a queue that triggers a function of this app."""
    out.set(req.get_body())
    return func.HttpResponse(status_code=202)


@app.queue_trigger("msg", RELAY, STORAGE)
@app.queue_output("$return", RESULTS, STORAGE)
def relayed(msg: func.QueueMessage) -> bytes:
    """Pass on what the function sees of a message."""
    seen = {"id": msg.id, "dequeue_count": msg.dequeue_count, "body": msg.get_body().decode()}
    return json.dumps(seen).encode()


@app.queue_trigger("msg", WORK, STORAGE)
@app.queue_output("out", RESULTS, STORAGE)
async def work(msg: func.QueueMessage, out: func.Out[bytes]) -> None:
    """Work for {seconds} ({first_seconds} at the first try), fail {fail} times, and report how many worked at once."""
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
