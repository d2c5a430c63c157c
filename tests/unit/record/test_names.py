"""Tests the names of the blobs in which calls are kept."""

from switchboard.record.names import journal_name, poison_name, summary_name, summary_name_of
from tests.examples import MIDNIGHT


def test_names() -> None:
    """A journal is found by the call's id alone; summaries and poison messages are filed by the UTC day."""
    assert journal_name("rtc_1") == "journals/rtc_1.jsonl"
    assert summary_name("rtc_1", MIDNIGHT) == "summaries/2026/11/21/rtc_1.json"
    assert summary_name("rtc_1", MIDNIGHT - 1) == "summaries/2026/11/20/rtc_1.json"
    assert poison_name("observe-calls", "m1", MIDNIGHT) == "poison/observe-calls/2026/11/21/m1.txt"


def test_a_summary_by_its_day() -> None:
    """The name is the same, whether the moment of the start or only its day is known."""
    assert summary_name_of("rtc_1", "2026-11-21") == summary_name("rtc_1", MIDNIGHT + 3600)
