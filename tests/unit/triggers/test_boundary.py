"""Tests that the boundary turns every error into an answer that the page which sent the request may read."""

import json
from collections.abc import Callable

import azure.functions as func
import pytest
from azure.core.exceptions import HttpResponseError

from switchboard.errors import CallNotFound, StorageUnavailable
from switchboard.triggers.boundary import Boundary
from switchboard.triggers.http import Answer
from tests.examples import settings

SHOP = "https://shop.example.com"
ALLOWING = settings(ALLOWED_ORIGINS=SHOP)


def request(**headers: str) -> func.HttpRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return func.HttpRequest("POST", "https://voice.example.com/api/connect", headers=named, body=b"")


def failing(error: Exception) -> Callable[..., Answer]:
    def work(*_: object) -> Answer:
        raise error

    return work


@pytest.mark.parametrize("error", [ZeroDivisionError("the word Swordfish"), RecursionError(), KeyError("x")])
def test_a_fault_of_our_own(error: Exception) -> None:
    """A fault that nobody foresaw is a problem with the request id, and an allowed origin's page may read it."""
    boundary = Boundary(ALLOWING)
    answer = boundary.guarded(request(origin=SHOP, sec_fetch_site="cross-site", x_request_id="r-1"), failing(error))

    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert "X-Request-Id" in answer.headers["Access-Control-Expose-Headers"]
    problem = json.loads(answer.get_body())
    assert (problem["code"], problem["request_id"]) == ("internal_error", "r-1")
    assert "Swordfish" not in answer.get_body().decode()


def test_an_error_of_a_known_kind() -> None:
    """The same holds for an error that is raised on purpose."""
    answer = Boundary(ALLOWING).guarded(request(origin=SHOP), failing(CallNotFound()))

    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (404, SHOP)


def test_a_page_of_another_site() -> None:
    """A page whose origin is not allowed gets no CORS header, and the work is not done."""
    answer = Boundary(ALLOWING).guarded(request(origin="http://["), failing(AssertionError("not reached")))

    assert answer.status_code == 403
    assert json.loads(answer.get_body())["code"] == "cross_site_request"
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_an_open_request() -> None:
    """A request that anybody may send is answered in the same way if it fails."""

    async def work() -> Answer:
        raise ZeroDivisionError

    answer = await Boundary(ALLOWING).open(request(), work)

    assert (answer.status_code, json.loads(answer.get_body())["code"]) == (500, "internal_error")


def test_what_is_behind_an_error(caplog: pytest.LogCaptureFixture) -> None:
    """The log names the exception that caused an error and its status, and nothing that it says."""
    behind = HttpResponseError("of the caller ada@example.com")
    behind.status_code = 412
    for cause in (behind, OSError("ada@example.com")):
        error = StorageUnavailable()
        error.__cause__ = cause
        Boundary(ALLOWING).guarded(request(), failing(error))

    assert [line.split(": ")[1] for line in caplog.messages] == [
        "503 storage_unavailable (HttpResponseError 412)",
        "503 storage_unavailable (OSError)",
    ]
    assert "example.com" not in caplog.text
