"""Tests in which order the items of a conversation stand."""

import random

import pytest

from switchboard.record.conversation import Conversation
from switchboard.record.lines import AnyLine, ItemAdded, Transcript
from tests.unit.record.short_call import JOURNAL, at


def texts(lines: list[AnyLine]) -> list[str | None]:
    return [line.text for line in Conversation(lines).transcript()]


def added(item_id: str, after: str | None, *, second: float = 1, recovered: bool = False) -> ItemAdded:
    return ItemAdded(
        at=at(second), item_id=item_id, previous_item_id=after, role="user", text=item_id, recovered=recovered
    )


@pytest.mark.parametrize(
    ("lines", "order"),
    [
        # The second item after u1 was put between u1 and u2.
        ([added("u1", None), added("u2", "u1"), added("between", "u1")], ["u1", "between", "u2"]),
        # Something whose predecessor nobody heard of comes last, also if it came first.
        ([added("late", "unknown"), added("u1", None), added("u2", "u1")], ["u1", "u2", "late"]),
        # An item that nobody heard come stands before the one that follows it.
        (
            [added("u1", None), added("u3", "u2"), added("u2", None, recovered=True), added("u4", "u3")],
            ["u1", "u2", "u3", "u4"],
        ),
        # The first word about an item's place counts; that of a later line about the same item does not.
        ([added("u1", None), added("u2", "u1"), added("u3", "u2"), added("u3", "u1")], ["u1", "u2", "u3"]),
        # A whole branch follows the item that it begins with.
        (
            [added("u4", "u3"), added("u3", "u2"), added("u2", "u1"), added("u1", None), added("u5", "u4")],
            ["u1", "u2", "u3", "u4", "u5"],
        ),
        # The service never sends a circle; if it did, nothing would be lost.
        ([added("u1", None), added("u2", "u3"), added("u3", "u2")], ["u1", "u2", "u3"]),
    ],
)
def test_order_of_items(lines: list[AnyLine], order: list[str]) -> None:
    """Each item stands behind the one that it follows, wherever its line stands in the journal."""
    assert texts(lines) == order


def test_a_tool_in_the_middle() -> None:
    """What follows a tool's items stands where the tool stands, not at the end."""
    lines: list[AnyLine] = [
        added("late", "unknown"),
        added("u1", None),
        ItemAdded(at=at(2), item_id="f1", previous_item_id="u1", kind="function_call"),
        added("a1", "f1"),
    ]

    assert texts(lines) == ["u1", "a1", "late"]


def test_branches() -> None:
    """If several items follow the same one, each keeps what follows it, and none is lost."""
    lines: list[AnyLine] = [
        *(added("u1", None), added("u2", "u1"), added("u3", "u2"), added("u4", "u3")),
        *(added("v2", "u1"), added("v3", "v2"), added("w2", "u1")),
    ]

    assert texts(lines) == ["u1", "w2", "v2", "v3", "u2", "u3", "u4"]


def test_events_in_any_order() -> None:
    """The transcript has the order of the chain of items, whatever order the lines have."""
    shuffled = JOURNAL[2:]
    random.Random(1).shuffle(shuffled)

    assert texts([*JOURNAL[:2], *shuffled]) == texts(JOURNAL)


def test_function_calls_keep_the_order() -> None:
    """A tool's items are links of the chain, but nobody's words."""
    lines: list[AnyLine] = [
        Transcript(at=at(4), item_id="a9", role="assistant", text="It is foggy."),
        ItemAdded(at=at(1), event_id="e1", item_id="u1", role="user", text="Weather?"),
        ItemAdded(at=at(2), event_id="e2", item_id="f1", previous_item_id="u1", kind="function_call"),
        ItemAdded(at=at(3), event_id="e3", item_id="o1", previous_item_id="f1", kind="function_call_output"),
        ItemAdded(at=at(3.5), event_id="e4", item_id="a9", previous_item_id="o1", role="assistant"),
    ]

    assert texts(lines) == ["Weather?", "It is foggy."]


def test_a_long_call() -> None:
    """An hour of conversation is folded completely and in the chain's order."""
    items: list[AnyLine] = [
        ItemAdded(
            at=at(number),
            event_id=f"e{number}",
            item_id=f"i{number}",
            previous_item_id=f"i{number - 1}" if number else None,
            role="user",
            text=str(number),
        )
        for number in range(2000)
    ]

    assert texts(items) == [str(number) for number in range(2000)]
