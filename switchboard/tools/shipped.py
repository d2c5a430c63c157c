"""Lists the tools that come with the gateway. Assistants choose from them and from the team's own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from switchboard.network import Network
from switchboard.settings import ToolSettings
from switchboard.tools.conduct import end_call, hand_over
from switchboard.tools.knowledge import Knowledge, knowledge_tools
from switchboard.tools.web import Web, web_tools


def shipped_tools(settings: ToolSettings, network: Network, documents: Path | None) -> list[Callable[..., Any]]:
    """Return the functions of the shipped tools. `documents` is the folder that `search_files` searches."""
    return [
        end_call,
        hand_over,
        *web_tools(Web(settings, network), settings.http_hosts),
        *knowledge_tools(Knowledge(documents)),
    ]
