"""Fill an archive with calls of all kinds, through the product's own archive: nothing here writes a summary itself.

The journals are made up. They are the same in every run, apart from the day on which they begin.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, get_args

from switchboard.realtime.objects import ErrorDetail, ResponseUsage, TokenDetails, TranscriptionUsage
from switchboard.record.lines import (
    AnyLine,
    Attached,
    BrowserReport,
    CallCreated,
    CallEnded,
    Detached,
    EndReason,
    EventSent,
    Fault,
    ItemAdded,
    PlaybackStarted,
    PlaybackStopped,
    ResponseDone,
    ResponseStarted,
    SpeechStarted,
    SpeechStopped,
    Transcript,
)
from switchboard.record.tool_lines import HandOverRequested, ToolFinished, ToolStarted
from switchboard.services import Services

REASONS: tuple[EndReason, ...] = get_args(EndReason)
CALLERS = ("ada", "bob", "chloé", "dmitri", "eve", "a-very-long-name-of-a-caller-in-an-office-far-away")
ASSISTANTS = ("default", "front-desk", "guide")
TALK = (
    ("Good morning, where is my parcel?", "Good morning! May I have the number of your order?"),
    ("It is four seven one one.", "Thank you. It left our warehouse yesterday and should be with you tomorrow."),
    ("Can somebody leave it with my neighbour?", "Of course. I have noted that for the driver."),
    ("And what does that cost?", "Nothing at all; it is part of the delivery."),
    ("Great. Oh, wait, one more thing.", "Please, go on, I am listening and I have all the time that you need for it."),
    ("I would rather talk with a person.", "I have asked a colleague to take over."),
)


@dataclass
class Talk:
    """Writes the journal of one call, line by line."""

    began: float
    random: Random
    words: bool
    lines: list[AnyLine] = field(default_factory=list)
    previous: str | None = None
    asked: int = 0

    def __post_init__(self) -> None:
        self.now = self.began + 1.2

    def item(self, name: str, at: float, role: str) -> None:
        self.lines.append(ItemAdded(at=round(at, 3), item_id=name, previous_item_id=self.previous, role=role))
        self.previous = name

    def turn(self, *, tool: bool = False, cut: bool = False) -> None:
        """Let the caller ask and the model answer."""
        number, draw = self.asked, self.random.uniform
        self.asked += 1
        question, answer = TALK[number % len(TALK)]
        asked, told, response = f"item_u{number}", f"item_a{number}", f"resp_{number}"
        start, stop = self.now, self.now + draw(1.2, 3.5)
        sound = stop + draw(0.35, 1.4) + (1.5 if tool else 0)
        end = sound + (draw(0.8, 1.5) if cut else draw(2, 6))
        add = self.lines.append
        add(SpeechStarted(at=start, item_id=asked))
        add(SpeechStopped(at=stop, item_id=asked))
        self.item(asked, stop, "user")
        heard = TranscriptionUsage(input_tokens=40, output_tokens=12, input_token_details=TokenDetails(audio_tokens=40))
        add(Transcript(at=stop + 0.2, item_id=asked, role="user", text=question if self.words else None, usage=heard))
        if tool:
            add(ToolStarted(at=stop + 0.3, tool_call_id=f"call_{number}", name="count_days"))
            add(
                ToolFinished(
                    at=stop + 1.4, tool_call_id=f"call_{number}", name="count_days", outcome="completed", ms=1100
                )
            )
        add(ResponseStarted(at=sound - 0.2, response_id=response))
        self.item(told, sound - 0.15, "assistant")
        add(PlaybackStarted(at=sound, response_id=response))
        add(Transcript(at=sound + 0.4, item_id=told, role="assistant", text=answer if self.words else None))
        add(
            ResponseDone(
                at=sound + 0.5,
                response_id=response,
                status="cancelled" if cut else "completed",
                reason="turn_detected" if cut else None,
                item_ids=[told],
                usage=used(number),
            )
        )
        add(PlaybackStopped(at=end, response_id=response, cut=cut))
        self.now = end + draw(0.4, 2)


def used(number: int) -> ResponseUsage:
    """Return what the answer with this number was billed for: it is billed for all that was said before, again."""
    text, audio = 120 + 30 * number, 90 * (number + 1)
    cached = TokenDetails(text_tokens=text // 2, audio_tokens=audio // 3)
    given = TokenDetails(
        text_tokens=text,
        audio_tokens=audio,
        cached_tokens=cached.text_tokens + cached.audio_tokens,
        cached_tokens_details=cached,
    )
    return ResponseUsage(
        total_tokens=text + audio + 170,
        input_tokens=text + audio,
        output_tokens=170,
        input_token_details=given,
        output_token_details=TokenDetails(text_tokens=40, audio_tokens=130),
    )


def report(seconds: float, random: Random) -> dict[str, Any]:
    """Return the figures that a page reports of a call of this length."""
    step = max(1, round(seconds / 100))
    stretches = max(1, round(seconds / step))
    rtt = [round(random.uniform(35, 70) + (180 if 0.5 < n / stretches < 0.6 else 0)) for n in range(stretches)]
    loss = [round(random.uniform(2, 9), 1) if 0.5 < n / stretches < 0.6 else 0.0 for n in range(stretches)]
    series = {"step_s": step, "ends_before_s": 0.2, "rtt_ms": [None, *rtt[1:]], "loss_percent": loss}
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
    return {"schema": 1, "verdict": "good", "network": {"series": series}, "browser": agent}


def journal(number: int, began: float) -> tuple[CallCreated, list[AnyLine]]:
    """Return the journal of the call with this number. Its number decides what happens in it."""
    random = Random(number)
    reason = REASONS[number % len(REASONS)]
    caller = CALLERS[number % len(CALLERS)]
    call = CallCreated(
        at=began,
        call_id=f"rtc_{number:032x}",
        caller_id=f"aad:{caller}",
        caller_name=f"{caller}@example.com",
        deployment="gpt-realtime",
        endpoint="https://contoso.openai.azure.com",
        assistant=ASSISTANTS[number % len(ASSISTANTS)],
        max_call_seconds=1800,
        max_idle_seconds=120,
    )
    unobserved = number % 15 == 14
    talk = Talk(began, random, words=number % 10 != 9)
    if not unobserved:
        talk.lines.append(Attached(at=began + 0.6))
        for turn in range(150 if number == 7 else 2 + number % 7):
            talk.turn(tool=turn == 2, cut=turn % 5 == 3)
    if number % 6 == 5:
        talk.lines.append(HandOverRequested(at=talk.now, tool_call_id="call_h", reason="The caller wants a refund."))
        talk.lines.append(EventSent(at=talk.now + 1, operator="aad:olga", event="response.create", outcome="answered"))
    if number % 8 == 3:
        talk.lines.append(Detached(at=talk.now, how="lost"))
        talk.lines.append(Attached(at=talk.now + 4))
        talk.now += 5
        talk.turn()
    if number % 7 == 2:
        error = ErrorDetail("server_error", "server_error", "The server had an error while processing your request.")
        talk.lines.append(Fault(at=began + 4, source="service", error=error))
    if not unobserved:
        talk.lines.append(BrowserReport(at=talk.now, figures=report(talk.now - began, random)))
    talk.lines.append(CallEnded(at=talk.now + 0.5, reason=reason))
    return call, talk.lines


def days_ago(days: int) -> str:
    """Return the UTC day so many days ago, such as `2026-11-21`."""
    return (datetime.now(UTC) - timedelta(days)).date().isoformat()


def archive_calls(services: Services, today: float, count: int = 30) -> list[str]:
    """Archive so many calls of the fortnight before `today` (Unix seconds), and return their ids, the newest first."""
    ids = []
    for number in range(count):
        call, lines = journal(number, round(today - 3600 - number * 14 * 86400 / count, 3))
        services.journals.start(call)
        services.journals.append(call.call_id, lines)
        services.archive.summarise(call.call_id)
        ids.append(call.call_id)
    return ids
