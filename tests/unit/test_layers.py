"""Tests the shape of the project: what may import what, and how long files may be."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.conftest import LONGEST, TOGETHER
from tests.coverage_by_module import ELSEWHERE, module_name, modules, own_tests
from tests.processes import ROOT
from tests.sources import BENCH, GATEWAY, HELPING, STANDINS, statements, text, tree

# No file may be longer than this; function_app.py must fit on one page.
LONGEST_FILE = 300
LONGEST_ROOT = 60
# Packages whose docstring is a map of their rooms.
MAPPED = ["switchboard", "local", "local.host", "local.realtime"]


def imported(path: Path) -> set[str]:
    found = list(statements(tree(path)))
    names = {alias.name for node in found if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in found if isinstance(node, ast.ImportFrom)}


def test_only_the_edges_know_the_framework() -> None:
    """Only the composition root and the triggers import azure.functions."""
    edges = {"triggers"}
    knowing = {
        path.parent.name for path in GATEWAY if any(name.startswith("azure.functions") for name in imported(path))
    }

    assert knowing == edges


def test_the_emulator_shares_no_mistake_with_the_gateway() -> None:
    """The emulator never imports the gateway, and the gateway never imports what stands in for Azure."""
    for path in STANDINS:
        assert not any(name.split(".")[0] == "switchboard" for name in imported(path)), path
    for path in [*GATEWAY, ROOT / "function_app.py"]:
        assert not any(name.split(".")[0] in ("local", "tests") for name in imported(path)), path


def test_no_file_gets_away() -> None:
    """No file is longer than the limit: a long file is two rooms."""
    too_long = {
        str(path.relative_to(ROOT)): lines
        for path in [*GATEWAY, *STANDINS, *HELPING, *BENCH]
        if (lines := len(text(path).splitlines())) > LONGEST_FILE
    }

    assert too_long == {}
    assert len((ROOT / "function_app.py").read_text().splitlines()) <= LONGEST_ROOT


def rooms_on_the_map(package: str) -> list[tuple[str, str]]:
    """Return each room that a package's docstring lists, as (containing package, module), in order."""
    docstring = ast.get_docstring(tree(ROOT / package.replace(".", "/") / "__init__.py")) or ""
    rooms, inside = [], ""
    for indent, names, slash in re.findall(r"^( {4}| {8})((?:\w+, )*\w+)(/?)(?= {2}|$)", docstring, re.MULTILINE):
        container = package if len(indent) == 4 else f"{package}.{inside}"
        rooms += [(container, name) for name in names.split(", ")]
        inside = names if slash else inside
    return rooms


def mapped_in(container: str) -> str:
    """Return the package whose docstring has to list the modules of a container: the nearest one that has a map."""
    return max((package for package in MAPPED if f"{container}.".startswith(f"{package}.")), key=len)


def layers_of_contracts(package: str) -> list[tuple[str, list[str]]]:
    """Return each layer that import-linter checks in the packages that this one maps, as (container, modules)."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return [
        (container, re.split(r" [|:] ", layer))
        for contract in contracts
        for container in contract.get("containers", [])
        if mapped_in(container) == package
        for layer in contract["layers"]
    ]


@pytest.mark.parametrize("package", MAPPED)
def test_the_map_is_true(package: str) -> None:
    """The package's docstring lists exactly the rooms that the contracts check, in the same order."""
    rooms = rooms_on_the_map(package)
    layers = layers_of_contracts(package)

    assert sorted(rooms) == sorted((container, module) for container, modules in layers for module in modules)
    for container in {container for container, _ in rooms}:
        mapped = [module for within, module in rooms if within == container]
        position = {m: n for n, (within, modules) in enumerate(layers) if within == container for m in modules}
        assert mapped == sorted(mapped, key=lambda module: position[module]), container


def test_every_module_is_tested() -> None:
    """Each module of the gateway has a test module of its own, or the table of exceptions says where it is tested."""
    without = {module_name(path) for path in modules() if not own_tests(path)}

    assert without <= ELSEWHERE.keys(), (
        "write tests/unit/…, or name the tests over sockets in tests/coverage_by_module.py"
    )
    assert ELSEWHERE.keys() <= {module_name(path) for path in modules()}
    for name, tests in ELSEWHERE.items():
        assert (ROOT / tests).exists(), name


def test_the_files_that_take_longest_are_there() -> None:
    """A file that was renamed would begin in its alphabetical place or stand alone, and nobody would notice."""
    assert [name for name in LONGEST if not (ROOT / "tests" / name).exists()] == []
    assert [name for name in TOGETHER if not (ROOT / name).exists()] == []
