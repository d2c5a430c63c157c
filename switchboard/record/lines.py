"""Defines the lines that a journal may hold: each is one JSON object on a line of its own, its `type` first.

A reader ignores lines and fields that it does not know, because a newer gateway may have written them. A line that
comes from an event of the service keeps that event's `event_id`: two observers of one call write such a line twice,
and the fold uses the first.
"""

from collections.abc import Iterable
from typing import Any, Literal

from switchboard.realtime.objects import ErrorDetail, ResponseUsage, TranscriptionUsage
from switchboard.record.line import Line as Line
from switchboard.record.tool_lines import HandOverRequested, ToolFinished, ToolStarted

EndReason = Literal[
    "hung_up_by_caller",
    "hung_up_by_operator",
    "max_call_seconds",
    "max_idle_seconds",
    "service_limit",
    "peer_left",
    "budget_spent",
    "ended_by_assistant",
    "observer_failed",
    "unknown",
]
"""Why a call ended. `service_limit` is the service's own limit, `peer_left` means that the browser went away, and
`ended_by_assistant` that the model said goodbye and called a tool that ends the call."""


class CallCreated(Line, tag="call.created", frozen=True, kw_only=True):
    """This first line of a journal says whose call it is and which limits it has."""

    call_id: str
    """The service's id of the call (`rtc_…`)."""
    caller_id: str
    """The id of the caller who started the call."""
    caller_name: str = ""
    """The caller's name as the sign-in gives it; empty for an anonymous caller."""
    deployment: str = ""
    """Azure's name for the deployed model."""
    endpoint: str = ""
    """The base URL of the Azure resource that runs the call."""
    protocol: str = "ga"
    """The protocol of the Realtime API: `ga` or `preview`."""
    signalling: Literal["proxy", "token"] = "proxy"
    """`proxy` if the gateway relayed the SDP offer, `token` if the page sent it to Azure itself."""
    voice: str = ""
    """The voice that the model speaks with; empty when the gateway does not know it."""
    language: str = ""
    """The language that the caller chose, as the page named it; empty when none was chosen."""
    assistant: str = "default"
    """The name of the assistant that answers."""
    place: str = ""
    """The token of the place that the call takes in its caller's limit; whoever ends the call gives it back."""
    continues: str = ""
    """The id of the caller's earlier call that this one continues; empty if it continues none."""
    max_call_seconds: int = 0
    """How long the call may last, in seconds."""
    max_idle_seconds: int = 0
    """How long the call may last without any speech or answer, in seconds."""
    traceparent: str = ""
    """The W3C traceparent of the request that began the call, which observer and archive continue; empty without."""

    @property
    def observable(self) -> bool:
        """Return whether the service lets a server hear the call and hang it up. The preview protocol does not."""
        return self.protocol != "preview"

    @property
    def longest_due(self) -> float:
        """Return the Unix second at which the call has lasted as long as it may."""
        return self.at + self.max_call_seconds


class ContinuedBy(Line, tag="call.continued_by", frozen=True, kw_only=True):
    """The caller has taken this call up in a new one."""

    call_id: str
    """The id of the new call."""


class Attached(Line, tag="observer.attached", frozen=True, kw_only=True):
    """An observer attached to the sideband: from now on it hears the call."""


class Watching(Line, tag="observer.watching", frozen=True, kw_only=True):
    """The observer still hears the call, in which nothing happened for a while.

    If the observer is killed later, this line shows until when the record is complete.
    """


class Detached(Line, tag="observer.detached", frozen=True, kw_only=True):
    """The observer's sideband closed: nobody sees what happens until the next `observer.attached`."""

    how: str
    """How it came: the sideband closed (`clean`, `cap` at the service's own limit, `lost`), the observer left the call
    to another one (`left`), or storage was away for so long that lines had to be dropped (`overflow`)."""
    code: int | None = None
    """The WebSocket close code; None when the connection broke without a close frame."""


class HangUpRequested(Line, tag="call.hang_up_requested", frozen=True, kw_only=True):
    """Somebody, or a limit, asked for the call to be hung up."""

    reason: EndReason
    """Who or what asked for it."""


class LimitAnnounced(Line, tag="call.limit_announced", frozen=True, kw_only=True):
    """A limit will end the call soon, and the page can say so before it happens."""

    reason: EndReason
    """The limit."""
    due: float
    """When the call will be hung up, in Unix seconds."""


class GreetingRequested(Line, tag="call.greeting_requested", frozen=True, kw_only=True):
    """An observer asked the model to speak first. No other observer does so again."""


class CallEnded(Line, tag="call.ended", frozen=True, kw_only=True):
    """The call is over."""

    reason: EndReason
    """Why, as the observer saw it. An earlier `call.hang_up_requested` explains a `peer_left` better."""
    seen: bool = True
    """Whether the observer was attached when the call ended, or hung it up. If not, the call ended at some moment
    between the last line before this one and `at`."""


class SpeechStarted(Line, tag="speech.started", frozen=True, kw_only=True):
    """The caller began to speak."""

    item_id: str
    """The item of the conversation that will hold the caller's words."""
    audio_ms: int = 0
    """The position in the call's input audio, in milliseconds from its start."""


