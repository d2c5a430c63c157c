"""The one boundary between the Functions host and the gateway: every request passes here, every error ends here."""

import logging
import uuid
from collections.abc import Callable

import azure.functions as func

from switchboard.callers import CALLER_HEADER, Caller, check_same_site, identify
from switchboard.errors import SwitchboardError
from switchboard.http import Answer, problem_answer, safe_request_id
from switchboard.settings import Settings

log = logging.getLogger(__name__)

# How long a browser may remember what a preflight said.
PREFLIGHT_SECONDS = 600
# Sent by pages of allowed origins: by ours, and by OpenAI's clients in a browser (openai-agents-js, openai-node).
ALLOWED_HEADERS = ", ".join(
    (
        *("content-type", CALLER_HEADER, "x-request-id"),
        *("authorization", "x-openai-agents-sdk", "openai-organization", "openai-project"),
        *("x-stainless-arch", "x-stainless-lang", "x-stainless-os", "x-stainless-package-version"),
        *("x-stainless-retry-count", "x-stainless-runtime", "x-stainless-runtime-version", "x-stainless-timeout"),
        "x-stainless-helper-method",
    )
)
EXPOSED_HEADERS = "Location, Retry-After, X-Request-Id"


class Boundary:
    """Runs a handler's work for one request: cross-site check, caller, and errors as problems.

    `for_openai` is for routes whose clients look for the service's form of an error.
    """

    def __init__(self, settings: Settings, *, for_openai: bool = False) -> None:
        self._settings = settings
        self._for_openai = for_openai

    def open(self, request: func.HttpRequest, work: Callable[[], Answer]) -> func.HttpResponse:
        """Answer a request that anybody may send and that costs nothing."""
        return self._answer(request, lambda: (work(), None))

    def guarded(self, request: func.HttpRequest, work: Callable[[Caller], Answer]) -> func.HttpResponse:
        """Answer a request of a known caller, from our own pages or an allowed origin."""
        return self.same_site(request, lambda: work(identify(request.headers, self._settings)))

    def same_site(self, request: func.HttpRequest, work: Callable[[], Answer]) -> func.HttpResponse:
        """Answer a request from our own pages or an allowed origin; who the caller is, the work finds out."""

        def checked() -> tuple[Answer, str | None]:
            origin = check_same_site(request.headers, self._settings)
            if request.method == "OPTIONS":
                return _preflight(), origin
            try:
                return work(), origin
            except SwitchboardError as error:
                # The origin is allowed, so its page may read what went wrong.
                error.allowed_origin = origin
                raise

        return self._answer(request, checked)

    def _answer(self, request: func.HttpRequest, work: Callable[[], tuple[Answer, str | None]]) -> func.HttpResponse:
        request_id = safe_request_id(request.headers.get("x-request-id", "")) or uuid.uuid4().hex
        try:
            answer, origin = work()
        except SwitchboardError as error:
            level = logging.WARNING if error.status >= 500 else logging.INFO
            log.log(level, "request %s: %d %s", request_id, error.status, error.code)
            answer, origin = problem_answer(error, request_id, for_openai=self._for_openai), error.allowed_origin
        except Exception:
            # A fault of ours. The caller learns the request id, the log has the rest.
            log.exception("request %s failed", request_id)
            answer, origin = problem_answer(SwitchboardError(), request_id, for_openai=self._for_openai), None
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
