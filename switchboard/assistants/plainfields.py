"""Reads fields that are so plain that they need no YAML parser, whose import would slow down each cold start.

Whatever is read here, a YAML parser reads in the same way; what is not plain is left to it. This module does no I/O.
"""

import re

_FIELD = re.compile(r"([a-z_]{1,64}): (\S.*)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_FOLDED = ">-"
# YAML reads these words, in whichever case, as truth values and as nothing.
_NO_TEXT = frozenset({"yes", "no", "on", "off", "true", "false", "null"})

Values = dict[str, str | list[str]]
"""The values of the fields by name, in the order of their lines."""
Lines = dict[str, int]
"""The line on which each field stands, counted from 1, the line above the fields being the first one."""


def read_plain(front: str) -> tuple[Values, Lines] | None:
    """Return the fields' values and lines, or None if not all of the text is plain.

    Plain is a field whose value is words on the same line, or a list of names in brackets, or `>-` and then indented
    lines.
    """
    values: Values = {}
    lines: Lines = {}
    rows = front.split("\n")
    number = 0
    while number < len(rows):
        field = _FIELD.fullmatch(rows[number])
        if not field or not rows[number].isprintable():
            return None
        name, text = field.groups()
        if name in values or name in _NO_TEXT:
            return None
        lines[name] = number + 2
        number += 1
        value: str | list[str] | None
        if text == _FOLDED:
            folded = _indented(rows[number:])
            number += len(folded)
            value = " ".join(folded)
        else:
            value = _names(text) if text.startswith("[") else _words(text)
        if not value:
            return None
        values[name] = value
    return values, lines


def _indented(rows: list[str]) -> list[str]:
    """Return the texts of the first rows, as far as all of them are equally indented."""
    depth = len(rows[0]) - len(rows[0].lstrip(" ")) if rows else 0
    found: list[str] = []
    for row in rows if depth else ():
        text = row[depth:]
        if row[:depth].strip(" ") or not text or text != text.strip() or not text.isprintable():
            break
        found.append(text)
    return found


def _names(text: str) -> list[str] | None:
    found = [name.strip(" ") for name in text[1:-1].split(",")]
    plain = text.endswith("]") and all(_NAME.fullmatch(name) and name.lower() not in _NO_TEXT for name in found)
    return found if plain else None


def _words(text: str) -> str | None:
    """Return the text unless YAML would see more in it than words."""
    special = ": " in text or " #" in text or text.endswith((":", " ")) or text.lower() in _NO_TEXT
    return text if text[0].isalpha() and not special else None
