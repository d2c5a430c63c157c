"""Tests the tools that reach other systems, against a real server with TLS on this machine.

Only the resolver and the check of addresses are replaced: by the real ones, no server of a test could be reached.
"""

import http.server
import logging
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from switchboard.network import Network
from switchboard.settings import NetworkSettings
from switchboard.tools import Call, ToolError
from switchboard.tools.definition import define
from switchboard.tools.outcome import succeeded
from switchboard.tools.web import MOST_BODY_BYTES, Answer, Web, web_tools
from tests.examples import settings
from tests.standins.service.tls import server_context
from tests.wait import wait_for

HOST = "api.example.com"
CALL = Call(call_id="rtc_1", caller_id="ada", idempotency_key="rtc_1.call_1")


ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/moved": (302, {"Location": "https://elsewhere.example.com/"}, b""),
    "/missing": (404, {}, b"{}"),
    "/long": (200, {}, b"x" * (MOST_BODY_BYTES + 1)),
    "/packed": (200, {"Content-Encoding": "gzip"}, b"x"),
    "/words": (200, {"Content-Type": "text/plain"}, '"Olá", diz ela.'.encode()),
    "/broken": (200, {"Content-Length": "100"}, b"x"),
}
# How an answer begins that never ends, and the piece that is then sent again and again.
DRIPS = {
    "/slow": (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"x"),
    "/slow-chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "/slow-headers": (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers according to the path, and notes each request."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, dict[str, str], bytes]]

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.seen.append((self.command, self.path, dict(self.headers.items()), body))
        if self.path in DRIPS:
            self.drip(*DRIPS[self.path])
            return
        if self.path.startswith("/garbage"):
            code = b"200" if "?" in self.path else b"two hundred"
            self.wfile.write(b"HTTP/1.1 " + code + b" OK\r\nno header\r\nContent-Length: -5\r\n\r\nbody")
            self.close_connection = True
            return
        status, more, answer = ANSWERS.get(self.path, (200, {}, b'{"degrees": 12}'))
        self.close_connection = self.path == "/broken"
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json", "Content-Length": str(len(answer))} | more).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET  # noqa: N815  the server looks for this name

    def drip(self, beginning: bytes, piece: bytes) -> None:
        """Send an answer in so many pieces that it takes minutes, and note when the other side has had enough."""
        self.close_connection = True
        try:
            self.wfile.write(beginning)
            for _ in range(5000):
                self.wfile.write(piece)
                time.sleep(0.05)
        except OSError:
            self.seen.append(("left", self.path, {}, b""))

    def log_message(self, *_: Any) -> None:
        """Stay silent."""


class Quiet(http.server.ThreadingHTTPServer):
    """Says nothing about clients that leave, and does not wait for them."""

    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path, list[Any]]]:
    context, authority = server_context(tmp_path_factory.mktemp("tls"), HOST)
    seen: list[Any] = []
    handler = type("Noting", (Handler,), {"seen": seen})
    serving = Quiet(("127.0.0.1", 0), handler)
    serving.socket = context.wrap_socket(serving.socket, server_side=True)
    thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield serving.server_address[1], authority, seen
    serving.shutdown()
    thread.join()
    serving.server_close()


def web(server: tuple[int, Path, list[Any]], *, hosts: str = HOST, headers: str = "", trusted: bool = True) -> Web:
    port, authority, seen = server
    seen.clear()
    chosen = settings(TOOL_HTTP_HOSTS=hosts, TOOL_HTTP_HEADERS=headers, TOOL_SECONDS="1").tools
    network = Network(NetworkSettings(ca_bundle=str(authority) if trusted else ""))
    return Web(chosen, network, resolve=lambda _: ["127.0.0.1"], is_allowed=lambda _: True, port=port)


def test_reading_an_address(server: tuple[int, Path, list[Any]]) -> None:
    """The header of the setting goes to its host, and the certificate is checked against the name."""
    reached = web(server, headers=f'{{"{HOST}": {{"Authorization": "Bearer abc"}}}}')
    get = define(web_tools(reached, [HOST])[0])
    answer = get.function(**get.read(f'{{"url": "https://{HOST}/weather?city=Vigo"}}'))

    assert succeeded(answer).output == '{"status":200,"content_type":"application/json","body":{"degrees": 12}}'
    ((method, path, headers, _),) = server[2]
    assert (method, path, headers["Host"], headers["Authorization"]) == (
        "GET",
        "/weather?city=Vigo",
        HOST,
        "Bearer abc",
    )


def test_sending_json(server: tuple[int, Path, list[Any]]) -> None:
    """The other system learns the idempotency key, so that it can refuse to do the same thing twice."""
    post = define(web_tools(web(server), [HOST])[1])
    post.function(**post.read(f'{{"url": "https://{HOST}", "body": {{"seats": 2}}}}'), call=CALL)

    ((method, path, headers, body),) = server[2]
    assert (method, path, msgspec.json.decode(body)) == ("POST", "/", {"seats": 2})
    assert headers["Idempotency-Key"] == "rtc_1.call_1"
    assert headers["Content-Type"] == "application/json"


