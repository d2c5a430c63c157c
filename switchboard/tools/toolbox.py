"""Finds the tools of this gateway: those that come with it, and the team's own in the folder `tools/`."""

import importlib.util
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

from switchboard.tools.definition import DefinitionError, Tool, define, is_tool
from switchboard.tools.toolset import ToolLimits, Toolset


class Toolbox:
    """Holds all tools of the gateway. An instance lives as long as the process."""

    def __init__(self, tools: Mapping[str, Tool], executor: ThreadPoolExecutor, limits: ToolLimits) -> None:
        self._tools = dict(tools)
        self._executor = executor
        self._limits = limits

    @property
    def names(self) -> Collection[str]:
        """Return the names of all tools, which assistants choose from."""
        return self._tools.keys()

    def definitions(self, names: Iterable[str]) -> list[dict[str, Any]]:
        """Return the tools of these names as a `session` object describes them. Unknown names are left out."""
        return [self._tools[name].definition() for name in names if name in self._tools]

    def only(self, names: Iterable[str]) -> Toolset:
        """Return the tools of these names, ready to be run. Unknown names are left out."""
        chosen = {name: self._tools[name] for name in names if name in self._tools}
        return Toolset(chosen, self._executor, self._limits)
