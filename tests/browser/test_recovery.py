"""Connections that become unstable, break, and are made anew."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.stack import Stack, until
from tests.browser.visitor import Visitor

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


def test_a_break_is_waited_for_and_then_called_again(visit: Visit, stack: Stack) -> None:
    """The connection is really dead, and the browser takes seven seconds to notice."""
    visitor = visit(user_agent=FIREFOX).open()
    first = visitor.start()
    with stack.broken_line():
        visitor.state("The connection is unstable", 15)
        visitor.shoot("wavering")
        visitor.state("Calling again: try 1 of 3", 8)
        visitor.problem("Firefox dropped the connection")
        visitor.shoot("calling-again")
    visitor.state("Listening", 10)
    visitor.caption("The model does not remember anything above")
    visitor.shoot("called-again")
    # The hang-up of the first call waits in the gateway until the line works again.
    until(lambda: stack.call(first)["state"] == "ended")
    assert len([call for call in stack.calls() if call["state"] == "live"]) == 1
    (report,) = until(lambda: stack.reported(first), 20)["reports"]
    assert report["figures"]["problem"] == "firefox-drop"
    assert visitor.live_tracks() == 1, "the microphone is asked for once"


# This sets the state of the connection at once, for states that a browser takes long to reach.
TURNS = """(state) => {
  const connection = witness.connections.at(-1);
  Object.defineProperty(connection, 'connectionState', { get: () => state, configurable: true });
  connection.dispatchEvent(new Event('connectionstatechange'));
}"""


def test_a_connection_that_comes_back_in_time_is_the_same_call(visitor: Visitor, stack: Stack) -> None:
    call_id = visitor.start()
    visitor.page.evaluate(TURNS, "disconnected")
    visitor.state("The connection is unstable")
    visitor.page.evaluate(TURNS, "connected")
    visitor.state("Listening")
    assert [call["call_id"] for call in stack.calls() if call["state"] == "live"] == [call_id]


def test_three_tries_and_then_the_truth(visitor: Visitor, stack: Stack) -> None:
    visitor.start()
    stack.emulator.fault("calls", "500")
    visitor.page.evaluate(TURNS, "failed")
    for attempt in (1, 2, 3):
        visitor.state(f"Calling again: try {attempt} of 3")
    visitor.problem("The connection was lost")
    visitor.state("Call ended")
    visitor.shoot("connection-lost")
    assert visitor.live_tracks() == 0
    assert until(lambda: all(call["state"] == "ended" for call in stack.calls())) is True


def test_hanging_up_ends_the_tries(visitor: Visitor, stack: Stack) -> None:
    visitor.start()
    stack.emulator.fault("calls", "500")
    visitor.page.evaluate(TURNS, "failed")
    visitor.state("Calling again: try 2 of 3")
    visitor.hang_up()
    requests = len(stack.emulator.seen())
    expect(visitor.button("Start again")).to_be_visible()
    stack.emulator.clear_faults()
    stack.emulator.end_calls()
    visitor.start()
    assert len(stack.emulator.seen()) > requests
