"""These tests read settings, routes and connections as the host does, without running one."""

import asyncio
import json
import logging
from pathlib import Path

import pytest

from local.host.loading import Binding, LoadedFunction
from local.host.routes import decoded_path, routes_of
from local.host.settings import QueueOptions, StartupError, apply_local_settings, read_host_json, seconds
from local.host.storage import Storage


@pytest.mark.parametrize(
    ("text", "expected"),
    [("00:00:00.500", 0.5), ("01:15:00", 4500), ("2.00:00:01", 172801), ("1", 86400), (3, 259200), ("00:10", 600)],
)
def test_time_spans(text: object, expected: float) -> None:
    assert seconds(text, "x") == expected


@pytest.mark.parametrize("text", ["-00:01:00", "soon", "", "1.5"])
def test_what_is_no_time_span(text: str) -> None:
    with pytest.raises(StartupError, match=r"host\.json: x is"):
        seconds(text, "x")


def test_host_json_and_its_defaults(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    settings = read_host_json(tmp_path, {})
    assert (settings.route_prefix, settings.function_timeout, settings.body_limit) == ("api", 1800, 104_857_600)
    assert settings.queues.batch_size == 16
    queues = {"batchSize": 4, "newBatchThreshold": 252, "maxPollingInterval": "00:00:00.500", "messageEncoding": "none"}
    extensions = {"http": {"routePrefix": ""}, "queues": queues}
    levels = {"default": "Error", "Function.sweep": "None"}
    host = {
        "version": "2.0",
        "functionTimeout": "-1",
        "extensions": extensions,
        "logging": {"logLevel": levels},
    }
    (tmp_path / "host.json").write_text(json.dumps(host))
    settings = read_host_json(tmp_path, {"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "10"})
    assert (settings.route_prefix, settings.function_timeout, settings.body_limit) == ("", None, 10)
    assert settings.queues == QueueOptions(4, 252, 0.5, 0, 5, "none")
    assert settings.log_level("sweep") > logging.CRITICAL
    assert settings.log_level("connect") == logging.ERROR
    levels["default"] = "Loud"
    (tmp_path / "host.json").write_text(json.dumps(host))
    with pytest.raises(StartupError, match=r"logLevel\.default is 'Loud'"):
        read_host_json(tmp_path, {})


def test_local_settings_fill_what_the_environment_does_not_set(tmp_path: Path) -> None:
    environ = {"A": "from the environment"}
    assert apply_local_settings(tmp_path, environ) == 7071
    local = {"IsEncrypted": False, "Values": {"A": "from the file", "B": "b"}, "Host": {"LocalHttpPort": 7072}}
    (tmp_path / "local.settings.json").write_text(json.dumps(local))
    assert apply_local_settings(tmp_path, environ) == 7072
    assert environ == {"A": "from the environment", "B": "b"}
    (tmp_path / "local.settings.json").write_text('{"Values": {"N": 1}}')
    with pytest.raises(StartupError, match="N must be a string"):
        apply_local_settings(tmp_path, environ)


def http_function(route: str, *methods: str) -> LoadedFunction:
    trigger = Binding("httpTrigger", "req", {"route": route, "methods": list(methods)})
    return LoadedFunction(route, print, False, False, ".", trigger, (), frozenset())


@pytest.mark.parametrize(
    ("path", "route", "parameters"),
    [
        ("/api/files/a/b.txt", "files/{*path}", {"path": "a/b.txt"}),
        ("/api/files/list", "files/list", {}),
        ("/api/page", "page/{number:int?}", {}),
        ("/api/page/3", "page/{number:int?}", {"number": "3"}),
        ("/api/v1-x/%C3%BC", "v{major}-{minor}/{name}", {"major": "1", "minor": "x", "name": "ü"}),
        ("/api/a%2Fb", "{any}", {"any": "a%2Fb"}),
        ("/api/7", "{id:int}", {"id": "7"}),
    ],
)
def test_the_best_route_wins(path: str, route: str, parameters: dict[str, str]) -> None:
    templates = (
        "{any}",
        "{id:int}",
        "files/{*path}",
        "files/list",
        "page/{number:int?}",
        "v{major}-{minor}/{name}",
    )
    routes = routes_of([http_function(template, "GET") for template in templates], "api")
    matches = [(r.function.name, r.match("GET", decoded_path(path))) for r in routes]
    assert next(match for match in matches if match[1] is not None) == (route, parameters)


def test_the_same_route_with_other_methods(tmp_path: Path) -> None:
    routes = routes_of([http_function("x", "GET"), http_function("x", "DELETE"), http_function("y")], "")
    assert [route.match("DELETE", "x") for route in routes] == [None, {}, None]
    assert routes[2].match("PATCH", "y") == {}


@pytest.mark.parametrize("route", ["{id:regex}", "a{b", "admin/x"])
def test_routes_that_cannot_be_served(route: str) -> None:
    with pytest.raises(StartupError):
        routes_of([http_function(route)], "")


def test_connections_by_string_and_by_identity() -> None:
    environ = {
        "Plain": "UseDevelopmentStorage=true",
        "AzureWebJobsOther": "UseDevelopmentStorage=true",
        "Cloud__queueServiceUri": "https://example.queue.core.windows.net",
        "Named__accountName": "example",
        "TENANT": "contoso",
    }

    async def names() -> list[str]:
        storage = Storage(environ)
        found = [storage.queue(key, "q-%TENANT%").name for key in ("Plain", "Other", "Cloud", "Named")]
        assert storage.poison_queue("Plain", "calls-poison") is None
        with pytest.raises(StartupError, match="needs the app setting MISSING"):
            storage.queue("Plain", "%MISSING%")
        with pytest.raises(StartupError, match="neither Nowhere nor"):
            storage.queue("Nowhere", "q")
        await storage.close()
        return found

    assert asyncio.run(names()) == ["q-contoso"] * 4
