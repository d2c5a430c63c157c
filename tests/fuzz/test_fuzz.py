"""A slice of the fuzz, and what its eyes are worth."""

import logging
from pathlib import Path

import pytest

from tests.app.runtime_worker import PYTHON
from tests.fuzz.__main__ import MOST_GROWTH
from tests.fuzz.answers import Answer, offence
from tests.fuzz.requests import QUERY_NAMES, Target, request, routes
from tests.fuzz.run import fuzz

TARGET = Target("127.0.0.1:1", routes(), ["rtc_1"])
SLICE = 600


@pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-runtime: no Python 3.13 or newer was found")
async def test_a_slice(tmp_path: Path) -> None:
    """Some hundred odd requests find nothing; `make fuzz` sends ten thousand."""
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    result = await fuzz(7, SLICE, tmp_path)

    assert result.offences == []
    assert result.raised == {}
    assert result.statuses.total() == SLICE
    assert {200, 201, 400, 401, 403, 404, 413, 415} <= result.statuses.keys()
    assert result.growth < MOST_GROWTH


def test_a_number_gives_the_same_request_always() -> None:
    assert [request(1, number, TARGET) for number in range(300)] == [request(1, n, TARGET) for n in range(300)]
    assert request(1, 5, TARGET) != request(2, 5, TARGET)


def test_every_route_is_met() -> None:
    sent = b"\n".join(request(3, number, TARGET).sent.split(b"\r\n", 1)[0] for number in range(600)).decode()

    for method, path, _ in routes():
        assert f"{method} {path.partition('{')[0]}" in sent


def test_every_query_parameter_is_met() -> None:
    """Those of the operators' routes are among them."""
    assert {"assistant", "continues", "from", "to", "caller", "by", "after", "limit", "words"} <= set(QUERY_NAMES)
    sent = b"\n".join(request(3, number, TARGET).sent.split(b"\r\n", 1)[0] for number in range(2000)).decode()

    assert [name for name in QUERY_NAMES if f"{name}=" not in sent] == []


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/api/token", 500, b'{"code": "internal_error"}'),
        ("/api/token", 500, b""),
        ("/api/token", 502, b"<html>"),
        ("/api/calls", 400, b'{"detail": "Traceback (most recent call last):"}'),
        ("/api/calls", 400, b'{"code": "x", "detail": "msgspec.ValidationError"}'),
        ("/api/calls", 400, b'{"detail": "no code"}'),
        ("/api/config", 200, b'{"key": "ek_0123456789abcdef0123"}'),
        ("/api/config", 200, b'{"key": "AccountKey=abc"}'),
    ],
)
def test_what_is_an_offence(path: str, status: int, body: bytes) -> None:
    assert offence(f"GET {path} HTTP/1.1\r\n".encode(), Answer(status, body))


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/api/token", 200, b'{"token": "ek_0123456789abcdef0123"}'),
        ("/api/connect", 502, b'{"code": "upstream_failed"}'),
        ("/api/x", 404, b""),
    ],
)
def test_what_is_none(path: str, status: int, body: bytes) -> None:
    assert not offence(f"GET {path} HTTP/1.1\r\n".encode(), Answer(status, body))
