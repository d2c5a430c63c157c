"""The README says what the code does: every setting, route and error code, and no other."""

import json
import re
from pathlib import Path

import pytest

from switchboard.errors import SwitchboardError

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
ROUTES = (ROOT / "docs/routes.md").read_text()


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.DOTALL | re.MULTILINE)
    assert found, title
    return found.group(1)


def test_settings() -> None:
    """The table has a row for each setting of the example file, in its order."""
    values = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
    rows = re.findall(r"^\| `(\w+)` \|", section("Settings of the gateway"), re.MULTILINE)

    assert sorted(rows) == sorted(values.keys() - {"FUNCTIONS_WORKER_RUNTIME"})


def registered() -> set[tuple[str, str]]:
    """Method and path of each route that the triggers register."""
    source = "".join(path.read_text() for path in (ROOT / "switchboard/triggers").glob("*.py"))
    return {
        (method, f"/api/{route}")
        for route, methods in re.findall(r'\.route\(\s*"([^"]+)", methods=\[([^\]]+)\]', source)
        for method in re.findall(r'"(\w+)"', methods)
        if method != "OPTIONS"
    }


def test_routes() -> None:
    """Each route, and no other."""
    rows = set(re.findall(r"^\| `(\w+) (/api/[^`]+)` \|", section("Routes"), re.MULTILINE))

    assert rows == registered()


def test_each_route_in_three_languages() -> None:
    """docs/routes.md has a block of each language for each route, and no other route."""
    sections = re.findall(r"^### `(\w+) (/api/[^`]+)`$(.*?)(?=^##|\Z)", ROUTES, re.DOTALL | re.MULTILINE)

    assert {(method, path) for method, path, _ in sections} == registered()
    for method, path, text in sections:
        assert re.findall(r"^```(\w+)$", text, re.MULTILINE) == ["sh", "python", "js"], f"{method} {path}"


def every_error(kind: type[SwitchboardError] = SwitchboardError) -> list[type[SwitchboardError]]:
    return [error for child in kind.__subclasses__() for error in (child, *every_error(child))]


# Not answered to a request: abstract, at start only, or inside the observer only.
SILENT = {"internal_error", "settings_invalid", "sideband_failed"}


@pytest.mark.parametrize("code", sorted({error.code for error in every_error()} - SILENT))
def test_error_codes(code: str) -> None:
    """Troubleshooting knows every code that a caller can get."""
    assert f"`{code}`" in section("Troubleshooting")


def test_no_link_into_nothing() -> None:
    """Every file that the README and the routes link to is there."""
    for folder, text in ((ROOT, README), (ROOT / "docs", ROUTES)):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", text):
            assert (folder / target).exists(), target
