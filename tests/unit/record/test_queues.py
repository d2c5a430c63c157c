"""Tests that what a queue message says is read as it was written, and that nothing else is read."""

import msgspec
import pytest

from switchboard.record.queues import (
    SummaryMessage,
    observe_message,
    read_observe_message,
    read_summary_message,
    summary_message,
)
from tests.examples import call


def test_observe_message() -> None:
    """The message is the first line of the call's journal, without the line feed."""
    message = observe_message(call(language="tr"))

    assert message.startswith(b'{"type":"call.created"')
    assert message.endswith(b"}")
    assert read_observe_message(message) == call(language="tr")


def test_summary_message() -> None:
    """The message names the journal and does not contain it."""
    assert read_summary_message(summary_message("rtc_1")) == SummaryMessage("rtc_1", "journals/rtc_1.jsonl")


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"rtc_1",
        b"[]",
        b'{"type":"call.ended","at":1,"reason":"peer_left"}',
        b'{"type":"call.created","at":1}',
        b'{"call_id":7,"journal":"x"}',
    ],
)
def test_other_messages(message: bytes) -> None:
    """What names no call is refused; it is kept with the poison messages then."""
    with pytest.raises(msgspec.MsgspecError):
        read_observe_message(message)
    with pytest.raises(msgspec.MsgspecError):
        read_summary_message(message)
