"""Tests the names that infra/ and the code share: queues, containers, functions, log lines, port and region."""

import inspect
import json
import re
import runpy
from datetime import date
from functools import cache

import pytest

from switchboard import connecting
from switchboard.observing import observer, observers, poison
from switchboard.record import archive
from switchboard.record import queues as queue_names
from switchboard.record.names import poison_name, summary_name
from switchboard.triggers.config import MEDIA_PORT
from tests.infra.bicep import INFRA, MAIN, at, literal, parse, range_of, strings, text

ROOT = INFRA.parent
GATEWAY = parse(INFRA / "modules" / "gateway.bicep")
WIRING = parse(INFRA / "modules" / "switchboard.bicep")
ALERTS = parse(INFRA / "modules" / "alerts.bicep")
EXAMPLE: dict[str, str] = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
STORAGE = parse(INFRA / "modules" / "storage.bicep")


@cache
def _functions() -> dict[str, str]:
    """Return the names of the functions and the types of their triggers, as the platform would index them."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in EXAMPLE.items():
            patch.setenv(name, value)
        app = runpy.run_path(str(ROOT / "function_app.py"))["app"]
    return {function.get_function_name(): function.get_trigger().type for function in app.get_functions()}


def _var(name: str) -> object:
    value = WIRING.of("var")[name].value
    assert value
    return literal(value)


def test_the_queues_are_those_of_the_code_and_their_poison_queues() -> None:
    used = {queue_names.OBSERVE_CALLS, queue_names.CALL_SUMMARIES}
    assert set(_var("queues")) == used | {f"{name}{queue_names.POISON_SUFFIX}" for name in used}  # type: ignore[call-overload]


def test_always_ready_names_a_function_that_is_there() -> None:
    named = [literal(at(GATEWAY.of("var")[var].value, "name")) for var in ("alwaysReadyForHttp", "alwaysReadyForCalls")]
    assert named[0] == "http"
    group, _, function = named[1].partition(":")
    assert group == "function"
    assert _functions()[function] == "queueTrigger"


def test_alerts_watch_functions_that_are_there() -> None:
    rules = ALERTS.of("var")["callRules"].value
    assert rules
    watched = re.findall(r"operation_Name in \(([^)]*)\)", text(rules))
    named = {name for group in watched for name in re.findall(r'"(\w+)"', group)}
    assert named <= _functions().keys()
    poison = {name for name, kind in _functions().items() if kind == "queueTrigger" and "poison" in name}
    assert poison <= named, "every function that keeps what failed raises the alarm"


def test_alerts_watch_for_what_the_code_logs() -> None:
    """The alerts' phrases occur in the log calls, and their error code exists."""
    rules = ALERTS.of("var")["callRules"].value
    assert rules
    phrases = re.findall(r"message has_any \(([^)]*)\)", text(rules))
    phrases += [f'"{phrase}"' for phrase in re.findall(r'message has "([\w ]+ [\w ]+)"', text(rules))]
    assert '"failed too often"' in phrases
    logged = "".join(inspect.getsource(module) for module in (archive, connecting, observer, observers, poison))
    for phrase in re.findall(r'"([^"]+)"', "".join(phrases)):
        assert phrase in logged, phrase
    (code,) = re.findall(r'message has "(\w+)"', text(rules))
    errors = "".join(path.read_text() for path in (ROOT / "switchboard" / "errors").glob("*.py"))
    assert f'code = "{code}"' in errors


def test_the_retention_rule_covers_what_the_archive_writes() -> None:
    rule = STORAGE.of("resource")["lifecycle"]
    prefixes = {one.partition("/")[2] for one in strings(rule.node) if one.startswith("${archiveContainer}/")}
    written = {
        summary_name("rtc_1", 0.0),
        poison_name("observe-calls", "1", 0.0),
        "journals/",
        "index/",
        "live/",
        "places/",
        "spent/",
        "tokens/",
    }
    assert {f"{name.partition('/')[0]}/" for name in written} == prefixes
    source = "".join(path.read_text() for path in (ROOT / "switchboard").rglob("*.py"))
    for prefix in ("journals/", "index/", "live/", "places/", "spent/", "tokens/"):
        assert f'"{prefix}' in source


def test_the_workbook_reads_what_the_code_logs() -> None:
    queries = [
        item["content"]["query"]
        for item in json.loads((INFRA / "workbook.json").read_text())["items"]
        if item["type"] == 3
    ]
    assert len(queries) >= 6
    named = {name for query in queries for name in re.findall(r'name == "(\w+)"', query)}
    assert named <= _functions().keys()
    source = inspect.getsource(archive)
    assert '"call %s archived: %.0f s, %s' in source
    assert 'log.log(level, "request %s: %d %s%s"' in (ROOT / "switchboard" / "triggers" / "boundary.py").read_text()
    codes = re.compile(
        next(found[1] for query in queries if (found := re.search(r'code = extract\(@"(.+?)", 1', query)))
    )
    for line in ("request 4a5b: 404 call_not_found", "request 4a5b: 503 call_not_found (HttpResponseError 412)"):
        found = codes.search(line)
        assert found
        assert found[1] == "call_not_found"


