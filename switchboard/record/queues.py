"""Names the queues and defines the messages that they carry.

The messages' field names avoid those that the Functions host treats as its own.
"""

import msgspec

from switchboard.record.encoding import encode_lines
from switchboard.record.lines import CallCreated
from switchboard.record.names import journal_name

OBSERVE_CALLS = "observe-calls"
CALL_SUMMARIES = "call-summaries"
# The Functions host puts a message that failed too often on the queue of the same name with this suffix.
POISON_SUFFIX = "-poison"


class SummaryMessage(msgspec.Struct, frozen=True):
    """This message asks for the summary of a call to be archived.

    It names the journal and does not contain it, because a queue message holds 48 KB at most.
    """

    call_id: str
    """The service's id of the call (`rtc_…`)."""
    journal: str
    """The name of the blob that holds the call's journal."""


def observe_message(call: CallCreated) -> bytes:
    """Return the message that asks an observer to follow the call: the first line of the call's journal."""
    return encode_lines([call]).rstrip()


def read_observe_message(message: bytes) -> CallCreated:
    """Return the call that a message of `observe-calls` names. Raises msgspec.MsgspecError if it names none."""
    return msgspec.json.decode(message, type=CallCreated)


def summary_message(call_id: str) -> bytes:
    """Return the message that asks for the call's summary to be archived."""
    return msgspec.json.encode(SummaryMessage(call_id, journal_name(call_id)))


def read_summary_message(message: bytes) -> SummaryMessage:
    """Return what a message of `call-summaries` says. Raises msgspec.MsgspecError for any other message."""
    return msgspec.json.decode(message, type=SummaryMessage)
