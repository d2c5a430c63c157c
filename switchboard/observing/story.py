"""Says what the lines of a journal mean for the trace and the figures of their call.

Only lines that the journal holds are told, so trace and figures never know more than the record. A second observer of
a call takes over what the journal says (`resume`) and tells only what it has written itself; so no line is told twice.
This module does no I/O and reads no clock.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import msgspec

from switchboard.limits.prices import cost_of
from switchboard.realtime.objects import ResponseUsage
from switchboard.record import lines as journal
from switchboard.record.lines import AnyLine, CallCreated, CallEnded, Line, ResponseDone, Transcript
from switchboard.record.tool_lines import HandOverRequested, ToolFinished, ToolStarted
from switchboard.record.usage import Usage, total_usage
from switchboard.settings import Prices
from switchboard.telemetry import figures
from switchboard.telemetry.figures import CALL_ID, AttributeValue, Measurement
from switchboard.telemetry.port import Event, Work

Told = Event | Work | Measurement

# What every turn is, in the words of the semantic conventions.
_CHAT: dict[str, AttributeValue] = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "azure.ai.openai"}
# How a response may end that is nothing but the course of a conversation.
_FINE = ("completed", "cancelled")


class _Turn(msgspec.Struct):
    start: float
    # When the caller stopped speaking; None if the model answers a typed message or nothing.
    asked: float | None = None
    heard: float | None = None
    stopped: float | None = None
    done: ResponseDone | None = None
    cut: bool = False

    def latency(self) -> float | None:
        """Return the seconds from the end of the caller's speech to the answer's audio; None if either is unknown."""
        if self.asked is None or self.heard is None:
            return None
        return round(max(0.0, self.heard - self.asked), 3)

    def over(self) -> bool:
        """Return whether nothing more is to come: the response is done, and its audio, if it has any, has ended."""
        if self.done is None:
            return False
        usage = self.done.usage
        silent = self.done.status != "completed" or usage is None or not usage.output_token_details.audio_tokens
        return self.stopped is not None or (self.heard is None and silent)


class Story:
    """Tells the story of one call. `prices` are those of the settings; None if there are none."""

    def __init__(self, call: CallCreated, prices: Prices | None) -> None:
        self._call = call
        self._prices = prices
        self._model: dict[str, AttributeValue] = {figures.MODEL: call.deployment}
        self._call_attributes: dict[str, AttributeValue] = {
            **_CHAT,
            **self._model,
            CALL_ID: call.call_id,
            "gen_ai.conversation.id": call.call_id,
            "server.address": urlsplit(call.endpoint).hostname or "",
        }
        self._speech: dict[str, float] = {}
        self._stopped: dict[str, float] = {}
        self._unanswered = ""
        self._tools: dict[str, float] = {}
        self._turns: dict[str, _Turn] = {}
        self._over: set[str] = set()
        self.ended: CallEnded | None = None
        """The line that ended the call, if it was told; None if the journal held it before."""

    def attributes(self) -> dict[str, AttributeValue]:
        """Return the attributes of the span in which the call is observed."""
        return {**self._call_attributes, figures.SIGNALLING: self._call.signalling}

    def resume(self, lines: Iterable[AnyLine]) -> None:
        """Take over what the journal says, and tell nothing of it."""
        for line in lines:
            for _ in self.tell(line):
                pass
        self.ended = None

    def tell(self, line: Line) -> Iterator[Told]:  # noqa: C901  one flat table, a case per line
        """Return what a line means. Lines come in the order in which they were written."""
        match line:
            case journal.SpeechStarted():
                self._speech[line.item_id] = line.at
            case journal.SpeechStopped():
                self._stopped[line.item_id] = line.at
                self._unanswered = line.item_id
            case journal.ResponseStarted():
                self._begin(line)
            case journal.PlaybackStarted() if (turn := self._turns.get(line.response_id)) and turn.heard is None:
                turn.heard = line.at
                if (latency := turn.latency()) is not None:
                    yield Measurement(figures.RESPONSE_LATENCY, latency, self._model)
            case journal.PlaybackStopped() if turn := self._turns.get(line.response_id):
                turn.stopped, turn.cut = line.at, turn.cut or line.cut
                yield from self._finished(line.response_id, turn)
            case ResponseDone() if line.response_id not in self._over:
                turn = self._turns.setdefault(line.response_id, _Turn(line.at))
                if turn.done is None:
                    yield from self._billed(line)
                turn.done, turn.cut = line, turn.cut or line.reason in ("turn_detected", "client_cancelled")
                yield from self._finished(line.response_id, turn)
            case Transcript() if line.usage:
                yield from self._billed(line)
            case ToolStarted():
                self._tools.setdefault(line.tool_call_id, line.at)
            case ToolFinished() if line.tool_call_id not in self._over:
                yield self._tool(line)
            case CallEnded():
                self.ended = line
                for response_id in list(self._turns):
                    yield self._turn(response_id, line.at)
                yield Event("call.ended", line.at, {figures.END_REASON: line.reason})
            case _:
                yield from _events(line)

    def _begin(self, line: journal.ResponseStarted) -> None:
        question, self._unanswered = self._unanswered, ""
        asked = self._stopped.pop(question, None)
        if line.response_id not in self._over:
            turn = _Turn(self._speech.pop(question, line.at), asked)
            self._turns.setdefault(line.response_id, turn)

    def _finished(self, response_id: str, turn: _Turn) -> Iterator[Told]:
        if turn.over():
            ends = (turn.done.at if turn.done else turn.start, turn.stopped or turn.start)
            yield self._turn(response_id, max(ends))

    def _turn(self, response_id: str, end: float) -> Work:
        turn = self._turns.pop(response_id)
        self._over.add(response_id)
        done = turn.done
        status = done.status if done else "unfinished"
        told: dict[str, AttributeValue] = {
            **self._call_attributes,
            "gen_ai.response.id": response_id,
            "gen_ai.response.finish_reasons": [(done.reason if done else None) or status],
            "gen_ai.output.type": "text" if turn.heard is None else "speech",
            "switchboard.turn.spoken": turn.asked is not None,
            "switchboard.turn.interrupted": turn.cut,
        }
        if (latency := turn.latency()) is not None:
            told["switchboard.response.latency"] = latency
        if done and done.usage:
            told |= _usage_attributes(done, done.usage)
        name = f"chat {self._call.deployment}"
        error = "" if status in _FINE or done is None else (done.reason or status)
        return Work(name=name, kind="client", start=turn.start, end=end, attributes=told, error=error)

    def _tool(self, line: ToolFinished) -> Work:
        self._over.add(line.tool_call_id)
        began = self._tools.pop(line.tool_call_id, None)
        if began is None and line.ms is not None:
            began = line.at - line.ms / 1000
        told: dict[str, AttributeValue] = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.call.id": line.tool_call_id,
            "gen_ai.conversation.id": self._call.call_id,
            CALL_ID: self._call.call_id,
            "switchboard.tool.outcome": line.outcome,
        }
        name = "execute_tool"
        if began is not None:
            # Only a tool that ran has a name that is not just the model's own text.
            told["gen_ai.tool.name"], name = line.name, f"execute_tool {line.name}"
        error = "" if line.outcome in ("completed", "interrupted") else line.outcome
        start = line.at if began is None else began
        return Work(name=name, start=start, end=line.at, attributes=told, error=error)

    def _billed(self, line: ResponseDone | Transcript) -> Iterator[Told]:
        usage = total_usage([line])
        model = self._model
        for kind, tokens in tokens_by_kind(usage).items():
            if tokens:
                yield Measurement(figures.TOKENS, tokens, {**model, figures.TOKEN_KIND: kind})
        if isinstance(line, ResponseDone) and line.usage:
            for kind, tokens in (("input", line.usage.input_tokens), ("output", line.usage.output_tokens)):
                yield Measurement(figures.TOKEN_USAGE, tokens, {**model, **_CHAT, "gen_ai.token.type": kind})
        if self._prices is not None and (cost := cost_of(usage, self._prices)):
            yield Measurement(figures.COST, cost, {**model, figures.CURRENCY: self._prices.currency})


def ended(reason: str, seconds: float) -> tuple[Measurement, ...]:
    """Return what the end of a call means for the figures: why it ended, and how many seconds it lasted."""
    why = {figures.END_REASON: reason}
    return Measurement(figures.CALLS_ENDED, 1, why), Measurement(figures.CALL_SECONDS, seconds, why)


def tokens_by_kind(usage: Usage) -> dict[str, int]:
    """Return the tokens of a usage by kind. The kinds are named as in PRICES, and cached tokens are counted once."""
    given, made, written = usage.input, usage.output, usage.transcription
    return {
        "text_input": given.text - given.cached_text,
        "text_cached_input": given.cached_text,
        "audio_input": given.audio - given.cached_audio,
        "audio_cached_input": given.cached_audio,
        "image_input": given.image - given.cached_image,
        "image_cached_input": given.cached_image,
        "text_output": made.text,
        "audio_output": made.audio,
        "transcription_input": written.input_text + written.input_audio,
        "transcription_output": written.output,
    }


def _usage_attributes(line: ResponseDone, usage: ResponseUsage) -> dict[str, AttributeValue]:
    kinds = {f"switchboard.tokens.{kind}": n for kind, n in tokens_by_kind(total_usage([line])).items() if n}
    return {
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.input_token_details.cached_tokens,
        **kinds,
    }


def _events(line: Line) -> Iterator[Told]:
    """Return an event for a line about limits, faults, and who hears the call. No event holds anybody's words."""
    match line:
        case journal.Attached():
            yield Event("observer.attached", line.at)
        case journal.Detached():
            yield Event("observer.detached", line.at, {"switchboard.detached.how": line.how})
        case journal.LimitAnnounced():
            yield Event("call.limit_announced", line.at, {"switchboard.limit": line.reason})
        case journal.HangUpRequested():
            yield Event("call.hang_up_requested", line.at, {"switchboard.limit": line.reason})
        case HandOverRequested():
            yield Event("call.hand_over_requested", line.at)
        case journal.Fault():
            # The message may quote the caller; type and code are words of the service's API.
            code = line.error.code or line.error.type or "_OTHER"
            yield Event("fault", line.at, {"switchboard.fault.source": line.source, "error.type": code})
