"""Tests that the code, infra/ and local.settings.example.json have the same app settings."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from switchboard.environment import read_settings
from switchboard.errors import SettingsError
from tests.examples import OF_THE_MACHINE
from tests.infra.bicep import INFRA, MAIN, literal, parse, properties, range_of, text
from tests.infra.variables import PARAMETERS, variable_of

ROOT = INFRA.parent
WIRING = parse(INFRA / "modules" / "switchboard.bicep")
# These are set by the platform's module, or only the host reads them.
PLATFORM = {
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "AZURE_CLIENT_ID",
    "AzureWebJobsStorage__blobServiceUri",
    "AzureWebJobsStorage__clientId",
    "AzureWebJobsStorage__credential",
    "AzureWebJobsStorage__queueServiceUri",
    "PYTHON_THREADPOOL_THREAD_COUNT",
}
# The code reads these to find out whether it runs on Azure; nobody sets them.
OF_AZURE_ITSELF = {"WEBSITE_INSTANCE_ID", "WEBSITE_SITE_NAME"}
# These are other ways to name the same storage; a laptop uses the first one.
OTHER_FORMS = {"AzureWebJobsStorage", "AzureWebJobsStorage__accountName"}
# Flex Consumption refuses these settings or misbehaves with them (Microsoft's list for moving there).
NOT_ON_FLEX = {
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_EXTENSION_VERSION",
    "WEBSITE_RUN_FROM_PACKAGE",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "ENABLE_ORYX_BUILD",
    "AzureWebJobsStorage",
}
EXAMPLE: dict[str, str] = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]


class Recording(dict[str, str]):
    """Is an environment that remembers which names were asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


def _read_by_the_code() -> set[str]:
    environment = Recording(EXAMPLE)
    read_settings(environment)
    return environment.asked - OF_AZURE_ITSELF - OF_THE_MACHINE


def _set_by_bicep() -> set[str]:
    by_parameter, by_place = MAIN.of("var")["settings"].value, WIRING.of("var")["placeInSettings"].value
    assert by_parameter
    assert by_place
    # The key, and which of the two apps it is, are added one by one.
    single = re.findall(r"\{ ([A-Z_]+): ", WIRING.path.read_text())
    return set(properties(by_parameter)) | set(properties(by_place)) | set(single)


def _platform_settings() -> set[str]:
    value = parse(INFRA / "modules" / "gateway.bicep").of("var")["platformSettings"].value
    assert value
    return set(properties(value))


def test_code_and_bicep_agree() -> None:
    assert _read_by_the_code() - PLATFORM - OTHER_FORMS == _set_by_bicep()


def test_code_and_example_agree() -> None:
    example = set(EXAMPLE) - {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"}
    assert _read_by_the_code() - PLATFORM - OTHER_FORMS == example


def test_the_platforms_settings_are_those_and_no_others() -> None:
    assert _platform_settings() == PLATFORM
    assert not (_platform_settings() | _set_by_bicep()) & NOT_ON_FLEX


def test_what_bicep_sets_is_what_the_code_needs_of_the_platform() -> None:
    """The code accepts storage by identity as Bicep sets it, and reads AZURE_CLIENT_ID."""
    environment = {name: value for name, value in EXAMPLE.items() if name != "AzureWebJobsStorage"}
    environment |= {
        "AzureWebJobsStorage__blobServiceUri": "https://stx.blob.core.windows.net/",
        "AzureWebJobsStorage__queueServiceUri": "https://stx.queue.core.windows.net/",
        "AzureWebJobsStorage__clientId": "11111111-1111-1111-1111-111111111111",
        "AZURE_CLIENT_ID": "11111111-1111-1111-1111-111111111111",
    }
    settings = read_settings(environment)
    assert settings.storage.connection_string is None
    assert settings.identity_client_id == settings.storage.client_id


def _parameter_of(setting: str) -> str:
    """Return the parameter that a setting gets its value from."""
    value = MAIN.of("var")["settings"].value
    assert value
    return next(name for name in re.findall(r"\w+", text(properties(value)[setting])) if name in MAIN.of("param"))


# With these the preview protocol works too: Bicep always sets the region, and the preview protocol has the voice.
FOR_EITHER_PROTOCOL = {"REALTIME_REGION": "eastus2", "SESSION_VOICE": "alloy"}
# With these telemetry can go anywhere.
FOR_ANY_TELEMETRY = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector.example.com",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=00000000-0000-0000-0000-000000000001",
}


def _accepted(setting: str, value: object) -> bool:
    try:
        read_settings({**EXAMPLE, **FOR_EITHER_PROTOCOL, **FOR_ANY_TELEMETRY, setting: str(value)})
    except SettingsError:
        return False
    return True


