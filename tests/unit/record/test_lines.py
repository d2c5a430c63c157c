"""Tests what the first and the last line of a journal say about the call."""

from switchboard.record.encoding import decode_lines
from switchboard.record.lines import CallCreated, CallEnded, Watching, created_line, has_ended
from tests.examples import MIDNIGHT, call


def test_whose_call() -> None:
    """The line that names the call need not be the first one, and may be missing."""
    watching = Watching(at=MIDNIGHT)

    assert created_line([watching, call(), call(call_id="rtc_2")]) == call()
    assert created_line([watching]) is None


def test_journal_of_an_older_gateway() -> None:
    """A journal that does not name the assistant is about the default one."""
    (old,) = decode_lines(b'{"type":"call.created","at":1,"call_id":"rtc_1","caller_id":"ada"}\n')

    assert isinstance(old, CallCreated)
    assert old.assistant == "default"


def test_end() -> None:
    """One line says that a call has ended."""
    assert has_ended([call(), CallEnded(at=MIDNIGHT, reason="peer_left")])
    assert not has_ended([call(), Watching(at=MIDNIGHT)])


def test_whose_line() -> None:
    """A line gets the id of the observer that writes it, and is otherwise the same."""
    line = Watching(at=MIDNIGHT)

    assert line.by("a") == Watching(at=MIDNIGHT, observer="a")
    assert line.observer == ""
