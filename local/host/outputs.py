"""What the Functions host makes of a queue output before it reaches the queue.

The rules are the host's own (FunctionBinding.ReadAsEnumerable, GrpcMessageConversionExtensions): text that looks
like JSON is parsed again, so it comes out indented; an array becomes one message per element; JSON that does not
parse fails the invocation. Bytes are left alone, and so are the texts of a list.
"""

import base64
import json
from typing import Any

from azure.functions.meta import Datum

from local.host.settings import Encoding

MESSAGE_LIMIT = 64 * 1024  # bytes of a queue message as it is stored, so 48 KiB before base64


class OutputError(Exception):
    """An output cannot be written; the invocation fails although the function has finished."""


def messages_of(datum: Datum) -> list[bytes]:
    """The messages that the host puts on the queue for one output value. Raises OutputError."""
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
    """The message as it is stored. Raises OutputError when it is larger than a queue takes."""
    stored = base64.b64encode(message).decode() if encoding == "base64" else message.decode()
    if len(stored.encode()) > MESSAGE_LIMIT:
        raise OutputError(f"a message of {len(message)} bytes exceeds the 64 KiB a queue takes ({encoding})")
    return stored


def decoded(stored: str, encoding: Encoding) -> bytes:
    """The message that was stored. Raises ValueError when it is not in that encoding."""
    return base64.b64decode(stored, validate=True) if encoding == "base64" else stored.encode()


def _looks_like_json(text: str) -> bool:
    stripped = text.strip()
    return (stripped[:1], stripped[-1:]) in {("{", "}"), ("[", "]")}


def _as_text(element: Any) -> str:
    """An element as Newtonsoft's JToken.ToString() writes it."""
    if isinstance(element, str):
        return element
    if element is None:
        return ""
    if isinstance(element, bool):
        return str(element)
    return json.dumps(element, indent=2, ensure_ascii=False)
