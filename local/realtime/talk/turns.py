"""This module follows the caller's spoken turns, from the first sound to the transcription and the answer."""

from typing import Any, Protocol

from local.realtime.errors import deployment_not_found, invalid
from local.realtime.protocol.events import event, new_id
from local.realtime.talk.answers import Answer, heard
from local.realtime.talk.conversation import Item, spoken_item
from local.realtime.talk.core import Core
from local.realtime.talk.detector import Speech, detector
from local.realtime.talk.responder import Responder
from local.realtime.talk.usage import transcription_usage

# Long enough that the transcription comes after response.created, as it does in the recordings.
_TRANSCRIPTION_MS = 60
_SHORTEST_COMMIT_MS = 100


class Finish(Protocol):
    """A function of this kind ends the spoken turn for which it was returned."""

    def __call__(self, said: str, answer: str | None, quiet_ms: int = 0) -> None:
        """End the turn.

        `said` are the caller's words, or an empty string when nobody knows them. `answer` are the words to answer
        with, or None to leave them to the emulator. `quiet_ms` is how long the caller had been quiet already, in
        milliseconds.
        """


class Turns:
    """This class handles what the caller says in one call, whether a microphone delivers it or a test scripts it."""

    def __init__(self, core: Core, responder: Responder) -> None:
        self._core = core
        self._responder = responder
        self._configured = self._settings
        self._detector = detector(self._configured)
        self._finish: Finish | None = None
        self._buffered_ms = 0.0

    def configure(self) -> None:
        """Apply the session's turn detection if it has changed. Speech that is under way is then forgotten."""
        if self._configured != self._settings:
            self._reset()

    def hear(self, level_db: float, duration_ms: float) -> None:
        """Take the next piece of the microphone's audio: its loudness in dBFS and its length in milliseconds."""
        self._buffered_ms += duration_ms
        change = self._detector.feed(level_db, duration_ms) if self._detector else None
        if change is Speech.STARTED:
            self._finish = self.start()
        elif change is Speech.STOPPED and self._finish is not None:
            self._finish("", None, self._detector.silence_ms if self._detector else 0)
            self._finish = None

    def start(self) -> Finish:
        """Publish that speech has begun, and interrupt the assistant. Call the result when the speech has ended."""
        settings = self._settings or {}
        began = self._core.clock_ms()
        item_id, start_ms = new_id("item"), max(0, began - settings.get("prefix_padding_ms", 0))
        self._core.publish(event("input_audio_buffer.speech_started", audio_start_ms=start_ms, item_id=item_id))
        if settings.get("interrupt_response", True):
            self._responder.clear_playback(interrupted=True)

        def finish(said: str, answer: str | None, quiet_ms: int = 0) -> None:
            ended = self._core.clock_ms()
            self._core.publish(event("input_audio_buffer.speech_stopped", audio_end_ms=ended, item_id=item_id))
            self._commit(spoken_item(item_id, ended - start_ms, ended - began - quiet_ms, said))
            if settings.get("create_response", True):
                self._responder.turn(Answer(answer) if answer else None)

        return finish

    def commit(self) -> None:
        """Make a turn of what was heard so far, as `input_audio_buffer.commit` asks. It is not answered by itself.

        Raises:
            ServiceError: Less than 100 ms of audio were heard since the last turn.
        """
        if self._buffered_ms < _SHORTEST_COMMIT_MS:
            message = (
                "Error committing input audio buffer: buffer too small. "
                f"Expected at least 100ms of audio, but buffer only has {self._buffered_ms:.2f}ms of audio."
            )
            raise invalid("input_audio_buffer_commit_empty", message)
        length = round(self._buffered_ms)
        self._commit(spoken_item(new_id("item"), length, length, ""))

    def clear(self) -> None:
        """Forget what was heard since the last turn, as `input_audio_buffer.clear` asks."""
        self._buffered_ms = 0
        self._reset()
        self._core.publish(event("input_audio_buffer.cleared"))

    def _reset(self) -> None:
        self._configured = self._settings
        self._detector = detector(self._configured)
        self._finish = None

    @property
    def _settings(self) -> dict[str, Any] | None:
        settings: dict[str, Any] | None = self._core.session["audio"]["input"]["turn_detection"]
        return settings

    def _commit(self, item: Item) -> None:
        self._buffered_ms = 0
        core, conversation = self._core, self._core.conversation
        committed = event("input_audio_buffer.committed", previous_item_id=conversation.last_id, item_id=item.id)
        core.publish(committed, conversation.add(item), conversation.done(item))
        core.later(_TRANSCRIPTION_MS, lambda: self._transcribe(item))

    def _transcribe(self, item: Item) -> None:
        settings = self._core.session["audio"]["input"]["transcription"]
        if settings is None:
            return
        name, place = "conversation.item.input_audio_transcription", {"item_id": item.id, "content_index": 0}
        if settings["model"] not in self._core.options.deployments.transcription:
            # Azure was recorded to do this on every turn: the transcription model has to be a deployment of the
            # resource.
            refusal = deployment_not_found().error
            error = {"type": "invalid_request_error", **refusal, "param": None}
            self._core.publish(event(f"{name}.failed", **place, error=error))
            return
        words = item.said or heard(item.speech_ms)
        item.data["content"][0]["transcript"] = words
        self._core.publish(
            event(f"{name}.delta", **place, delta=words, logprobs=None),
            event(f"{name}.completed", **place, transcript=words, usage=transcription_usage(item.audio_ms, words)),
        )
