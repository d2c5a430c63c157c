"""Tests which failed requests are sent again, and after which pause. No time passes here."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from urllib3 import HTTPResponse
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import MaxRetryError, ReadTimeoutError, ResponseError

from switchboard.realtime.retry import LONGEST_WAIT_SECONDS, MINT_RETRY, asked_to_wait

POOL = HTTPConnectionPool("127.0.0.1")
URL = "/openai/v1/realtime/client_secrets"


def answer(status: int, **headers: str) -> HTTPResponse:
    return HTTPResponse(status=status, headers={name.replace("_", "-"): text for name, text in headers.items()})


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ({}, None),
        ({"Retry_After": "1"}, 1),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "-1"}, None),
        ({"Retry_After": "9" * 5000}, None),
        ({"Retry_After": "Mon, 01 Jan 99999999 00:00:00 GMT"}, None),
    ],
)
def test_pause(header: dict[str, str], seconds: float | None) -> None:
    """A pause that cannot be read is no pause, and no error."""
    assert MINT_RETRY.get_retry_after(answer(503, **header)) == seconds


def test_pause_until_a_date() -> None:
    """HTTP allows a date as well; one that is too far away is no reason to wait either."""
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=1), usegmt=True)

    with pytest.raises(MaxRetryError):
        MINT_RETRY.increment("POST", URL, answer(503, Retry_After=later), _pool=POOL)


@pytest.mark.parametrize("header", [{}, {"Retry_After": str(LONGEST_WAIT_SECONDS)}, {"Retry_After": "soon"}])
def test_two_more_tries(header: dict[str, str]) -> None:
    """A request is sent three times in all; the third failure is the caller's."""
    again = MINT_RETRY.increment("POST", URL, answer(503, **header), _pool=POOL)
    last = again.increment("POST", URL, answer(503, **header), _pool=POOL)

    with pytest.raises(MaxRetryError):
        last.increment("POST", URL, answer(503, **header), _pool=POOL)


def test_a_pause_that_is_too_long() -> None:
    """Whoever waits is told to come back, at once, instead of being kept waiting."""
    long = answer(429, Retry_After=str(LONGEST_WAIT_SECONDS + 1))
    with pytest.raises(MaxRetryError) as caught:
        MINT_RETRY.increment("POST", URL, long, _pool=POOL)

    assert isinstance(caught.value.reason, ResponseError)
    assert (caught.value.pool, caught.value.url) == (POOL, URL)


def test_an_answer_that_did_not_come_in_time() -> None:
    """The seconds are gone: the next endpoint is the better try."""
    late = ReadTimeoutError(POOL, URL, "timed out")
    with pytest.raises(ReadTimeoutError) as caught:
        MINT_RETRY.increment("POST", URL, error=late, _pool=POOL)

    assert caught.value is late


def test_a_connection_that_broke() -> None:
    """Nothing was answered, so the request is sent again."""
    assert MINT_RETRY.increment("POST", URL, error=ConnectionResetError(), _pool=POOL).total == 1


@pytest.mark.parametrize(
    ("method", "status", "again"),
    [
        ("POST", 429, True),
        ("POST", 500, True),
        ("POST", 502, True),
        ("POST", 503, True),
        ("POST", 504, True),
        ("POST", 400, False),
        ("POST", 401, False),
        ("GET", 503, False),
    ],
)
def test_what_is_sent_again(method: str, status: int, again: bool) -> None:
    """Only what may pass by itself is tried again, also if the answer names a pause."""
    assert bool(MINT_RETRY.is_retry(method, status)) is again


def test_the_pauses_in_between() -> None:
    """They are short, because somebody waits; and the last answer is given as it is instead of an error."""
    first = MINT_RETRY.increment("POST", URL, answer(503), _pool=POOL)
    second = first.increment("POST", URL, answer(503), _pool=POOL)

    assert (first.get_backoff_time(), second.get_backoff_time()) == (0, 0.4)
    assert not MINT_RETRY.raise_on_status
    assert MINT_RETRY.respect_retry_after_header


def test_what_is_passed_on() -> None:
    """urllib3 keeps a history of what failed, and its last error names the pool, the address and the reason."""
    again = MINT_RETRY.increment("POST", URL, answer(503), _pool=POOL)
    broken = again.increment("POST", URL, error=ConnectionResetError(), _pool=POOL)
    assert [(tried.method, tried.url, tried.status) for tried in broken.history] == [
        ("POST", URL, 503),
        ("POST", URL, None),
    ]
    with pytest.raises(MaxRetryError) as caught:
        broken.increment("POST", URL, answer(502), _pool=POOL)

    assert (caught.value.pool, caught.value.url) == (POOL, URL)
    assert "502" in str(caught.value.reason)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "3"}, 3), ({}, 0), ({"Retry-After": "soon"}, 0), ({"Retry-After": "-1"}, 0)],
)
def test_how_long_an_answer_asks_to_wait(headers: dict[str, str], seconds: float) -> None:
    """What cannot be read asks for nothing, and no wait is negative."""
    assert asked_to_wait(headers) == seconds
