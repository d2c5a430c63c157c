"""These tests show what the host makes of queue outputs before they reach the queue."""

import json
import uuid

import pytest
import requests

from tests.host.conftest import Host


@pytest.fixture
def token() -> str:
    return uuid.uuid4().hex


def test_bytes_and_lists_of_text_are_kept_as_they_are(host: Host, token: str) -> None:
    text = f'{{"token":"{token}",   "n":1}}'
    assert requests.post(f"{host.api}/send-bytes", data=text, timeout=5).status_code == 201
    assert host.results(token) == [text]
    assert requests.post(f"{host.api}/send-list", data=f"{text}\nplain {token}", timeout=5).status_code == 201
    assert sorted(host.results(token, 2)) == sorted([text, f"plain {token}"])


def test_text_that_is_not_json_is_kept_too(host: Host, token: str) -> None:
    assert requests.post(f"{host.api}/send/text", data=f"plain {token}", timeout=5).status_code == 201
    assert host.results(token) == [f"plain {token}"]


def test_text_that_is_json_comes_out_indented(host: Host, token: str) -> None:
    assert requests.post(f"{host.api}/send/text", data=f'{{"token":"{token}","n":1}}', timeout=5).status_code == 201
    (text,) = host.results(token)
    assert text.splitlines() == ["{", f'  "token": "{token}",', '  "n": 1', "}"]


def test_an_array_becomes_one_message_for_each_element(host: Host, token: str) -> None:
    body = json.dumps([f"first {token}", {"token": token}, [token]])
    assert requests.post(f"{host.api}/send/text", data=body, timeout=5).status_code == 201
    texts = host.results(token, 3)
    assert texts[0] == f"first {token}"
    assert [json.loads(text) for text in texts[1:]] == [{"token": token}, [token]]


def test_a_queue_message_becomes_an_object(host: Host, token: str) -> None:
    assert requests.post(f"{host.api}/send-message", data=token, timeout=5).status_code == 201
    assert json.loads(host.results(token)[0]) == {"id": "mine", "body": token}


@pytest.mark.parametrize(
    ("path", "padding"),
    [
        ("/send/text", '{"broken": }'),  # This looks like JSON but is not.
        ("/send/raise", "plain"),  # An exception discards what was set.
        ("/send-bytes", "x" * (48 * 1024)),  # This is longer, by one token, than what base64 turns into 64 KiB.
    ],
)
def test_what_cannot_be_written_fails_the_request_after_the_function_has_ended(
    host: Host, token: str, path: str, padding: str
) -> None:
    body = padding.replace("{", f'{{"token": "{token}", ', 1) if "{" in padding else token + padding
    answer = requests.post(host.api + path, data=body, timeout=5)
    assert (answer.status_code, answer.content) == (500, b"")
    # Queues keep their order here, so a message that was written would come before this one.
    assert requests.post(f"{host.api}/send-bytes", data=f"after {token}", timeout=5).status_code == 201
    assert host.results(token) == [f"after {token}"]


def test_forty_eight_kibibytes_fit(host: Host, token: str) -> None:
    body = token + "x" * (48 * 1024 - len(token))
    assert requests.post(f"{host.api}/send-bytes", data=body, timeout=5).status_code == 201
    assert host.results(token) == [body]
