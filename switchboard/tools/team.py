"""Reads what a team has written: its assistants, and the tools in the folder `tools/`.

This happens when the gateway starts, so that all faults are named then. What the shipped tools need is built later.
"""

import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from switchboard.assistants.shelf import Assistants
from switchboard.errors import SettingsError
from switchboard.settings import Settings
from switchboard.tools.definition import DefinitionError, Tool, define, is_tool

SHIPPED = frozenset({"end_call", "hand_over", "http_get", "http_post", "search_files"})
"""The names of the tools that come with the gateway. No tool of a team may have one of them."""


@dataclass(frozen=True)
class TeamTools:
    """Holds what a team has written for its assistants to use."""

    tools: Mapping[str, Tool] = field(default_factory=dict)
    """The team's tools by name."""
    documents: Path | None = None
    """The folder that the tool `search_files` searches; None if there is none."""


NO_TEAM_TOOLS = TeamTools()
"""The tools of a gateway whose team has written none."""


def read_team(folder: Path, settings: Settings) -> tuple[Assistants, TeamTools]:
    """Return the assistants and the tools of the app that is in `folder`.

    Importing a team's module runs it. Raises SettingsError, which lists every fault of every file.
    """
    tools, faults = find_tools(folder / "tools")
    try:
        assistants = Assistants(folder / "assistants", settings, tools.keys() | SHIPPED)
    except SettingsError as error:
        raise SettingsError([*faults, *error.faults]) from error
    if faults:
        raise SettingsError(faults)
    return assistants, TeamTools(tools, folder / "knowledge")


def find_tools(folder: Path) -> tuple[dict[str, Tool], list[str]]:
    """Return the tools of the folder's modules by name, and every fault in words.

    A module whose name begins with `_` is not read. There may be no folder.
    """
    tools: dict[str, Tool] = {}
    faults: list[str] = []
    paths = [path for path in sorted(folder.glob("*.py")) if not path.name.startswith("_")]
    for where, function in [(path.name, function) for path in paths for function in _tools_in(path, faults)]:
        name, place = function.__name__, f"{folder.name}/{where}"
        try:
            tool = define(function)
        except DefinitionError as error:
            faults += [f"{place}: the tool {name!r} cannot be used: {fault}" for fault in error.faults]
            continue
        if name in tools or name in SHIPPED:
            faults.append(f"{place}: the tool {name!r} has the name of another tool")
        else:
            tools[name] = tool
    return tools, faults


def _tools_in(path: Path, faults: list[str]) -> list[Callable[..., Any]]:
    """Return the functions that a module marks as tools, in their order; add a fault if it cannot be imported."""
    name = f"{path.parent.name}.{path.stem}"
    try:
        module = _imported(name, path)
    except Exception as error:  # noqa: BLE001  a team's module may raise anything, and every fault is to be named
        faults.append(f"{path.parent.name}/{path.name}: it cannot be imported: {type(error).__name__}: {error}")
        return []
    return [value for value in vars(module).values() if is_tool(value) and value.__module__ == name]


def _imported(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and structs look for their own module here when they read their types.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
