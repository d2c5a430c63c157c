"""Tests how a call's id and an endpoint's host are read from addresses."""

import pytest

from switchboard.realtime.service import call_id_of, host, is_call_id


@pytest.mark.parametrize(
    ("location", "call_id"),
    [
        ("/v1/realtime/calls/rtc_1", "rtc_1"),
        ("/openai/v1/realtime/calls/rtc_u1_A-b/", "rtc_u1_A-b"),
        ("https://contoso.openai.azure.com/openai/v1/realtime/calls/rtc_1?x=1#y", "rtc_1"),
        ("calls/rtc_1", "rtc_1"),
        ("rtc_1", None),
        ("", None),
        ("/v1/realtime/sessions/rtc_1", None),
        ("/v1/realtime/calls/", None),
        ("http://[/calls/rtc_1", None),
        ("/v1/realtime/calls/rtc 1", None),
        ("/v1/realtime/calls/rtc_1/hangup", None),
        (f"/calls/{'x' * 129}", None),
    ],
)
def test_call_id_of_a_location(location: str, call_id: str | None) -> None:
    """The id is the segment behind `calls`, if it has the form of an id."""
    assert call_id_of(location) == call_id


@pytest.mark.parametrize(
    ("text", "good"), [("rtc_1", True), ("A-z_9", True), ("", False), ("../x", False), ("rtc_1\n", False), ("é", False)]
)
def test_what_is_safe_in_a_path(text: str, good: bool) -> None:
    """An id that could change a path, or split a log line, is none."""
    assert is_call_id(text) is good
    assert is_call_id("x" * 128)
    assert not is_call_id("x" * 129)


def test_host() -> None:
    """Logs and records show the host without the rest."""
    assert host("https://contoso.openai.azure.com/x") == "contoso.openai.azure.com"
    assert host("http://127.0.0.1:8181") == "127.0.0.1:8181"
