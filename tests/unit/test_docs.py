"""The README says what the code does: every setting, route and error code, and no other."""

import json
import re
from pathlib import Path

import pytest

from switchboard.errors import SwitchboardError

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.DOTALL | re.MULTILINE)
    assert found, title
    return found.group(1)


def test_settings() -> None:
    """The table has a row for each setting of the example file, in its order."""
    values = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
    rows = re.findall(r"^\| `(\w+)` \|", section("Settings of the gateway"), re.MULTILINE)

    assert sorted(rows) == sorted(values.keys() - {"FUNCTIONS_WORKER_RUNTIME"})


def test_routes() -> None:
    """Each route that the triggers register, and no other."""
    source = "".join(path.read_text() for path in (ROOT / "switchboard/triggers").glob("*.py"))
    registered = {
        (method, f"/api/{route}")
        for route, methods in re.findall(r'\.route\(\s*"([^"]+)", methods=\[([^\]]+)\]', source)
        for method in re.findall(r'"(\w+)"', methods)
        if method != "OPTIONS"
    }
    rows = set(re.findall(r"^\| `(\w+) (/api/[^`]+)` \|", section("Routes"), re.MULTILINE))

    assert rows == registered


def every_error(kind: type[SwitchboardError] = SwitchboardError) -> list[type[SwitchboardError]]:
    return [error for child in kind.__subclasses__() for error in (child, *every_error(child))]


# Not answered to a request: abstract, at start only, or inside the observer only.
SILENT = {"internal_error", "settings_invalid", "sideband_failed"}


@pytest.mark.parametrize("code", sorted({error.code for error in every_error()} - SILENT))
def test_error_codes(code: str) -> None:
    """Troubleshooting knows every code that a caller can get."""
    assert f"`{code}`" in section("Troubleshooting")


def test_no_link_into_nothing() -> None:
    """Every file that the README links to is there."""
    for target in re.findall(r"\]\((?!https?:|#)([^)]+)\)", README):
        assert (ROOT / target).exists(), target
