"""Tests reading the assistants' files at start, and again when they have changed."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from switchboard.assistants.assistant import PLAIN
from switchboard.assistants.shelf import Assistants
from switchboard.errors import SettingsError
from tests.examples import ROOT, settings
from tests.unit.assistants.files import write


def test_files_of_a_folder(tmp_path: Path) -> None:
    """Each file is one assistant; the default one comes first, and the others follow by name."""
    for name in ("zoo", "default", "art-guide"):
        write(tmp_path, name, f"title: The {name}")
    # What an editor leaves beside a file is no assistant either.
    (tmp_path / "notes.txt").write_text("This is no assistant.")
    (tmp_path / ".#zoo.md").write_text("This is not one either.")
    (tmp_path / "gone.md").symlink_to(tmp_path / "no-such-file")

    found = Assistants(tmp_path, settings())

    assert [assistant.name for assistant in found.all()] == ["default", "art-guide", "zoo"]
    zoo = found.get("zoo")
    assert zoo is not None
    assert (zoo.title, zoo.instructions) == ("The zoo", "You help.")
    assert found.get("nobody") is None


@pytest.mark.parametrize("folder", [None, Path("no-such-folder")])
def test_no_files(folder: Path | None) -> None:
    """Without files there is only the default assistant, which the settings alone describe."""
    found = Assistants(folder, settings())
    found.refresh()

    assert found.all() == (PLAIN,)


def test_all_faults_of_all_files(tmp_path: Path) -> None:
    """One error names every fault of every file, with its line where there is one."""
    write(tmp_path, "default", "title: Help\nlimits:\n  max_call_seconds: 3000")
    write(tmp_path, "help", "title: Help\ncolour: blue\nvoice: 1")
    write(tmp_path, "Big_Name")
    (tmp_path / "latin.md").write_bytes("---\ntitle: Café\n---\nHola".encode("latin-1"))

    with pytest.raises(SettingsError) as caught:
        Assistants(tmp_path, settings())

    folder, widest = tmp_path.name, "MAX_CALL_SECONDS of 1800"
    assert [fault.split(": ")[0] for fault in caught.value.faults] == [
        f"{folder}/Big_Name.md must have a name of small letters, digits and hyphens, such as help-desk.md",
        f"{folder}/default.md:3 'limits' has max_call_seconds 3000, which is wider than the gateway's {widest}",
        f"{folder}/help.md:3 has 'colour', which is no field of an assistant",
        f"{folder}/help.md:4 'voice' cannot be read",
        f"{folder}/latin.md cannot be read as text in UTF-8",
    ]


def test_preview_protocol(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An assistant that needs the GA protocol is left out with the preview protocol, and the log says why."""
    preview = settings(REALTIME_PROTOCOL="preview", REALTIME_REGION="eastus2")
    write(tmp_path, "guide", "title: Guide\ngreeting: Say hello.")
    write(tmp_path, "help")

    assert [assistant.name for assistant in Assistants(tmp_path, preview).all()] == ["default", "help"]
    assert "guide.md is left out: 'greeting' needs the GA protocol" in caplog.text

    write(tmp_path, "default", "title: Help\nvoice: cedar")
    with pytest.raises(SettingsError, match=r"default\.md:3 'voice' is cedar; the preview protocol has"):
        Assistants(tmp_path, preview)


def test_a_tool_that_is_not_registered(tmp_path: Path) -> None:
    write(tmp_path, "help", "title: Help\ntools: [fly]")

    with pytest.raises(SettingsError, match=r"help\.md:3 'tools' names the tool 'fly'"):
        Assistants(tmp_path, settings(), tools={"end_call"})


def test_a_changed_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file that has changed, a new one and a deleted one count from the next look on."""
    write(tmp_path, "default")
    old = write(tmp_path, "old")
    found = Assistants(tmp_path, settings())
    before = found.get("default")

    found.refresh()
    assert found.get("default") is before

    write(tmp_path, "default", body="You help with orders.")
    write(tmp_path, "new")
    old.unlink()
    with caplog.at_level(logging.INFO):
        found.refresh()

    assert [(assistant.name, assistant.instructions) for assistant in found.all()] == [
        ("default", "You help with orders."),
        ("new", "You help."),
    ]
    assert "were read again" in caplog.text


def test_a_look_in_the_background(tmp_path: Path) -> None:
    """Whoever may not wait has the files looked at on a thread, at most once in a second."""
    found = Assistants(tmp_path, settings())
    before = found.fresh
    write(tmp_path, "new")
    with ThreadPoolExecutor() as executor:
        found.refresh_soon(executor)
    assert found.get("new") is not None
    assert (before, found.fresh) == (False, True)

    write(tmp_path, "newer")
    with ThreadPoolExecutor() as executor:
        found.refresh_soon(executor)
    assert found.get("newer") is None


def test_a_change_with_a_fault(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A fault in a changed file is logged once, and the assistants stay as they were until it is mended."""
    path = write(tmp_path, "default")
    found = Assistants(tmp_path, settings())

    path.write_text("no fields")
    found.refresh()
    found.refresh()

    default = found.get("default")
    assert default is not None
    assert default.instructions == "You help."
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "default.md:1 must begin" in caplog.text

    write(tmp_path, "default", body="You help again.")
    # A clock that stands still must not hide the change.
    os.utime(path, ns=(1, 1))
    found.refresh()
    mended = found.get("default")
    assert mended is not None
    assert mended.instructions == "You help again."


def test_what_is_said_at_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The log says which settings win over the default assistant's file, and which assistants nobody can call."""
    write(tmp_path, "default")
    write(tmp_path, "staff", "title: Staff\ncallers: staff")

    with caplog.at_level(logging.INFO):
        Assistants(tmp_path, settings(SESSION_INSTRUCTIONS="Be brief."))
    assert "SESSION_INSTRUCTIONS is set and wins over what assistants/default.md says" in caplog.text
    assert "nobody can call the assistant staff" in caplog.text

    caplog.clear()
    with caplog.at_level(logging.INFO):
        Assistants(tmp_path, settings(REQUIRE_SIGN_IN="on"))
    assert caplog.text == ""


def test_the_shipped_files() -> None:
    """The files that come with the project have no fault, however narrow the gateway's limits are."""
    found = Assistants(ROOT / "assistants", settings(MAX_CALL_SECONDS="1", MAX_IDLE_SECONDS="1"))

    assert [assistant.name for assistant in found.all()] == ["default", "front-desk", "guide"]
    assert found.all()[0].instructions
