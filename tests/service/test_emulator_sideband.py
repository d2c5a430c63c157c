"""These tests are about the emulator's sideband: who may attach, what clients may send, and how it ends."""

from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.emulator import Emulator
from tests.service import recorded
from tests.service.realtime import Attached, Service


@pytest.fixture
def service(emulator: Emulator) -> Service:
    return Service(emulator.url)


async def test_nothing_comes_unasked(service: Service) -> None:
    """A WebRTC call's sideband gets no session.created. Its first event is the answer to what it has sent."""
    async with service.sideband(service.call()) as sideband:
        await sideband.send("session.update", session={"type": "realtime", "instructions": "Answer in two words."})
        updated = await sideband.wait_for("session.updated")

        assert sideband.types == ["session.updated"]
        assert list(updated) == ["type", "event_id", "session"]
        assert set(updated["session"]) == recorded.SESSION_KEYS
        assert updated["session"]["instructions"] == "Answer in two words."
        assert updated["session"]["expires_at"] > 0


async def test_everybody_gets_the_same_event(service: Service) -> None:
    """Two sidebands receive an event with the same event_id."""
    call = service.call(output_modalities=["text"])
    async with service.sideband(call) as first, service.sideband(call) as second:
        await first.say("Hello")
        await second.wait_for("response.done")

        assert first.events == second.events


async def test_one_response_at_a_time(service: Service) -> None:
    """A second response.create is refused with an error that names its event_id, and the call goes on."""
    async with service.sideband(service.call(output_modalities=["text"])) as sideband:
        await sideband.send("response.create", event_id="one")
        await sideband.send("response.create", event_id="two")
        refused = await sideband.wait_for("error")

        assert refused["error"]["code"] == "conversation_already_has_active_response"
        assert refused["error"]["event_id"] == "two"
        assert set(refused["error"]) == {"type", "code", "message", "param", "event_id"}
        assert (await sideband.wait_for("response.done"))["response"]["status"] == "completed"


