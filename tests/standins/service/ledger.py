"""The truth about calls, as only the service knows it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]
# The ids of items that hold what was said in an earlier call begin with this.
SEED_PREFIX = "seed_"


@dataclass
class Attachment:
    """A sideband that was attached: by which client, from when until when (Unix seconds), and how it ended."""

    client: str
    since: float
    until: float | None = None
    how: str = ""


@dataclass
class HangUp:
    """Records a request to hang up: when, by which client, and the status of the answer."""

    at: float
    client: str
    status: int


@dataclass
class Said:
    """Records an item of the conversation: its final words (None where unknown), and when its events were sent."""

    item_id: str
    role: str
    text: str | None = None
    at: list[float] = field(default_factory=list)
    usage: JSON | None = None
    usage_at: float = 0.0


@dataclass
class FunctionCall:
    """Records that the model called a function: when it had written the arguments, and when it got answers."""

    name: str
    at: float
    answered: list[float] = field(default_factory=list)


@dataclass
class Billed:
    """A response: when it was billed (Unix seconds), and for what."""

    response_id: str
    at: float
    usage: JSON


@dataclass
class Truth:
    """Records the truth about one call.

    Times are Unix seconds; `ended_by` is a client's name, peer, cap, or nobody_joined.
    """

    call_id: str
    client: str
    created: float
    joined: float | None = None
    ended: float | None = None
    ended_by: str = ""
    events: list[tuple[float, JSON]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    hang_ups: list[HangUp] = field(default_factory=list)
    denials: list[float] = field(default_factory=list)
    """When the service answered a sideband's dial with 404 although the call was up."""

    def said(self) -> list[Said]:
        """Return what was said, in the conversation's order."""
        items: dict[str, Said] = {}
        for at, event in self.events:
            kind = event["type"]
            if kind == "conversation.item.added":
                item = event["item"]
                # What was said in an earlier call belongs to the record of that one.
                if item["type"] != "message" or item["id"].startswith(SEED_PREFIX):
                    continue
                found = items.setdefault(item["id"], Said(item["id"], item["role"]))
                typed = "".join(part.get("text") or "" for part in item["content"])
                found.text = typed or found.text
                found.at.append(at)
            elif kind == "conversation.item.input_audio_transcription.completed":
                found = items[event["item_id"]]
                found.text, found.usage, found.usage_at = event["transcript"], event["usage"], at
                found.at.append(at)
            elif kind in ("response.output_audio_transcript.done", "response.output_text.done"):
                found = items[event["item_id"]]
                found.text = event.get("transcript") or event.get("text")
                found.at.append(at)
        return [item for item in items.values() if item.text is not None]

    def function_calls(self) -> list[FunctionCall]:
        """Return the functions that the model called, in order, with the answers that the conversation has."""
        calls: dict[str, FunctionCall] = {}
        for at, event in self.events:
            if event["type"] == "response.done":
                for item in event["response"]["output"]:
                    if item["type"] == "function_call":
                        calls[item["call_id"]] = FunctionCall(item["name"], at)
            elif event["type"] == "conversation.item.added" and event["item"]["type"] == "function_call_output":
                calls[event["item"]["call_id"]].answered.append(at)
        return list(calls.values())

    def billed(self) -> list[Billed]:
        """Return what each response was billed for."""
        done = ((at, event["response"]) for at, event in self.events if event["type"] == "response.done")
        return [Billed(response["id"], at, response["usage"]) for at, response in done if response["usage"]]

    def unobserved(self, since: float | None = None) -> Iterator[tuple[float, float]]:
        """Yield the stretches in which the call was up and no sideband was attached, from `since` on.

        Without it they are counted from the moment at which the browser joined; a call that nobody joined has none.
        """
        since = self.joined if since is None else since
        if since is None:
            return
        end = self.ended if self.ended is not None else float("inf")
        heard_until = since
        for one in sorted(self.attachments, key=lambda found: found.since):
            if one.since > heard_until:
                yield heard_until, min(one.since, end)
            heard_until = max(heard_until, one.until if one.until is not None else end)
            if heard_until >= end:
                return
        if heard_until < end:
            yield heard_until, end


class Ledger:
    """Keeps all calls by their id."""

    def __init__(self) -> None:
        self.calls: dict[str, Truth] = {}
