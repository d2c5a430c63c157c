"""The events of a turn, in the order and in the shape in which the service sends them. Sans-I/O.

A step is the seconds to wait and then the event. The order is that of recorded traffic: the transcription of what the
caller said comes while the answer is under way, and playback outlasts the response.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

JSON = dict[str, Any]
Step = tuple[float, JSON]

_WORDS = tuple(
    "please could you tell me when the next train leaves for the coast and whether it stops at the old harbour "  # noqa: SIM905
    "thanks that is kind what about tomorrow morning then I would rather travel late is there a dining car".split()
)


@dataclass(frozen=True)
class Pace:
    """How a conversation runs: seconds of speech and of playback, words of an answer, and words in each delta.

    `only` names the types of events that are sent, and is empty if all are.
    """

    speech: float = 0.6
    playback: float = 0.8
    words: int = 12
    words_a_delta: int = 2
    only: frozenset[str] = frozenset()


class Conversation:
    """Makes the events of one call's turns; ids are unique and follow from `rng`, and so do the words."""

    def __init__(self, rng: random.Random, pace: Pace) -> None:
        self._rng = rng
        self._pace = pace
        self._last_item: str | None = None
        self._context = 200
        self.response: JSON | None = None
        """The response under way, as response.done would tell it now."""
        self.items: dict[str, JSON] = {}

    def spoken(self, *, interrupted: bool = False) -> Iterator[Step]:
        """Yield a turn: the caller speaks, and the model answers aloud; the caller may interrupt the answer."""
        item_id, rng = self._id("item"), self._rng
        began = rng.randrange(100_000)
        yield 0, {"type": "input_audio_buffer.speech_started", "item_id": item_id, "audio_start_ms": began}
        length = self._pace.speech * rng.uniform(0.7, 1.3)
        stopped = {"item_id": item_id, "audio_end_ms": began + int(length * 1000)}
        yield length, {"type": "input_audio_buffer.speech_stopped", **stopped}
        committed = {"item_id": item_id, "previous_item_id": self._last_item}
        yield 0, {"type": "input_audio_buffer.committed", **committed}
        part = {"type": "input_audio", "transcript": None}
        yield from self._added(item_id, "user", [part], "completed")
        words = self._words()
        heard = {"type": "input_audio", "transcript": words}
        yield from self._answer(lambda: self._transcribed(item_id, words, heard), interrupted=interrupted)

    def typed(self) -> Iterator[Step]:
        """Yield a turn: the caller types, and the model answers in writing."""
        item_id = self._id("item")
        yield from self._added(item_id, "user", [{"type": "input_text", "text": self._words()}], "completed")
        yield from self._answer(None, interrupted=False)

    def asks_for(self, name: str, arguments: str) -> Iterator[Step]:
        """Yield a turn: the caller types, and the model calls a function. Then it waits for somebody to answer it."""
        yield from self._added(self._id("item"), "user", [{"type": "input_text", "text": self._words()}], "completed")
        response_id, item_id, call_id = self._id("resp"), self._id("item"), self._id("call")
        self.response = {"id": response_id, "object": "realtime.response", "status": "in_progress", "output": []}
        base = {"response_id": response_id, "output_index": 0}
        created = {**self.response, "status_details": None, "usage": None, "metadata": None}
        yield self._rng.uniform(0.05, 0.2), {"type": "response.created", "response": created}
        item = {"id": item_id, "object": "realtime.item", "type": "function_call", "status": "in_progress"}
        item |= {"name": name, "call_id": call_id, "arguments": ""}
        yield 0, {"type": "response.output_item.added", **base, "item": item}
        yield from self._placed(item, done=False)
        done = {"call_id": call_id, "name": name, "arguments": arguments}
        yield 0.05, {"type": "response.function_call_arguments.done", **base, "item_id": item_id, **done}
        self.items[item_id] = {**item, "status": "completed", "arguments": arguments}
        self.response["output"] = [self.items[item_id]]
        yield 0, {"type": "conversation.item.done", "previous_item_id": None, "item": self.items[item_id]}
        yield 0, {"type": "response.output_item.done", **base, "item": self.items[item_id]}
        yield 0.01, self.response_done("completed")

    def goes_on(self) -> Iterator[Step]:
        """Yield an answer in writing that nobody but a `response.create` has asked for."""
        yield from self._answer(None, interrupted=False)

    def create(self, item: JSON) -> list[Step] | None:
        """Put a client's item into the conversation and return its events; None if there is an item of its id."""
        made = {"object": "realtime.item", "status": "completed", **item}
        made.setdefault("id", self._id("item"))
        return None if made["id"] in self.items else list(self._placed(made, done=True))

    def _transcribed(self, item_id: str, words: str, heard: JSON) -> Step:
        self.items[item_id]["content"] = [heard]
        tokens = len(words.split())
        usage = {"total_tokens": tokens * 5, "input_tokens": tokens * 4, "output_tokens": tokens}
        details = {"text_tokens": 0, "audio_tokens": tokens * 4}
        return 0.05, {
            "type": "conversation.item.input_audio_transcription.completed",
            "item_id": item_id,
            "content_index": 0,
            "transcript": words,
            "usage": {"type": "tokens", **usage, "input_token_details": details},
        }

    def _answer(self, transcribed: Any, *, interrupted: bool) -> Iterator[Step]:
        response_id, item_id = self._id("resp"), self._id("item")
        spoken = transcribed is not None
        self.response = {"id": response_id, "object": "realtime.response", "status": "in_progress", "output": []}
        base = {"response_id": response_id, "output_index": 0}
        ids = {**base, "item_id": item_id, "content_index": 0}
        created = {**self.response, "status_details": None, "usage": None, "metadata": None}
        yield self._rng.uniform(0.05, 0.2), {"type": "response.created", "response": created}
        item: JSON = {"id": item_id, "object": "realtime.item", "type": "message", "status": "in_progress"}
        item |= {"role": "assistant", "content": []}
        yield 0, {"type": "response.output_item.added", **base, "item": item}
        yield from self._added(item_id, "assistant", [], "in_progress")
        if spoken:
            yield transcribed()
        yield 0, {"type": "response.content_part.added", **ids, "part": {"type": "audio" if spoken else "text"}}
        said, name = [], "response.output_audio_transcript" if spoken else "response.output_text"
        words = self._words().split()
        started = {"type": "output_audio_buffer.started", "response_id": response_id}
        for start in range(0, len(words), self._pace.words_a_delta):
            said += words[start : start + self._pace.words_a_delta]
            delta = " ".join(words[start : start + self._pace.words_a_delta]) + " "
            yield 0.02, {"type": f"{name}.delta", **ids, "delta": delta, "obfuscation": self._id("o")}
            if spoken and start == 0:
                yield 0.02, started
            if interrupted and start > len(words) // 2:
                break
        text = " ".join(said)
        kind, field = ("output_audio", "transcript") if spoken else ("output_text", "text")
        self.items[item_id] |= {"status": "completed", "content": [{"type": kind, field: text}]}
        self.response["output"] = [self.items[item_id]]
        if interrupted:
            yield from self._cut(response_id, item_id, {"type": f"{name}.done", **ids, field: text})
            return
        if spoken:
            yield 0, {"type": "response.output_audio.done", **ids}
        yield 0, {"type": f"{name}.done", **ids, field: text}
        yield 0, {"type": "response.content_part.done", **ids, "part": {"type": kind, field: text}}
        done = {"type": "conversation.item.done", "previous_item_id": None, "item": self.items[item_id]}
        yield 0, done
        yield 0, {"type": "response.output_item.done", **base, "item": self.items[item_id]}
        yield 0.01, self.response_done("completed")
        if spoken:
            length = self._pace.playback * self._rng.uniform(0.7, 1.3)
            yield length, {"type": "output_audio_buffer.stopped", "response_id": response_id}

    def _cut(self, response_id: str, item_id: str, done: JSON) -> Iterator[Step]:
        yield 0.05, done
        yield 0, {"type": "output_audio_buffer.cleared", "response_id": response_id}
        yield 0, {"type": "conversation.item.truncated", "item_id": item_id, "content_index": 0, "audio_end_ms": 320}
        yield 0, self.response_done("cancelled", reason="turn_detected")

    def response_done(self, status: str, reason: str | None = None) -> JSON:
        """Return the end of the response under way, with what it is billed for. None is under way afterwards."""
        assert self.response is not None
        details = {"type": status, "reason": reason, "error": None} if reason else None
        response = {**self.response, "status": status, "status_details": details, "usage": self._usage()}
        self.response = None
        return {"type": "response.done", "response": response}

    def _usage(self) -> JSON:
        rng = self._rng
        self._context += rng.randrange(40, 120)
        cached = 64 * rng.randrange(self._context // 64)
        audio, out_text, out_audio = rng.randrange(self._context // 2), rng.randrange(5, 60), rng.randrange(20, 400)
        cached_audio = min(audio, cached // 2)
        text = self._context - audio
        taken = {"text_tokens": text, "audio_tokens": audio, "image_tokens": 0, "cached_tokens": cached}
        split = {"text_tokens": cached - cached_audio, "audio_tokens": cached_audio, "image_tokens": 0}
        given = {"text_tokens": out_text, "audio_tokens": out_audio}
        return {
            "total_tokens": self._context + out_text + out_audio,
            "input_tokens": self._context,
            "output_tokens": out_text + out_audio,
            "input_token_details": {**taken, "cached_tokens_details": split},
            "output_token_details": given,
        }

    def _added(self, item_id: str, role: str, content: list[JSON], status: str) -> Iterator[Step]:
        item = {"id": item_id, "object": "realtime.item", "type": "message", "status": status}
        yield from self._placed({**item, "role": role, "content": content}, done=status == "completed")

    def _placed(self, item: JSON, *, done: bool) -> Iterator[Step]:
        self.items[item["id"]] = item
        placed = {"previous_item_id": self._last_item, "item": dict(item)}
        self._last_item = item["id"]
        yield 0, {"type": "conversation.item.added", **placed}
        if done:
            yield 0, {"type": "conversation.item.done", **placed}

    def _words(self) -> str:
        return " ".join(self._rng.choices(_WORDS, k=max(2, round(self._pace.words * self._rng.uniform(0.5, 1.5)))))

    def _id(self, kind: str) -> str:
        return f"{kind}_{self._rng.getrandbits(64):016x}"
