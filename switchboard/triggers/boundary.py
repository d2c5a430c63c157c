"""Stands between the Functions host and the gateway: every request passes here, and every error ends here."""

import logging
from collections.abc import Awaitable, Callable
from secrets import token_hex

import azure.functions as func

from switchboard.callers import CALLER_HEADER, Caller, check_same_site, identify
from switchboard.errors import SwitchboardError
from switchboard.settings import Settings
from switchboard.triggers.http import Answer, problem_answer, safe_request_id

log = logging.getLogger(__name__)

# A browser may remember the answer to a preflight for this long.
PREFLIGHT_SECONDS = 600
# Pages of allowed origins send these headers: our own page, and OpenAI's clients (openai-agents-js, openai-node).
ALLOWED_HEADERS = ", ".join(
    (
        *("content-type", CALLER_HEADER, "x-request-id", "traceparent", "if-none-match"),
        *("authorization", "x-openai-agents-sdk", "openai-organization", "openai-project"),
        *("x-stainless-arch", "x-stainless-lang", "x-stainless-os", "x-stainless-package-version"),
        *("x-stainless-retry-count", "x-stainless-runtime", "x-stainless-runtime-version", "x-stainless-timeout"),
        "x-stainless-helper-method",
    )
)
EXPOSED_HEADERS = "ETag, Location, Retry-After, X-Request-Id"


class Boundary:
    """Admits a request, runs the handler's work for it, and turns errors into problems.

    With `for_openai` a problem also has the form of an error that OpenAI's clients read.
    """

    def __init__(self, settings: Settings, *, for_openai: bool = False) -> None:
        self._settings = settings
        self._for_openai = for_openai

    async def open(self, request: func.HttpRequest, work: Callable[[], Awaitable[Answer]]) -> func.HttpResponse:
        """Answer a request that anybody may send, from any site, because it costs nothing."""
        request_id = _request_id(request)
        try:
            answer = await work()
        except Exception as error:  # noqa: BLE001  _failed logs it
            answer = self._failed(error, request_id)
        return _response(answer, request_id, None)

    def guarded(self, request: func.HttpRequest, work: Callable[[Caller], Answer]) -> func.HttpResponse:
        """Answer a request of a known caller that comes from our own site or from an allowed origin."""
        return self.same_site(request, lambda: work(identify(request.headers, self._settings)))

    def same_site(self, request: func.HttpRequest, work: Callable[[], Answer]) -> func.HttpResponse:
        """Answer a request from our own site or from an allowed origin. `work` itself finds out who the caller is."""
        request_id = _request_id(request)
        # The origin of another site whose page may read the answer, even if that is an error.
        origin: str | None = None
        try:
            origin = check_same_site(request.headers, self._settings)
            answer = _preflight() if request.method == "OPTIONS" else work()
        except Exception as error:  # noqa: BLE001  _failed logs it
            answer = self._failed(error, request_id)
        return _response(answer, request_id, origin)

    def _failed(self, error: Exception, request_id: str) -> Answer:
        if isinstance(error, SwitchboardError):
            level = logging.WARNING if error.status >= 500 else logging.INFO
            log.log(level, "request %s: %d %s%s", request_id, error.status, error.code, _cause(error))
            return problem_answer(error, request_id, for_openai=self._for_openai)
        # This is a fault of our own. The caller learns only the request id, and the log has the rest.
        log.error("request %s failed", request_id, exc_info=error)
        return problem_answer(SwitchboardError(), request_id, for_openai=self._for_openai)


def _request_id(request: func.HttpRequest) -> str:
    return safe_request_id(request.headers.get("x-request-id", "")) or token_hex(16)


def _response(answer: Answer, request_id: str, origin: str | None) -> func.HttpResponse:
    headers = {**answer.headers, "X-Request-Id": request_id, "X-Content-Type-Options": "nosniff"}
    if origin:
        headers |= {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": EXPOSED_HEADERS,
            "Vary": "Origin",
        }
    return func.HttpResponse(answer.body, status_code=answer.status, headers=headers)


def _preflight() -> Answer:
    return Answer(
        204,
        {
            "Access-Control-Allow-Methods": "GET, POST, DELETE",
            "Access-Control-Allow-Headers": ALLOWED_HEADERS,
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        },
    )


def _cause(error: SwitchboardError) -> str:
    """Name the exception behind an error, and its HTTP status. Its text may name a caller, and stays out of the log."""
    cause = error.__cause__
    if cause is None:
        return ""
    status = getattr(cause, "status_code", None)
    return f" ({type(cause).__name__}{f' {status}' if status else ''})"
