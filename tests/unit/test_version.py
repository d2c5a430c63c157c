"""The version is the same everywhere, and the documents say what is in it."""

import re
import tomllib
from datetime import date
from pathlib import Path

import yaml

from switchboard import __version__

ROOT = Path(__file__).resolve().parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()


def test_one_version() -> None:
    """pyproject.toml and azure.yaml repeat the version of the package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    template = yaml.safe_load((ROOT / "azure.yaml").read_text())["metadata"]["template"]

    assert project["version"] == __version__
    assert template == f"switchboard@{__version__}"


def test_the_version_is_a_semantic_one() -> None:
    """Three numbers without leading zeros, as Semantic Versioning wants them; we make no pre-releases."""
    assert re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", __version__)


def test_the_changelog_has_the_version_on_top() -> None:
    """First comes "Unreleased", then the version with its day, then the older ones."""
    headings = re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)
    released = [heading.split(" - ") for heading in headings[1:]]
    numbers = [tuple(int(part) for part in version.split(".")) for version, _ in released]
    days = [date.fromisoformat(day) for _, day in released]

    assert headings[0] == "Unreleased"
    assert released[0][0] == __version__
    assert numbers == sorted(set(numbers), reverse=True)
    assert days == sorted(days, reverse=True)


def test_the_changelog_uses_the_usual_kinds_of_change() -> None:
    """Only the kinds that Keep a Changelog names."""
    kinds = set(re.findall(r"^### (.*)$", CHANGELOG, re.MULTILINE))

    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_version_has_a_release_note() -> None:
    """Its title is the version, and it says what to know before using it."""
    note = (ROOT / f"docs/releases/{__version__}.md").read_text()

    assert note.startswith(f"# Switchboard {__version__}\n")
    assert "\n## What to know before you use it\n" in note