async def test_cancelling(service: Service, emulator: Emulator) -> None:
    """The status is cancelled, for client_cancelled, with an incomplete item. Without a response, it is an error."""
    async with service.sideband(service.call(output_modalities=["text"])) as sideband:
        await sideband.send("response.cancel", event_id="early")
        early = await sideband.wait_for("error")
        emulator.turn(sideband.call_id, "Count", "One two three four five six seven eight nine ten " * 20)
        await sideband.wait_for("response.output_text.delta")
        await sideband.send("response.cancel")
        done = await sideband.wait_for("response.done")

        assert (early["error"]["code"], early["error"]["event_id"]) == ("response_cancel_not_active", "early")
        assert done["response"]["status"] == "cancelled"
        assert done["response"]["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
        assert done["response"]["output"][0]["status"] == "incomplete"
        assert done["response"]["usage"]["output_tokens"] > 0


async def test_items(service: Service) -> None:
    """Items are created, also between others, retrieved and deleted, and previous_item_id is always right."""
    async with service.sideband(service.call()) as sideband:
        await sideband.send("conversation.item.create", item=user("one", id="a"))
        await sideband.send("conversation.item.create", item=user("three", id="c"))
        await sideband.send("conversation.item.create", item=user("two", id="b"), previous_item_id="a")
        await sideband.send("conversation.item.create", item=user("zero", id="z"), previous_item_id="root")
        await sideband.send("conversation.item.retrieve", item_id="b")
        retrieved = await sideband.wait_for("conversation.item.retrieved")
        await sideband.send("conversation.item.delete", item_id="b")
        deleted = await sideband.wait_for("conversation.item.deleted")
        for kind in ("retrieve", "delete", "truncate"):
            await sideband.send(f"conversation.item.{kind}", item_id="b", content_index=0, audio_end_ms=0)
        await sideband.send("conversation.item.create", item=user("again", id="a"))
        await sideband.until(lambda: sideband.types.count("error") == 4, "four errors")

        added = [event for event in sideband.events if event["type"] == "conversation.item.added"]
        assert [(event["item"]["id"], event["previous_item_id"]) for event in added] == [
            ("a", None),
            ("c", "a"),
            ("b", "a"),
            ("z", None),
        ]
        assert retrieved["item"]["content"] == [{"type": "input_text", "text": "two"}]
        assert deleted["item_id"] == "b"
        codes = [event["error"]["code"] for event in sideband.events if event["type"] == "error"]
        assert codes == ["item_not_found"] * 3 + ["item_already_exists"]


async def test_out_of_band_responses_leave_no_trace(service: Service) -> None:
    """A response with conversation none has its own input and metadata, and leaves the conversation empty."""
    async with service.sideband(service.call()) as sideband:
        done = await sideband_response(
            sideband,
            conversation="none",
            input=[user("Summarise")],
            metadata={"purpose": "summary"},
            output_modalities=["text"],
        )

        assert "conversation.item.added" not in sideband.types
        assert done["response"]["conversation_id"] is None
        assert done["response"]["metadata"] == {"purpose": "summary"}
        assert done["response"]["output"][0]["content"][0]["text"] == "You wrote: Summarise"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"type": "session.update", "session": {"instructions": "x"}}, "missing_required_parameter"),
        ({"type": "session.update"}, "missing_required_parameter"),
        ({"type": "session.update", "session": {"type": "realtime", "model": "gpt-realtime-mini"}}, "invalid_value"),
        ({"type": "session.update", "session": {"type": "realtime", "voice": "ash"}}, "unknown_parameter"),
        ({"type": "response.create", "response": {"modalities": ["text"]}}, "unknown_parameter"),
        ({"type": "conversation.item.create"}, "missing_required_parameter"),
        ({"type": "conversation.item.create", "item": {"type": "message", "role": "bot"}}, "invalid_value"),
        ({"type": "conversation.item.create", "item": {"type": "thought"}}, "invalid_value"),
        ({"type": "input_audio_buffer.commit"}, "input_audio_buffer_commit_empty"),
        ({"type": "input_audio_buffer.append", "audio": ""}, "invalid_value"),
        ({"type": "transcription_session.update"}, "invalid_value"),
        ({"no": "type"}, "missing_required_parameter"),
    ],
)
async def test_what_is_wrong_with_an_event_is_said(service: Service, event: dict[str, Any], code: str) -> None:
    """An error event names the client's event, and the sideband stays open."""
    async with service.sideband(service.call()) as sideband:
        await sideband.send(event.pop("type", None), event_id="mine", **event)
        refused = await sideband.wait_for("error")
        await sideband.send("input_audio_buffer.clear")
        await sideband.wait_for("input_audio_buffer.cleared")

        assert (refused["error"]["code"], refused["error"]["event_id"]) == (code, "mine")
        assert refused["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("message", ["{", "[]", "7", b"\x00\xff"])
async def test_what_is_no_event_is_refused(service: Service, message: str | bytes) -> None:
    async with service.sideband(service.call()) as sideband:
        await sideband.send_raw(message)

        assert (await sideband.wait_for("error"))["error"]["event_id"] is None


async def test_the_voice_is_fixed_once_it_was_heard(service: Service) -> None:
    async with service.sideband(service.call()) as sideband:
        await sideband.send("session.update", session=voice("ash"))
        await sideband.wait_for("session.updated")
        await sideband_response(sideband)
        await sideband.send("session.update", session=voice("sage"))

        assert (await sideband.wait_for("error"))["error"]["code"] == "cannot_update_voice"


async def test_the_call_ends_when_the_browser_leaves(service: Service, emulator: Emulator) -> None:
    """Every sideband is closed cleanly, and attaching again gets 404."""
    call = service.call()
    async with service.sideband(call) as first, service.sideband(call) as second:
        emulator.leave(call)

        assert await first.wait_closed() == (1000, "")
        assert await second.wait_closed() == (1000, "")
    with pytest.raises(InvalidStatus) as refused:
        async with service.sideband(call):
            pass
    assert refused.value.response.status_code == 404
    assert b"call_id_not_found" in (refused.value.response.body or b"")
    assert emulator.calls()[call]["ended_by"] == "peer_left"


async def test_hanging_up_closes_the_sideband(service: Service) -> None:
    async with service.sideband(service.call()) as sideband:
        assert service.hang_up(sideband.call_id).status_code == 200
        assert await sideband.wait_closed() == (1000, "")


async def test_leaving_a_sideband_does_not_end_the_call(service: Service, emulator: Emulator) -> None:
    call = service.call()
    async with service.sideband(call):
        assert emulator.calls()[call]["sidebands"] == 1
    async with service.sideband(call) as again:
        await sideband_response(again, output_modalities=["text"])

        assert emulator.calls()[call]["sidebands"] == 1
        assert emulator.calls()[call]["state"] == "live"


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"api-key": "wrong"}, 401), ({"Authorization": "Bearer nonsense"}, 401)],
)
async def test_strangers_may_not_listen(service: Service, headers: dict[str, str], status: int) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with service.sideband(service.call(), headers):
            pass
    assert refused.value.response.status_code == status


async def test_unknown_calls_are_not_found(service: Service) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with service.sideband("rtc_00000000000000000000000000000000"):
            pass
    assert refused.value.response.status_code == 404


def user(text: str, **fields: Any) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}], **fields}


def voice(name: str) -> dict[str, Any]:
    return {"type": "realtime", "audio": {"output": {"voice": name}}}


async def sideband_response(sideband: Attached, **request: Any) -> dict[str, Any]:
    seen = len(sideband.events)
    await sideband.send("response.create", response=request)
    return await sideband.wait_for("response.done", after=seen)
