"""Tests how tools of remote MCP servers are followed: what is kept of them, and who asks the model to go on."""

from typing import Any

import pytest

from switchboard.observing.remote_tools import TOOLS_NOT_LISTED, RemoteTools, has_ended_one, refusal
from switchboard.realtime import events
from switchboard.realtime.events import Event
from switchboard.realtime.objects import Item, Response
from switchboard.record.line import Line
from switchboard.record.lines import Fault, ItemAdded
from switchboard.record.tool_lines import McpApprovalAnswered, McpApprovalRequested, McpCallFinished, McpCallStarted
from tests.examples import MIDNIGHT
from tests.unit.observing.tool_stories import done

ADDED = {"name": "forecast", "server_label": "weather"}


def added(kind: str, item_id: str, **fields: Any) -> events.ItemAdded:
    return events.ItemAdded(item=Item(id=item_id, type=kind, **fields))


CALLED = added("mcp_call", "mcp_1", **ADDED)
ASKED = added("mcp_approval_request", "mcpr_1", **ADDED)


def answered(approve: bool) -> Event:
    return added("mcp_approval_response", "item_9", approval_request_id="mcpr_1", approve=approve)


def lines(*heard: Event) -> list[Line]:
    remote = RemoteTools()
    return [line for event in heard for line in remote.receive(event, MIDNIGHT)]


def test_a_call() -> None:
    """Its start and its end are kept, with the names of tool and server, and nothing that was said."""
    assert lines(CALLED, events.McpCallCompleted(event_id="e1", item_id="mcp_1")) == [
        McpCallStarted(at=MIDNIGHT, item_id="mcp_1", name="forecast", server="weather"),
        McpCallFinished(at=MIDNIGHT, event_id="e1", item_id="mcp_1", outcome="completed"),
    ]


def test_a_call_that_fails() -> None:
    assert lines(events.McpCallFailed(item_id="mcp_1")) == [
        McpCallFinished(at=MIDNIGHT, item_id="mcp_1", outcome="failed")
    ]


def test_a_call_that_the_caller_interrupts() -> None:
    """Only a call that runs can be interrupted."""
    cancelled = Response(id="r1", status="cancelled", output=[Item(id="mcp_1"), Item(id="a1")])
    finished = McpCallFinished(at=MIDNIGHT, item_id="mcp_1", outcome="interrupted")

    assert lines(CALLED, events.ResponseDone(response=cancelled))[1:] == [finished]
    assert lines(events.ResponseDone(response=cancelled)) == []
    assert lines(CALLED, done())[1:] == []


@pytest.mark.parametrize("server", ["weather", None])
def test_tools_that_cannot_be_listed(server: str | None) -> None:
    """A fault says so, with the label of the server if this observer heard it."""
    before = [added("mcp_list_tools", "mcpl_1", server_label=server)] if server else []
    (fault,) = lines(*before, events.McpListToolsFailed(item_id="mcpl_1"))

    assert isinstance(fault, Fault)
    assert (fault.source, fault.error.code, fault.error.param) == ("mcp", TOOLS_NOT_LISTED, server)


def test_what_runs_and_what_waits() -> None:
    """An observer that takes over knows it from the journal."""
    assert not RemoteTools().running
    remote = RemoteTools()
    remote.resume(
        [
            McpCallStarted(at=MIDNIGHT, item_id="mcp_1", name="forecast", server="weather"),
            McpApprovalRequested(at=MIDNIGHT, item_id="mcpr_1", name="forecast", server="weather"),
            ItemAdded(at=MIDNIGHT, item_id="a1"),
        ]
    )

    assert list(remote.waiting) == ["mcpr_1"]
    known = []
    for event in (answered(True), events.McpCallFailed(item_id="mcp_1")):
        list(remote.receive(event, MIDNIGHT))
        known.append(remote.running)
    assert known == [True, False]


@pytest.mark.parametrize(
    ("event", "ended"),
    [
        (events.McpCallCompleted(item_id="mcp_1"), True),
        (events.McpCallFailed(item_id="mcp_1"), True),
        (answered(False), True),
        (answered(True), False),
        (ASKED, False),
    ],
)
def test_when_somebody_must_ask_the_model(event: Event, ended: bool) -> None:
    assert has_ended_one(event) is ended


def test_a_request_for_approval() -> None:
    """It waits until somebody answers it. Other items are no business of this module."""
    remote = RemoteTools()
    found = [line for event in (ASKED, added("message", "a1")) for line in remote.receive(event, MIDNIGHT)]

    assert found == [McpApprovalRequested(at=MIDNIGHT, item_id="mcpr_1", name="forecast", server="weather")]
    assert list(remote.waiting) == ["mcpr_1"]
    assert list(remote.receive(answered(False), MIDNIGHT)) == [
        McpApprovalAnswered(at=MIDNIGHT, item_id="mcpr_1", approved=False)
    ]
    assert list(remote.waiting) == []


def test_a_refusal() -> None:
    """Two observers refuse a request with the same item, so that the service takes only one of them."""
    assert refusal("mcpr_1") == refusal("mcpr_1")
    assert refusal("mcpr_1")["id"] != refusal("mcpr_2")["id"]
    assert (refusal("mcpr_1")["approval_request_id"], refusal("mcpr_1")["approve"]) == ("mcpr_1", False)
