"""Registers HTTP functions, each with a description of its route and behind the boundary. There is no other way."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import azure.functions as func

from switchboard.callers import Caller
from switchboard.settings import Settings
from switchboard.telemetry.port import OFF, Telemetry
from switchboard.triggers.boundary import Boundary
from switchboard.triggers.description import Guarded, Open, Operation, WithToken
from switchboard.triggers.http import Answer
from switchboard.triggers.tracing import traced

Handler = Callable[[func.HttpRequest], Answer]
OpenHandler = Callable[[func.HttpRequest], Awaitable[Answer]]
CallerHandler = Callable[[func.HttpRequest, Caller], Answer]


class Routes:
    """Registers handlers on its `blueprint`. The class of the description decides whose requests reach the handler.

    `telemetry` returns what records the requests; it is called for the first time when the first request comes.
    `answered` names the paths whose preflights a function of another blueprint answers.
    """

    def __init__(
        self,
        settings: Settings,
        telemetry: Callable[[], Telemetry] = lambda: OFF,
        *,
        answered: Iterable[str] = (),
    ) -> None:
        self.blueprint = func.Blueprint()
        self._settings = settings
        self._telemetry = telemetry
        self._preflights = set(answered)

    def open(self, operation: Open) -> Callable[[OpenHandler], None]:
        """Return a decorator that registers a handler for requests of anybody. The handler must not block.

        It runs on the worker's event loop, so a request is answered even while every thread of the worker is waiting.
        """
        boundary = self._boundary(operation)

        def register(handler: OpenHandler) -> None:
            async def handle(req: func.HttpRequest) -> func.HttpResponse:
                return await boundary.open(req, lambda: handler(req))

            self._register(operation, handle, ())

        return register

    def guarded(self, operation: Guarded) -> Callable[[CallerHandler], None]:
        """Return a decorator that registers a handler for requests of known callers; the caller is its argument."""
        boundary = self._boundary(operation)

        def register(handler: CallerHandler) -> None:
            def handle(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
                return self._traced(
                    operation, req, context, lambda: boundary.guarded(req, lambda caller: handler(req, caller))
                )

            self._register(operation, handle, self._preflight(operation))

        return register

    def with_token(self, operation: WithToken) -> Callable[[Handler], None]:
        """Return a decorator that registers a handler which itself checks the request's token."""
        boundary = self._boundary(operation)

        def register(handler: Handler) -> None:
            def handle(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
                return self._traced(operation, req, context, lambda: boundary.same_site(req, lambda: handler(req)))

            self._register(operation, handle, self._preflight(operation))

        return register

    def _boundary(self, operation: Operation) -> Boundary:
        return Boundary(self._settings, for_openai=operation.for_openai)

    def _traced(
        self,
        operation: Operation,
        req: func.HttpRequest,
        context: func.Context,
        answer: Callable[[], func.HttpResponse],
    ) -> func.HttpResponse:
        telemetry = self._telemetry()
        return traced(telemetry, operation, req, context, answer) if telemetry.on else answer()

    def _preflight(self, operation: Operation) -> tuple[str, ...]:
        """Return `OPTIONS` for the first function of a path, which answers the preflights of the others too."""
        if operation.path in self._preflights:
            return ()
        self._preflights.add(operation.path)
        return ("OPTIONS",)

    def _register(self, operation: Operation, handle: Callable[..., Any], more_methods: tuple[str, ...]) -> None:
        # The platform names a function after its Python function.
        handle.__name__ = operation.name
        self.blueprint.route(operation.path, methods=[operation.method, *more_methods])(handle)
