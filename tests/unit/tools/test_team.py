"""Tests how a team's tools are found, and that all faults of what it has written are named at once."""

import sys
from pathlib import Path

import pytest

from switchboard.errors import SettingsError
from switchboard.tools.shipped import shipped_tools
from switchboard.tools.team import SHIPPED, find_tools, read_team
from tests.examples import NETWORK, ROOT, settings

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
def end_call() -> None:
    """Do something else than the tool of this name that comes with the gateway."""

@tool
def silent(word): ...
'''


NO_DOCSTRING = "it has no docstring, which is what the model is told about it"


def test_the_tools_of_a_folder(tmp_path: Path) -> None:
    """Marked functions of the folder's own modules are tools. What a module imports is not its own."""
    (tmp_path / "seats.py").write_text(GOOD)
    (tmp_path / "_helpers.py").write_text("raise RuntimeError")
    tools, faults = find_tools(tmp_path)

    assert faults == []
    assert list(tools) == ["book"]
    assert tools["book"].function(**tools["book"].read('{"seat": {"row": 3}}')) == "row 3"


def test_all_faults_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(BAD)
    (tmp_path / "worse.py").write_text("import nowhere")
    (tmp_path / "exits.py").write_text("def (")
    tools, faults = find_tools(tmp_path)

    assert tools == {}
    name = tmp_path.name
    assert sorted(faults) == sorted(
        [
            f"{name}/bad.py: the tool 'end_call' has the name of another tool",
            f"{name}/bad.py: the tool 'silent' cannot be used: {NO_DOCSTRING}",
            f"{name}/bad.py: the tool 'silent' cannot be used: its parameter 'word' has no type",
            f"{name}/exits.py: it cannot be imported: SyntaxError: invalid syntax (exits.py, line 1)",
            f"{name}/worse.py: it cannot be imported: ModuleNotFoundError: No module named 'nowhere'",
        ]
    )
    assert f"{name}.worse" not in sys.modules


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert find_tools(tmp_path / "nowhere") == ({}, [])


def test_a_file_that_is_no_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seats.py").write_text(GOOD)
    monkeypatch.setattr("importlib.util.spec_from_file_location", lambda *_: None)

    _, faults = find_tools(tmp_path)
    assert len(faults) == 1


def test_the_projects_own_example() -> None:
    tools, faults = find_tools(ROOT / "tools")
    example = tools["count_days"]

    assert faults == []
    given = example.read('{"start": "2026-11-21", "end": "2026-12-24"}')
    assert example.function(**given) == "33 days, from a Saturday to a Thursday"


def test_two_tools_of_one_name(tmp_path: Path) -> None:
    """The first file counts, and the fault names the second."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.py").write_text(GOOD)
    tools, faults = find_tools(tmp_path)

    assert list(tools) == ["book"]
    assert faults == [f"{tmp_path.name}/b.py: the tool 'book' has the name of another tool"]


def test_the_names_of_the_shipped_tools() -> None:
    assert {function.__name__ for function in shipped_tools(settings().tools, NETWORK, None)} == SHIPPED


def written(folder: Path, tool: str, assistant: str) -> Path:
    (folder / "tools").mkdir()
    (folder / "tools" / "seats.py").write_text(tool)
    (folder / "assistants").mkdir()
    (folder / "assistants" / "desk.md").write_text(f"---\ntitle: Desk\ntools: [{assistant}]\n---\nHelp.\n")
    return folder


def test_what_a_team_has_written(tmp_path: Path) -> None:
    """An assistant may name the team's tools and those that come with the gateway."""
    assistants, team = read_team(written(tmp_path, GOOD, "book, end_call"), settings())

    assert [assistant.name for assistant in assistants.all()] == ["default", "desk"]
    assert list(team.tools) == ["book"]
    assert team.documents == tmp_path / "knowledge"


@pytest.mark.parametrize(("tool", "assistant", "faults"), [(BAD, "book", 4), (BAD, "end_call", 3), (GOOD, "bok", 1)])
def test_all_faults_of_tools_and_assistants(tmp_path: Path, tool: str, assistant: str, faults: int) -> None:
    with pytest.raises(SettingsError) as error:
        read_team(written(tmp_path, tool, assistant), settings())
    assert len(error.value.faults) == faults


def test_what_comes_with_the_project() -> None:
    assistants, team = read_team(ROOT, settings())

    guide = assistants.get("guide")
    assert guide is not None
    assert set(guide.tools) <= team.tools.keys() | SHIPPED
