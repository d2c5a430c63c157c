"""Values between host and function: the output parameter, the context, and what triggers hand over."""

import json
import threading
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import azure.functions as func
from azure.functions.meta import Datum

# What a QueueMessage is decoded from, by lower-case name: keys of a JSON message override these.
_QUEUE_FIELDS = ("Id", "DequeueCount", "ExpirationTime", "InsertionTime", "NextVisibleTime", "PopReceipt")

_thread_local = threading.local()


def converter(binding_type: str) -> Any:
    """azure.functions' converter of a binding type, with `decode` or `encode`; None for a type it does not know."""
    return func.get_binding_registry().get(binding_type)


class Output(func.Out[Any]):
    """An output parameter: what was set last counts, None means nothing was set."""

    def __init__(self) -> None:
        self._value: Any = None

    def set(self, val: Any) -> None:
        """Replace the value."""
        self._value = val

    def get(self) -> Any:
        """The value set last."""
        return self._value


class InvocationContext(func.Context):
    """What a function sees as its `context` parameter."""

    def __init__(self, invocation_id: str, name: str, directory: str, trace_parent: str = "") -> None:
        self._invocation_id = invocation_id
        self._name = name
        self._directory = directory
        self._trace_parent = trace_parent

    @property
    def invocation_id(self) -> str:
        """The id that the host's log lines carry."""
        return self._invocation_id

    @property
    def thread_local_storage(self) -> Any:
        """Holds `invocation_id` in the thread that runs a sync function."""
        return _thread_local

    @property
    def function_name(self) -> str:
        """The function's name."""
        return self._name

    @property
    def function_directory(self) -> str:
        """The folder of the file that defines the function."""
        return self._directory

    @property
    def trace_context(self) -> Any:
        """W3C trace context: the request's own traceparent, if it had one."""
        return SimpleNamespace(trace_parent=self._trace_parent, trace_state="", attributes={})

    @property
    def retry_context(self) -> Any:
        """Retry policies are not imitated: always the first try."""
        return SimpleNamespace(retry_count=0, max_retry_count=0, exception=None)


def http_datum(
    method: str,
    url: str,
    headers: Mapping[str, str],
    query: Mapping[str, str],
    params: Mapping[str, str],
    body: bytes,
) -> Datum:
    """An HTTP request as the worker gets it from the host."""
    return Datum(
        {
            "method": Datum(method, "string"),
            "url": Datum(url, "string"),
            "headers": _strings(headers),
            "query": _strings(query),
            "params": _strings(params),
            "body": Datum(body, "bytes"),
        },
        "http",
    )


def queue_metadata(body: str, fields: Mapping[str, str | int]) -> dict[str, Datum]:
    """Trigger metadata of a queue message.

    The host puts the top-level keys of a JSON message into the same mapping, without regard to case, so a message
    with a key `id` or `dequeueCount` overrides QueueMessage.id or .dequeue_count. So it does here.
    """
    metadata = {k: Datum(v, "int" if isinstance(v, int) else "string") for k, v in fields.items()}
    known = {name.lower(): name for name in _QUEUE_FIELDS}
    for key, value in _json_object(body).items():
        if (name := known.get(key.lower())) is not None:
            is_text = isinstance(value, str)
            metadata[name] = Datum(value if is_text else json.dumps(value), "string" if is_text else "json")
    return metadata


def _strings(values: Mapping[str, str]) -> dict[str, Datum]:
    return {name: Datum(value, "string") for name, value in values.items()}


def _json_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
