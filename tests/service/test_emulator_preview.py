"""These tests are about the preview protocol: flat fields, preview's event names, and nothing that only GA has."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import requests
import websockets.asyncio.client
from websockets.exceptions import InvalidStatus

from tests.emulator import Emulator
from tests.service.peer import Caller, caller
from tests.service.realtime import KEY, OFFER, SECONDS, Service

SESSION = {"model": "gpt-realtime", "voice": "verse"}


class PreviewService:
    """This class sends requests to the preview endpoints of an emulator at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def post_session(self, body: Any, version: str = "2025-04-01-preview", **headers: str) -> requests.Response:
        address = f"{self.url}/openai/realtimeapi/sessions"
        return requests.post(
            address, json=body, params={"api-version": version}, headers=headers or KEY, timeout=SECONDS
        )

    def mint(self, **session: Any) -> str:
        answer = self.post_session({**SESSION, **session})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["client_secret"]["value"])

    def post_call(self, offer: str, key: str, model: str = "gpt-realtime", **headers: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/sdp", **headers}
        address = f"{self.url}/v1/realtimertc"
        return requests.post(address, params={"model": model}, data=offer, headers=headers, timeout=SECONDS)


@pytest.fixture
def preview(emulator: Emulator) -> PreviewService:
    return PreviewService(emulator.url)


@pytest.fixture
async def talking(preview: PreviewService) -> AsyncIterator[Caller]:
    """Connect a caller by the preview protocol. Nobody else can listen to such a call."""
    async with caller() as peer:
        key = await asyncio.to_thread(preview.mint, input_audio_transcription={"model": "gpt-realtime-whisper"})
        answer = await asyncio.to_thread(preview.post_call, await peer.offer(), key)
        assert answer.status_code == 201, answer.text
        await peer.accept(answer.text)
        yield peer


def error(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["message"]


def test_a_session_has_flat_fields_and_a_key_for_a_minute(preview: PreviewService) -> None:
    """The session has the defaults that Microsoft's example of session.created shows."""
    answer = preview.post_session({**SESSION, "turn_detection": {"type": "none"}, "temperature": 0.7})
    body = answer.json()

    assert answer.status_code == 200
    assert abs(body["client_secret"]["expires_at"] - time.time() - 60) < 10
    assert (body["object"], body["model"], body["voice"]) == ("realtime.session", "gpt-realtime", "verse")
    assert (body["modalities"], body["input_audio_format"]) == (["audio", "text"], "pcm16")
    assert (body["turn_detection"], body["temperature"]) == (None, 0.7)
    assert body["max_response_output_tokens"] == "inf"
    assert not {"type", "audio", "output_modalities", "max_output_tokens"} & set(body)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"session": {"type": "realtime", "model": "gpt-realtime"}}, "Unknown parameter: 'session.type'."),
        ({"type": "realtime", "model": "gpt-realtime"}, "Unknown parameter: 'session.type'."),
        ({"session": SESSION}, "Unknown parameter: 'session'."),
        ({**SESSION, "output_modalities": ["audio"]}, "Unknown parameter: 'session.output_modalities'."),
        ({**SESSION, "expires_after": {"seconds": 600}}, "Unknown parameter: 'session.expires_after'."),
        ({"voice": "verse"}, "Missing required parameter: 'session.model'."),
    ],
)
def test_what_only_ga_has_is_refused(preview: PreviewService, body: Any, message: str) -> None:
    assert error(preview.post_session(body)) == (400, message)


@pytest.mark.parametrize("field", [{"voice": "marin"}, {"modalities": ["audio"]}, {"temperature": 2}])
def test_values_that_preview_does_not_have(preview: PreviewService, field: dict[str, Any]) -> None:
    assert preview.post_session({**SESSION, **field}).status_code == 400


def test_who_may_have_a_session(preview: PreviewService) -> None:
    """A session needs the resource's credentials, the one api-version, and a deployment that can be called."""
    assert preview.post_session(SESSION, **{"api-key": "wrong"}).status_code == 401
    assert preview.post_session(SESSION, version="2024-01-01").status_code == 404
    assert preview.post_session({"model": "gpt-4o"}).json()["error"]["code"] == "OpperationNotSupported"
    assert preview.post_session({"model": "GPT-realtime"}).json()["error"]["code"] == "DeploymentNotFound"


def test_the_ga_endpoint_still_refuses_flat_fields(emulator: Emulator) -> None:
    session = {"type": "realtime", "model": "gpt-realtime", "voice": "ash"}
    answer = Service(emulator.url).post_secret({"session": session})

    assert error(answer) == (400, "Unknown parameter: 'session.voice'.")


