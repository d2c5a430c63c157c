"""Tests what an observation takes over from the journal, also if the journal can be read late only."""

from switchboard.observing.observation import Observation
from switchboard.realtime import events
from switchboard.record.lines import AnyLine, Attached, PlaybackStarted, SpeechStarted, SpeechStopped
from tests.examples import MIDNIGHT, call


def test_attaching_is_activity() -> None:
    """Whoever attaches knows nothing of the time before, so the idle time begins anew. It never moves back."""
    seen = Observation(call(), keep_words=True)
    attached = [seen.attached]
    seen.attach(MIDNIGHT + 100)
    attached.append(seen.attached)

    assert attached == [False, True]
    assert seen.idle_due() == MIDNIGHT + 400

    seen.attach(MIDNIGHT + 50)
    assert seen.idle_due() == MIDNIGHT + 400


def test_attaching_again() -> None:
    """Who spoke when the sideband broke may have stopped unheard."""
    seen = Observation(call(), keep_words=True)
    seen.receive(events.SpeechStarted(item_id="u1"), MIDNIGHT + 10)
    seen.receive(events.PlaybackStarted(response_id="r1"), MIDNIGHT + 11)
    assert seen.idle_due() is None

    seen.attach(MIDNIGHT + 20)
    assert seen.idle_due() == MIDNIGHT + 320


def test_a_journal_that_was_read_late() -> None:
    """What the observer itself hears is newer than the journal of an earlier one, whatever that one heard last."""
    earlier: list[AnyLine] = [
        call(),
        Attached(at=MIDNIGHT),
        SpeechStarted(at=MIDNIGHT + 1, item_id="u1"),
        PlaybackStarted(at=MIDNIGHT + 2, response_id="r1"),
    ]
    silent = Observation(call(), keep_words=True)
    silent.attach(MIDNIGHT + 30)
    silent.resume(earlier)
    assert silent.idle_due() == MIDNIGHT + 330

    speaking = Observation(call(), keep_words=True)
    speaking.attach(MIDNIGHT + 30)
    speaking.receive(events.SpeechStarted(item_id="u2"), MIDNIGHT + 31)
    speaking.resume([*earlier, SpeechStopped(at=MIDNIGHT + 3, item_id="u1")])
    assert speaking.idle_due() is None


def test_a_journal_that_was_read_in_time() -> None:
    """Nobody was heard yet: then the journal says who speaks."""
    seen = Observation(call(), keep_words=True)
    seen.resume([call(), Attached(at=MIDNIGHT), SpeechStarted(at=MIDNIGHT + 1, item_id="u1")])

    assert seen.idle_due() is None
