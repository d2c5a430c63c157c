"""This module reads host.json and local.settings.json as the Functions host reads them."""

import json
import logging
import os
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

# This is the default of the Flex Consumption plan, in seconds.
DEFAULT_FUNCTION_TIMEOUT = 30 * 60.0
# The unit is bytes; FUNCTIONS_REQUEST_BODY_SIZE_LIMIT sets another limit.
DEFAULT_BODY_LIMIT = 104_857_600
DEFAULT_PORT = 7071

Encoding = Literal["base64", "none"]

# What the levels of .NET are called here. A category whose level is None logs nothing.
_LEVELS = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "information": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "none": logging.CRITICAL + 1,
}

# .NET's TimeSpan.Parse accepts [d.]hh:mm[:ss[.fffffff]].
_TIME_SPAN = re.compile(r"(?:(?P<d>\d+)\.)?(?P<h>\d{1,2}):(?P<m>\d{1,2})(?::(?P<s>\d{1,2}(?:\.\d{1,7})?))?")


class StartupError(Exception):
    """This error means that the host cannot start. Its message is all that a user needs to see."""


@dataclass(frozen=True)
class QueueOptions:
    """This class holds `extensions.queues` of host.json."""

    batch_size: int = 16
    """How many messages are received at once (`batchSize`)."""
    new_batch_threshold: int = 8
    """A new batch is received when no more messages than these are being processed (`newBatchThreshold`)."""
    max_polling_interval: float = 60.0
    """The longest pause between two polls of an empty queue, in seconds (`maxPollingInterval`)."""
    visibility_timeout: float = 0.0
    """The pause before a failed message is tried again, in seconds (`visibilityTimeout`)."""
    max_dequeue_count: int = 5
    """How often a message is tried before it moves to the poison queue (`maxDequeueCount`)."""
    encoding: Encoding = "base64"
    """How messages are stored (`messageEncoding`)."""


@dataclass(frozen=True)
class HostSettings:
    """This class holds what the host needs to know of host.json and of the environment."""

    route_prefix: str = "api"
    """The first part of every route, without slashes around it; an empty string means none."""
    function_timeout: float | None = DEFAULT_FUNCTION_TIMEOUT
    """How long an invocation may take, in seconds; None means without a limit."""
    body_limit: int = DEFAULT_BODY_LIMIT
    """The largest body of a request, in bytes."""
    queues: QueueOptions = QueueOptions()
    """The settings of all queue triggers and outputs."""
    log_levels: Mapping[str, int] = field(default_factory=dict)
    """The least level that a category logs, by its name (`logging.logLevel`)."""

    def log_level(self, function: str) -> int:
        """Return the least level at which the host says how an invocation of a function went."""
        for category in (f"Function.{function}", "Function", "default"):
            if category in self.log_levels:
                return self.log_levels[category]
        return logging.INFO


def seconds(value: object, name: str) -> float:
    """Return a .NET TimeSpan in seconds. A bare number means days, as it does to the real host.

    Raises:
        StartupError: The value is not a TimeSpan. The message names the setting by `name`.
    """
    text = str(value).strip()
    if re.fullmatch(r"\d+", text):
        return int(text) * 86_400.0
    match = _TIME_SPAN.fullmatch(text)
    if match is None:
        raise StartupError(f"host.json: {name} is {text!r}; it must look like hh:mm:ss.")
    part = {key: float(found or 0) for key, found in match.groupdict().items()}
    return part["d"] * 86_400 + part["h"] * 3600 + part["m"] * 60 + part["s"]


def read_host_json(app: Path, environ: Mapping[str, str] = os.environ) -> HostSettings:
    """Return the settings of the app in the folder `app`.

    Raises:
        StartupError: host.json is missing, or it has a setting that cannot be used.
    """
    host = _read_object(app / "host.json")
    if str(host.get("version")) != "2.0":
        raise StartupError(f"{app / 'host.json'}: version must be '2.0'.")
    extensions = host.get("extensions", {})
    timeout = host.get("functionTimeout")
    return HostSettings(
        route_prefix=str(extensions.get("http", {}).get("routePrefix", "api")).strip("/"),
        function_timeout=_function_timeout(timeout),
        body_limit=int(environ.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", DEFAULT_BODY_LIMIT)),
        queues=_queue_options(extensions.get("queues", {})),
        log_levels=_log_levels(host.get("logging", {}).get("logLevel", {})),
    )


def apply_local_settings(app: Path, environ: MutableMapping[str, str]) -> int:
    """Set what `environ` lacks from the app's local.settings.json, and return the port to listen on.

    The file may be missing.

    Raises:
        StartupError: The file exists but cannot be used.
    """
    path = app / "local.settings.json"
    if not path.exists():
        return DEFAULT_PORT
    local = _read_object(path)
    if local.get("IsEncrypted"):
        raise StartupError(f"{path}: encrypted values cannot be read; set IsEncrypted to false.")
    for name, value in local.get("Values", {}).items():
        if not isinstance(value, str):
            raise StartupError(f"{path}: the value of {name} must be a string.")
        environ.setdefault(name, value)
    return int(local.get("Host", {}).get("LocalHttpPort", DEFAULT_PORT))


def _read_object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise StartupError(f"{path} is missing.") from None
    except ValueError as error:
        raise StartupError(f"{path} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise StartupError(f"{path} must hold a JSON object.")
    return found


def _function_timeout(value: object) -> float | None:
    if value is None:
        return DEFAULT_FUNCTION_TIMEOUT
    if str(value) == "-1":
        return None
    return seconds(value, "functionTimeout")


def _log_levels(given: Mapping[str, Any]) -> dict[str, int]:
    for category, level in given.items():
        if str(level).lower() not in _LEVELS:
            raise StartupError(f"host.json: logging.logLevel.{category} is {level!r}; it must be one of .NET's levels.")
    return {category: _LEVELS[str(level).lower()] for category, level in given.items()}


def _queue_options(given: Mapping[str, Any]) -> QueueOptions:
    batch_size = _whole(given, "batchSize", 16, 1, 32)
    # The default of the real host is half a batch for each processor.
    threshold = _whole(given, "newBatchThreshold", batch_size // 2 * (os.cpu_count() or 1), 0, None)
    polling = seconds(given.get("maxPollingInterval", "00:01:00"), "extensions.queues.maxPollingInterval")
    if polling < 0.1:
        raise StartupError("host.json: extensions.queues.maxPollingInterval must be 00:00:00.100 or more.")
    encoding = str(given.get("messageEncoding", "base64")).lower()
    if encoding not in {"base64", "none"}:
        raise StartupError("host.json: extensions.queues.messageEncoding must be base64 or none.")
    return QueueOptions(
        batch_size=batch_size,
        new_batch_threshold=threshold,
        max_polling_interval=polling,
        visibility_timeout=seconds(given.get("visibilityTimeout", "00:00:00"), "extensions.queues.visibilityTimeout"),
        max_dequeue_count=_whole(given, "maxDequeueCount", 5, 1, None),
        encoding=cast("Encoding", encoding),
    )


def _whole(given: Mapping[str, Any], name: str, default: int, low: int, high: int | None) -> int:
    value = given.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < low or (high and value > high):
        limits = f"{low} to {high}" if high else f"{low} or more"
        raise StartupError(f"host.json: extensions.queues.{name} is {value!r}; it must be {limits}.")
    return value