def test_an_answer_in_words(server: tuple[int, Path, list[Any]]) -> None:
    answer = web(server).request("GET", f"https://{HOST}/words", {})
    assert answer == Answer(200, "text/plain", '"Olá", diz ela.')


def test_a_status_of_the_host_is_an_answer(server: tuple[int, Path, list[Any]]) -> None:
    assert web(server).request("GET", f"https://{HOST}/missing", {}).status == 404


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/moved", "follows no redirect"),
        ("/long", f"longer than {MOST_BODY_BYTES} bytes"),
        ("/packed", "compresses its answer"),
        ("/broken", "could not be reached"),
        ("/garbage", "could not be reached"),
    ],
)
def test_answers_that_are_not_taken(server: tuple[int, Path, list[Any]], path: str, words: str) -> None:
    with pytest.raises(ToolError, match=words):
        web(server).request("GET", f"https://{HOST}{path}", {})


@pytest.mark.parametrize("path", ["/slow", "/slow-chunks", "/slow-headers"])
def test_answers_that_never_end(server: tuple[int, Path, list[Any]], path: str) -> None:
    """Each byte comes soon after the last one. The connection is closed all the same when the time is up."""
    with pytest.raises(ToolError, match="too slowly"):
        web(server).request("GET", f"https://{HOST}{path}", {})
    wait_for(lambda: ("left", path, {}, b"") in server[2], "the connection is closed")


def test_nothing_of_a_request_is_logged(server: tuple[int, Path, list[Any]], caplog: pytest.LogCaptureFixture) -> None:
    """The path is what the model wrote, and a header may be a secret. An answer with bad headers shows neither."""
    reached = web(server, headers=f'{{"{HOST}": {{"Authorization": "Bearer abc"}}}}')
    with caplog.at_level(logging.DEBUG):
        assert reached.request("GET", f"https://{HOST}/garbage?name=ada", {}).status == 200
    assert caplog.messages == []


def test_an_address_that_does_not_listen(server: tuple[int, Path, list[Any]]) -> None:
    """The next one gets its turn: a host often has an address of IPv6 that this machine cannot reach."""
    port, authority, seen = server
    seen.clear()
    chosen = settings(TOOL_HTTP_HOSTS=HOST, TOOL_SECONDS="2").tools
    network = Network(NetworkSettings(ca_bundle=str(authority)))
    reached = Web(chosen, network, resolve=lambda _: ["127.0.0.2", "127.0.0.1"], is_allowed=lambda _: True, port=port)
    assert reached.request("GET", f"https://{HOST}/", {}).status == 200


def test_a_name_whose_resolution_takes_all_the_time(server: tuple[int, Path, list[Any]]) -> None:
    chosen = settings(TOOL_HTTP_HOSTS=HOST, TOOL_SECONDS="1").tools

    def slow(_: str) -> list[str]:
        time.sleep(1.01)
        return ["127.0.0.1"]

    server[2].clear()
    reached = Web(chosen, Network(NetworkSettings()), resolve=slow, is_allowed=lambda _: True, port=server[0])
    with pytest.raises(ToolError, match="too slowly"):
        reached.request("GET", f"https://{HOST}/", {})
    assert server[2] == []


def test_a_certificate_that_nobody_trusts(server: tuple[int, Path, list[Any]]) -> None:
    with pytest.raises(ToolError, match="could not be reached"):
        web(server, trusted=False).request("GET", f"https://{HOST}/", {})


def test_a_certificate_of_another_host(server: tuple[int, Path, list[Any]]) -> None:
    with pytest.raises(ToolError, match="could not be reached"):
        web(server, hosts="other.example.com").request("GET", "https://other.example.com/", {})


def test_a_name_that_changes_between_check_and_connection(server: tuple[int, Path, list[Any]]) -> None:
    """The name is resolved once, and the connection goes to the address that was checked."""
    asked = []

    def rebinding(host: str) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    port, authority, seen = server
    chosen = settings(TOOL_HTTP_HOSTS=HOST, TOOL_SECONDS="1").tools
    network = Network(NetworkSettings(ca_bundle=str(authority)))
    reached = Web(chosen, network, resolve=rebinding, is_allowed=lambda _: True, port=port)
    seen.clear()
    reached.request("GET", f"https://{HOST}/", {})

    assert (asked, len(seen)) == ([HOST], 1)


def test_a_host_that_does_not_listen(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        reached = Web(
            settings(TOOL_HTTP_HOSTS=HOST).tools,
            Network(NetworkSettings()),
            resolve=lambda _: ["127.0.0.1"],
            is_allowed=lambda _: True,
            port=taken.getsockname()[1],
        )
        with pytest.raises(ToolError, match="could not be reached"):
            reached.request("GET", f"https://{HOST}/", {})