class SpeechStopped(Line, tag="speech.stopped", frozen=True, kw_only=True):
    """The caller stopped speaking."""

    item_id: str
    """The item of the conversation that holds the caller's words."""
    audio_ms: int = 0
    """The position in the call's input audio, in milliseconds from its start."""


class ItemAdded(Line, tag="item.added", frozen=True, kw_only=True):
    """An item got its place in the conversation."""

    item_id: str
    """The id of the new item."""
    previous_item_id: str | None = None
    """The item that it follows; None for the first item, or when `recovered` is true and nobody knows."""
    kind: str = "message"
    """The item's type: `message`, `function_call`, `function_call_output` or an `mcp_` type."""
    role: str | None = None
    """Whose item it is: `user`, `assistant` or `system`; None for an item that is no message."""
    text: str | None = None
    """The typed words of the item; None if there are none, or if words are not archived."""
    recovered: bool = False
    """Whether no observer saw the item arrive, so that only the item after it tells its place."""


class ItemDeleted(Line, tag="item.deleted", frozen=True, kw_only=True):
    """An item was removed from the conversation."""

    item_id: str
    """The id of the removed item."""


class ItemTruncated(Line, tag="item.truncated", frozen=True, kw_only=True):
    """An item of the model was cut off where the caller interrupted it."""

    item_id: str
    """The id of the item."""
    audio_end_ms: int = 0
    """How much of the item's audio the caller heard, in milliseconds."""


class Transcript(Line, tag="item.transcript", frozen=True, kw_only=True):
    """The final words of an item are known."""

    item_id: str
    """The id of the item."""
    role: Literal["user", "assistant"]
    """Who said it: `user` is the caller, `assistant` the model."""
    text: str | None = None
    """The words; None if words are not archived."""
    usage: TranscriptionUsage | None = None
    """What transcribing the caller's speech was billed for; None for the model's own words."""


class ResponseStarted(Line, tag="response.started", frozen=True, kw_only=True):
    """The model began to answer."""

    response_id: str
    """The id of the response."""


class ResponseDone(Line, tag="response.done", frozen=True, kw_only=True):
    """The model finished its response, or was stopped. The audio may still be playing."""

    response_id: str
    """The id of the response."""
    status: str = "completed"
    """How it ended: `completed`, `cancelled`, `incomplete` or `failed`."""
    reason: str | None = None
    """Why it ended early, for example `turn_detected`; None when it was completed."""
    item_ids: list[str] = []  # noqa: RUF012  msgspec copies it
    """The ids of the items that the response consists of."""
    usage: ResponseUsage | None = None
    """What the response was billed for; None when the service did not say."""


class PlaybackStarted(Line, tag="playback.started", frozen=True, kw_only=True):
    """The service began to send the audio of a response to the caller."""

    response_id: str
    """The id of the response."""


class PlaybackStopped(Line, tag="playback.stopped", frozen=True, kw_only=True):
    """The service stopped sending the audio of a response."""

    response_id: str
    """The id of the response."""
    cut: bool = False
    """Whether the rest of the audio was discarded because somebody interrupted it."""


class Fault(Line, tag="fault", frozen=True, kw_only=True):
    """Something went wrong, and the call went on."""

    source: Literal["service", "transcription", "response", "gateway"]
    """Where it went wrong: in the session, in a transcription, in a response, or in the gateway itself."""
    error: ErrorDetail
    """What went wrong, as the service or the gateway describes it."""


class EventSent(Line, tag="controller.event_sent", frozen=True, kw_only=True):
    """An operator sent a client event into the call."""

    operator: str
    """The operator's caller id."""
    event: str
    """The type of the client event, for example `response.create`."""
    outcome: Literal["answered", "refused", "unanswered"]
    """What the service did with it; `unanswered` if it did not reply in time."""


class BrowserReport(Line, tag="browser.report", frozen=True, kw_only=True):
    """The browser reported its own figures of the call."""

    figures: dict[str, Any]
    """The figures exactly as the page sent them; the gateway cannot check them."""


AnyLine = (
    CallCreated
    | ContinuedBy
    | Attached
    | Watching
    | Detached
    | HangUpRequested
    | LimitAnnounced
    | GreetingRequested
    | CallEnded
    | SpeechStarted
    | SpeechStopped
    | ItemAdded
    | ItemDeleted
    | ItemTruncated
    | Transcript
    | ResponseStarted
    | ResponseDone
    | PlaybackStarted
    | PlaybackStopped
    | Fault
    | ToolStarted
    | ToolFinished
    | HandOverRequested
    | EventSent
    | BrowserReport
)


def created_line(lines: Iterable[AnyLine]) -> CallCreated | None:
    """Return the line that says whose call it is, or None while that line has not been written yet."""
    return next((line for line in lines if isinstance(line, CallCreated)), None)


def has_ended(lines: Iterable[AnyLine]) -> bool:
    """Return whether the journal says that the call is over."""
    return any(isinstance(line, CallEnded) for line in lines)
