"""Tests which SESSION_CONFIG the gateway refuses to start with, and that all of its faults are named at once."""

import json
from typing import Any

import pytest

from switchboard.errors import SettingsError
from tests.examples import settings

PREVIEW = {"REALTIME_PROTOCOL": "preview", "REALTIME_REGION": "eastus2"}
PROTOCOLS = pytest.mark.parametrize("protocol", [{}, PREVIEW], ids=["ga", "preview"])


def faults(config: Any, **environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        settings(SESSION_CONFIG=json.dumps(config), **environ)
    return caught.value.faults


@PROTOCOLS
@pytest.mark.parametrize(
    ("config", "fault"),
    [
        ({"speed": 1.1}, "has 'speed', a field of the preview protocol; write audio.output.speed instead"),
        ({"audio": {"voice": "ash"}}, "has 'audio.voice', a field of the preview protocol"),
        (
            {"audio": {"input": {"turn_detection": {"type": "none"}}}},
            "a value of the preview protocol; write null",
        ),
        ({"audio": "loud"}, "has 'audio', which must be an object"),
    ],
)
def test_each_fault_once(protocol: dict[str, str], config: dict[str, Any], fault: str) -> None:
    """SESSION_CONFIG has the GA protocol's fields with either protocol, and each fault is named once."""
    (found,) = faults(config, **protocol)

    assert found.startswith("SESSION_CONFIG ")
    assert fault in found


@PROTOCOLS
def test_all_faults_at_once(protocol: dict[str, str]) -> None:
    """Somebody who moves from the preview protocol learns everything in one round."""
    flat = {
        "modalities": ["audio", "text"],
        "voice": "ash",
        "input_audio_format": "pcm16",
        "output_audio_format": "pcm16",
        "input_audio_transcription": {"model": "whisper-1"},
        "input_audio_noise_reduction": None,
        "turn_detection": {"type": "server_vad"},
        "temperature": 0.8,
        "max_response_output_tokens": 100,
        "speed": 1,
    }
    config = {**flat, "model": "x", "audio": {"input": {"format": "pcm16"}, "output": []}}
    found = faults(config, **protocol)

    assert len(found) == len(flat) + 3
    assert all(any(repr(name) in fault for fault in found) for name in flat)
