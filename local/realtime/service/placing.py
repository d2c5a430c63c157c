"""This module does what both protocols have in common when they answer an SDP offer with a call."""

import contextlib
import uuid
from collections.abc import Iterator

from aiohttp import web

from local.realtime.errors import ServiceError, invalid
from local.realtime.protocol.dialect import GA, Dialect
from local.realtime.service.client_secrets import ClientSecret
from local.realtime.service.emulator import Emulator
from local.realtime.service.registry import Entry
from local.realtime.talk.call import Call

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location,X-Request-Id",
    "Timing-Allow-Origin": "*",
}
"""The headers with which a page of any origin may read the answer to its offer."""
_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-OpenAI-Agents-SDK",
    "Access-Control-Max-Age": "600",
}


async def preflight(_request: web.Request) -> web.Response:
    """Answer `OPTIONS` where calls are created: a page of any origin may post its offer."""
    return web.Response(status=200, headers=_PREFLIGHT)


@contextlib.contextmanager
def readable_by_pages() -> Iterator[None]:
    """Give a refusal that leaves this block the CORS headers, so that a page can read it as it reads an answer."""
    try:
        yield
    except ServiceError as refusal:
        refusal.headers.update(CORS)
        raise


async def offer_of(request: web.Request) -> str:
    """Return the SDP offer that is the body of a request.

    Raises:
        ServiceError: The request has another content type than `application/sdp`.
    """
    if request.content_type != "application/sdp":
        message = (
            f"Unsupported content type: '{request.content_type}'. "
            "This API method only accepts 'application/sdp' requests."
        )
        raise invalid("unsupported_content_type", message)
    return (await request.read()).decode(errors="replace")


async def place_call(
    emulator: Emulator, secret: ClientSecret, offer: str, *, filtered: bool = False, dialect: Dialect = GA
) -> tuple[Entry, str]:
    """Create a call for an SDP offer, and return it with the SDP answer.

    `filtered` says that the data channel receives only the events of `webrtcfilter=on`.

    Raises:
        ServiceError: The offer cannot be answered. There is no call then.
    """
    await emulator.ready_for_media()
    from local.realtime.media.peer import Peer  # aiortc takes most of a second to load, see Emulator.warm_up.

    call = Call(f"rtc_{uuid.uuid4().hex}", secret.session, emulator.options, emulator.synthesizer, dialect)
    peer = Peer(call, filtered=filtered, connect_seconds=emulator.options.connect_seconds)
    try:
        answer = await peer.answer(offer)
    except ServiceError:
        call.end("refused")
        await peer.closed()
        raise
    entry = Entry(call, peer, filtered, secret.protocol)
    emulator.registry.add(entry)
    return entry, answer
