"""Tests the search over documents, with real files and a real index."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from switchboard.tools import ToolError
from switchboard.tools.definition import define
from switchboard.tools.knowledge import LARGEST_FILE_BYTES, LONGEST_PASSAGE, Knowledge, Passage, knowledge_tools
from tests.examples import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "menu.md").write_text(
        "# Menu\n\nWe cook every day.\n\n## Soups\nThe soup of the day costs five euros.\n\nIt is served hot.\n\n"
        "## Desserts\n\nThe cake costs four euros.\n"
    )
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "hours.txt").write_text("Abrimos a las nueve. El café está en la plaza.")
    (tmp_path / "secret.py").write_text("soup = 5")
    return tmp_path


def test_the_passage_and_its_source(folder: Path) -> None:
    """The best passage comes first, with the file and the heading that it stands below."""
    found = Knowledge(folder).search("How much does the soup cost?", 5)

    assert found[0] == Passage("menu.md, Soups", "The soup of the day costs five euros.\n\nIt is served hot.")
    assert "menu.md, Desserts" in [each.source for each in found]
    assert not any("secret" in each.source for each in found)


@pytest.mark.parametrize("query", ["soups", "SOUP", "serving"])
def test_other_forms_of_a_word(folder: Path, query: str) -> None:
    (best,) = Knowledge(folder).search(query, 1)
    assert best.source == "menu.md, Soups"


def test_accents(folder: Path) -> None:
    (best,) = Knowledge(folder).search("cafe", 1)
    assert best.source == "more/hours.txt"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Iğdır şubesi kapalı.", "IGDIR"),
        ("İstanbul şubesi", "istanbul"),
        ("Die Straße ist gesperrt.", "STRASSE"),
        (unicodedata.normalize("NFD", "O pão está quente."), "pão"),
        ("O pão está quente.", unicodedata.normalize("NFD", "pão")),
        ("東京の営業時間は八時からです。", "営業時間"),
        ("東京の営業時間は八時からです。", "明日の営業時間"),
        ("東京の営業時間は八時からです。", "京"),
        ("ร้านเปิดแปดโมงเช้า", "เปิด"),
        ("영업시간은 여덟 시부터입니다.", "영업시간"),
        ("\ufeffErstes Wort", "erstes"),
    ],
)
def test_languages(tmp_path: Path, text: str, query: str) -> None:
    """Neither the way a letter is written nor a script without spaces hides a word. The passage stays as it is."""
    (tmp_path / "other.txt").write_text("Something else.")
    (tmp_path / "words.TXT").write_text(text)

    assert Knowledge(tmp_path).search(query, 5) == [Passage("words.TXT", text.removeprefix("\ufeff"))]


def test_what_is_no_document(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """It does not keep the others from being found."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "private.txt").write_text("The soup is secret.")
    (folder / "drafts.md").mkdir()
    (folder / "nowhere.md").symlink_to(folder / "gone.md")
    (folder / "outside.txt").symlink_to(elsewhere / "private.txt")
    (folder / "linked").symlink_to(elsewhere)
    (folder / "again.md").symlink_to(folder / "menu.md")

    assert {each.source for each in Knowledge(folder).search("soup", 5)} == {"menu.md, Soups", "again.md, Soups"}


def test_a_document_that_is_too_large(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is left out and named, and so is one that cannot be read."""
    (folder / "large.txt").write_text("soup " * (LARGEST_FILE_BYTES // 5 + 1))
    locked = folder / "menu.md"
    read = Path.read_text

    def refuse(path: Path, *arguments: Any, **options: Any) -> str:
        if path == locked:
            raise PermissionError
        return read(path, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "read_text", refuse)
        assert Knowledge(folder).search("soup café", 5) == [
            Passage("more/hours.txt", "Abrimos a las nueve. El café está en la plaza.")
        ]
    assert caplog.messages == [
        f"the document large.txt is left out: it has more than {LARGEST_FILE_BYTES} bytes",
        "the document menu.md is left out: PermissionError",
    ]


@pytest.mark.parametrize("query", ['" OR 1', "NEAR(", "soup AND", "*", "source:", "?!", ""])
def test_the_search_language_is_not_the_callers(folder: Path, query: str) -> None:
    """Whatever a caller says is only words."""
    Knowledge(folder).search(query, 3)


def test_a_file_that_changes(folder: Path) -> None:
    """The next search reads it again."""
    knowledge = Knowledge(folder)
    assert knowledge.search("lobster", 1) == []
    (folder / "menu.md").write_text("Lobster is off.")
    assert [each.source for each in knowledge.search("lobster", 1)] == ["menu.md"]
    (folder / "menu.md").unlink()
    assert knowledge.search("lobster", 1) == []
    knowledge.close()
    knowledge.close()
    assert knowledge.search("plaza", 1) != []


def test_a_long_document(tmp_path: Path) -> None:
    """Passages stay short, and no word is lost."""
    long = " ".join(f"word{number}" for number in range(1000))
    (tmp_path / "long.md").write_text(f"# Long\n\n{long}\n\nA short end.\n\n{'And more. ' * 100}")
    knowledge = Knowledge(tmp_path)

    for word in ("word0", "word999", "short", "more"):
        (best,) = knowledge.search(word, 1)
        assert best.source == "long.md, Long"
        assert len(best.text) <= LONGEST_PASSAGE


def test_threads_share_the_index(folder: Path) -> None:
    knowledge = Knowledge(folder)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: knowledge.search("soup", 1)[0].source, range(50)))
    assert set(found) == {"menu.md, Soups"}


def test_no_documents() -> None:
    (tool,) = map(define, knowledge_tools(Knowledge(None)))
    with pytest.raises(ToolError, match="No document"):
        tool.function(**tool.read('{"query": "soup"}'))


def test_the_documents_that_come_with_the_project() -> None:
    """They answer questions about the product itself, and name where the answer stands."""
    (tool,) = map(define, knowledge_tools(Knowledge(ROOT / "knowledge")))

    found = tool.function(**tool.read('{"query": "How long may a call last, in minutes?"}'))
    assert "limits.md, Limits of a call" in [each.source for each in found]
    (best, *_) = tool.function(**tool.read('{"query": "What does the observer do?"}'))
    assert "sideband" in best.text


def test_a_document_without_words(tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_text("\n")
    (tmp_path / "title.md").write_text("# Only a title")

    assert Knowledge(tmp_path).search("title", 1) == []
