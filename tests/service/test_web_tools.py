"""Tests the tools that reach other systems, against a real server with TLS on this machine.

Only the resolver and the check of addresses are replaced: by the real ones, no server of a test could be reached.
"""

import http.server
import socket
import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from switchboard.network import Network
from switchboard.settings import NetworkSettings
from switchboard.tools import Call, ToolError
from switchboard.tools.definition import define
from switchboard.tools.web import MOST_BODY_BYTES, Answer, Web, is_public, resolve, web_tools
from tests.examples import settings
from tests.standins.service.tls import server_context

HOST = "api.example.com"
CALL = Call(call_id="rtc_1", caller_id="ada", idempotency_key="rtc_1.call_1")


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers according to the path, and notes each request."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, dict[str, str], bytes]]

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.seen.append((self.command, self.path, dict(self.headers.items()), body))
        answer, status, more = b'{"degrees": 12}', 200, {}
        if self.path == "/moved":
            status, more = 302, {"Location": "https://elsewhere.example.com/"}
        elif self.path == "/missing":
            status = 404
        elif self.path == "/long":
            answer = b"x" * (MOST_BODY_BYTES + 1)
        elif self.path == "/slow":
            self.send_response(200)
            self.send_header("Content-Length", "50")
            self.end_headers()
            for _ in range(50):
                self.wfile.write(b"x")
                time.sleep(0.1)
            return
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(answer)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET  # noqa: N815  the server looks for this name

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

    assert answer == Answer(200, "application/json", '{"degrees": 12}')
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


def test_a_status_of_the_host_is_an_answer(server: tuple[int, Path, list[Any]]) -> None:
    assert web(server).request("GET", f"https://{HOST}/missing", {}).status == 404


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/moved", "follows no redirect"),
        ("/long", f"longer than {MOST_BODY_BYTES} bytes"),
        ("/slow", "too slowly"),
    ],
)
def test_answers_that_are_not_taken(server: tuple[int, Path, list[Any]], path: str, words: str) -> None:
    with pytest.raises(ToolError, match=words):
        web(server).request("GET", f"https://{HOST}{path}", {})


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://api.example.com/", "must begin with https"),
        ("https://api.example.com:8443/", "without a user or a port"),
        ("https://api.example.com@evil.example.com/", "without a user or a port"),
        ("https://evil.example.com/", "not one of those"),
        ("https://api.example.com.evil.com/", "not one of those"),
        ("https://127.0.0.1/", "not one of those"),
        ("https://[::1/", "not a URL"),
        ("https://api.example.com:x/", "not a URL"),
        ("https://api.example.com/a b", "must be quoted"),
        ("https://api.example.com/é", "must be quoted"),
        ("file:///etc/passwd", "must begin with https"),
    ],
)
def test_urls_that_are_not_allowed(server: tuple[int, Path, list[Any]], url: str, words: str) -> None:
    """Nothing is sent."""
    with pytest.raises(ToolError, match=words):
        web(server).request("GET", url, {})
    assert server[2] == []


def test_a_certificate_that_nobody_trusts(server: tuple[int, Path, list[Any]]) -> None:
    with pytest.raises(ToolError, match="could not be reached"):
        web(server, trusted=False).request("GET", f"https://{HOST}/", {})


def test_a_certificate_of_another_host(server: tuple[int, Path, list[Any]]) -> None:
    with pytest.raises(ToolError, match="could not be reached"):
        web(server, hosts="other.example.com").request("GET", "https://other.example.com/", {})


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("168.63.129.16", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::1", False),
    ],
)
def test_addresses(address: str, *, public: bool) -> None:
    """The platform's own addresses are not public either, nor are private ones that hide in an IPv6 address."""
    assert is_public(address) is public


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["93.184.216.34", "10.0.0.1"], []])
def test_a_name_that_leads_inside(server: tuple[int, Path, list[Any]], addresses: list[str]) -> None:
    """One private address among several is enough to refuse the name. Nothing is connected to."""
    chosen = settings(TOOL_HTTP_HOSTS=HOST).tools
    reached = Web(chosen, Network(NetworkSettings()), resolve=lambda _: addresses)
    with pytest.raises(ToolError, match="not public"):
        reached.request("GET", f"https://{HOST}/", {})


def test_a_name_that_changes_between_check_and_connection(server: tuple[int, Path, list[Any]]) -> None:
    """The name is resolved once, and the connection goes to the address that was checked."""
    asked = []

    def rebinding(host: str) -> Collection[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    port, authority, seen = server
    chosen = settings(TOOL_HTTP_HOSTS=HOST, TOOL_SECONDS="1").tools
    network = Network(NetworkSettings(ca_bundle=str(authority)))
    reached = Web(chosen, network, resolve=rebinding, is_allowed=lambda _: True, port=port)
    seen.clear()
    reached.request("GET", f"https://{HOST}/", {})

    assert (asked, len(seen)) == ([HOST], 1)


def test_the_real_resolver() -> None:
    """It returns addresses, and a name that does not exist is an error in words."""
    assert "127.0.0.1" in resolve("localhost")
    reached = Web(settings(TOOL_HTTP_HOSTS="nowhere.invalid").tools, Network(NetworkSettings()))
    with pytest.raises(ToolError, match="cannot be resolved"):
        reached.request("GET", "https://nowhere.invalid/", {})


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
