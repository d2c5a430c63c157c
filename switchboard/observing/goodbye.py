"""Knows how far a goodbye is, after a tool has asked for the call to end. This module does no I/O."""

from switchboard.realtime import events
from switchboard.realtime.events import Event
from switchboard.realtime.objects import Item
from switchboard.record.lines import (
    AnyLine,
    ItemAdded,
    PlaybackStarted,
    PlaybackStopped,
    ResponseStarted,
    SpeechStarted,
)
from switchboard.record.tool_lines import ToolFinished

# What marks a response that only says that a tool takes a moment.
SAY = {"switchboard": "say"}


class Goodbye:
    """Keeps whether the call shall end, whether the model has begun to say goodbye, and whether it is being played.

    Whoever speaks during the goodbye has something left to say, so the call goes on.
    """

    def __init__(self) -> None:
        self.wanted = False
        """Whether a tool has asked for the call to end, and the caller has not spoken since."""
        self.begun = False
        """Whether the model has begun to say goodbye."""
        self.playing = False
        """Whether the caller hears something of the model."""

    @property
    def over(self) -> bool:
        """Return whether the goodbye was said and played, as far as is known."""
        return self.wanted and self.begun and not self.playing

    def resume(self, line: AnyLine) -> None:
        """Take over what a line of the journal says, in case another observer has followed the call before."""
        match line:
            case ToolFinished(ends_call=True):
                self.wanted = True
            case ResponseStarted():
                self.begun = self.wanted
            case SpeechStarted() | ItemAdded(role="user"):
                self.wanted = self.begun = False
            case PlaybackStarted():
                self.playing = True
            case PlaybackStopped():
                self.playing = False

    def attach(self) -> None:
        """Note that a new sideband is open. A goodbye that was being played may go on, and is not cut off."""
        self.playing = self.playing and self.wanted

    def hear(self, event: Event) -> None:
        """Note what this event says of the goodbye."""
        match event:
            case events.ResponseCreated(response=response):
                if response.metadata != SAY:
                    self.begun = self.wanted
            case events.ItemAdded(item=Item(role="user")) | events.SpeechStarted():
                self.wanted = self.begun = False
            case events.PlaybackStarted():
                self.playing = True
            case events.PlaybackStopped() | events.PlaybackCleared():
                self.playing = False
