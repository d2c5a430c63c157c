"""The one way to register an HTTP function: with a description of its route, and behind the boundary."""

from collections.abc import Callable

import azure.functions as func

from switchboard.callers import Caller
from switchboard.settings import Settings
from switchboard.triggers.boundary import Boundary
from switchboard.triggers.description import Guarded, Open, Operation, WithToken
from switchboard.triggers.http import Answer

Handler = Callable[[func.HttpRequest], Answer]
CallerHandler = Callable[[func.HttpRequest, Caller], Answer]


class Routes:
    """Registers handlers on `blueprint`. The kind of the description decides who gets as far as the handler."""

    def __init__(self, settings: Settings) -> None:
        self.blueprint = func.Blueprint()
        self._settings = settings
        self._preflights: set[str] = set()

    def open(self, operation: Open) -> Callable[[Handler], None]:
        """Return a decorator that registers a handler which anybody reaches."""
        boundary = self._boundary(operation)

        def register(handler: Handler) -> None:
            self._register(operation, lambda req: boundary.open(req, lambda: handler(req)), ())

        return register

    def guarded(self, operation: Guarded) -> Callable[[CallerHandler], None]:
        """Return a decorator that registers a handler which is told who is calling."""
        boundary = self._boundary(operation)

        def register(handler: CallerHandler) -> None:
            answer = lambda req: boundary.guarded(req, lambda caller: handler(req, caller))  # noqa: E731
            self._register(operation, answer, self._preflight(operation))

        return register

    def with_token(self, operation: WithToken) -> Callable[[Handler], None]:
        """Return a decorator that registers a handler which looks at the request's token itself."""
        boundary = self._boundary(operation)

        def register(handler: Handler) -> None:
            answer = lambda req: boundary.same_site(req, lambda: handler(req))  # noqa: E731
            self._register(operation, answer, self._preflight(operation))

        return register

    def _boundary(self, operation: Operation) -> Boundary:
        return Boundary(self._settings, for_openai=operation.for_openai)

    def _preflight(self, operation: Operation) -> tuple[str, ...]:
        """Return the method of CORS preflights for the first function of a path, which answers them for the others."""
        if operation.path in self._preflights:
            return ()
        self._preflights.add(operation.path)
        return ("OPTIONS",)

    def _register(
        self,
        operation: Operation,
        answer: Callable[[func.HttpRequest], func.HttpResponse],
        more_methods: tuple[str, ...],
    ) -> None:
        def handle(req: func.HttpRequest) -> func.HttpResponse:
            return answer(req)

        # The platform names a function after its Python function.
        handle.__name__ = operation.name
        self.blueprint.route(operation.path, methods=[operation.method, *more_methods])(handle)
