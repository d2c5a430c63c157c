"""These tests show what reaches a function over HTTP, what comes back, and what the host makes of both."""

import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
import requests

from tests.host.conftest import Host


def test_parameters_query_headers_and_body_reach_a_sync_function(host: Host) -> None:
    answer = requests.put(
        f"{host.api}/things/a%20b/7?x=1&x=2&empty=", data=b"body", headers={"x-sample": "yes"}, timeout=5
    )
    assert answer.status_code == 200
    assert answer.headers["x-answer"] == "yes"
    assert answer.headers["content-type"] == "application/json"
    seen = answer.json()
    assert seen["method"] == "PUT"
    assert seen["params"] == {"kind": "a b", "number": "7"}
    # Repeated values are joined, and empty ones are dropped.
    assert seen["query"] == {"x": "1,2"}
    assert seen["header"] == "yes"
    assert seen["body"] == "body"
    assert seen["function"] == "echo"
    assert seen["url"].startswith(f"{host.api}/things/a%20b/7?x=1")


def test_a_parameter_may_hold_a_line_break(host: Host) -> None:
    """A segment of a path may contain any character, if it is percent-encoded."""
    answer = requests.get(f"{host.api}/things/a%0Ab/7", timeout=5)

    assert answer.json()["params"] == {"kind": "a\nb", "number": "7"}


def test_a_compressed_body_is_handed_on_as_it_is(host: Host) -> None:
    """Whether it can be unpacked is no matter of the host's."""
    answer = requests.put(f"{host.api}/things/a/7", data=b"no gzip", headers={"Content-Encoding": "gzip"}, timeout=5)

    assert answer.json()["body"] == "no gzip"


def test_a_host_header_that_names_no_host_is_refused(host: Host) -> None:
    assert requests.get(f"{host.api}/things/a/7", headers={"Host": "${jndi:x}"}, timeout=5).status_code == 400


@pytest.mark.parametrize(("version", "status"), [("1.0", 200), ("1.1", 200), ("2.0", 505)])
def test_versions_of_http(host: Host, version: str, status: int) -> None:
    """A client of HTTP/1.0 is answered too, without chunks, which it would not understand."""
    with socket.create_connection(("127.0.0.1", urlsplit(host.url).port or 0), 5) as client:
        client.sendall(f"GET /api/v1/things/a/7 HTTP/{version}\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(65536), b""))

    assert int(answer.split()[1]) == status
    assert (b"chunked" in answer) == (version == "1.1")


def test_a_literal_route_wins_over_a_template(host: Host) -> None:
    assert requests.get(f"{host.api}/things/special/1", timeout=5).text == "literal"
    assert requests.get(f"{host.api}/THINGS/other/1/", timeout=5).json()["params"] == {"kind": "other", "number": "1"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/things/a/7"),  # Another method gets 404, not 405.
        ("HEAD", "/api/v1/things/a/7"),  # GET does not imply HEAD.
        ("OPTIONS", "/api/v1/things/a/7"),
        ("GET", "/api/v1/things/a/seven"),  # The constraint is :int.
        ("GET", "/api/v1/things/a"),
        ("GET", "/things/a/7"),  # The prefix is missing.
        ("GET", "/api/v1/nothing"),
    ],
)
def test_what_no_route_takes_is_not_found(host: Host, method: str, path: str) -> None:
    assert requests.request(method, host.url + path, timeout=5).status_code == 404


def test_a_chunked_body_is_dropped(host: Host) -> None:
    sized = requests.post(f"{host.api}/size", data=b"x" * 1000, timeout=5)
    chunked = requests.post(f"{host.api}/size", data=iter([b"x" * 1000]), timeout=5)
    assert (sized.text, chunked.text) == ("1000", "0")


def test_a_large_body_arrives_whole(host: Host) -> None:
    assert requests.post(f"{host.api}/size", data=b"x" * 5_000_000, timeout=10).text == "5000000"


@pytest.mark.parametrize("what", ["raise", "dict", "none"])
def test_a_function_that_fails_or_returns_no_response_gives_an_empty_500(host: Host, what: str) -> None:
    answer = requests.get(f"{host.api}/wrong/{what}", timeout=5)
    assert (answer.status_code, answer.content) == (500, b"")


def test_a_returned_string_that_is_json_is_written_anew(host: Host) -> None:
    answer = requests.get(f"{host.api}/wrong/json", timeout=5)
    assert (answer.status_code, answer.text) == (200, '{"a":1}')
    assert requests.get(f"{host.api}/wrong/text", timeout=5).text == "plain"


@pytest.mark.parametrize(("method", "code"), [("GET", 204), ("DELETE", 204), ("GET", 403), ("GET", 304)])
def test_a_status_without_a_body(host: Host, method: str, code: int) -> None:
    answer = requests.request(method, f"{host.api}/status/{code}", timeout=5)
    assert (answer.status_code, answer.content) == (code, b"")


def test_each_cookie_gets_its_own_header(host: Host) -> None:
    answer = requests.get(f"{host.api}/cookies", timeout=5)
    assert answer.cookies.get_dict() == {"a": "1", "b": "2"}
    assert len(answer.raw.headers.getlist("set-cookie")) == 2


def test_tools_find_the_functions_and_a_running_host(host: Host) -> None:
    names = {function["name"] for function in requests.get(f"{host.url}/admin/functions", timeout=5).json()}
    assert {"echo", "work"} <= names
    assert requests.get(f"{host.url}/admin/host/status", timeout=5).json()["state"] == "Running"
    assert requests.get(host.url, timeout=5).status_code == 200


def in_background(host: Host, path: str) -> tuple[threading.Thread, list[int]]:
    """Begin a POST that takes a while. Return its thread and the list that will hold its status."""
    statuses: list[int] = []

    def post() -> None:
        statuses.append(requests.post(host.api + path, timeout=10).status_code)

    thread = threading.Thread(target=post)
    thread.start()
    return thread, statuses


def answers(url: str, within: float) -> bool:
    try:
        return requests.get(url, timeout=within).ok
    except requests.Timeout:
        return False


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_waiting_function_holds_up_no_other(host: Host, kind: str) -> None:
    threads = [in_background(host, f"/sleep/{kind}?seconds=1") for _ in range(3)]
    began = time.monotonic()
    while all(thread.is_alive() for thread, _ in threads) and time.monotonic() < began + 0.6:
        assert requests.get(f"{host.api}/things/a/1", timeout=0.5).status_code == 200
        assert requests.get(f"{host.api}/things/special/1", timeout=0.5).status_code == 200
    assert time.monotonic() - began < 1
    for thread, statuses in threads:
        thread.join()
        assert statuses == [200]
    assert time.monotonic() - began < 2, "they waited for each other"


def test_a_blocked_event_loop_stalls_every_function_but_not_the_host(host: Host) -> None:
    thread, statuses = in_background(host, "/sleep/blocking?seconds=1.2")
    began = time.monotonic()
    while answers(f"{host.api}/things/special/1", 0.2):
        assert time.monotonic() < began + 1, "nothing is blocked"
    assert requests.get(f"{host.url}/admin/host/status", timeout=0.3).json()["state"] == "Running"
    assert thread.is_alive()
    assert requests.get(f"{host.api}/things/a/1", timeout=5).status_code == 200
    thread.join()
    assert statuses == [200]
