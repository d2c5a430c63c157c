"""Writes the files of assistants for tests."""

from pathlib import Path
from textwrap import dedent


def write(folder: Path, name: str, fields: str = "title: Help", body: str = "You help.") -> Path:
    """Write one file with these fields, and return its path."""
    path = folder / f"{name}.md"
    path.write_text(f"---\n{dedent(fields).strip()}\n---\n\n{body}\n", "utf-8")
    return path
