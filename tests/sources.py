"""Reads the project's Python files for the tests of its form. Each is parsed once, whichever tests ask for it."""

import ast
import functools
import gc
from collections.abc import Iterator
from pathlib import Path

from tests.processes import ROOT

GATEWAY, STANDINS, HELPING, BENCH = (
    sorted((ROOT / folder).rglob("*.py")) for folder in ("switchboard", "local", "tests", "bench")
)

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@functools.cache
def text(path: Path) -> str:
    """Return what a file says."""
    return path.read_text()


@functools.cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file. It stays, so the garbage collector need not look through it ever after."""
    found = ast.parse(text(path))
    gc.freeze()
    return found


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield every statement within a node, at any depth.

    It looks into no expression, so that it takes a tenth of the time that `ast.walk` takes.
    """
    for part in ("body", "handlers", "orelse", "finalbody", "cases"):
        below = getattr(node, part, ())
        for statement in below if isinstance(below, list) else ():
            yield statement
            yield from statements(statement)


@functools.cache
def definitions(path: Path) -> list[Definition]:
    """Return every class and function that a file defines, at any depth."""
    return [node for node in statements(tree(path)) if isinstance(node, Definition)]
