"""Acts as the service of the how-to, to compare with: it relays offers and listens to calls in the plainest way.

    .venv/bin/python -m bench.article_service --port 8080 --endpoint https://127.0.0.1:8181

For each offer it builds a credential, makes two requests, each on a TLS connection of its own, and starts a thread
with an event loop that prints what the sideband says. It keeps no limits and no record. Where it is measured there is
no Entra, so it authenticates with a key: the time in which the credential would get its token is not counted.
"""

import argparse
import asyncio
import os
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import requests
from azure.identity import DefaultAzureCredential
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

KEY = {"api-key": "key-of-article"}
SESSION = {"session": {"type": "realtime", "model": "gpt-realtime"}}


class Server(ThreadingHTTPServer):
    """Serves each connection on a thread of its own."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, endpoint: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.service = f"{endpoint}/openai/v1/realtime"


class Handler(BaseHTTPRequestHandler):
    """Answers POST /connect with the service's SDP answer, and GET /token with a client secret."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        """Mint a client secret, relay the offer, and listen to the call on another thread."""
        offer = self.rfile.read(int(self.headers["Content-Length"]))
        service = self.server.service
        headers = {"Authorization": f"Bearer {self.mint()}", "Content-Type": "application/sdp"}
        answer = requests.post(f"{service}/calls", data=offer, headers=headers, timeout=30)
        call_id = answer.headers["Location"].rsplit("/", 1)[-1]
        threading.Thread(target=lambda: asyncio.run(listen(service, call_id)), daemon=True).start()
        self.answer(201, answer.content)

    def do_GET(self) -> None:
        """Mint a client secret for the page."""
        self.answer(200, self.mint().encode())

    def mint(self) -> str:
        """Return a new client secret."""
        with DefaultAzureCredential():
            minted = requests.post(f"{self.server.service}/client_secrets", json=SESSION, headers=KEY, timeout=30)
        return str(minted.json()["value"])

    def answer(self, status: int, body: bytes) -> None:
        """Send an answer."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing for each request."""


async def listen(service: str, call_id: str) -> None:
    """Print what the sideband says until the call is over."""
    parts = urlsplit(service)
    url = f"wss://{parts.netloc}{parts.path}?call_id={call_id}"
    tls = ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])
    try:
        async with connect(url, ssl=tls, additional_headers=KEY, proxy=None) as sideband:
            async for event in sideband:
                print(str(event)[:200], flush=True)
    except (ConnectionClosed, OSError):
        return


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--endpoint", required=True)
    options = parser.parse_args()
    Server(options.port, options.endpoint).serve_forever()


if __name__ == "__main__":
    main()
