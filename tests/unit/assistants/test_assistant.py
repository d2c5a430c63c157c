"""Tests who may call an assistant."""

import pytest

from switchboard.assistants.assistant import PLAIN, Assistant


@pytest.mark.parametrize(
    ("callers", "signed_in", "roles", "open_to"),
    [
        ("anyone", False, (), True),
        ("signed-in", False, (), False),
        ("signed-in", True, (), True),
        ("staff", True, ("authenticated",), False),
        ("staff", True, ("authenticated", "staff"), True),
        ("staff", False, ("staff",), False),
    ],
)
def test_open_to(callers: str, signed_in: bool, roles: tuple[str, ...], open_to: bool) -> None:
    """A role counts only for a caller who is signed in."""
    assistant = Assistant(name="help", title="Help", callers=callers)

    assert assistant.open_to(roles, signed_in=signed_in) is open_to


def test_plain() -> None:
    """Without a file, the default assistant is open to anyone and says nothing that the settings do not say."""
    assert PLAIN.name == "default"
    assert PLAIN.open_to((), signed_in=False)
    assert (PLAIN.instructions, PLAIN.session, PLAIN.voice) == ("", {}, "")
