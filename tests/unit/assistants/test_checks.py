"""Tests what of an assistant cannot work with the settings, and which settings win over the default one's file."""

from typing import Any

import pytest

from switchboard.assistants.assistant import Assistant, NarrowerLimits
from switchboard.assistants.checks import beyond_preview, faults, overridden
from tests.examples import settings


def assistant(name: str = "help", **fields: Any) -> Assistant:
    return Assistant(**{"name": name, "title": "Help", "instructions": "You help."} | fields)


def test_nothing_wrong() -> None:
    """Limits that are as wide as the gateway's, and tools that are registered, are in order."""
    found = assistant(limits=NarrowerLimits(1800, 300), tools=("search_files",), voice="cedar", greeting="Say hello.")

    assert list(faults(found, settings(), {"search_files"})) == []
    assert list(faults(assistant(tools=("anything",)), settings(), None)) == []


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (
            NarrowerLimits(max_call_seconds=601),
            "max_call_seconds 601, which is wider than the gateway's MAX_CALL_SECONDS",
        ),
        (
            NarrowerLimits(max_idle_seconds=61),
            "max_idle_seconds 61, which is wider than the gateway's MAX_IDLE_SECONDS",
        ),
    ],
)
def test_wider_limits(limits: NarrowerLimits, words: str) -> None:
    """A limit that is wider than the gateway's is a fault, because it would never bind."""
    ((field, what),) = faults(assistant(limits=limits), settings(MAX_CALL_SECONDS="600", MAX_IDLE_SECONDS="60"))

    assert field == "limits"
    assert words in what


def test_unknown_tools() -> None:
    """A tool that is not registered is a fault that says which ones are."""
    ((field, what),) = faults(assistant(tools=("fly",)), settings(), {"end_call", "search_files"})
    ((_, nothing),) = faults(assistant(tools=("fly",)), settings(), ())

    assert (field, what) == ("tools", "names the tool 'fly', which is not registered (end_call, search_files)")
    assert nothing.endswith("(there are none)")


@pytest.mark.parametrize(
    ("session", "words"),
    [
        ({"voice": "cedar"}, "has 'voice', a field of the preview protocol"),
        ({"model": "gpt-4o"}, "may not set 'model'"),
        ({"type": "transcription"}, "may not set 'type'"),
        ({"instructions": "Be rude."}, "may not set 'instructions'"),
        ({"tools": []}, "may not set 'tools'"),
    ],
)
def test_session_fields(session: dict[str, Any], words: str) -> None:
    """A field that the gateway sets, that has a field of its own, or that only the preview protocol has, is a fault."""
    found = list(faults(assistant(session=session), settings()))

    assert [(field, what.startswith(words)) for field, what in found] == [("session", True)]


def test_preview() -> None:
    """What only the GA protocol can do is named, field by field."""
    found = assistant(
        voice="cedar",
        greeting="Say hello.",
        tools=("end_call",),
        deployment="gpt-realtime-2",
        session={"truncation": "auto"},
    )

    assert [field for field, _ in beyond_preview(found)] == ["voice", "deployment", "tools", "greeting", "session"]
    assert list(beyond_preview(assistant(voice="coral", session={"tool_choice": "auto"}))) == []


def test_settings_that_win() -> None:
    """Only over the default assistant's file do settings win, and only over what it says."""
    chosen = settings(
        SESSION_INSTRUCTIONS="Be brief.",
        SESSION_VOICE="ash",
        SESSION_TRANSCRIPTION_DEPLOYMENT="whisper",
        SESSION_CONFIG='{"audio": {"output": {"speed": 1.2}}}',
    )
    full = assistant("default", voice="cedar", transcription_deployment="other")

    assert overridden(full, chosen) == [
        *("SESSION_INSTRUCTIONS", "SESSION_VOICE", "SESSION_TRANSCRIPTION_DEPLOYMENT", "SESSION_CONFIG"),
    ]
    assert overridden(assistant("default", instructions=""), settings(SESSION_INSTRUCTIONS="Be brief.")) == []
    assert overridden(assistant("default"), settings(SESSION_CONFIG='{"truncation": "auto"}')) == []
    assert overridden(assistant("help", voice="cedar"), chosen) == []
