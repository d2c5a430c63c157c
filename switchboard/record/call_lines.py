"""Defines the lines that a journal holds about the call itself: whose it is, who hears it, and how it ends."""

from typing import Any, Literal

from switchboard.record.line import Line

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
    """The observer's sideband closed: nobody sees what happens until the next `observer.attached`.

    Its time is when the call was last known to be heard. Lines of the same observer that stand before it may be later.
    """

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
