"""Act as a visitor of the page in Firefox, and find out what the page did with the browser."""

import base64
import json
import re
from typing import Any

from tests.browser.bidi import Bidi, BidiError
from tests.browser.stack import Stack, until
from tests.browser.visitor import ENERGY, SHOTS, WITNESS

VIEWPORT = {"width": 1280, "height": 860}


class FirefoxVisitor:
    """Drives one tab of a visitor who has never been on the page before."""

    def __init__(self, firefox: Bidi, stack: Stack) -> None:
        self.firefox = firefox
        self.stack = stack
        self.user = firefox.command("browser.createUserContext")["userContext"]
        self.tab = firefox.command("browsingContext.create", type="tab", userContext=self.user)["context"]
        firefox.command("browsingContext.setViewport", context=self.tab, viewport=VIEWPORT)
        script = f"() => {{ {WITNESS} }}"
        firefox.command("script.addPreloadScript", functionDeclaration=script, contexts=[self.tab])

    def sign_in(self, cookie: str) -> None:
        """Use this value of the cookie by which the site knows who the visitor is."""
        domain = self.stack.url.split("/")[2].split(":")[0]
        value = {"type": "string", "value": cookie}
        made = {"name": "StaticWebAppsAuthCookie", "value": value, "domain": domain, "path": "/"}
        partition = {"type": "storageKey", "userContext": self.user}
        self.firefox.command("storage.setCookie", cookie=made, partition=partition)

    def go(self, path: str) -> None:
        """Load a page of the site."""
        self.firefox.command("browsingContext.navigate", context=self.tab, url=self.stack.url + path, wait="complete")

    def open(self) -> "FirefoxVisitor":
        """Load the page, and wait until it has heard from the gateway."""
        self.go("")
        until(lambda: self.evaluate("!document.getElementById('start').disabled"))
        return self

    def evaluate(self, expression: str) -> Any:
        """Evaluate an expression in the page, wait for it if it is a promise, and return its value as JSON has it."""
        script = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        target = {"context": self.tab}
        answer = self.firefox.command("script.evaluate", expression=script, target=target, awaitPromise=True)
        if answer["type"] == "exception":
            raise BidiError(f"{expression}: {answer['exceptionDetails']['text']}")
        return json.loads(answer["result"]["value"])

    def text(self, selector: str) -> str:
        """Return what a person reads in the first element that matches."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    def click(self, role: str, name: str) -> None:
        """Click the only control that has this role and this name for assistive technology, as a mouse does."""
        locator = {"type": "accessibility", "value": {"role": role, "name": name}}
        found: list[Any] = []

        def visible() -> bool:
            found[:] = self.firefox.command("browsingContext.locateNodes", context=self.tab, locator=locator)["nodes"]
            return len(found) == 1

        until(visible)
        control = {"sharedId": found[0]["sharedId"]}
        self.firefox.command(
            "script.callFunction",
            functionDeclaration="(control) => control.scrollIntoView({ block: 'center' })",
            arguments=[control],
            target={"context": self.tab},
            awaitPromise=False,
        )
        place = {"type": "element", "element": control}
        press = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": place},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._act("pointer", press)

    def key_down(self, key: str) -> None:
        self._act("key", [{"type": "keyDown", "value": key}])

    def key_up(self, key: str) -> None:
        self._act("key", [{"type": "keyUp", "value": key}])

    def _act(self, kind: str, actions: list[dict[str, Any]]) -> None:
        source = {"type": kind, "id": kind, "actions": actions}
        self.firefox.command("input.performActions", context=self.tab, actions=[source])

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        self.key_down(key)
        self.key_up(key)

    def start(self, button: str = "Start and agree") -> str:
        """Click, wait until the call is up, and return its id."""
        before = {call["call_id"] for call in self.stack.calls()}
        self.click("button", button)
        until(lambda: self.evaluate("!document.getElementById('message').disabled"), 15)
        return next(call["call_id"] for call in self.stack.calls() if call["call_id"] not in before)

    def say(self, text: str) -> None:
        """Type a message and send it with the Enter key."""
        self.evaluate("document.getElementById('message').focus()")
        self.type_text(f"{text}\ue007")

    def type_text(self, text: str) -> None:
        """Press the key of each character."""
        for key in text:
            self.press(key)

    def shows(self, selector: str, words: str, seconds: float = 10) -> None:
        """Wait until a person reads words that match this pattern."""
        until(lambda: re.search(words, self.text(selector)), seconds)

    def state(self, words: str, seconds: float = 10) -> None:
        """Wait for this state of the call, in the page's own words."""
        self.shows("#state", f"^(?:{words})", seconds)

    def caption(self, words: str, seconds: float = 10) -> None:
        """Wait until these words stand in the conversation."""
        self.shows("#caption-list", re.escape(words), seconds)

    def hang_up(self) -> None:
        self.click("button", "Hang up")
        self.state("Call ended")

    def live_tracks(self) -> int:
        """Return the number of microphone tracks that the browser still records from."""
        return int(self.evaluate("witness.tracks.filter((track) => track.readyState === 'live').length"))

    def energy(self) -> float:
        """Return the energy of the sound received so far, as the browser's own statistics have it."""
        return float(self.evaluate(f"({ENERGY})()"))

    def shoot(self, name: str) -> None:
        """Save a picture of the window."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        picture = self.firefox.command("browsingContext.captureScreenshot", context=self.tab)["data"]
        (SHOTS / f"firefox-{name}.png").write_bytes(base64.b64decode(picture))

    def close(self) -> None:
        """Close the tab. The page must not have failed or broken its security policy unnoticed."""
        witness = self.evaluate("window.witness ?? null")
        self.firefox.command("browser.removeUserContext", userContext=self.user)
        assert witness is None or (witness["violations"], witness["errors"]) == ([], [])
