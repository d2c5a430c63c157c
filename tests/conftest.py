"""Provides what all tests share: one Azurite and one emulator for the session, each on free ports."""

import gc
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from tests.leaks import no_task_left as no_task_left
from tests.leaks import nothing_left as nothing_left
from tests.leaks import pytest_runtest_call as pytest_runtest_call
from tests.leaks import pytest_runtest_teardown as pytest_runtest_teardown
from tests.processes import ROOT, Azurite, running_azurite, running_emulator

# The same examples in every run, and no clock: whether a change is good must not depend on luck or on a busy machine.
settings.register_profile("gate", max_examples=50, derandomize=True, database=None, deadline=None)
# For looking further by hand: pytest tests/unit --hypothesis-profile search
settings.register_profile("search", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile("gate")

# The files that take longest. Workers begin with them, so that none is left alone with one at the end.
LONGEST = [
    *("unit/test_words.py", "unit/test_layers.py", "unit/bench/test_scaling.py", "unit/observing/test_deaths.py"),
    *("chaos/test_chaos.py", "app/test_openapi.py", "app/test_calls.py", "app/test_signalling.py"),
    *("infra/test_checkov.py", "app/test_openai_routes.py", "app/test_preview.py"),
    *("browser/test_operator_archive.py", "browser/test_limits.py", "browser/test_troubles.py"),
    *("browser/test_page.py", "browser/test_agents_sdk.py"),
]
# These share the site of the operators, which takes long to start, so one worker gets them all.
TOGETHER = {f"tests/browser/test_operator{part}.py" for part in ("", "_archive", "_firefox")}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the files that take longest first where several workers share the tests."""
    places = {ROOT / "tests" / name: place for place, name in enumerate(LONGEST)}
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: places.get(item.path, len(places)))


class ByFile(LoadFileScheduling):  # type: ignore[misc]  # xdist does not say its types
    """Gives the tests of a file to one worker, and those of all files that stand together to the same one."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "together" if file in TOGETHER else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile | None:
    """Return the schedule of a run with --dist loadfile; the others stay as they are."""
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector from looking through modules and tests, which all live as long as the process.

    Afterwards it looks seldom: by its defaults it would take a tenth of the time of the unit tests.
    """
    gc.disable()
    answer = yield
    gc.freeze()
    gc.set_threshold(20_000, 50, 10)
    gc.enable()
    return answer


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for what the processes print."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def azurite(logs: Path) -> Iterator[Azurite]:
    with running_azurite(logs / "azurite.log") as azurite:
        yield azurite


@pytest.fixture(scope="session")
def emulator_url(logs: Path) -> Iterator[str]:
    """Return the address of a running emulator. Tests remove the faults that they inject."""
    with running_emulator(logs / "emulator.log") as (url, _):
        yield url
