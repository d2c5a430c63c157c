"""Tests that the locks hold one version of each package that the ranges ask for, with hashes, and name no registry."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
LOCKS = ("requirements", "requirements-dev")
# The platform reads requirements.txt, so that file names the lock.
RANGES = {"requirements": "requirements.in"}


def ranges(name: str) -> list[Requirement]:
    """Return what a requirements file asks for, and what the files that it names ask for."""
    path = ROOT / RANGES.get(name, f"{name}.txt")
    lines = [line.split(" #")[0].strip() for line in path.read_text().splitlines()]
    found = [Requirement(line) for line in lines if line and line[0] not in "#-"]
    for line in lines:
        if line.startswith("-r "):
            found += ranges(line.removeprefix("-r ").partition(".")[0])
    return found


def locked(name: str, python: str) -> dict[str, str]:
    """Return the versions that a lock has for a Python on Linux, by the packages' names."""
    here = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    pins: dict[str, str] = {}
    for line in (ROOT / f"{name}.lock").read_text().splitlines():
        if re.match(r"\w", line):
            pin = Requirement(line.removesuffix("\\").strip())
            if pin.marker is None or pin.marker.evaluate(here):
                assert pin.name not in pins, f"{pin.name} has two versions for Python {python}"
                pins[pin.name] = str(pin.specifier).removeprefix("==")
    return pins


@pytest.mark.parametrize("name", LOCKS)
@pytest.mark.parametrize("python", PYTHONS)
def test_every_range_is_locked(name: str, python: str) -> None:
    """Each package that is asked for has one version within its range, on each Python. If not: make lock."""
    pins = locked(name, python)
    for wanted in ranges(name):
        if wanted.marker is None or wanted.marker.evaluate({"python_version": python}):
            version = pins.get(canonicalize_name(wanted.name))
            assert version is not None, f"{wanted} is not in {name}.lock: make lock"
            assert version in wanted.specifier, f"{name}.lock has {wanted.name} {version}: make lock"


def test_every_deployment_of_a_commit_installs_the_same() -> None:
    """The only file that the platform reads names the lock, and the lock is deployed with it."""
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    ignored = (ROOT / ".funcignore").read_text().splitlines()

    assert lines == ["-r requirements.lock"]
    assert "requirements*.lock" not in ignored


@pytest.mark.parametrize("python", PYTHONS)
def test_what_is_tested_is_what_is_deployed(python: str) -> None:
    """The tests run with the versions that are deployed."""
    assert locked("requirements", python).items() <= locked("requirements-dev", python).items()


def test_the_framework_of_each_python() -> None:
    """azure-functions is two packages under one name; the lock has both, each for its Pythons."""
    majors = {python: locked("requirements", python)["azure-functions"].split(".")[0] for python in PYTHONS}

    assert majors == {"3.11": "1", "3.12": "1", "3.13": "2", "3.14": "2"}


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_for_everybody(name: str) -> None:
    """Every version has its hashes, and nothing in the lock depends on where it was written."""
    text = (ROOT / f"{name}.lock").read_text()

    assert len(re.findall(r"^\w.*==.* \\$", text, re.MULTILINE)) == len(re.findall(r"^\w.*==", text, re.MULTILINE))
    assert not re.search(r"://|index-url|find-links|file:", text)
