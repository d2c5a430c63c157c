"""Tests what the app does once the platform knows its functions."""

import azure.functions as func

from switchboard.triggers.app import App


def test_what_follows_on_indexing() -> None:
    """The callback is called when the platform has asked for the functions, and not before."""
    calls: list[str] = []
    app = App(lambda: calls.append("indexed"))

    @app.route("health")
    def health(_req: func.HttpRequest) -> str:
        return "ok"

    assert calls == []
    assert [function.get_function_name() for function in app.get_functions()] == ["health"]
    assert calls == ["indexed"]
