"""This module turns a queue output into messages as the Functions host does before they reach the queue.

The rules are the host's own (FunctionBinding.ReadAsEnumerable, GrpcMessageConversionExtensions). Text that looks like
JSON is parsed and written again, so it comes out indented; an array becomes one message for each element; JSON that
cannot be parsed fails the invocation. Bytes are not changed, and neither are the texts of a list.
"""

import base64
import json
from typing import Any

from azure.functions.meta import Datum

from local.host.settings import Encoding

# This is the limit of a queue message as it is stored, in bytes; it leaves 48 KiB before base64.
MESSAGE_LIMIT = 64 * 1024


class OutputError(Exception):
    """This error means that an output cannot be written. The invocation fails, although the function has ended."""


def messages_of(datum: Datum) -> list[bytes]:
    """Return the messages that the host puts on the queue for one output value.

    Raises:
        OutputError: The value looks like JSON but cannot be parsed.
    """
    if datum.type == "bytes":
        return [datum.value]
    text: str = datum.value
    if datum.type == "string" and not _looks_like_json(text):
        return [text.encode()]
    try:
        value = json.loads(text)
    except ValueError as error:
        raise OutputError(f"text that looks like JSON does not parse: {error}") from None
    elements = value if isinstance(value, list) else [value]
    return [_as_text(element).encode() for element in elements]


def encoded(message: bytes, encoding: Encoding) -> str:
    """Return a message in the form in which it is stored.

    Raises:
        OutputError: The message is larger than a queue accepts.
    """
    stored = base64.b64encode(message).decode() if encoding == "base64" else message.decode()
    if len(stored.encode()) > MESSAGE_LIMIT:
        raise OutputError(f"a message of {len(message)} bytes exceeds the 64 KiB a queue takes ({encoding})")
    return stored


def decoded(stored: str, encoding: Encoding) -> bytes:
    """Return the message that was stored as this text.

    Raises:
        ValueError: The text is not in this encoding.
    """
    return base64.b64decode(stored, validate=True) if encoding == "base64" else stored.encode()


def _looks_like_json(text: str) -> bool:
    stripped = text.strip()
    return (stripped[:1], stripped[-1:]) in {("{", "}"), ("[", "]")}


def _as_text(element: Any) -> str:
    """Return an element of an array as Newtonsoft's JToken.ToString() writes it."""
    if isinstance(element, str):
        return element
    if element is None:
        return ""
    if isinstance(element, bool):
        return str(element)
    return json.dumps(element, indent=2, ensure_ascii=False)
