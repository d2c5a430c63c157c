"""Tests which assistants a caller may call, and that the others look as if they did not exist."""

from pathlib import Path

import pytest

from switchboard.assistants.shelf import Assistants
from switchboard.callers import Caller, assistants_for, choose_assistant
from switchboard.errors import AssistantNotFound
from tests.examples import settings
from tests.unit.assistants.files import write


@pytest.mark.parametrize(
    ("caller", "signed_in"),
    [(Caller("anonymous"), False), (Caller("anonymous:5d41"), False), (Caller("aad:u1"), True)],
)
def test_who_is_signed_in(caller: Caller, signed_in: bool) -> None:
    assert caller.signed_in is signed_in


@pytest.fixture
def assistants(tmp_path: Path) -> Assistants:
    """Return an assistant for anyone, one for whoever is signed in, and one for a role."""
    write(tmp_path, "default")
    write(tmp_path, "members", "title: Members\ncallers: signed-in")
    write(tmp_path, "staff", "title: Staff\ncallers: staff")
    return Assistants(tmp_path, settings(REQUIRE_SIGN_IN="true"))


STAFF = Caller("aad:u1", roles=("authenticated", "staff"))


@pytest.mark.parametrize(
    ("caller", "offered"),
    [
        (None, ["default"]),
        (Caller("anonymous:5d41"), ["default"]),
        (Caller("aad:u2"), ["default", "members"]),
        (STAFF, ["default", "members", "staff"]),
    ],
)
def test_assistants_for_a_caller(caller: Caller | None, offered: list[str], assistants: Assistants) -> None:
    assert [assistant.name for assistant in assistants_for(caller, assistants)] == offered


def test_choosing_an_assistant(assistants: Assistants) -> None:
    """An empty name chooses the default one. One that is meant for others looks like one that does not exist."""
    assert choose_assistant(STAFF, "", assistants).name == "default"
    assert choose_assistant(STAFF, "staff", assistants).name == "staff"
    refusals = []
    for name in ("staff", "nobody", "../default"):
        with pytest.raises(AssistantNotFound) as caught:
            choose_assistant(Caller("aad:u2"), name, assistants)
        refusals.append((caught.value.detail, caught.value.hint))
    assert len(set(refusals)) == 1


def test_choosing_an_assistant_whose_file_is_new(assistants: Assistants, tmp_path: Path) -> None:
    """A file that was added a moment ago is found."""
    write(tmp_path, "new")

    assert choose_assistant(Caller("anonymous"), "new", assistants).name == "new"
