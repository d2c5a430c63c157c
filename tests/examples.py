"""Holds examples that several test modules use."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from switchboard.environment import read_settings
from switchboard.network import Network
from switchboard.record.lines import CallCreated
from switchboard.settings import NetworkSettings, Settings

ROOT = Path(__file__).resolve().parent.parent
ENVIRON = {
    "REALTIME_ENDPOINT": "https://contoso.openai.azure.com",
    "REALTIME_DEPLOYMENT": "gpt-realtime",
    "REALTIME_API_KEY": "a-key-of-the-resource",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
}

# The names of all settings, as the example file has them.
SETTING_NAMES = sorted(json.loads((ROOT / "local.settings.example.json").read_text())["Values"])

# The least that a browser's offer for audio and a data channel holds.
OFFER = b"\r\n".join(
    [
        b"v=0",
        b"o=- 4611731400430051336 2 IN IP4 127.0.0.1",
        b"s=-",
        b"t=0 0",
        b"a=group:BUNDLE 0 1",
        b"m=audio 9 UDP/TLS/RTP/SAVPF 111",
        b"c=IN IP4 0.0.0.0",
        b"a=ice-ufrag:F7gI",
        b"a=ice-pwd:x9cml/YzichV2+XlhiMu8g7Z",
        b"a=fingerprint:sha-256 " + b":".join([b"AB"] * 32),
        b"a=setup:actpass",
        b"a=mid:0",
        b"a=sendrecv",
        b"a=rtcp-mux",
        b"a=rtpmap:111 opus/48000/2",
        b"m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        b"c=IN IP4 0.0.0.0",
        b"a=ice-ufrag:F7gI",
        b"a=ice-pwd:x9cml/YzichV2+XlhiMu8g7Z",
        b"a=fingerprint:sha-256 " + b":".join([b"AB"] * 32),
        b"a=setup:actpass",
        b"a=mid:1",
        b"a=sctp-port:5000",
        b"",
    ]
)

# A moment to count from: 2026-11-21T00:00:00Z.
MIDNIGHT = 1795219200.0


NETWORK = Network(NetworkSettings())
"""The way to other machines without any proxy."""


# How this machine reaches others. The gateway reads these names too, but nobody sets them for the gateway alone.
OF_THE_MACHINE = {"REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"} | {
    name for proxy in ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY") for name in (proxy, proxy.lower())
}


def settings(**environ: str) -> Settings:
    """Return settings from ENVIRON, overridden by these."""
    return read_settings({**ENVIRON, **environ})


def call(**fields: Any) -> CallCreated:
    """Return a call that began at MIDNIGHT, with these fields."""
    defaults: Mapping[str, Any] = {
        "at": MIDNIGHT,
        "call_id": "rtc_1",
        "caller_id": "aad:ada",
        "caller_name": "ada@example.com",
        "deployment": "gpt-realtime",
        "endpoint": "https://contoso.openai.azure.com",
        "voice": "marin",
        "max_call_seconds": 1800,
        "max_idle_seconds": 300,
    }
    return CallCreated(**{**defaults, **fields})
