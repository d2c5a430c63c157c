"""Tests how tools are found, and that all faults of all of them are named at once."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from switchboard.assistants.assistant import PLAIN, Assistant, McpServer
from switchboard.tools import tool
from switchboard.tools.toolbox import Toolbox, find_tools
from switchboard.tools.toolset import ToolLimits
from tests.examples import ROOT


@tool
def ping() -> str:
    """Return a greeting."""
    return "pong"


GOOD = '''
from dataclasses import dataclass
from switchboard.assistants.assistant import PLAIN, Assistant, McpServer
from switchboard.tools import tool
from tests.unit.tools.test_toolbox import ping

@dataclass
class Seat:
    row: int

@tool
def book(seat: Seat) -> str:
    """Book a seat."""
    return f"row {seat.row}"

def no_tool() -> None: ...
'''
BAD = '''
from switchboard.assistants.assistant import PLAIN, Assistant, McpServer
from switchboard.tools import tool

@tool
def ping() -> None:
    """Return a greeting."""

@tool
def silent(word): ...
'''


NO_DOCSTRING = "it has no docstring, which is what the model is told about it"


def test_the_tools_of_a_folder(tmp_path: Path) -> None:
    """Marked functions of the folder's own modules are tools. What a module imports is not its own."""
    (tmp_path / "seats.py").write_text(GOOD)
    (tmp_path / "_helpers.py").write_text("raise RuntimeError")
    tools, faults = find_tools(tmp_path, [ping])

    assert faults == []
    assert list(tools) == ["ping", "book"]
    assert tools["book"].function(**tools["book"].read('{"seat": {"row": 3}}')) == "row 3"


def test_all_faults_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(BAD)
    (tmp_path / "worse.py").write_text("import nowhere")
    (tmp_path / "exits.py").write_text("def (")
    tools, faults = find_tools(tmp_path, [ping])

    assert list(tools) == ["ping"]
    name = tmp_path.name
    assert sorted(faults) == sorted(
        [
            f"{name}/bad.py: the tool 'ping' has the name of another tool",
            f"{name}/bad.py: the tool 'silent' cannot be used: {NO_DOCSTRING}",
            f"{name}/bad.py: the tool 'silent' cannot be used: its parameter 'word' has no type",
            f"{name}/exits.py: it cannot be imported: SyntaxError: invalid syntax (exits.py, line 1)",
            f"{name}/worse.py: it cannot be imported: ModuleNotFoundError: No module named 'nowhere'",
        ]
    )
    assert f"{name}.worse" not in sys.modules


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert find_tools(tmp_path / "nowhere", []) == ({}, [])


def test_a_file_that_is_no_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seats.py").write_text(GOOD)
    monkeypatch.setattr("importlib.util.spec_from_file_location", lambda *_: None)

    _, faults = find_tools(tmp_path, [])
    assert len(faults) == 1


def test_the_projects_own_example() -> None:
    tools, faults = find_tools(ROOT / "tools", [])
    example = tools["count_days"]

    assert faults == []
    given = example.read('{"start": "2026-11-21", "end": "2026-12-24"}')
    assert example.function(**given) == "33 days, from a Saturday to a Thursday"


def test_an_assistant_gets_the_tools_that_it_names() -> None:
    tools, _ = find_tools(None, [ping])
    with ThreadPoolExecutor(1) as threads:
        box = Toolbox(tools, threads, ToolLimits(calls=3))

        assert list(box.names) == ["ping"]
        assert [each["name"] for each in box.definitions(["ping", "pong"])] == ["ping"]
        toolset = box.only(["ping", "pong"])
        assert toolset.get("ping") is tools["ping"]
        assert "pong" not in toolset
        assert "ping" not in box.only([])
        assert toolset.limits.calls == 3


def test_what_a_session_offers() -> None:
    """The model sees the assistant's tools, its MCP servers, and what SESSION_CONFIG offers. And nothing else."""
    tools, _ = find_tools(None, [ping])
    server = McpServer("weather", "https://mcp.example.com/weather", ("forecast",), "never")
    assistant = Assistant(name="desk", title="Desk", tools=("ping",), mcp=(server,))
    with ThreadPoolExecutor(1) as threads:
        box = Toolbox(tools, threads, ToolLimits())
        offered = box.offer({"type": "realtime", "tools": [{"type": "function", "name": "of_the_page"}]}, assistant)

        assert [each.get("name") for each in offered["tools"]] == ["of_the_page", "ping", None]
        assert offered["tools"][-1] == {
            "type": "mcp",
            "server_label": "weather",
            "server_url": "https://mcp.example.com/weather",
            "allowed_tools": ["forecast"],
            "require_approval": "never",
        }
        assert box.offer({"type": "realtime"}, PLAIN) == {"type": "realtime"}
