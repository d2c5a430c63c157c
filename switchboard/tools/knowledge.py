"""Makes the tool `search_files`: full-text search over the team's own documents, which are deployed with the app.

The index is in memory (SQLite FTS5). It is made when the first caller asks for something, and again when a file has
changed.
"""

import logging
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import msgspec

from switchboard.tools.call import ToolError
from switchboard.tools.definition import tool

log = logging.getLogger(__name__)

# A passage is a few paragraphs below one heading. The model reads several, and pays for them in every later answer.
LONGEST_PASSAGE = 1200
MOST_WORDS = 32
ENDINGS = (".md", ".txt")
# The index of all files is in memory, and a search waits while it is made.
LARGEST_FILE_BYTES = 5 * 1024 * 1024
_HEADING = re.compile(r"#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
# Thai, Lao, Khmer, Chinese, Japanese and Korean put no spaces where a search could divide them.
_UNSPACED = "[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
_LETTER = re.compile(_UNSPACED)
_WORD = re.compile(rf"{_UNSPACED}+|(?:(?!{_UNSPACED})\w)+")

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
        words = [part for word in _WORD.findall(_plain(query)) for part in _parts(word)][:MOST_WORDS]
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
        files = list(self._files())
        state = tuple((str(path), changed, size) for path, changed, size in files)
        if self._index is None or state != self._state:
            if self._index is not None:
                self._index.close()
            self._index = sqlite3.connect(":memory:", check_same_thread=False)
            # Forms of English words are found too, and accents make no difference.
            how = "porter unicode61 remove_diacritics 2"
            columns = "words, source UNINDEXED, text UNINDEXED"
            self._index.execute(f"CREATE VIRTUAL TABLE passages USING fts5({columns}, tokenize='{how}')")
            for path, _, size in files:
                self._index.executemany("INSERT INTO passages VALUES (?, ?, ?)", self._rows(path, size))
            self._state = state
        return self._index

    def _files(self) -> Iterator[tuple[Path, int, int]]:
        """Yield each document with the time of its last change in ns and its size in bytes.

        A link that leads out of the folder is no document, and neither is one that leads nowhere.
        """
        if self._folder is None:
            return
        inside = self._folder.resolve()
        for path in sorted(self._folder.rglob("*")):
            if path.suffix.lower() in ENDINGS and path.is_file() and path.resolve().is_relative_to(inside):
                stat = path.stat()
                yield path, stat.st_mtime_ns, stat.st_size

    def _rows(self, path: Path, size: int) -> Iterator[tuple[str, str, str]]:
        source = path.relative_to(self._folder or path).as_posix()
        if size > LARGEST_FILE_BYTES:
            log.error("the document %s is left out: it has more than %d bytes", source, LARGEST_FILE_BYTES)
            return
        try:
            text = path.read_text("utf-8-sig", errors="replace")
        except OSError as error:
            log.error("the document %s is left out: %s", source, type(error).__name__)
            return
        for where, passage in _passages(source, text):
            yield _LETTER.sub(r" \g<0> ", _plain(f"{where}\n{passage}")), where, passage


def _plain(text: str) -> str:
    """Return a text in the form in which it is searched: one way to write each letter, and no capitals."""
    return unicodedata.normalize("NFKC", text).casefold().replace("ı", "i")


def _parts(word: str) -> list[str]:
    """Return what is looked for of a word: the word, or each pair of letters where a script has no spaces."""
    if not _LETTER.match(word):
        return [word]
    return [" ".join(pair) for pair in pairwise(word)] or [word]


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
