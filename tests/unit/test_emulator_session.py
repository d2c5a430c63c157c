"""These tests reach edges of the emulator's sessions, client secrets and client events that sockets rarely reach."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.realtime.errors import ServiceError
from local.realtime.media.speech import Synthesizer
from local.realtime.options import Deployments, Options
from local.realtime.protocol.session import configured, default_session, updated
from local.realtime.service.client_secrets import ClientSecrets
from local.realtime.service.faults import Faults
from local.realtime.talk.call import Call
from tests.strategies import JSON

FIELDS = st.sampled_from(
    [
        *("session", "response", "item", "item_id", "previous_item_id", "content_index", "audio_end_ms"),
        *("response_id", "event_id"),
    ]
)
KINDS = st.sampled_from(
    [
        *("session.update", "response.create", "response.cancel", "output_audio_buffer.clear"),
        *(f"conversation.item.{what}" for what in ("create", "delete", "retrieve", "truncate")),
        *(f"input_audio_buffer.{what}" for what in ("append", "commit", "clear")),
    ]
)
OBJECTS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["realtime", "message", "function_call", "function_call_output"]) | JSON,
        "role": st.sampled_from(["user", "assistant", "system"]) | JSON,
        "content": st.lists(st.dictionaries(st.sampled_from(["type", "text", "transcript"]), JSON), max_size=2) | JSON,
        "input": JSON,
        "tools": JSON,
        "tool_choice": JSON,
        "audio": st.dictionaries(st.sampled_from(["input", "output"]), JSON) | JSON,
        "instructions": JSON,
        "output_modalities": JSON,
        "metadata": JSON,
    },
)


class Recorder:
    """This listener records the events of a call."""

    filtered = False

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def send(self, message: str) -> None:
        self.events.append(json.loads(message))

    def end(self, code: int, reason: str) -> None:
        self.events.append({"type": "end", "code": code, "reason": reason})


def new_call(synthesizer: Synthesizer) -> tuple[Call, Recorder]:
    call, recorder = Call("rtc_0", default_session("gpt-realtime"), Options(), synthesizer), Recorder()
    call.join(recorder)
    return call, recorder


@settings(max_examples=80)
@given(messages=st.lists(st.tuples(KINDS, st.dictionaries(FIELDS, OBJECTS | JSON, max_size=3)), min_size=1, max_size=4))
async def test_nothing_a_client_sends_breaks_a_call(messages: list[tuple[str, dict[str, Any]]]) -> None:
    """Whatever a client sends, the call goes on, and what is wrong is answered with an error event."""
    synthesizer = Synthesizer()
    call, recorder = new_call(synthesizer)
    for kind, fields in messages:
        call.receive(json.dumps({"type": kind, **fields}))
    call.receive(json.dumps({"type": "nonsense", "event_id": "last"}))
    last = recorder.events[-1]
    call.end("test")
    synthesizer.close()

    assert last["type"] == "error"
    assert last["error"]["event_id"] == "last"


async def test_a_call_ends_once() -> None:
    """Only the first reason counts. Afterwards, the call takes no event and sends none."""
    call, recorder = new_call(Synthesizer())
    call.end("hangup")
    call.end("peer_left", 1001, "late")
    call.receive('{"type": "response.create"}')

    assert call.ended_by == "hangup"
    assert recorder.events == [{"type": "end", "code": 1000, "reason": ""}]


@pytest.mark.parametrize(
    ("protocol", "body"),
    [
        (
            "ga",
            {
                "expires_after": {"anchor": "created_at", "seconds": 60},
                "session": {"type": "realtime", "model": "gpt-realtime"},
            },
        ),
        ("preview", {"model": "gpt-realtime"}),
    ],
)
def test_secrets_expire(protocol: str, body: dict[str, Any]) -> None:
    """A client secret is valid until it expires, and is then refused like one that never existed."""
    now = 1_000_000.0
    secrets = ClientSecrets(Deployments(), lambda: now)
    secret = secrets.create(body) if protocol == "ga" else secrets.create_preview(body)

    assert secret.expires_at == 1_000_060
    now += 59
    assert secrets.find(secret.value, protocol).session["model"] == "gpt-realtime"
    now += 1
    with pytest.raises(ServiceError):
        secrets.find(secret.value, protocol)


def test_a_change_leaves_the_original_alone() -> None:
    """A session is copied before it is changed, because one client secret serves many calls."""
    original = default_session("gpt-realtime")
    before = json.dumps(original)
    changed = configured(
        original, {"type": "realtime", "audio": {"output": {"voice": "ash"}}, "tools": [{"name": "x"}]}
    )
    changed["audio"]["input"]["turn_detection"]["threshold"] = 0.9

    assert json.dumps(original) == before
    assert changed["audio"]["output"]["voice"] == "ash"


def test_semantic_detection_is_filled_up() -> None:
    change = {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "semantic_vad"}}}}

    assert configured(default_session("m"), change)["audio"]["input"]["turn_detection"] == {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    }


def test_the_same_voice_may_be_said_again() -> None:
    session = default_session("m")
    change = {"type": "realtime", "audio": {"output": {"voice": "alloy"}}}

    assert updated(session, change, voice_used=True) == session


def test_the_oldest_fitting_fault_strikes_first() -> None:
    faults = Faults()
    faults.add({"on": "calls", "fault": "500", "times": 1})
    faults.add({"on": "calls", "fault": "403"})
    names = frozenset({"500", "403"})
    struck = [faults.take("calls", names) for _ in range(3)]

    assert [fault.name for fault in struck if fault] == ["500", "403", "403"]
    assert faults.take("hangup", names) is None
