"""This app is the token service of the how-to, as a function that mints an ephemeral token for each call."""

import json
import os

import azure.functions as func
import requests

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
BASE = os.environ["REALTIME_ENDPOINT"] + "/openai/v1/realtime"


@app.route("token", methods=["GET"])
def token(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the platform passes it
    """Mint a token with one request to the service, on a new connection."""
    answer = requests.post(
        f"{BASE}/client_secrets",
        json={"session": {"type": "realtime", "model": "gpt-realtime"}},
        headers={"api-key": "emulator"},
        timeout=30,
    )
    body = {"token": answer.json()["value"], "calls_url": f"{BASE}/calls?webrtcfilter=on"}
    return func.HttpResponse(json.dumps(body), mimetype="application/json")
