"""The documents say what the code does: every setting, route and error code, and no other."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from pathspec import GitIgnoreSpec

from switchboard.assistants.assistant import FrontMatter, McpServer, NarrowerLimits
from switchboard.assistants.checks import faults
from switchboard.assistants.frontmatter import parse
from switchboard.errors import SwitchboardError
from switchboard.repair.findings import MENDING, WORDS
from switchboard.telemetry.figures import FIGURES
from tests.examples import settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ROUTES = (DOCS / "routes.md").read_text()
SETTINGS = (DOCS / "settings.md").read_text()
TROUBLESHOOTING = (DOCS / "troubleshooting.md").read_text()
PAGES = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "infra/FIREWALL.md", *ROOT.glob("local/*/README.md")]
LEFT_BEHIND = GitIgnoreSpec.from_lines((ROOT / ".azdignore").read_text().splitlines())


def test_settings() -> None:
    """The table has a row for each setting of the example file, and no other row."""
    values = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
    rows = re.findall(r"^\| `(\w+)` \|", SETTINGS, re.MULTILINE)

    assert sorted(rows) == sorted(values.keys() - {"FUNCTIONS_WORKER_RUNTIME"})


def test_fields_of_an_assistant() -> None:
    """docs/assistants.md has a row for each field of an assistant's file, and names the parts of those with parts."""
    page = (DOCS / "assistants.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE))

    assert list(rows) == [field.name for field in msgspec.structs.fields(FrontMatter)]
    for field, struct in {"limits": NarrowerLimits, "mcp": McpServer}.items():
        assert {f"`{part}`" for part in struct.__struct_fields__} <= set(re.findall(r"`\w+`", rows[field]))


def test_shipped_assistants() -> None:
    """docs/assistants.md lists the assistants that come with the project."""
    listed = re.findall(r"^\| `(assistants/[\w-]+\.md)` \|", (DOCS / "assistants.md").read_text(), re.MULTILINE)

    assert sorted(listed) == sorted(str(path.relative_to(ROOT)) for path in (ROOT / "assistants").glob("*.md"))


def test_example_of_an_assistant() -> None:
    """The file that docs/assistants.md shows is one that the gateway can read."""
    (example,) = re.findall(r"^```markdown\n(.*?)^```$", (DOCS / "assistants.md").read_text(), re.DOTALL | re.MULTILINE)
    found, _ = parse("help-desk", example)

    assert list(faults(found, settings())) == []


def test_figures() -> None:
    """docs/telemetry.md lists exactly the figures that the gateway measures, with their kinds."""
    page = (DOCS / "telemetry.md").read_text()
    rows = dict(re.findall(r"^\| `([\w.]+)` \| (counter|histogram|up and down) \|", page, re.MULTILINE))

    assert rows == {figure.name: figure.kind.replace("up_down", "up and down") for figure in FIGURES}


def registered() -> set[tuple[str, str]]:
    """Return the method and the path of each route in the OpenAPI document, which another test checks."""
    paths = json.loads((DOCS / "openapi.json").read_text())["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}


def test_routes() -> None:
    """The page lists exactly the routes that the triggers register."""
    rows = set(re.findall(r"^\| `(\w+) (/api/[^`]+)` \|", ROUTES, re.MULTILINE))

    assert rows == registered()


def test_each_route_in_three_languages() -> None:
    """docs/routes.md shows each route in three languages, and shows no other route."""
    sections = re.findall(r"^### `(\w+) (/api/[^`]+)`$(.*?)(?=^##|\Z)", ROUTES, re.DOTALL | re.MULTILINE)

    assert {(method, path) for method, path, _ in sections} == registered()
    for method, path, text in sections:
        assert re.findall(r"^```(\w+)$", text, re.MULTILINE) == ["sh", "python", "js"], f"{method} {path}"


def every_error(kind: type[SwitchboardError] = SwitchboardError) -> list[type[SwitchboardError]]:
    return [error for child in kind.__subclasses__() for error in (child, *every_error(child))]


def test_kinds_of_findings() -> None:
    """docs/call-record.md explains each kind of finding of the repair, and says of each whether it can be mended."""
    record = (DOCS / "call-record.md").read_text()
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| [^|]+ \| ([^|]+) \|$", record, re.MULTILINE)
    mended = {kind: done != "nothing" for kinds, done in rows for kind in re.findall(r"\w+", kinds)}

    assert mended == {kind: kind in MENDING for kind in WORDS}


# No request is answered with these: one is abstract, and one occurs at start only.
SILENT = {"internal_error", "settings_invalid"}
# Requests for routes that are not there are answered with this one.
OUTSIDE = {"route_not_found"}


@pytest.mark.parametrize("code", sorted({error.code for error in every_error()} - SILENT))
def test_error_codes(code: str) -> None:
    """The page on troubleshooting explains every code that a caller can get."""
    assert f"`{code}`" in TROUBLESHOOTING


@pytest.mark.parametrize("code", sorted({error.code for error in every_error()} - SILENT - OUTSIDE))
def test_error_codes_of_routes(code: str) -> None:
    """At least one route declares that it answers with the code."""
    assert code in json.loads((DOCS / "openapi.json").read_text())["components"]["examples"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_exist(page: Path) -> None:
    """Every file of the code that a page names in code marks is there."""
    for path in re.findall(r"`((?:switchboard|local|web|infra|tests|bench)/[\w./-]*)`", page.read_text()):
        assert (ROOT / path).exists() or LEFT_BEHIND.match_file(path), path


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of the page's headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_into_nothing(page: Path) -> None:
    """Every file and every heading that a page links to exists."""
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", page.read_text()):
        found = page.parent / target if target else page
        # A project that was started with `azd init -t` lacks what .azdignore names.
        assert found.exists() or LEFT_BEHIND.match_file(found.resolve().relative_to(ROOT)), target
        assert not anchor or anchor in anchors(found), f"{target}#{anchor}"


def test_every_page_is_in_the_index() -> None:
    """docs/README.md links to every page of docs/."""
    linked = {
        (DOCS / target).resolve() for target in re.findall(r"\]\(([^)#]+\.md)\)", (DOCS / "README.md").read_text())
    }

    assert set(DOCS.glob("*.md")) - {DOCS / "README.md"} <= linked


@pytest.mark.parametrize("record", sorted((DOCS / "decisions").glob("0*.md")), ids=lambda record: record.stem)
def test_decision_records(record: Path) -> None:
    """Each is in the index and says why, what, what follows, and when to look again."""
    titles = re.findall(r"^## (.*)$", record.read_text(), re.MULTILINE)

    assert f"({record.name})" in (DOCS / "decisions/README.md").read_text()
    assert titles[:3] == ["Context", "Decision", "Consequences"]
    assert titles[3:] in (["When to look again"], ["When it may go"])


def test_costs_add_up() -> None:
    """The row "Together" is the sum of the rows above it, its lowest and its highest figure apart."""
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|", (DOCS / "costs.md").read_text(), re.MULTILINE)
    figures = {name: [figure(idle), figure(busy)] for name, idle, busy in rows if re.match(r"[*\d]", idle)}
    together = figures.pop("**Together**")

    assert len(figures) == 10
    for month in (0, 1):
        for end in (0, 1):
            assert sum(row[month][end] for row in figures.values()) == together[month][end]


def figure(cell: str) -> tuple[int, int]:
    """Return the lowest and the highest number of a cell such as `5–15` or `9`."""
    low, _, high = cell.replace("*", "").replace(",", "").partition("–")
    return int(low), int(high or low)