RANGES = [
    "ARCHIVE_RETENTION_DAYS",
    "CLIENT_SECRET_SECONDS",
    "DAILY_SECONDS_PER_CALLER",
    "MAX_CALLS",
    "MAX_CALLS_PER_CALLER",
    "MAX_CALL_SECONDS",
    "MAX_IDLE_SECONDS",
    "MAX_TOKENS_PER_MINUTE",
    "MAX_TOOL_CALLS",
    "MAX_TOOL_ROUNDS",
    "TOKEN_SECONDS",
    "TOOL_SECONDS",
]
SWITCHES = ["ARCHIVE_TRANSCRIPTS", "BUDGET_ENDS_CALLS", "REALTIME_SPREAD", "REALTIME_WEBRTC_FILTER", "REQUIRE_SIGN_IN"]
CHOICES = ["REALTIME_PROTOCOL", "SIGNALLING", "TELEMETRY", *SWITCHES]


@pytest.mark.parametrize("setting", RANGES)
def test_a_range_in_bicep_is_one_that_the_code_takes(setting: str) -> None:
    allowed = range_of(MAIN.of("param")[_parameter_of(setting)])
    assert allowed.least is not None
    assert _accepted(setting, allowed.least)
    assert not _accepted(setting, allowed.least - 1)
    if allowed.most is not None:
        assert _accepted(setting, allowed.most)


@pytest.mark.parametrize("setting", CHOICES)
def test_a_choice_in_bicep_is_one_that_the_code_takes(setting: str) -> None:
    """Bicep offers exactly the choices that the code accepts."""
    offered = set(range_of(MAIN.of("param")[_parameter_of(setting)]).allowed or ())
    conceivable = offered | {"on", "off", "true", "false", "yes", "1", "ga", "preview", "proxy", "token", "both"}
    assert {value for value in conceivable if _accepted(setting, value)} == offered


@pytest.mark.parametrize("setting", SWITCHES)
def test_a_switch_is_written_the_same_way_everywhere(setting: str) -> None:
    """on and true are the same, in the environment of azd and in the app settings; the example writes true."""
    assert set(range_of(MAIN.of("param")[_parameter_of(setting)]).allowed or ()) == {"true", "false", "on", "off"}
    assert EXAMPLE[setting] in ("true", "false")
    field = setting.lower()
    for on, off in (("true", "false"), ("on", "off")):
        assert getattr(read_settings({**EXAMPLE, setting: on}), field) is True
        assert getattr(read_settings({**EXAMPLE, setting: off}), field) is False


def test_defaults_in_bicep_are_those_of_the_example() -> None:
    """The defaults in Bicep are those of the example, so that a laptop runs what is deployed."""
    on_a_laptop = {
        "ALLOWED_ORIGINS",
        "OPENAI_CLIENTS",
        "PRICES",
        "REALTIME_DEPLOYMENT",
        "REALTIME_ENDPOINT",
        "REALTIME_REGION",
        "SESSION_TRANSCRIPTION_DEPLOYMENT",
    }
    convert: dict[type, Callable[[Any], str]] = {bool: lambda v: str(v).lower(), dict: json.dumps}
    settings = MAIN.of("var")["settings"].value
    assert settings
    for setting in sorted(properties(settings).keys() - on_a_laptop):
        source = properties(settings)[setting]
        default = MAIN.of("param")[_parameter_of(setting)].value
        assert default, text(source)
        found = literal(default)
        assert convert.get(type(found), str)(found) == EXAMPLE[setting], setting


def test_what_no_parameter_decides_is_as_in_the_example() -> None:
    archive = WIRING.of("var")["archive"].value
    assert archive
    assert literal(archive) == EXAMPLE["ARCHIVE_CONTAINER"]
    assert "union(appSettings, { DIRECT_GATEWAY: 'false' })" in WIRING.path.read_text()
    assert EXAMPLE["DIRECT_GATEWAY"] == "false"


def test_every_parameter_can_be_set_through_the_environment() -> None:
    assert list(PARAMETERS) == list(MAIN.of("param"))
    assert [value for value in PARAMETERS.values() if not re.fullmatch(r"\$\{[A-Z_]+(=[^}]+)?\}", value)] == []
    assert len({variable_of(name) for name in PARAMETERS}) == len(PARAMETERS)


def test_a_settings_parameter_has_the_settings_name() -> None:
    value = MAIN.of("var")["settings"].value
    assert value
    for setting in set(properties(value)) - {"REALTIME_DEPLOYMENT", "SESSION_TRANSCRIPTION_DEPLOYMENT"}:
        assert variable_of(_parameter_of(setting)) == setting


def test_a_variable_that_images_set_for_themselves_is_none_of_ours() -> None:
    """No variable has a name that images set for themselves, such as PYTHON_VERSION in Python's images.

    If azd's environment lacks a variable, azd takes it from the process's environment.
    """
    assert not {"PYTHON_VERSION", "NODE_VERSION", "LOCATION", "HOSTNAME"} & {variable_of(name) for name in PARAMETERS}