def test_a_call_has_an_answer_and_no_name(preview: PreviewService, emulator: Emulator) -> None:
    """Any page may place a call. The answer has no Location, and GA's filter is not known."""
    answer = preview.post_call(OFFER, preview.mint())
    (seen,) = [call for call in emulator.calls().values() if call["protocol"] == "preview"][-1:]

    assert (answer.status_code, answer.text[:3]) == (201, "v=0")
    assert "Location" not in answer.headers
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert seen["filter"] is False


def test_keys_are_good_in_their_own_protocol_only(preview: PreviewService, emulator: Emulator) -> None:
    ga = Service(emulator.url)

    assert preview.post_call(OFFER, ga.mint()).status_code == 401
    assert ga.post_call(OFFER, preview.mint()).status_code == 401
    assert preview.post_call(OFFER, preview.mint(), model="nobody").status_code == 404
    assert preview.post_call(OFFER, preview.mint(), model="").status_code == 400


async def test_no_sideband_and_no_hang_up(talking: Caller, emulator: Emulator) -> None:
    """A call has neither, even for somebody who knows the emulator's own id of the call."""
    calls = await asyncio.to_thread(emulator.calls)
    call_id = [found for found, call in calls.items() if call["protocol"] == "preview" and call["state"] == "live"][-1]
    service = Service(emulator.url)

    assert (await asyncio.to_thread(service.hang_up, call_id)).status_code == 404
    with pytest.raises(InvalidStatus) as refused:
        await websockets.asyncio.client.connect(
            f"{service.base.replace('http', 'ws', 1)}?call_id={call_id}", additional_headers=KEY
        )
    assert refused.value.response.status_code == 404


async def test_a_written_turn_in_previews_words(talking: Caller) -> None:
    """From session.created to response.done, names are preview's, objects are flat, and items come once."""
    created = await talking.wait_for("session.created")
    talking.send(
        type="conversation.item.create",
        item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello?"}]},
    )
    talking.send(type="response.create", response={"modalities": ["audio", "text"], "temperature": 0.6})
    done = await talking.wait_for("response.done")
    types = {event["type"] for event in talking.events}

    assert created["session"]["voice"] == "verse"
    assert created["session"]["expires_at"] > time.time()
    assert done["response"]["modalities"] == ["audio", "text"]
    assert done["response"]["output"][0]["content"][0]["type"] == "audio"
    assert {"conversation.item.created", "response.audio_transcript.delta", "response.audio.done"} <= types
    assert not [kind for kind in types if kind.startswith(("response.output_text", "response.output_audio"))]
    assert not types & {"conversation.item.added", "conversation.item.done"}


async def test_a_text_only_answer(talking: Caller) -> None:
    talking.send(type="response.create", response={"modalities": ["text"]})
    done = await talking.wait_for("response.text.done")

    assert done["text"].startswith("Hello!")


async def test_the_session_can_be_updated_in_flat_fields_only(talking: Caller) -> None:
    talking.send(type="session.update", session={"instructions": "Be brief.", "turn_detection": None})
    updated = await talking.wait_for("session.updated")
    talking.send(type="session.update", session={"type": "realtime", "instructions": "No."}, event_id="mine")
    refused = await talking.wait_for("error")

    assert (updated["session"]["instructions"], updated["session"]["turn_detection"]) == ("Be brief.", None)
    assert refused["error"]["message"] == "Unknown parameter: 'session.type'."
    assert refused["error"]["event_id"] == "mine"


async def test_an_assistants_item_of_a_client_is_understood(talking: Caller) -> None:
    content = [{"type": "text", "text": "As I said before."}]
    talking.send(type="conversation.item.create", item={"type": "message", "role": "assistant", "content": content})
    created = await talking.wait_for("conversation.item.created")

    assert created["item"]["content"] == content


def test_faults_befall_preview_too(preview: PreviewService, emulator: Emulator) -> None:
    key = preview.mint()
    for on in ("client_secrets", "calls"):
        emulator.fault(on, "429", retry_after=7)

    assert preview.post_session(SESSION).headers["Retry-After"] == "7"
    assert preview.post_call(OFFER, key).headers["Retry-After"] == "7"
    emulator.clear_faults()
    for on in ("client_secrets", "calls"):
        emulator.fault(on, "garbage")

    assert "upstream" in preview.post_session(SESSION).text
    assert "upstream" in preview.post_call(OFFER, key).text
