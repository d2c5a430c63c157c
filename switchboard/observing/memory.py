"""Gives a call that continues another one its memory: what was said before becomes items of the new conversation."""

import hashlib
import logging
from collections.abc import Iterable, Sequence

import msgspec

from switchboard.errors import StorageUnavailable
from switchboard.observing.observation import OWN_EVENT_PREFIX, SEED_PREFIX, Observation
from switchboard.observing.ports import OpenSideband, Ports
from switchboard.record.conversation import Conversation, Utterance
from switchboard.record.lines import AnyLine, CallCreated, created_line

log = logging.getLogger(__name__)

# The model is charged for everything it remembers, in each of its answers. What is older than so many tokens is left
# out. Text has about four bytes for a token.
MOST_TOKENS, BYTES_PER_TOKEN, TOKENS_PER_ITEM = 4_000, 4, 4
# A call may continue one that itself continued another one. No more calls than this are read.
MOST_CALLS = 10
# This stands at the end of an answer that was interrupted.
BROKEN_OFF = "…"
_CONTENT = {"user": "input_text", "assistant": "output_text"}


class Memory:
    """Seeds the conversation of one call, once, however many observers and sidebands the call has."""

    def __init__(self, call: CallCreated, ports: Ports, observation: Observation) -> None:
        self._call = call
        self._ports = ports
        self._observation = observation
        self._seeded = False

    async def recall(self, sideband: OpenSideband) -> None:
        """Send what was said before into the call, if the call continues another one.

        An item whose id is in the journal is not sent again. The service refuses an item whose id it has already, so an
        observer that does not know yet what another one has sent does no harm. Without storage the call goes on without
        its memory, and the log says so.
        """
        if self._seeded or not self._call.continues:
            return
        try:
            said = await self._said_before()
        except StorageUnavailable:
            log.warning(
                "call %s has no memory of %s, because storage is away", self._call.call_id, self._call.continues
            )
            return
        self._seeded = True
        for item_id, event in seeds(said):
            if not self._observation.knows(item_id):
                await sideband.send(event)
        log.info("call %s remembers call %s", self._call.call_id, self._call.continues)

    async def _said_before(self) -> list[Utterance]:
        said: list[Utterance] = []
        earlier, read = self._call.continues, 0
        while earlier and read < MOST_CALLS:
            lines: Sequence[AnyLine] = await self._ports.read(earlier)
            said = [*Conversation(lines).transcript(), *said]
            created = created_line(lines)
            earlier, read = created.continues if created else "", read + 1
        return said


def seeds(said: Iterable[Utterance]) -> list[tuple[str, str]]:
    """Return the items that hold what was said before, oldest first: the id of each, and the event that creates it.

    The first item tells the model what the others are, and how many older ones were left out. There is none if nothing
    was said.
    """
    spoken = [one for one in said if one.text and one.role in _CONTENT]
    if not spoken:
        return []
    kept = _newest(spoken)
    left_out = len(spoken) - len(kept)
    note = "The caller is back after an interruption. What follows was said before it; go on from there."
    if left_out:
        note += f" The {left_out} oldest messages are left out."
    if any(one.interrupted for one in kept):
        note += f" An answer that ends with {BROKEN_OFF} was interrupted, and the caller did not hear all of it."
    items = [_item("note", "system", "input_text", note)]
    items += [_item(one.item_id, one.role, _CONTENT[one.role], _said(one)) for one in kept]
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


def _newest(spoken: Sequence[Utterance]) -> list[Utterance]:
    kept: list[Utterance] = []
    left = MOST_TOKENS
    for one in reversed(spoken):
        left -= TOKENS_PER_ITEM + len((one.text or "").encode()) // BYTES_PER_TOKEN
        if left < 0:
            break
        kept.insert(0, one)
    return kept


def _item(key: str, role: str, kind: str, text: str) -> dict[str, object]:
    # The same item gets the same id from every observer. The API accepts ids of up to 32 characters.
    item_id = SEED_PREFIX + hashlib.sha256(key.encode()).hexdigest()[:24]
    return {"id": item_id, "type": "message", "role": role, "content": [{"type": kind, "text": text}]}
