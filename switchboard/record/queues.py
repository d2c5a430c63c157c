"""The queues, and what their messages say. Names of fields avoid those that the Functions host takes for its own."""

import msgspec

from switchboard.record.journal import journal_name
from switchboard.record.lines import CallCreated, encode_lines

OBSERVE_CALLS = "observe-calls"
CALL_SUMMARIES = "call-summaries"
POISON_SUFFIX = "-poison"


class SummaryMessage(msgspec.Struct, frozen=True):
    """A call has ended: fold its journal. The data stays in the journal; a message holds 48 KB at the most."""

    call_id: str
    journal: str


def observe_message(call: CallCreated) -> bytes:
    """Observe this call: its journal's first line."""
    return encode_lines([call]).rstrip()


def read_observe_message(message: bytes) -> CallCreated:
    """Raises msgspec.MsgspecError for anything else."""
    return msgspec.json.decode(message, type=CallCreated)


def summary_message(call_id: str) -> bytes:
    """Archive this call's summary."""
    return msgspec.json.encode(SummaryMessage(call_id, journal_name(call_id)))


def read_summary_message(message: bytes) -> SummaryMessage:
    """Raises msgspec.MsgspecError for anything else."""
    return msgspec.json.decode(message, type=SummaryMessage)
