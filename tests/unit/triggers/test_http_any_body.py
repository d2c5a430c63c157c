"""Tests that JSON is limited in depth, and that no body and no media type raises an undeclared error."""

import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.errors import BodyInvalid, SwitchboardError, UnsupportedMediaType
from switchboard.triggers.http import problem_answer, read_client_event, read_json

KEYS = st.text(max_size=3)


class Body(msgspec.Struct):
    call_id: str


def test_json_that_is_too_deep() -> None:
    """The error says how deep the JSON may be, and 32 levels may."""
    assert read_json("application/json", b"[" * 32 + b"]" * 32, Any) is not None
    with pytest.raises(BodyInvalid) as caught:
        read_json("application/json", b"[" * 33 + b"]" * 33, Any)

    assert "32" in caught.value.detail
    assert "32" in caught.value.hint


@pytest.mark.parametrize("text", ["[" * 90, '\\"' + "{" * 90, '"]}[{' * 40, "\\"])
def test_brackets_in_strings(text: str) -> None:
    """Brackets within strings and keys nest nothing, whatever is escaped before them."""
    value: Any = {text: [text, {text: text}]}

    assert read_json("application/json", json.dumps(value).encode(), Any) == value


def test_a_scan_of_quotes_only() -> None:
    """A body of open strings and escapes is scanned once, not once for each quote."""
    for body in (b'"' * 16_383, b'"\\' * 8_000, b'\\"' * 8_000, b'["' * 8_000):
        with pytest.raises(BodyInvalid):
            read_json("application/json", body, Any)


@given(
    st.recursive(
        st.none() | st.text(max_size=5), lambda below: st.lists(below) | st.dictionaries(KEYS, below), max_leaves=8
    ),
    st.integers(0, 40),
)
def test_any_json_within_the_depth(value: Any, more: int) -> None:
    """Valid JSON is read unless it is too deep."""

    def depth(within: Any) -> int:
        below = within.values() if isinstance(within, dict) else within if isinstance(within, list) else None
        return 0 if below is None else 1 + max(map(depth, below), default=0)

    for level in range(more):
        value = [value] if level % 2 else {"[": value}
    body = json.dumps(value).encode()
    if depth(value) <= 32:
        assert read_json("application/json", body, Any) == value
    else:
        with pytest.raises(BodyInvalid):
            read_json("application/json", body, Any)


@given(st.text(st.characters(), max_size=40) | st.just("application/json"), st.binary(max_size=200))
def test_any_body(content_type: str, body: bytes) -> None:
    """Whatever comes, it is read as a struct or refused with one of our own errors."""
    for read in (lambda: read_json(content_type, body, Body), lambda: read_client_event(content_type, body)):
        with contextlib.suppress(SwitchboardError):
            read()


@pytest.mark.parametrize("content_type", ["text/\udce9", "x" * 5000, "a\nb", "\u2102"])
def test_media_type_that_is_made_up(content_type: str) -> None:
    """A problem can be sent whatever media type it names, and it names a long one in part only."""
    with pytest.raises(UnsupportedMediaType) as caught:
        read_json(content_type, b"{}", Body)

    assert len(problem_answer(caught.value, "r1").body) < 600
