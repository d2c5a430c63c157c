"""These tests follow messages through long functions, kills, stops and time limits. They need our own host."""

import base64
import json
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.storage.queue import QueueMessage

from tests.host.conftest import SAMPLE_APP, Host, StartHost


def exit_code(host: Host, within: float) -> int:
    assert host.process is not None
    return host.process.wait(within)


def waiting(host: Host, which: str, *, within: float) -> QueueMessage:
    """Return a visible message of a queue, as soon as there is one."""
    queue, deadline = host.queue(which), time.monotonic() + within
    while time.monotonic() < deadline:
        if found := queue.receive_message():
            return found
        time.sleep(0.05)
    raise AssertionError(f"no message came back to {which}")


def test_a_message_is_renewed_while_its_function_runs(start_host: StartHost) -> None:
    with start_host("--message-lock-seconds", "1") as host:
        task = host.work(seconds=2.5)
        assert json.loads(host.results(task)[0])["dequeue_count"] == 1
        assert host.queue("work").get_queue_properties().approximate_message_count == 0


def test_a_killed_hosts_message_comes_back_to_the_next_host(start_host: StartHost) -> None:
    with start_host("--message-lock-seconds", "1") as host:
        task = host.work(first_seconds=60)
        host.taken("work")
        assert host.process is not None
        host.process.kill()
        assert exit_code(host, 5) == -signal.SIGKILL
    with start_host("--message-lock-seconds", "1", name=host.name) as successor:
        assert json.loads(successor.results(task)[0])["dequeue_count"] == 2


def test_a_stop_lets_running_functions_finish(start_host: StartHost) -> None:
    with start_host("--grace-seconds", "5") as host:
        task = host.work(seconds=0.8)
        host.taken("work")
        assert host.process is not None
        host.process.send_signal(signal.SIGTERM)
        assert exit_code(host, 5) == 0
        assert json.loads(host.results(task, within=0.5)[0])["dequeue_count"] == 1
        assert host.queue("work").get_queue_properties().approximate_message_count == 0


def test_a_stop_leaves_the_message_of_an_unfinished_function(start_host: StartHost) -> None:
    with start_host("--grace-seconds", "0.2", "--message-lock-seconds", "1") as host:
        task = host.work(seconds=60)
        host.taken("work")
        assert host.process is not None
        host.process.send_signal(signal.SIGINT)
        assert exit_code(host, 2) == 0
        assert task in _text(waiting(host, "work", within=3))
        assert host.log is not None
        assert "Stopped while running: work" in host.log.read_text()
    with pytest.raises(requests.ConnectionError):
        requests.get(host.url, timeout=1)


def test_a_function_beyond_the_time_limit_takes_the_worker_with_it(start_host: StartHost, tmp_path: Path) -> None:
    app = changed_app(tmp_path, functionTimeout="00:00:01")
    with start_host(app=app) as host:
        assert requests.post(f"{host.api}/sleep/sync?seconds=60", timeout=5).status_code == 500
        assert answers_again(host)
        assert host.log is not None
        assert "functionTimeout of 1.0 s exceeded" in host.log.read_text()


def test_a_function_that_exits_takes_the_worker_and_all_invocations_with_it(start_host: StartHost) -> None:
    with start_host() as host:
        task = host.work(first_seconds=60)
        host.taken("work")
        assert requests.get(f"{host.api}/wrong/exit", timeout=5).status_code == 500
        assert answers_again(host)
        # The message was released rather than left hidden, because the host outlives its worker.
        assert json.loads(host.results(task)[0])["dequeue_count"] == 2


def test_a_cancelled_error_that_escapes_is_never_answered(start_host: StartHost) -> None:
    with start_host("--grace-seconds", "0") as host, pytest.raises(requests.Timeout):
        requests.get(f"{host.api}/wrong/cancelled", timeout=0.5)


def test_an_output_wakes_a_listener_that_polls_rarely(start_host: StartHost, tmp_path: Path) -> None:
    app = changed_app(tmp_path, maxPollingInterval="00:01:00")
    with start_host(app=app) as host:
        host.taken("relay")
        time.sleep(2)  # The queue is polled less often by now, so that the next poll is more than a second away.
        began = time.monotonic()
        requests.post(f"{host.api}/relay", data=b"wake up", timeout=5)
        host.results("wake up")
        assert time.monotonic() - began < 0.5


def test_a_body_beyond_the_limit_is_refused(start_host: StartHost) -> None:
    with start_host(env={"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "1000"}) as host:
        assert requests.post(f"{host.api}/size", data=b"x" * 1000, timeout=5).text == "1000"
        assert requests.post(f"{host.api}/size", data=b"x" * 1001, timeout=5).status_code == 413


def test_log_lines_name_function_and_outcome_and_nothing_of_a_request(start_host: StartHost) -> None:
    with start_host() as host:
        secret: dict[str, Any] = {"data": b"secret-body", "headers": {"x-sample": "secret-header"}}
        requests.put(f"{host.api}/things/a/1?q=secret-query", timeout=5, **secret)
        requests.get(f"{host.api}/wrong/raise", timeout=5)
        requests.post(f"{host.api}/size", data=b"x", timeout=5)
        assert host.log is not None
        log = host.log.read_text()
    (line,) = [line for line in log.splitlines() if "Functions.echo" in line]
    assert " INFO " in line
    assert "Executed 'Functions.echo' (Succeeded, Id=" in line
    assert "Executed 'Functions.wrong' (Failed, Id=" in log
    assert "Executed 'Functions.size'" not in log, "host.json's logLevel has Warning for it"
    assert "ValueError: secret detail" in log, "an exception is logged with its traceback"
    assert not any(word in log for word in ("secret-body", "secret-header", "secret-query", "Request URL"))


def changed_app(folder: Path, **changes: str) -> Path:
    """Copy the sample app to another folder with a changed host.json, and return its folder."""
    app = folder / "app"
    shutil.copytree(SAMPLE_APP, app, ignore=shutil.ignore_patterns("__pycache__"))
    settings = json.loads((app / "host.json").read_text())
    for name, value in changes.items():
        place = settings["extensions"]["queues"] if name == "maxPollingInterval" else settings
        place[name] = value
    (app / "host.json").write_text(json.dumps(settings))
    return app


def answers_again(host: Host) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            return requests.get(f"{host.api}/things/special/1", timeout=1).ok
        except requests.ConnectionError:
            time.sleep(0.05)
    return False


def _text(message: QueueMessage) -> str:
    return base64.b64decode(message.content).decode()
