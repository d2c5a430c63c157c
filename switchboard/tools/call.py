"""Defines what a tool is told about the call that it runs in, and what it may answer beside a value."""

import msgspec


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """Tells a tool for whom it runs. The model sees nothing of it, so no caller can talk the model into changing it."""

    call_id: str
    """The service's id of the call (`rtc_…`)."""
    caller_id: str
    """The id by which the gateway knows the caller."""
    caller_name: str = ""
    """The caller's name as the sign-in gives it; empty for an anonymous caller."""
    assistant: str = "default"
    """The name of the assistant that answers."""
    language: str = ""
    """The language that the caller chose, as an ISO 639 code; empty when none was chosen."""
    idempotency_key: str = ""
    """A text that is the same whenever the gateway runs this tool for the same function call of the model, for example
    after an observer was killed. Another system that knows the key can refuse to do the same thing twice."""


class EndCall(msgspec.Struct, frozen=True):
    """Is a tool's answer that has the gateway hang the call up once the model has said goodbye."""

    answer: str = "The call ends now. Say goodbye in one short sentence, if you have not done so yet."
    """What the model is told."""


class HandOver(msgspec.Struct, frozen=True):
    """Is a tool's answer that flags the call for an operator."""

    reason: str
    """Why an operator should look at the call. It is kept only if words are archived."""
    answer: str = "An operator has been told. Say so to the caller, and go on helping as well as you can."
    """What the model is told."""


class ToolError(Exception):
    """A tool raises this error to say in words, which the model may repeat, why it cannot do what it was asked to."""
