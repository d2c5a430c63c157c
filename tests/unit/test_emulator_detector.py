"""These tests feed loudness to the emulator's voice detector, and check when it finds speech to start and stop."""

import pytest

from local.realtime.talk.detector import Detector, Speech, detector, limit_db

LOUD, QUIET, FRAME_MS = -20.0, -80.0, 20


def feed(ear: Detector, *parts: tuple[float, int]) -> list[tuple[Speech, int]]:
    """Feed parts, given as (level, milliseconds). Return what was found, and after how many milliseconds."""
    found, now = [], 0
    for level, milliseconds in parts:
        for _ in range(milliseconds // FRAME_MS):
            now += FRAME_MS
            change = ear.feed(level, FRAME_MS)
            if change is not None:
                found.append((change, now))
    return found


def test_speech_starts_and_stops() -> None:
    """Speech starts with the third loud frame, and stops after the silence that was asked for."""
    found = feed(Detector(-45, 200), (QUIET, 500), (LOUD, 600), (QUIET, 1000))

    assert found == [(Speech.STARTED, 560), (Speech.STOPPED, 1300)]


def test_a_short_gap_is_no_end() -> None:
    found = feed(Detector(-45, 200), (LOUD, 300), (QUIET, 180), (LOUD, 300), (QUIET, 400))

    assert [change for change, _ in found] == [Speech.STARTED, Speech.STOPPED]


def test_a_longer_silence_joins_sentences() -> None:
    parts = (LOUD, 300), (QUIET, 400), (LOUD, 300), (QUIET, 600)

    assert len(feed(Detector(-45, 200), *parts)) == 4
    assert len(feed(Detector(-45, 500), *parts)) == 2


def test_a_click_is_no_speech() -> None:
    assert feed(Detector(-45, 200), *[(LOUD, 20), (QUIET, 200)] * 10) == []


def test_syllables_add_up() -> None:
    """Two loud frames, a quiet one and two loud ones are speech."""
    assert [change for change, _ in feed(Detector(-45, 200), (LOUD, 40), (QUIET, 20), (LOUD, 40))] == [Speech.STARTED]


def test_the_threshold_says_how_loud() -> None:
    """A threshold of 0.5 is -45 dBFS, and a higher threshold detects less."""
    assert limit_db(0.5) == -45
    assert limit_db(0.9) > limit_db(0.5) > limit_db(0.1)
    murmur = (-40.0, 400)
    assert feed(Detector(limit_db(0.5), 200), murmur)
    assert not feed(Detector(limit_db(0.9), 200), murmur)


def test_the_sessions_settings_are_honoured() -> None:
    made = detector({"type": "server_vad", "threshold": 0.9, "silence_duration_ms": 700})

    assert made == Detector(limit_db(0.9), 700)
    assert detector(None) is None


@pytest.mark.parametrize(("eager", "patient"), [("high", "medium"), ("auto", "low")])
def test_eagerness_is_a_shorter_pause(eager: str, patient: str) -> None:
    pauses = []
    for eagerness in (eager, patient):
        made = detector({"type": "semantic_vad", "eagerness": eagerness})
        assert made is not None
        pauses.append(made.silence_ms)

    assert pauses[0] < pauses[1]
