"""An attached sideband: what it is sent, and how a fault spoils that.

Faults of a sideband, by name; each lasts as long as the sideband:
  drop       the connection breaks without a close frame, `seconds` after it was attached
  close      it is closed with code 1000 although the call goes on, `seconds` after it was attached
  flood      deltas that mean nothing, some hundred a second
  duplicate  events come twice
  reorder    neighbouring events change places
  garbage    frames that are no JSON, no event, very deep or very large come in between
  misshapen  copies of events with fields of another shape come in between, under ids of their own
"""

import asyncio
import contextlib
import json
import random
import time
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from tests.standins.faults import Rule
from tests.standins.service.calls import Call
from tests.standins.service.ledger import JSON, Attachment

SPOILING = ("drop", "close", "flood", "duplicate", "reorder", "garbage", "misshapen")
_DEEP = '{"type":"response.done","response":' + "[" * 20_000 + "]" * 20_000 + "}"
_GARBAGE = (
    *("", "{", "null", "[]", '"text"', '{"type":5}', '{"no type":1}', "\u0000\ufeff{}", _DEEP),
    *('{"type":"no.such.event","event_id":"x"}', '{"type":"error"}', '{"type":"response.done"}'),
    *('{"type":"conversation.item.added","item":null}', '{"type":"response.created","response":"x"}'),
    '{"type":"response.done","response":{"usage":1e999}}',
)


class Sideband:
    """Serves one WebSocket of one client to one call."""

    def __init__(self, call: Call, attachment: Attachment, socket: web.WebSocketResponse, rng: random.Random) -> None:
        self._call = call
        self._attachment = attachment
        self._socket = socket
        self._rng = rng
        self._outgoing: asyncio.Queue[str | bytes | tuple[int, str]] = asyncio.Queue()
        self._spoils: dict[str, Rule] = {}
        self._held: str | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self._transport: asyncio.Transport | None = None

    async def run(self, request: web.Request, rules: list[Rule]) -> None:
        """Serve the sideband until it ends."""
        self._transport = request.transport
        for rule in rules:
            self.spoil(rule)
        sending = asyncio.create_task(self._send())
        try:
            async for message in self._socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    self._asked(message.data)
        finally:
            for task in (sending, *self._tasks):
                task.cancel()
            self._attachment.until = time.time()
            self._attachment.how = self._attachment.how or f"closed by the client ({self._socket.close_code})"
            with contextlib.suppress(ValueError):
                self._call.listeners.remove(self)

    def spoil(self, rule: Rule) -> None:
        """Put a fault in force."""
        self._spoils[rule.fault] = rule
        if rule.fault in ("drop", "close", "flood"):
            self._tasks.append(asyncio.create_task(self._later(rule)))

    def hear(self, event: JSON) -> None:
        """Send an event, spoilt as ordered."""
        frame = json.dumps(event)
        if "reorder" in self._spoils and self._held is None and self._rng.random() < 0.5:
            self._held = frame
            # Nothing may follow for a while: it is not kept back for ever.
            self._tasks.append(asyncio.create_task(self._release_soon()))
            return
        self._put(frame)
        self._put_held()
        if "garbage" in self._spoils and self._rng.random() < 0.3:
            self._put(self._rng.choice(_GARBAGE))
            if self._rng.random() < 0.1:
                self._put(self._rng.randbytes(40))
        if "misshapen" in self._spoils and (odd := _misshapen(event, self._rng)) and self._rng.random() < 0.5:
            self._put(json.dumps(odd))

    def close(self, code: int, reason: str = "") -> None:
        """End with a close frame, after what has been heard."""
        self._attachment.how = "closed by the service"
        self._put_held()
        self._outgoing.put_nowait((code, reason))

    def drop(self) -> None:
        """End at once, without a close frame."""
        self._attachment.how = "dropped by the service"
        if self._transport is not None:
            self._transport.abort()

    def _put(self, frame: str | bytes) -> None:
        for _ in range(2 if "duplicate" in self._spoils and self._rng.random() < 0.5 else 1):
            self._outgoing.put_nowait(frame)

    def _put_held(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._put(held)

    async def _release_soon(self) -> None:
        await asyncio.sleep(0.3)
        self._put_held()

    async def _send(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                frame = await self._outgoing.get()
                if isinstance(frame, tuple):
                    await self._socket.close(code=frame[0], message=frame[1].encode(), drain=False)
                    return
                send = self._socket.send_bytes if isinstance(frame, bytes) else self._socket.send_str
                await send(frame)  # type: ignore[arg-type]

    async def _later(self, rule: Rule) -> None:
        if rule.fault == "flood":
            delta = {"type": "response.output_audio_transcript.delta", "delta": "x" * 200, "item_id": "item_flood"}
            while True:
                for number in range(20):
                    self._put(json.dumps({**delta, "event_id": f"flood_{number}"}))
                await asyncio.sleep(0.05)
        await asyncio.sleep(rule.seconds)
        self.drop() if rule.fault == "drop" else self.close(WSCloseCode.OK)

    def _asked(self, frame: str | bytes) -> None:
        try:
            event = json.loads(frame)
            kind, own = str(event["type"]), event.get("event_id")
        except (ValueError, KeyError, TypeError, AttributeError):
            self._answer(_error("invalid_event", None))
            return
        if kind == "conversation.item.retrieve":
            item = self._call.conversation.items.get(str(event.get("item_id")))
            found = {"type": "conversation.item.retrieved", "item": item}
            self._answer(found if item else _error("item_retrieve_invalid_item_id", own))
        elif kind == "session.update":
            self._call.emit({"type": "session.updated", "session": event.get("session")})
        elif kind == "response.create":
            if not self._call.answer():
                self._answer(_error("conversation_already_has_active_response", own))
        elif kind == "conversation.item.create":
            if not self._call.create(dict(event.get("item") or {})):
                self._answer(_error("item_create_duplicate_item_id", own))
        else:
            self._answer(_error("unknown_event", own))

    def _answer(self, event: JSON) -> None:
        self._outgoing.put_nowait(json.dumps({"event_id": f"event_{self._rng.getrandbits(48):012x}", **event}))


def _error(code: str, event_id: object) -> JSON:
    error = {"type": "invalid_request_error", "code": code, "message": "No.", "param": None, "event_id": event_id}
    return {"type": "error", "error": error}


def _misshapen(event: JSON, rng: random.Random) -> JSON | None:
    """Return a copy of an event with fields of another shape, about things of its own; None for most kinds.

    However a reader takes it, no word and no token of it is true; no voice is made up that nobody ends.
    """
    copy: JSON = json.loads(json.dumps(event))
    copy["event_id"] = f"event_misshapen_{rng.getrandbits(48):012x}"
    odd: Any = rng.choice((None, 5, 1.5, "x", [[]], {"x": []}))
    if isinstance(copy.get("response"), dict):
        copy["response"] |= {"id": f"odd_{rng.getrandbits(32):08x}", "usage": odd, "output": odd}
    elif isinstance(copy.get("item"), dict):
        copy["item"] |= {"id": f"odd_{rng.getrandbits(32):08x}", "content": odd}
    elif "transcript" in copy or "text" in copy:
        copy |= {"item_id": f"odd_{rng.getrandbits(32):08x}", "transcript": odd, "text": odd, "usage": odd}
    else:
        return None
    return copy
