"""Holds functions of the same triggers as the gateway's that do nothing, to measure the platform's part of a call."""

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("connect", methods=["POST"])
def connect(req: func.HttpRequest) -> func.HttpResponse:
    """Return the offer, which is about as long as an SDP answer."""
    location = {"Location": "/api/calls/rtc_0", "Content-Type": "application/sdp"}
    return func.HttpResponse(req.get_body(), status_code=201, headers=location)


@app.route("token", methods=["GET"])
def token(req: func.HttpRequest) -> func.HttpResponse:
    """Return a JSON body of the length of a token's."""
    assert req.method == "GET"
    return func.HttpResponse("{" + " " * 300 + "}", headers={"Content-Type": "application/json"})


@app.queue_trigger("msg", "observe-calls", "AzureWebJobsStorage")
async def observe_call(msg: func.QueueMessage) -> None:
    """Read the message."""
    msg.get_body()


@app.queue_trigger("msg", "call-summaries", "AzureWebJobsStorage")
def archive_call_summary(msg: func.QueueMessage) -> None:
    """Read the message."""
    msg.get_body()
