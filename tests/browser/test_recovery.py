"""Connections that become unstable, break, and are made anew."""

from playwright.sync_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.stack import Stack, until
from tests.browser.visitor import Visitor

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


def test_a_break_is_waited_for_and_then_called_again(visit: Visit, stack: Stack) -> None:
    """The connection is really dead, and the browser takes seven seconds to notice. Then the conversation goes on."""
    visitor = visit(user_agent=FIREFOX).open()
    first = visitor.start()
    visitor.observed(first)
    stack.turn(first, "My name is Ada.", "Hello, Ada.")
    visitor.state("Speaking")
    visitor.state("Listening")
    stack.kept(first, "Hello, Ada.")
    with stack.broken_line():
        visitor.state("The connection is unstable", 15)
        visitor.shoot("wavering")
        visitor.state("Calling again: try 1 of 3", 8)
        visitor.problem("Firefox dropped the connection")
        visitor.shoot("calling-again")
    visitor.state("Listening", 10)
    visitor.caption("The conversation goes on in a new call.")
    visitor.remembers("My name is Ada.")
    visitor.shoot("called-again")
    assert visitor.captions() == [
        "You My name is Ada.",
        "Model Hello, Ada.",
        "The conversation goes on in a new call.",
        "You What did I say?",
        "Model Before this you said: My name is Ada.",
    ]
    visitor.page.get_by_text("Engineer’s panel").click()
    expect(visitor.page.locator(".log")).to_contain_text("conversation.item.added")
    expect(visitor.page.locator(".log")).not_to_contain_text('"item":{"id":"seed_')
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


def test_a_call_that_cannot_be_continued_is_begun_anew(visitor: Visitor, stack: Stack) -> None:
    """The gateway does not know the call that the page names. The page says so, and asks only once."""
    first = visitor.start()
    visitor.say("My name is Ada.")
    visitor.caption("You wrote: My name is Ada.")
    asked: list[str] = []

    def forget(route: Route) -> None:
        # The page cannot know it: its request arrives with the id of a call whose record was deleted.
        asked.append(route.request.url.partition("?")[2])
        route.continue_(url=route.request.url.replace(first, "rtc_deleted"))

    visitor.page.route("**/api/connect*", forget)
    visitor.page.evaluate(TURNS, "failed")
    visitor.caption("The model does not remember anything above.")
    visitor.state("Listening")
    visitor.shoot("begun-anew")
    visitor.say("What did I say?")
    visitor.caption("You have said nothing before this.")
    assert asked == [f"continues={first}", ""]
    said, _cut, divider, *_ = visitor.captions()
    assert said == "You My name is Ada."
    assert divider == "This is a new call. The model does not remember anything above."
