"""Makes the tool `search_files`: full-text search over the team's own documents, which are deployed with the app.

The index is in memory (SQLite FTS5). It is made when the first caller asks for something, and again when a file has
changed.
"""

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec

from switchboard.tools.call import ToolError
from switchboard.tools.definition import tool

# A passage is a few paragraphs below one heading. The model reads several, and pays for them in every later answer.
LONGEST_PASSAGE = 1200
MOST_WORDS = 32
ENDINGS = (".md", ".txt")
_HEADING = re.compile(r"#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_WORD = re.compile(r"\w+")

_Query = Annotated[str, msgspec.Meta(min_length=1, max_length=500, description="The words to look for.")]
_Most = Annotated[int, msgspec.Meta(ge=1, le=5, description="How many passages to return at most.")]


class Passage(msgspec.Struct, frozen=True):
    """Is a part of a document that fits a search."""

    source: str
    """Where it stands: the file, and the heading above it if there is one."""
    text: str
    """The words."""


class Knowledge:
    """Searches the documents of a folder. An instance lives as long as the process, and threads may share it."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._state: tuple[tuple[str, int, int], ...] | None = None
        self._index: sqlite3.Connection | None = None

    def search(self, query: str, most: int) -> list[Passage]:
        """Return the passages that fit best, the best one first. Blocks on the file system.

        A passage fits if it has one of the words; it fits better the more of them it has and the rarer they are.
        """
        words = _WORD.findall(query)[:MOST_WORDS]
        if not words:
            return []
        # In quotes every word is only a word, and none is an operator of the search language.
        wanted = " OR ".join(f'"{word}"' for word in words)
        with self._lock:
            rows = self._refreshed().execute(
                "SELECT source, text FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT ?", (wanted, most)
            )
            return [Passage(source, text) for source, text in rows]

    def close(self) -> None:
        """Forget the index. A later search makes it again."""
        with self._lock:
            if self._index is not None:
                self._index.close()
            self._index = self._state = None

    def _refreshed(self) -> sqlite3.Connection:
        files = sorted(path for path in self._folder.rglob("*") if path.suffix in ENDINGS) if self._folder else []
        stats = [(path, path.stat()) for path in files]
        state = tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)
        if self._index is None or state != self._state:
            if self._index is not None:
                self._index.close()
            self._index = sqlite3.connect(":memory:", check_same_thread=False)
            # Forms of English words are found too, and accents make no difference.
            words = "porter unicode61 remove_diacritics 2"
            self._index.execute(f"CREATE VIRTUAL TABLE passages USING fts5(source, text, tokenize='{words}')")
            for path in files:
                source = path.relative_to(self._folder or path).as_posix()
                passages = _passages(source, path.read_text("utf-8", errors="replace"))
                self._index.executemany("INSERT INTO passages VALUES (?, ?)", passages)
            self._state = state
        return self._index


def _passages(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield the passages of a document with their sources. A paragraph is never divided, unless it is too long."""
    source, passage = name, ""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        heading = _HEADING.match(paragraph)
        if heading or len(passage) + len(paragraph) > LONGEST_PASSAGE:
            if passage.strip():
                yield source, passage.strip()
            passage = ""
        if heading:
            source = f"{name}, {heading[1]}"
            _, _, paragraph = paragraph.partition("\n")
        while len(paragraph) > LONGEST_PASSAGE:
            yield source, paragraph[:LONGEST_PASSAGE]
            paragraph = paragraph[LONGEST_PASSAGE:]
        passage += f"{paragraph}\n\n"
    if passage.strip():
        yield source, passage.strip()


def knowledge_tools(knowledge: Knowledge) -> list[Callable[..., Any]]:
    """Return the tool that searches these documents."""

    @tool
    def search_files(query: _Query, most: _Most = 3) -> list[Passage]:
        """Search the documents of this site for a question, and return the passages that fit best with their sources.

        Answer from what they say, and name the source. If nothing fits, say that you do not know.
        """
        found = knowledge.search(query, most)
        if not found:
            raise ToolError("No document has any of these words.")
        return found

    return [search_files]
