"""Measures how much of each module of the gateway its own test module covers, with branches: make coverage.

The usual figure adds all tests up, so that a module can be fully covered by tests that are about something else and
assert nothing of it. Here a module counts only what runs while it is imported and while the test module of the same
name runs: `switchboard/record/summary.py` belongs to `tests/unit/record/test_summary.py`, or to several such as
`test_summary_end.py`, and a package without a folder of that name, such as `switchboard/errors`, to
`tests/unit/test_errors.py`.
"""

import importlib
import json
import re
import sys
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path

import coverage
import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "switchboard"
UNIT_TESTS = ROOT / "tests/unit"
# What runs while the modules are imported counts for each of them.
IMPORTS = "imports"

# Modules that are not held to this, and where they are tested instead. Their work is I/O, and their tests use sockets
# and processes, so that no fake stands between the test and what is tested; or they only list what others use.
ELSEWHERE = {
    "switchboard.calls": "tests/app/test_calls.py",
    "switchboard.connecting": "tests/app/test_signalling.py",
    "switchboard.continuing": "tests/app/test_continuing.py",
    "switchboard.controller": "tests/app/test_controller.py",
    "switchboard.credentials": "tests/service/test_credentials.py",
    "switchboard.open_pools": "tests/service/test_open_pools.py",
    "switchboard.limits.admissions": "tests/service/test_admissions.py",
    "switchboard.limits.budget": "tests/service/test_admissions.py",
    "switchboard.limits.daily": "tests/service/test_admissions.py",
    "switchboard.limits.notes": "tests/service/test_admissions.py",
    "switchboard.limits.places": "tests/service/test_places.py",
    "switchboard.network": "tests/service/test_network.py",
    "switchboard.observing.ear": "tests/unit/observing/test_observer.py",
    "switchboard.observing.holding": "tests/unit/observing/test_observer.py",
    "switchboard.observing.live": "tests/service/test_live.py",
    "switchboard.observing.observers": "tests/service/test_observer.py",
    "switchboard.observing.poison": "tests/app/test_calls.py",
    "switchboard.observing.ports": "tests/service/test_observer.py",
    "switchboard.observing.sweep": "tests/service/test_live.py",
    "switchboard.operating.audit": "tests/service/test_operating.py",
    "switchboard.operating.erasing": "tests/service/test_erasing.py",
    "switchboard.operating.exporting": "tests/service/test_operating.py",
    "switchboard.operating.listing": "tests/service/test_operating.py",
    "switchboard.operating.room": "tests/app/test_operators.py",
    "switchboard.realtime.client": "tests/service/test_realtime_client.py",
    "switchboard.realtime.objects": "tests/unit/realtime/test_events.py",
    "switchboard.realtime.preview": "tests/service/test_preview_client.py",
    "switchboard.realtime.secrets": "tests/service/test_realtime_client.py",
    "switchboard.realtime.sideband": "tests/service/test_observer.py",
    "switchboard.realtime.wire": "tests/service/test_realtime_client.py",
    "switchboard.record.archive": "tests/service/test_storage.py",
    "switchboard.record.line": "tests/unit/record/test_lines.py",
    "switchboard.record.talk_lines": "tests/unit/record/test_conversation.py",
    "switchboard.record.tool_lines": "tests/unit/record/test_tool_uses.py",
    "switchboard.record.index": "tests/service/test_index.py",
    "switchboard.record.journal": "tests/service/test_storage.py",
    "switchboard.repair.__main__": "tests/service/test_repair.py",
    "switchboard.repair.inspection": "tests/service/test_repair.py",
    "switchboard.repair.mending": "tests/service/test_repair_live.py",
    "switchboard.services": "tests/app/test_calls.py",
    "switchboard.storage.access": "tests/service/test_storage.py",
    "switchboard.storage.blob": "tests/service/test_storage_blob.py",
    "switchboard.storage.sdk": "tests/service/test_storage_blob.py",
    "switchboard.storage.sending": "tests/service/test_storage_blob.py",
    "switchboard.tokens": "tests/service/test_tokens.py",
    "switchboard.tools.call": "tests/unit/tools/test_toolset.py",
    "switchboard.tools.conduct": "tests/unit/tools/test_shipped.py",
    "switchboard.tools.exchange": "tests/service/test_web_tools.py",
    "switchboard.tools.web": "tests/service/test_web_tools.py",
    "switchboard.triggers.about": "tests/app/test_about.py",
    "switchboard.triggers.boundary": "tests/app/test_signalling.py",
    "switchboard.triggers.calls": "tests/app/test_calls.py",
    "switchboard.triggers.description": "tests/unit/test_openapi.py",
    "switchboard.triggers.examples": "tests/unit/test_openapi.py",
    "switchboard.triggers.openai": "tests/app/test_openai_routes.py",
    "switchboard.triggers.openapi": "tests/unit/test_openapi.py",
    "switchboard.triggers.operators": "tests/app/test_operators.py",
    "switchboard.triggers.queues": "tests/app/test_calls.py",
    "switchboard.triggers.routes": "tests/unit/test_openapi.py",
    "switchboard.triggers.schemas": "tests/unit/test_openapi.py",
    "switchboard.triggers.signalling": "tests/app/test_signalling.py",
}


