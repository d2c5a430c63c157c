"""These tests are about queue triggers: what a function sees of a message, retries, poison and parallelism."""

import json
import uuid

import requests

from tests.host.conftest import Host


def test_a_message_triggers_a_function_and_is_gone_afterwards(host: Host) -> None:
    task = host.work()
    assert json.loads(host.results(task)[0])["dequeue_count"] == 1
    assert host.queue("work").get_queue_properties().approximate_message_count == 0


def test_an_output_binding_reaches_a_listener_of_the_same_app(host: Host) -> None:
    token = uuid.uuid4().hex
    assert requests.post(f"{host.api}/relay", data=f"körper {token}".encode(), timeout=5).status_code == 202
    seen = json.loads(host.results(token)[0])
    assert seen["body"] == f"körper {token}"
    assert seen["dequeue_count"] == 1
    assert seen["id"]


def test_keys_of_a_json_message_override_what_the_queue_says(host: Host) -> None:
    token = uuid.uuid4().hex
    host.send("relay", json.dumps({"ID": f"id-{token}", "dequeueCount": 7}))
    seen = json.loads(host.results(token)[0])
    assert (seen["id"], seen["dequeue_count"]) == (f"id-{token}", 7)


def test_a_failed_message_is_tried_again(host: Host) -> None:
    task = host.work(fail=1)
    assert json.loads(host.results(task)[0])["dequeue_count"] == 2


def test_after_max_dequeue_count_a_message_moves_to_the_poison_queue_as_it_was(host: Host) -> None:
    task = host.work(fail=99, umlaut="ü", spaces="  ")
    (text,) = host.arrivals("work-poison", task)
    assert json.loads(text) == {"task": task, "fail": 99, "umlaut": "ü", "spaces": "  "}
    assert host.queue("work").get_queue_properties().approximate_message_count == 0


def test_a_message_in_another_encoding_moves_to_the_poison_queue_at_once(host: Host) -> None:
    host.queue("work").send_message("not base64!")
    assert host.arrivals("work-poison", "not base64") == ["not base64!"]


def test_async_functions_run_side_by_side_up_to_threshold_and_batch(host: Host) -> None:
    tasks = [host.work(seconds=0.6) for _ in range(10)]
    most = max(json.loads(host.results(task)[0])["most_running"] for task in tasks)
    # In host.json, batchSize is 2 and newBatchThreshold is 3. A new batch is fetched while 3 or fewer are processed.
    assert 3 + 1 <= most <= 3 + 2
