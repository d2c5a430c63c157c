"""Tests the form of docstrings. Whether their words are good, only a reader can say."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.processes import ROOT
from tests.sources import BENCH, GATEWAY, HELPING, STANDINS, definitions

FILES = [*GATEWAY, *STANDINS]
# A docstring that begins with one of these names a thing and does not say what the function does.
NOT_VERB = re.compile(
    "a|all|an|and|any|as|at|both|each|every|everything|false|for|from|how|if|in|it|its|likewise|no|none|nothing|of|on"
    "|one|only|same|some|that|the|their|these|this|those|true|two|what|when|where|whether|which|who|whoever|whose|why",
    re.IGNORECASE,
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def has_fields(node: ast.ClassDef) -> bool:
    """Return whether the class is a struct, a dataclass or a port, so that its annotations are its fields."""
    written = " ".join(ast.unparse(part) for part in (*node.bases, *node.keywords, *node.decorator_list))
    # A struct that extends another one repeats `frozen` and not the word Struct.
    return any(word in written for word in ("Struct", "frozen", "dataclass", "Protocol", "TypedDict"))


def undescribed(node: ast.ClassDef) -> Iterator[str]:
    """Yield the public fields that no string directly follows."""
    for field, below in zip(node.body, [*node.body[1:], None], strict=True):
        match field, below:
            case ast.AnnAssign(), ast.Expr(value=ast.Constant(value=str())):
                pass
            # A class variable of a subclass has the meaning that the base class gives it.
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind), _ if not (
                name.startswith("_") or ast.unparse(kind).startswith("ClassVar")
            ):
                yield f"{node.name}.{name}"


def test_every_field_has_its_words() -> None:
    """A string below each field of a public struct, dataclass or port says its meaning and its unit."""
    structs = [
        (path, node)
        for path in FILES
        for node in definitions(path)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and has_fields(node)
    ]

    assert [f"{name_of(path)}: {field}" for path, struct in structs for field in undescribed(struct)] == []


def looks_like_a_verb(word: str) -> bool:
    """Return whether the word may be an imperative: `Return`, but neither `Returns` nor `The`."""
    return not NOT_VERB.fullmatch(word.strip(",.;:`")) and (word.endswith("ss") or not word.endswith("s"))


def test_a_function_says_what_it_does() -> None:
    """The docstring of a function begins with a verb in the imperative, and none sends its reader elsewhere.

    A test is not held to this: its docstring says what is true when it passes.
    """
    verbless, elsewhere = [], []
    for path, node in ((file, node) for file in [*FILES, *HELPING, *BENCH] for node in definitions(file)):
        words = (ast.get_docstring(node) or "").split()
        if words[:1] == ["See"]:
            elsewhere.append(f"{name_of(path)}: {node.name}")
        says = not isinstance(node, ast.ClassDef) and not node.name.startswith("test_")
        if words and says and not looks_like_a_verb(words[0]):
            verbless.append(f"{name_of(path)}: {node.name}: {' '.join(words[:6])} …")

    assert (verbless, elsewhere) == ([], [])
