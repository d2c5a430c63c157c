"""Tests which tools come with the gateway, and that each of them can be offered to a model."""

from pathlib import Path

import pytest

from switchboard.tools import EndCall, HandOver
from switchboard.tools.conduct import end_call, hand_over
from switchboard.tools.definition import define
from switchboard.tools.shipped import shipped_tools
from tests.examples import NETWORK, settings


def test_the_tools() -> None:
    """What must not happen twice is never begun twice."""
    chosen = settings(TOOL_HTTP_HOSTS="api.example.com").tools
    tools = [define(function) for function in shipped_tools(chosen, NETWORK, None)]

    assert {tool.name: tool.options.once for tool in tools} == {
        "end_call": True,
        "hand_over": True,
        "http_get": False,
        "http_post": True,
        "search_files": False,
    }
    assert all("api.example.com" in tool.description for tool in tools if tool.name.startswith("http"))


async def test_end_call_and_hand_over() -> None:
    """They only say what they want. The observer of the call does it."""
    assert await end_call() == EndCall()
    assert await hand_over("The caller asks for a person.") == HandOver("The caller asks for a person.")


def test_without_hosts(tmp_path: Path) -> None:
    (get,) = (each for each in shipped_tools(settings().tools, NETWORK, tmp_path) if each.__name__ == "http_get")
    assert "none" in define(get).description


@pytest.mark.parametrize("name", ["end_call", "hand_over", "http_get", "http_post", "search_files"])
def test_every_tool_says_what_it_does(name: str) -> None:
    found = {each.__name__: each for each in shipped_tools(settings().tools, NETWORK, None)}
    assert len(define(found[name]).description) > 40
