"""Tests reading an assistant from the text of its file, and that each fault comes with its line."""

import pytest

from switchboard.assistants.assistant import Assistant, McpServer, NarrowerLimits
from switchboard.assistants.frontmatter import Faults, parse

FULL = """---
title: Help desk
description: Answers questions about orders.
voice: cedar
language: en
deployment: gpt-realtime-2
transcription_deployment: gpt-realtime-whisper
tools: [search_files, end_call]
mcp:
  - label: crm
    url: https://mcp.example.com/v1
    allowed_tools: [find_customer]
    require_approval: never
limits:
  max_call_seconds: 600
  max_idle_seconds: 60
greeting: Say hello, and ask what the caller needs.
callers: staff
session:
  audio:
    input:
      noise_reduction: {type: near_field}
---

You answer questions about orders.

---

Be brief.
"""


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(Faults) as caught:
        parse("help", text)
    return caught.value.found


def test_every_field() -> None:
    """All fields are read; a further line of hyphens belongs to the instructions."""
    found, lines = parse("help", FULL)

    assert found == Assistant(
        name="help",
        title="Help desk",
        description="Answers questions about orders.",
        voice="cedar",
        language="en",
        deployment="gpt-realtime-2",
        transcription_deployment="gpt-realtime-whisper",
        tools=("search_files", "end_call"),
        mcp=(McpServer("crm", "https://mcp.example.com/v1", ("find_customer",), "never"),),
        limits=NarrowerLimits(600, 60),
        greeting="Say hello, and ask what the caller needs.",
        callers="staff",
        session={"audio": {"input": {"noise_reduction": {"type": "near_field"}}}},
        instructions="You answer questions about orders.\n\n---\n\nBe brief.",
    )
    assert (lines["title"], lines["mcp"], lines["callers"]) == (2, 9, 18)


def test_windows_text() -> None:
    """A byte order mark and the line ends of Windows change nothing."""
    text = "\ufeff---\ntitle: Help\n---\nYou help.\n".replace("\n", "\r\n")

    assert parse("help", text)[0] == Assistant(name="help", title="Help", instructions="You help.")


def test_all_faults_at_once() -> None:
    """Every fault is named with the line of the value that is wrong, also inside of lists and objects."""
    text = """---
voice: [1]
colour: blue
limits:
  max_idle_seconds: 60
  max_call_seconds: 0
tools:
  - search_files
  - no such tool
language: no
mcp:
  - label: crm
    url: http://mcp.example.com
    allowed_tools: [find_customer]
    require_approval: never
voice: [2]
---
"""
    found = faults(text)

    assert [line for line, _ in found] == [1, 2, 3, 6, 9, 10, 13, 16, 17]
    assert [what.partition(":")[0] for _, what in found] == [
        "has no 'title'",
        "'voice' cannot be read",
        "has 'colour', which is no field of an assistant",
        "'limits' cannot be read",
        "'tools' cannot be read",
        "'language' cannot be read",
        "'mcp' cannot be read",
        "has 'voice' a second time",
        "has no instructions below its fields",
    ]
    assert found[3][1].endswith("Expected `int` >= 1 (at max_call_seconds)")
    assert found[6][1].endswith("(at [0].url)")


def test_all_faults_of_one_field() -> None:
    """Each entry of a list and of an object is looked at."""
    limits = "limits:\n  max_call_seconds: x\n  max_idle_seconds: -1"
    text = f"---\ntitle: Help\n{limits}\ntools:\n- 1\n- end_call\n- no tool\n---\nYou help."

    assert [(line, what.rpartition(" ")[2]) for line, what in faults(text)] == [
        (4, "max_call_seconds)"),
        (5, "max_idle_seconds)"),
        (7, "[0])"),
        (9, "[2])"),
    ]


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ("title: Help\nlimits: {max_calls: 1}", 3),
        ("title: Help\nlimits:\n  1: 2", 4),
        ("title: Help\nmcp:\n- label: a", 4),
        ("base: &base {max_calls: x}\ntitle: Help\nlimits: *base", 2),
        ("title: Help\nlimits: {<<: {max_call_seconds: 0}}", 3),
    ],
    ids=["unknown", "number as key", "missing", "alias", "merged"],
)
def test_line_of_an_inner_fault(fields: str, line: int) -> None:
    assert line in [number for number, _ in faults(f"---\n{fields}\n---\nYou help.\n")]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "must begin with a line of three hyphens"),
        ("You help.", 1, "must begin with a line of three hyphens"),
        ("---\ntitle: Help\n", 1, "has no second line of three hyphens"),
        ("---\n---\nYou help.", 1, "has no 'title'"),
        ("---\n- title\n---\nYou help.", 2, "must have fields"),
        ("---\ntitle: Help\ntools: [a\n---\nYou help.", 3, "is not YAML"),
        ("---\ntitle: !!python/object/apply:os.getcwd []\n---\nYou help.", 2, "is not YAML"),
        ("---\ntitle: Help\nsession: {a: 2026-13-01}\n---\nYou help.", 2, "is not YAML"),
        ("---\ntitle: \a\n---\nYou help.", 2, "is not YAML"),
        (
            "---\ntitle: Help\nsession: &own {a: *own}\n---\nYou help.",
            3,
            "'session' cannot be read: it cannot be written",
        ),
        (f"---\ntitle: Help\nsession: {'[' * 1000}{']' * 1000}\n---\nYou help.", 2, "is not YAML"),
        ("---\ntitle: Help\n---\n\n", 4, "has no instructions"),
    ],
)
def test_no_assistant(text: str, line: int, words: str) -> None:
    """A text that is no file of an assistant is refused, and no tag of YAML runs any code."""
    assert any(number == line and what.startswith(words) for number, what in faults(text)), faults(text)
