"""Tests how the value of one setting is read."""

import pytest

from switchboard.environment.values import url_parts
from switchboard.errors import SettingsError
from tests.examples import settings
from tests.unit.environment.faults import faults


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("on", True), ("ON", True), ("false", False), ("off", False), ("", False)]
)
def test_switch(text: str, value: bool) -> None:
    """True and on mean the same, in any letters; an empty text is the default."""
    assert settings(REQUIRE_SIGN_IN=text).require_sign_in is value


@pytest.mark.parametrize("text", ["yes", "1", "enabled"])
def test_what_is_no_switch(text: str) -> None:
    """Anything else is a fault, because guessing would be dangerous."""
    with pytest.raises(SettingsError) as caught:
        settings(REQUIRE_SIGN_IN=text)

    assert caught.value.faults == ("REQUIRE_SIGN_IN is a switch: true or false (on and off mean the same)",)


def test_a_required_text() -> None:
    """A required setting that is missing is one fault, also if it holds only white space."""
    assert faults(REALTIME_DEPLOYMENT=" ") == ("REALTIME_DEPLOYMENT is missing",)
    assert settings(OPERATOR_ROLE=" staff ").operator_role == "staff"
    assert settings(OPERATOR_ROLE=" ").operator_role == "operator"


@pytest.mark.parametrize(("name", "text"), [("MAX_CALLS", "many"), ("PRICES", "{"), ("MAX_CALLS", "0")])
def test_a_value_that_cannot_be_read(name: str, text: str) -> None:
    """The fault says which setting it is, and what is wrong with it."""
    (fault,) = faults(**{name: text})

    assert fault.startswith(f"{name} cannot be read: ")


@pytest.mark.parametrize(("url", "host"), [("https://[", None), ("http://x:0", None), ("http://x:1", "x")])
def test_parts_of_a_url(url: str, host: str | None) -> None:
    """A URL that cannot be taken apart, or whose port is not one, has no parts."""
    parts = url_parts(url)

    assert (parts and parts.hostname) == host


def test_a_number() -> None:
    assert settings(MAX_CALLS=" 7 ").max_calls == 7
