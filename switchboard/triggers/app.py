"""The app as the platform sees it."""

from collections.abc import Callable

import azure.functions as func


class App(func.FunctionApp):
    """Holds the functions of all blueprints, and calls `indexed` as soon as the platform has asked for them."""

    def __init__(self, indexed: Callable[[], None]) -> None:
        # A function key would have to be in the page, so there is none; switchboard.callers decides who may call.
        super().__init__(http_auth_level=func.AuthLevel.ANONYMOUS)
        self._indexed = indexed

    def get_functions(self) -> list[func.Function]:
        """Return all functions. The platform asks once, and sends requests only afterwards."""
        functions: list[func.Function] = super().get_functions()
        self._indexed()
        return functions
