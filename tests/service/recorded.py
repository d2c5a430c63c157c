"""Holds what the real service was recorded to answer (Azure, eastus2, July 2026): names, order, nulls and defaults.

The emulator is compared with these facts. Values that differ from call to call (ids, times, texts) are left out.
"""

from typing import Any

CLIENT_SECRET_KEYS = {"value", "expires_at", "session"}
SECRET_LIFETIME_SECONDS = 7200  # the request named no lifetime

SESSION_KEYS = {
    *("type", "object", "id", "model", "output_modalities", "instructions", "tools", "tool_choice"),
    *("max_output_tokens", "tracing", "truncation", "prompt", "expires_at", "audio", "include"),
}
SESSION_VALUES: dict[str, Any] = {
    "type": "realtime",
    "object": "realtime.session",
    "output_modalities": ["audio"],
    "tools": [],
    "tool_choice": "auto",
    "max_output_tokens": "inf",
    "tracing": None,
    "truncation": "auto",
    "prompt": None,
    "include": None,
}
PCM = {"type": "audio/pcm", "rate": 24000}
SERVER_VAD = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 200,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}
AUDIO_INPUT: dict[str, Any] = {
    "format": PCM,
    "transcription": None,
    "noise_reduction": None,
    "turn_detection": SERVER_VAD,
}
AUDIO_OUTPUT: dict[str, Any] = {"format": PCM, "voice": "alloy", "speed": 1.0}
TRANSCRIPTION_FILLED = {"model": "gpt-realtime-whisper", "language": None, "prompt": None}
SECRET_SESSION_EXPIRES_AT = 0

EVERY_ANSWER_HEADERS = {
    *("apim-request-id", "azureml-served-by-cluster", "openai-processing-ms", "openai-version"),
    "strict-transport-security",
}
CALL_HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Location,X-Request-Id",
    "content-type": "text/plain; charset=utf-8",
    "timing-allow-origin": "*",
}
LOCATION = r"/v1/realtime/calls/rtc_[0-9a-f]{32}"

# The answer's lines in their order, one pattern each. `*` means that a line occurs any number of times.
ANSWER_LINES = [
    r"v=0",
    r"o=- \d+ \d+ IN IP4 0\.0\.0\.0",
    r"s=-",
    r"t=0 0",
    r"a=msid-semantic:WMS \*",
    r"a=fingerprint:sha-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}",
    r"a=group:BUNDLE 0 1",
    r"m=audio 9 UDP/TLS/RTP/SAVPF 96 0 8",
    r"c=IN IP4 0\.0\.0\.0",
    r"a=setup:active",
    r"a=mid:0",
    r"a=ice-ufrag:\S+",
    r"a=ice-pwd:\S+",
    r"a=rtcp-mux",
    r"a=rtcp-rsize",
    r"a=rtpmap:96 opus/48000/2",
    r"a=fmtp:96 minptime=10;useinbandfec=1",
    r"a=rtpmap:0 PCMU/8000",
    r"a=rtpmap:8 PCMA/8000",
    r"a=ssrc:\d+ cname:realtimeapi",
    r"a=ssrc:\d+ msid:realtimeapi audio",
    r"a=ssrc:\d+ mslabel:realtimeapi",
    r"a=ssrc:\d+ label:audio",
    r"a=msid:realtimeapi audio",
    r"a=sendrecv",
    r"*a=candidate:\S+ \d (udp|tcp) \d+ \S+ \d+ typ host.*",
    r"a=end-of-candidates",
    r"m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    r"c=IN IP4 0\.0\.0\.0",
    r"a=setup:active",
    r"a=mid:1",
    r"a=sendrecv",
    r"a=sctp-port:5000",
    r"a=max-message-size:1073741823",
    r"a=ice-ufrag:\S+",
    r"a=ice-pwd:\S+",
]

# A written turn on the sideband; consecutive deltas are counted as one.
TEXT_TURN_ORDER = [
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
]
FUNCTION_TURN_ORDER = [
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
]
# The answer to a spoken turn, recorded on OpenAI's sideband (no spoken turn was recorded on Azure).
AUDIO_ANSWER_ORDER = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "output_audio_buffer.started",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
    "output_audio_buffer.stopped",
]

# The fields of each event beside `type` and `event_id`, in their order.
EVENT_FIELDS: dict[str, list[str]] = {
    "session.updated": ["session"],
    "conversation.item.added": ["previous_item_id", "item"],
    "conversation.item.done": ["previous_item_id", "item"],
    "response.created": ["response"],
    "response.output_item.added": ["response_id", "output_index", "item"],
    "response.content_part.added": ["response_id", "item_id", "output_index", "content_index", "part", "content"],
    "response.output_text.delta": [
        *("response_id", "item_id", "output_index", "content_index", "delta", "obfuscation"),
    ],
    "response.output_text.done": ["response_id", "item_id", "output_index", "content_index", "text"],
    "response.content_part.done": ["response_id", "item_id", "output_index", "content_index", "part", "content"],
    "response.function_call_arguments.delta": [
        *("response_id", "item_id", "output_index", "call_id", "delta", "obfuscation"),
    ],
    "response.function_call_arguments.done": [
        *("response_id", "item_id", "output_index", "call_id", "name", "arguments"),
    ],
    "response.output_item.done": ["response_id", "output_index", "item"],
    "response.done": ["response"],
}
RESPONSE_KEYS = [
    *("object", "id", "status", "status_details", "output", "conversation_id", "output_modalities"),
    *("max_output_tokens", "audio", "usage", "metadata"),
]
MESSAGE_KEYS = ["id", "type", "status", "role", "content"]
FUNCTION_CALL_KEYS = ["id", "type", "status", "name", "call_id", "arguments"]
FUNCTION_OUTPUT_KEYS = ["id", "type", "call_id", "output"]
DELTA_AND_OBFUSCATION_LENGTH = 16
USAGE_SHAPE: dict[str, Any] = {
    "total_tokens": int,
    "input_tokens": int,
    "output_tokens": int,
    "input_token_details": {
        "text_tokens": int,
        "audio_tokens": int,
        "image_tokens": int,
        "cached_tokens": int,
        "cached_tokens_details": {"text_tokens": int, "audio_tokens": int, "image_tokens": int},
    },
    "output_token_details": {"text_tokens": int, "audio_tokens": int},
}
ID_LENGTHS = {"event": 21, "item": 21, "resp": 21, "conv": 21, "sess": 21, "call": 16}
