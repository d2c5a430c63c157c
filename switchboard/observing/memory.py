"""Gives a call that continues another one its memory: what was said before becomes items of the new conversation."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

import msgspec

from switchboard.errors import StorageUnavailable
from switchboard.observing.observation import OWN_EVENT_PREFIX, SEED_PREFIX, Observation
from switchboard.observing.ports import OpenSideband, Ports
from switchboard.record.conversation import Conversation, Utterance
from switchboard.record.lines import AnyLine, CallCreated, CallEnded, created_line

log = logging.getLogger(__name__)

# The model is charged for everything it remembers, in each of its answers. What is older than so many tokens is
# shortened. Text has about four bytes for a token.
MOST_TOKENS, BYTES_PER_TOKEN, TOKENS_PER_ITEM = 4_000, 4, 4
# Of each message that is shortened so many characters are left, and of all of them together so many tokens.
SHORT_CHARACTERS, MOST_SHORT_TOKENS = 120, 800
# A call may continue one that itself continued another one. No more calls than this are read.
MOST_CALLS = 10
# The pauses before the earlier journal is read again, while the end of that call is not in it.
LOOK_AGAIN_SECONDS = (1.0, 3.0)
# This stands at the end of an answer that was interrupted.
BROKEN_OFF = "…"
_CONTENT = {"user": "input_text", "assistant": "output_text"}
_SPEAKERS = {"user": "I", "assistant": "You"}


class Memory:
    """Seeds the conversation of a call that continues another, once, however many observers and sidebands it has."""

    def __init__(self, call: CallCreated, ports: Ports, observation: Observation) -> None:
        self._call = call
        self._ports = ports
        self._observation = observation
        self._sent: set[str] = set()
        self._complete = False

    @asynccontextmanager
    async def recalling(self, sideband: OpenSideband) -> AsyncIterator[None]:
        """Send what was said before into the call, and look again a little later.

        An item whose id is in the journal is not sent again. The service refuses an item whose id it has already, so an
        observer that does not know yet what another one has sent does no harm. If storage stays away the call goes on
        without its memory, and the log says so.
        """
        if self._complete:
            yield
            return
        await self._recall(sideband)
        again = asyncio.create_task(self._recall_the_rest(sideband))
        try:
            yield
        finally:
            again.cancel()
            await asyncio.wait({again})

    async def _recall_the_rest(self, sideband: OpenSideband) -> None:
        """Send what was not in the journal yet: the observer of a call that was hung up just now still writes to it."""
        for seconds in LOOK_AGAIN_SECONDS:
            if self._complete:
                return
            await asyncio.sleep(seconds)
            await self._recall(sideband)

    async def _recall(self, sideband: OpenSideband) -> None:
        try:
            said, complete = await self._said_before()
        except StorageUnavailable:
            log.warning(
                "call %s has no memory of %s, because storage is away", self._call.call_id, self._call.continues
            )
            return
        self._complete = complete
        new = [(item_id, event) for item_id, event in seeds(said) if item_id not in self._sent]
        for item_id, event in new:
            self._sent.add(item_id)
            if not self._observation.knows(item_id):
                await sideband.send(event)
        log.info("call %s remembers call %s", self._call.call_id, self._call.continues)

    async def _said_before(self) -> tuple[list[Utterance], bool]:
        """Return what was said in the calls before this one, oldest first, and whether nothing more can come."""
        said: list[Utterance] = []
        earlier, read, complete = self._call.continues, 0, False
        while earlier and read < MOST_CALLS:
            lines: Sequence[AnyLine] = await self._ports.read(earlier)
            if not read:
                # Calls before that one had ended before it began.
                complete = any(isinstance(line, CallEnded) for line in lines)
            said = [*Conversation(lines).transcript(), *said]
            created = created_line(lines)
            earlier, read = created.continues if created else "", read + 1
        return said, complete


def seeds(said: Iterable[Utterance]) -> list[tuple[str, str]]:
    """Return the items that hold what was said before, oldest first: the id of each, and the event that creates it.

    The first item tells the model what the others are. If there was more than the model shall remember, the second one
    holds the beginnings of the older messages. There is none if nothing was said.
    """
    spoken = [one for one in said if one.text and one.role in _CONTENT]
    if not spoken:
        return []
    kept = _newest([_said(one) for one in spoken], MOST_TOKENS)
    older, spoken = spoken[: len(spoken) - kept], spoken[len(spoken) - kept :]
    lines = [f"{_SPEAKERS[one.role]}: {_begin(one)}" for one in older]
    shortened = lines[len(lines) - _newest(lines, MOST_SHORT_TOKENS) :]
    note = "The caller is back after an interruption. What follows was said before it; go on from there."
    if older:
        note += f" Of the {len(older)} oldest messages, the last {len(shortened)} come first, shortened to one text."
    if any(one.interrupted for one in spoken):
        note += f" An answer that ends with {BROKEN_OFF} was interrupted, and the caller did not hear all of it."
    items = [_item("note", "system", "input_text", note)]
    if shortened:
        # A caller's words never stand in an item of the system, whose words the model follows.
        items.append(_item("shortened", "user", "input_text", "\n".join(shortened)))
    items += [_item(one.item_id, one.role, _CONTENT[one.role], _said(one)) for one in spoken]
    found, before = [], "root"
    for item in items:
        event = {
            "type": "conversation.item.create",
            "event_id": f"{OWN_EVENT_PREFIX}{item['id']}",
            "previous_item_id": before,
            "item": item,
        }
        before = str(item["id"])
        found.append((before, msgspec.json.encode(event).decode()))
    return found


def _said(one: Utterance) -> str:
    return f"{one.text} {BROKEN_OFF}" if one.interrupted else one.text or ""


def _begin(one: Utterance) -> str:
    text = " ".join(_said(one).split())
    return text if len(text) <= SHORT_CHARACTERS else f"{text[:SHORT_CHARACTERS].rstrip()} {BROKEN_OFF}"


def _newest(texts: Sequence[str], most_tokens: int) -> int:
    """Return how many of the texts, counted from the last one, have at most so many tokens together."""
    kept, left = 0, most_tokens
    for text in reversed(texts):
        left -= TOKENS_PER_ITEM + len(text.encode()) // BYTES_PER_TOKEN
        if left < 0:
            break
        kept += 1
    return kept


def _item(key: str, role: str, kind: str, text: str) -> dict[str, object]:
    # The same item gets the same id from every observer. The API accepts ids of up to 32 characters.
    item_id = SEED_PREFIX + hashlib.sha256(key.encode()).hexdigest()[:24]
    return {"id": item_id, "type": "message", "role": role, "content": [{"type": kind, "text": text}]}