@pytest.mark.parametrize("key", ["tokens", "latency_ms"])
def test_the_workbook_finds_figures_in_the_archives_log_line(key: str) -> None:
    assert f"{key}=" in (INFRA / "workbook.json").read_text()
    source = inspect.getsource(archive)
    assert f"{key}=" in source


def test_the_port_is_the_codes() -> None:
    assert _var("mediaPort") == MEDIA_PORT


def test_the_host_stops_an_observer_later_than_any_call_may_last() -> None:
    host = json.loads((ROOT / "host.json").read_text())
    hours, minutes, seconds = (int(part) for part in host["functionTimeout"].split(":"))
    longest = range_of(MAIN.of("param")["maxCallSeconds"]).most
    assert longest is not None
    assert hours * 3600 + minutes * 60 + seconds > longest
    # What still runs on an instance that the platform takes away has 60 minutes.
    assert longest <= 59 * 60


def test_a_failed_request_raises_the_alarm_and_a_refused_one_does_not() -> None:
    """By the lines that the boundary logs, with the expression of the alert."""
    rules = ALERTS.of("var")["callRules"].value
    assert rules
    (found,) = re.findall(r'matches regex @"([^"]+)"', text(rules))
    alarm = re.compile(found.replace("\\\\", "\\"))
    boundary = (ROOT / "switchboard" / "triggers" / "boundary.py").read_text()
    assert '"request %s: %d %s%s"' in boundary
    assert '"request %s failed"' in boundary
    assert alarm.search("request 4a5b: 502 upstream_failed")
    assert alarm.search("request 4a5b: 503 storage_unavailable (ServiceRequestError)")
    assert alarm.search("request 4a5b failed\nTraceback (most recent call last):")
    assert not alarm.search("request 4a5b: 401 sign_in_required")
    assert not alarm.search("request 500: 404 call_not_found")


def test_alerts_read_nothing_that_the_host_samples() -> None:
    """host.json keeps every trace and exception, and a part of the requests when there are many."""
    sampling = json.loads((ROOT / "host.json").read_text())["logging"]["applicationInsights"]["samplingSettings"]
    assert sampling["isEnabled"] is True
    kept = {f"{kind.lower()}s" for kind in sampling["excludedTypes"].split(";")}
    assert kept == {"traces", "exceptions"}
    for name in ("callRules", "capRule"):
        rules = ALERTS.of("var")[name].value
        assert rules
        tables = set(re.findall(r"'(?:union \()?(\w+) \|", text(rules))) | set(re.findall(r", \((\w+) \|", text(rules)))
        assert tables <= kept | {"_LogOperation"}, tables


def test_the_route_that_pages_ask_again_and_again_logs_its_failures_only() -> None:
    levels = json.loads((ROOT / "host.json").read_text())["logging"]["logLevel"]
    assert levels["Function.get_call_status"] == "Warning"
    assert levels["Function.get_call_status.User"] == "Information"
    assert "get_call_status" in _functions()


def test_alerts_that_need_no_logs_watch_model_gateway_and_queues() -> None:
    source = (INFRA / "modules" / "alerts-metrics.bicep").read_text()
    metrics = dict(re.findall(r"space: '([^']+)'\n\s+metric: '(\w+)'", source))
    assert metrics == {
        "Microsoft.Web/sites": "Http5xx",
        "Microsoft.Storage/storageAccounts/queueServices": "QueueMessageCount",
        "Microsoft.CognitiveServices/accounts": "AzureOpenAIRequests",
    }
    assert "values: ['429']" in source
    observers = json.loads((ROOT / "host.json").read_text())["extensions"]["queues"]
    per_instance = MAIN.of("var")["observersPerInstance"].value
    assert per_instance
    assert literal(per_instance) == observers["batchSize"] + observers["newBatchThreshold"]


def test_the_workspaces_cap_raises_an_alarm_of_its_own() -> None:
    cap = ALERTS.of("var")["capRule"].value
    assert cap
    assert "OverQuota" in text(at(cap, "query"))
    default = MAIN.of("param")["logDailyCapGb"].value
    assert default
    assert literal(default) > 1


def test_the_python_deployed_is_one_that_the_project_supports() -> None:
    """The deployed Python is supported, and requirements.txt names the azure-functions for it.

    azure-functions 1.x and 2.x are two packages of the same name.
    """
    default = MAIN.of("param")["pythonVersion"].value
    assert default
    assert literal(default) == "3.13"
    oldest = re.search(r'requires-python = ">=3\.(\d+)"', (ROOT / "pyproject.toml").read_text())
    assert oldest
    versions = range_of(MAIN.of("param")["pythonVersion"]).allowed or ()
    assert min(int(str(version).partition(".")[2]) for version in versions) == int(oldest[1])


def test_every_model_on_offer_has_a_version() -> None:
    models = json.loads((INFRA / "models.json").read_text())
    for parameter, kind in (("realtimeModel", "realtime"), ("transcriptionModel", "transcription")):
        assert list(models[kind]) == list(range_of(MAIN.of("param")[parameter]).allowed or ())
        for known in models[kind].values():
            date.fromisoformat(known["version"])
            assert not known["retires"] or date.fromisoformat(known["retires"]) > date.fromisoformat(known["version"])
    assert all(known["capacity"] >= 1 for known in models["transcription"].values())
