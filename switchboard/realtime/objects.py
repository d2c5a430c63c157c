"""Defines the objects that server events of the Realtime API carry: items, responses, errors and usage.

The names and types of the fields are those of openai-python's `types/realtime`. The service sends more fields than
these; they are ignored.
"""

from typing import Any

import msgspec


class ContentPart(msgspec.Struct, frozen=True):
    """Holds one part of an item's content."""

    type: str = ""
    """The part's type, for example `input_text` or `output_audio`."""
    text: str | None = None
    """The typed text; None for audio."""
    transcript: str | None = None
    """The spoken words; None for text, and until they are transcribed."""


class Item(msgspec.Struct, frozen=True):
    """Describes an item of the conversation."""

    id: str = ""
    """The id of the item."""
    type: str = "message"
    """`message`, `function_call`, `function_call_output` or a type that begins with `mcp_`."""
    role: str | None = None
    """Whose message it is: `user`, `assistant` or `system`; None for other types of item."""
    status: str | None = None
    """`in_progress`, `completed` or `incomplete`; None if the service does not say."""
    content: list[ContentPart] = []
    """The parts of a message; empty for other types of item."""
    name: str | None = None
    """The name of the function that a `function_call` calls, or of an MCP server's tool; None for other types."""
    call_id: str | None = None
    """The id of the function call, which its `function_call_output` repeats; None for other types of item."""
    arguments: str | None = None
    """The arguments of a `function_call` as JSON, empty until they are complete; None for other types of item."""
    server_label: str | None = None
    """The label of the MCP server of an `mcp_` item; None for other types of item."""
    approval_request_id: str | None = None
    """The id of the `mcp_approval_request` that an `mcp_approval_response` answers; None for other types of item."""
    approve: bool | None = None
    """Whether an `mcp_approval_response` allows the call of the tool; None for other types of item."""


class ErrorDetail(msgspec.Struct, frozen=True):
    """Describes what went wrong, in the service's words. A field that the service leaves out is None."""

    type: str | None = None
    """The kind of error, for example `invalid_request_error`."""
    code: str | None = None
    """The error's code, for example `session_expired`."""
    message: str | None = None
    """The service's explanation for people."""
    param: str | None = None
    """The parameter that the error is about."""
    event_id: str | None = None
    """The id of the client event that the error is about."""


class TokenDetails(msgspec.Struct, frozen=True):
    """Counts the billed tokens of each kind."""

    text_tokens: int = 0
    """Text tokens, cached ones included."""
    audio_tokens: int = 0
    """Audio tokens, cached ones included."""
    image_tokens: int = 0
    """Image tokens, cached ones included."""
    cached_tokens: int = 0
    """How many of all these came from the service's cache."""
    cached_tokens_details: "TokenDetails | None" = None
    """The cached tokens by kind; None if the service does not say."""


class ResponseUsage(msgspec.Struct, frozen=True):
    """Says what one response was billed for. Its input is the whole conversation up to this response."""

    total_tokens: int = 0
    """Input and output tokens together."""
    input_tokens: int = 0
    """Input tokens of all kinds."""
    output_tokens: int = 0
    """Output tokens of all kinds."""
    input_token_details: TokenDetails = TokenDetails()
    """The input tokens by kind."""
    output_token_details: TokenDetails = TokenDetails()
    """The output tokens by kind."""


class TranscriptionUsage(msgspec.Struct, frozen=True):
    """Says what one transcription was billed for. It is billed separately from the responses."""

    type: str = "tokens"
    """`tokens`, or `duration` for a model that is billed by the length of the audio."""
    total_tokens: int = 0
    """Input and output tokens together."""
    input_tokens: int = 0
    """Input tokens of all kinds."""
    output_tokens: int = 0
    """Tokens of the transcript."""
    input_token_details: TokenDetails = TokenDetails()
    """The input tokens by kind."""
    seconds: float = 0.0
    """The length of the audio in seconds, if `type` is `duration`."""


class StatusDetails(msgspec.Struct, frozen=True):
    """Says why a response ended as it did."""

    type: str | None = None
    """The response's status again: `completed`, `cancelled`, `incomplete` or `failed`."""
    reason: str | None = None
    """`turn_detected`, `client_cancelled`, `max_output_tokens` or `content_filter`; None for a failed response."""
    error: ErrorDetail | None = None
    """What went wrong, if the response failed."""


class Response(msgspec.Struct, frozen=True):
    """Describes a response of the model."""

    id: str = ""
    """The id of the response."""
    status: str | None = None
    """`in_progress`, `completed`, `cancelled`, `incomplete` or `failed`."""
    status_details: StatusDetails | None = None
    """Why it was not completed; None while it is in progress and when it was completed."""
    output: list[Item] = []
    """The items that the response consists of; empty while it is in progress."""
    usage: ResponseUsage | None = None
    """What it was billed for; None while it is in progress."""
    metadata: dict[str, Any] | None = None
    """What the client that asked for the response wrote on it; None if it wrote nothing, or nobody asked."""
