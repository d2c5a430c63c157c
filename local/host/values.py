"""This module builds the values that go into a function and come out of it."""

import json
import threading
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import azure.functions as func
from azure.functions.meta import Datum

# A QueueMessage is decoded from these. Keys of a JSON message override them, in upper or lower case.
_QUEUE_FIELDS = ("Id", "DequeueCount", "ExpirationTime", "InsertionTime", "NextVisibleTime", "PopReceipt")

_thread_local = threading.local()


def converter(binding_type: str) -> Any:
    """Return the converter that azure.functions has for a type of binding, or None when it has none."""
    return func.get_binding_registry().get(binding_type)


class Output(func.Out[Any]):
    """An output parameter keeps the value that was set last; None means that nothing was set."""

    def __init__(self) -> None:
        self._value: Any = None

    def set(self, val: Any) -> None:
        """Set the value, in place of any that was set before."""
        self._value = val

    def get(self) -> Any:
        """Return the value that was set last."""
        return self._value


class InvocationContext(func.Context):
    """A function receives an object of this class as its `context` parameter."""

    def __init__(self, invocation_id: str, name: str, directory: str, trace_parent: str = "") -> None:
        self._invocation_id = invocation_id
        self._name = name
        self._directory = directory
        self._trace_parent = trace_parent

    @property
    def invocation_id(self) -> str:
        """Return the id of the invocation, which the host's log lines carry."""
        return self._invocation_id

    @property
    def thread_local_storage(self) -> Any:
        """Return the storage of this thread; while it runs a sync function, that holds `invocation_id`."""
        return _thread_local

    @property
    def function_name(self) -> str:
        """Return the name of the function."""
        return self._name

    @property
    def function_directory(self) -> str:
        """Return the folder of the file that defines the function."""
        return self._directory

    @property
    def trace_context(self) -> Any:
        """Return the W3C trace context, with the traceparent of the request if it had one."""
        return SimpleNamespace(trace_parent=self._trace_parent, trace_state="", attributes={})

    @property
    def retry_context(self) -> Any:
        """Return the context of a first try, because retry policies are not imitated."""
        return SimpleNamespace(retry_count=0, max_retry_count=0, exception=None)


def http_datum(
    method: str,
    url: str,
    headers: Mapping[str, str],
    query: Mapping[str, str],
    params: Mapping[str, str],
    body: bytes,
) -> Datum:
    """Return an HTTP request in the form in which the host hands it to the worker."""
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
    """Return the trigger metadata of a queue message.

    The real host puts the top-level keys of a JSON message into the same mapping and ignores case, so a key such as
    `id` or `dequeueCount` overrides QueueMessage.id or QueueMessage.dequeue_count. It does so here, too.
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
