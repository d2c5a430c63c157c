"""Tests reading fields without a YAML parser, by comparing with one."""

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from switchboard.assistants.plainfields import read_plain

FRONT = """title: Front desk, über uns
description: >-
  Takes a message for the team:
  # nobody of it is in the call.
voice: cedar
tools: [hand_over, count-days,end_call ]
greeting: It's the "front desk" - say hello: not "hi"!"""


def test_plain_fields() -> None:
    """Words, folded lines and lists of names are read, each with its line in the file."""
    found = read_plain(FRONT.replace(": not", " not"))

    assert found == (
        {
            "title": "Front desk, über uns",
            "description": "Takes a message for the team: # nobody of it is in the call.",
            "voice": "cedar",
            "tools": ["hand_over", "count-days", "end_call"],
            "greeting": 'It\'s the "front desk" - say hello not "hi"!',
        },
        {"title": 2, "description": 3, "voice": 6, "tools": 7, "greeting": 8},
    )
    assert read_plain(FRONT) is None


# What could mislead a reader of YAML: words that are no text, signs that mean something, and odd spaces.
PIECES = st.sampled_from(
    [
        *(
            "a",
            "b c",
            "on",
            "Yes",
            "NULL",
            "true",
            "1",
            "1.5",
            "0x1F",
            "2026-11-21",
            "1:30",
            "~",
            "ä",
            "é",
            "¿",
            "日本",
        ),
        *(" ", "  ", "\t", "\n", "\n  ", "\n ", "\n\n", ":", ": ", " #", "#", "-", "- ", ">-", "|", "'", '"', "\\"),
        *("[", "]", "{", "}", ",", "&x", "*x", "!", "!!str ", "%", "@", "`", "---", "...", "=", "<<", "?", ".inf"),
        *("\x07", "\x7f", "\xa0", "\u2028", "\x85", "\ufeff", "\ufffe", "\U0001f600", "\r"),
    ]
)
VALUES = st.one_of(
    st.lists(PIECES, min_size=1, max_size=3).map("".join),
    st.lists(PIECES, min_size=1, max_size=2).map(lambda pieces: f"[{','.join(pieces)}]"),
    st.lists(PIECES, min_size=1, max_size=3).map(lambda pieces: ">-\n  " + "\n  ".join(pieces)),
    st.lists(PIECES, min_size=1, max_size=3).map(lambda pieces: ">-\n  " + "".join(pieces)),
)
FIELDS = st.tuples(st.sampled_from(["title", "voice", "tools", "on"]), VALUES)
TEXTS = st.lists(FIELDS.map(lambda field: f"{field[0]}: {field[1]}"), min_size=1, max_size=2).map("\n".join)


@given(TEXTS)
@example("")
@example("title: a\ntitle: b")
@example("title: a\n  b")
@example("title: on")
@example("title: a: b")
@example("title: a #b")
@example("title: a:")
@example("title: a ")
@example("title:  a")
@example("title: >-")
@example("title: >-\nvoice: a")
@example("title: >-\n  a\n   b")
@example("title: >-\n  a\n\n  b")
@example("title: >-\n  a \n  b")
@example("title: >-\n   a\n  b")
@example("tools: []")
@example("tools: [a, on]")
@example("tools: [a, b] c")
@example("tools: [a, b")
@example("tools: [a, 1]")
@example("title: a\nvoice: \ufeffb")
def test_a_yaml_parser_reads_the_same(front: str) -> None:
    """Whatever is read as plain has the values and the lines that a YAML parser finds."""
    found = read_plain(front)

    if found:
        values, lines = found
        node = yaml.SafeLoader(front).get_single_node()
        assert values == (yaml.safe_load(front) or {})
        assert lines == {key.value: key.start_mark.line + 2 for key, _ in (node.value if node else ())}