def modules() -> list[Path]:
    """Return every module of the gateway. An `__init__` only describes its package, or lists what is in it."""
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "__init__.py"]


def module_name(path: Path) -> str:
    """Return the name by which a module of the gateway is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def own_tests(path: Path) -> list[Path]:
    """Return the test modules of a module; there are several if one would be too long, and none if there are none."""
    below = path.relative_to(PACKAGE)
    of_its_package = UNIT_TESTS / f"test_{below.parent.name}.py"
    if of_its_package.exists():
        return [of_its_package]
    return sorted((UNIT_TESTS / below.parent).glob(f"test_{below.stem}.py")) + sorted(
        (UNIT_TESTS / below.parent).glob(f"test_{below.stem}_*.py")
    )


class _Contexts:
    """A plugin of pytest that tells coverage which test module runs, while it is imported and during its tests.

    A test module that is no module's own counts for none of them, and runs in a third of the time without coverage.
    """

    def __init__(self, measured: coverage.Coverage) -> None:
        self._measured = measured
        self._counting = True
        self._counted = {str(test) for path in modules() for test in own_tests(path)}

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, object, object]:
        if isinstance(collector, pytest.Module):
            self._measured.switch_context(str(collector.path))
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        counts = str(item.path) in self._counted
        if counts != self._counting:
            self._counting = counts
            (self._measured.start if counts else self._measured.stop)()
        if counts:
            self._measured.switch_context(str(item.path))
        return (yield)


def measure(arguments: Sequence[str]) -> coverage.Coverage:
    """Run the unit tests and return what they covered, by test module. Exits if a test fails."""
    measured = coverage.Coverage(branch=True, source=[str(PACKAGE)], data_file=None, config_file=False)
    # The only one of coverage's tracers that can tell contexts apart, and the fastest of those that can.
    measured.set_option("run:core", "ctrace")
    measured.start()
    measured.switch_context(IMPORTS)
    for path in modules():
        importlib.import_module(module_name(path))
    failed = pytest.main(["-q", str(UNIT_TESTS), *arguments], plugins=[_Contexts(measured)])
    measured.stop()
    if failed:
        sys.exit(failed)
    return measured


def gaps(measured: coverage.Coverage, path: Path) -> tuple[float, str]:
    """Return how many per cent of a module its own test module covers, and which lines and branches it leaves out."""
    contexts = [f"^{re.escape(context)}$" for context in (IMPORTS, *map(str, own_tests(path)))]
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        measured.json_report(morfs=[str(path)], contexts=contexts, outfile=report.name)
        (found,) = json.loads(Path(report.name).read_text())["files"].values()
    branches = [f"{start}->{'exit' if end < 0 else end}" for start, end in found["missing_branches"]]
    missing = ", ".join([*map(str, found["missing_lines"]), *branches])
    return found["summary"]["percent_covered"], missing


def main(arguments: Sequence[str]) -> int:
    """Print a table of all modules and return 1 if a module is not covered by its own test module."""
    measured = measure(arguments)
    failed = False
    for path in modules():
        name = module_name(path)
        if name in ELSEWHERE:
            print(f"       {name}  {ELSEWHERE[name]}")
            continue
        percent, missing = gaps(measured, path)
        failed |= bool(missing)
        print(f"{percent:5.1f}% {name}  {missing}".rstrip())
    if failed:
        print("A module that its own test module does not cover: write the test, or take the code out.")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
