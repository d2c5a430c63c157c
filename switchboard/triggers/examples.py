"""Holds the examples that the descriptions of several routes show."""

import msgspec

from switchboard.limits.left import Left
from switchboard.observing.status import CallStatus, LimitsLeft, brief_of
from switchboard.record.conversation import Turn, Utterance
from switchboard.record.summary import CallerRecord
from switchboard.record.tool_uses import ToolUse
from switchboard.record.usage import InputUsage, OutputUsage, TranscriptionTotal, Usage
from switchboard.triggers.config import (
    ArchiveNotice,
    CallLimits,
    FirewallRule,
    OfferedAssistant,
    PageConfig,
    SessionChoices,
)

CALL_ID = "rtc_9f3c1a7e5b2d4c60"
ENDPOINT = "https://contoso.openai.azure.com"
_TRANSPORT = (
    "c=IN IP4 0.0.0.0",
    "a=ice-ufrag:F7gI",
    "a=ice-pwd:x9cml/YzichV2+XlhiMu8g7Z",
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
)


def _sdp(session_id: str, setup: str) -> str:
    begin = ("v=0", f"o=- {session_id} 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1")
    audio = ("m=audio 9 UDP/TLS/RTP/SAVPF 111", *_TRANSPORT, f"a=setup:{setup}", "a=mid:0", "a=sendrecv")
    data = ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", *_TRANSPORT, f"a=setup:{setup}", "a=mid:1")
    lines = (*begin, *audio, "a=rtcp-mux", "a=rtpmap:111 opus/48000/2", *data, "a=sctp-port:5000", "")
    return "\r\n".join(lines)


OFFER = _sdp("4611731400430051336", "actpass")
ANSWER = _sdp("1736200000000000001", "active")

LIVE_CALL = CallStatus(
    call_id=CALL_ID,
    caller=CallerRecord("anonymous:5d41402abc4b2a76b9719d911017c592", ""),
    deployment="gpt-realtime",
    endpoint=ENDPOINT,
    protocol="ga",
    signalling="proxy",
    observed=True,
    assistant="default",
    continues=None,
    continued_by=None,
    voice="marin",
    language="en",
    started="2026-11-21T09:30:00.000Z",
    ended=None,
    duration_seconds=7.5,
    end_reason=None,
    end_seen=True,
    transcript=[
        Utterance("item_1", "user", "Is anybody there?", "2026-11-21T09:30:02.100Z", False, None),
        Utterance("item_2", "assistant", "Yes, I am.", "2026-11-21T09:30:04.000Z", False, None),
    ],
    turns=[
        Turn(
            item_id="item_1",
            response_id="resp_1",
            speech_started="2026-11-21T09:30:02.100Z",
            speech_stopped="2026-11-21T09:30:03.400Z",
            audio_started="2026-11-21T09:30:03.980Z",
            audio_stopped="2026-11-21T09:30:05.200Z",
            response_latency_ms=580,
            status="completed",
            interrupted=False,
        )
    ],
    interruptions=0,
    tools=[ToolUse("count_days", "2026-11-21T09:30:03.600Z", 2, "completed")],
    hand_overs=[],
    usage=Usage(1, 172, InputUsage(text=110, audio=13), OutputUsage(text=12, audio=37), TranscriptionTotal()),
    errors=[],
    gaps=[],
    steering=[],
    reports=[],
    state="live",
    limits=LimitsLeft(1792.5, 297.7),
)

BRIEF_STATUS = msgspec.structs.replace(brief_of(LIVE_CALL), ask_again_seconds=30)

CONFIG = PageConfig(
    version="0.1.0",
    signalling="proxy",
    protocol="ga",
    webrtc_filter=True,
    deployment="gpt-realtime",
    sign_in_required=False,
    limits=CallLimits(1800, 300, 2),
    continue_seconds=600,
    firewall=FirewallRule(3478, ["udp", "tcp"], "AzureCloud.eastus2"),
    session=SessionChoices("marin", ("cedar", "marin"), "ISO 639", "server_vad"),
    assistants=(
        OfferedAssistant(
            name="default",
            title="Assistant",
            description="Talks about anything, in one or two short sentences.",
            session=SessionChoices("marin", ("cedar", "marin"), "ISO 639", "server_vad"),
            limits=CallLimits(1800, 300, 2),
        ),
    ),
    archive=ArchiveNotice(transcripts=True, retention_days=30, notice=None),
    prices=None,
    left=Left(calls=98, budget=0.75),
)
