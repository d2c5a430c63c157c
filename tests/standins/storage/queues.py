"""Queues and their messages. Sans-I/O: time is an argument."""

import re
import uuid
from dataclasses import dataclass, field
from itertools import islice
from xml.sax.saxutils import escape, unescape

from tests.standins.storage.answers import Answer, Refused, Request, http_date

DEFAULT_TTL_SECONDS = 7 * 86_400
_TEXT = re.compile(rb"<MessageText>(.*?)</MessageText>", re.DOTALL)


@dataclass
class Message:
    """A message; whoever wants to delete or change it needs its latest receipt."""

    text: str
    inserted: float
    expires: float
    visible: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    receipt: str = field(default_factory=lambda: uuid.uuid4().hex)
    dequeued: int = 0
    taken_by: str = ""
    """The client that has taken the message last."""


class Queues:
    """Holds all queues of the account."""

    def __init__(self) -> None:
        self.queues: dict[str, dict[str, Message]] = {}

    def handle(self, request: Request, now: float) -> Answer:
        """Answer a request. Raises Refused."""
        name, _, rest = request.path.partition("/")
        if not rest:
            return self._queue(name, request)
        queue = self._there(name)
        if rest == "messages":
            match request.method:
                case "POST":
                    return _put(queue, request, now)
                case "GET":
                    return _take(queue, request, now)
                case "DELETE":
                    queue.clear()
                    return Answer(204)
        elif request.method in ("PUT", "DELETE"):
            return _change(queue, rest.removeprefix("messages/"), request, now)
        raise Refused(501, "NotImplemented")

    def release(self) -> int:
        """Make each hidden message visible now, as if the time of its hiding had passed; returns how many there are."""
        hidden = [message for queue in self.queues.values() for message in queue.values()]
        for message in hidden:
            message.visible = 0.0
        return len(hidden)

    def _there(self, name: str) -> dict[str, Message]:
        if name not in self.queues:
            raise Refused(404, "QueueNotFound")
        return self.queues[name]

    def _queue(self, name: str, request: Request) -> Answer:
        match request.method, request.query.get("comp", ""):
            case "PUT", "":
                there = name in self.queues
                self.queues.setdefault(name, {})
                return Answer(204 if there else 201)
            case "DELETE", "":
                self._there(name)
                del self.queues[name]
                return Answer(204)
            case "GET" | "HEAD", "metadata":
                return Answer(200, {"x-ms-approximate-messages-count": str(len(self._there(name)))})
        raise Refused(501, "NotImplemented")


def _put(queue: dict[str, Message], request: Request, now: float) -> Answer:
    ttl = float(request.query.get("messagettl", DEFAULT_TTL_SECONDS))
    expires = now + ttl if ttl > 0 else float("inf")
    message = Message(_text(request), now, expires, now + float(request.query.get("visibilitytimeout", 0)))
    queue[message.id] = message
    return _messages(201, _described(message, text=False))


def _take(queue: dict[str, Message], request: Request, now: float) -> Answer:
    for expired in [message.id for message in queue.values() if message.expires <= now]:
        del queue[expired]
    most = int(request.query.get("numofmessages", 1))
    found = list(islice((message for message in queue.values() if message.visible <= now), most))
    if request.query.get("peekonly", "").lower() == "true":
        return _messages(200, "".join(_described(message, text=True, peeked=True) for message in found))
    for message in found:
        message.visible = now + float(request.query.get("visibilitytimeout", 30))
        message.receipt = uuid.uuid4().hex
        message.dequeued += 1
        message.taken_by = request.client
        # It goes to the end, so that a message that comes back does not stand before the others for ever.
        queue[message.id] = queue.pop(message.id)
    return _messages(200, "".join(_described(message, text=True) for message in found))


def _change(queue: dict[str, Message], message_id: str, request: Request, now: float) -> Answer:
    message = queue.get(message_id)
    if message is None:
        raise Refused(404, "MessageNotFound")
    if request.query.get("popreceipt") != message.receipt:
        raise Refused(400, "PopReceiptMismatch")
    if request.method == "DELETE":
        del queue[message_id]
        return Answer(204)
    if request.body:
        message.text = _text(request)
    message.visible = now + float(request.query.get("visibilitytimeout", 0))
    message.receipt = uuid.uuid4().hex
    return Answer(204, {"x-ms-popreceipt": message.receipt, "x-ms-time-next-visible": http_date(message.visible)})


def _text(request: Request) -> str:
    found = _TEXT.search(request.body)
    if found is None:
        raise Refused(400, "InvalidXmlDocument")
    if len(found[1]) > 65_536:
        raise Refused(413, "RequestBodyTooLarge")
    return unescape(found[1].decode(), {"&quot;": '"', "&apos;": "'"})


def _described(message: Message, *, text: bool, peeked: bool = False) -> str:
    held = f"<PopReceipt>{message.receipt}</PopReceipt><TimeNextVisible>{http_date(message.visible)}</TimeNextVisible>"
    said = f"<DequeueCount>{message.dequeued}</DequeueCount><MessageText>{escape(message.text)}</MessageText>"
    expires = http_date(min(message.expires, 253_402_300_799))
    return (
        f"<QueueMessage><MessageId>{message.id}</MessageId><InsertionTime>{http_date(message.inserted)}</InsertionTime>"
        f"<ExpirationTime>{expires}</ExpirationTime>{'' if peeked else held}{said if text else ''}</QueueMessage>"
    )


def _messages(status: int, described: str) -> Answer:
    body = f'<?xml version="1.0" encoding="utf-8"?><QueueMessagesList>{described}</QueueMessagesList>'
    return Answer(status, {"Content-Type": "application/xml"}, body.encode())
