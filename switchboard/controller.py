"""Sends an operator's client event into a call, over a sideband of its own."""

import asyncio
import uuid
from typing import Any

import msgspec

from switchboard.errors import CallHasEnded, EventRefused, SteeringTimeout
from switchboard.realtime.client_events import AnyClientEvent, marked, refused_by
from switchboard.realtime.sideband import Closed, NoSuchCall, SidebandDialler

# The service answers an event within milliseconds, or not at all.
ANSWER_SECONDS = 5


async def steer(dialler: SidebandDialler, endpoint: str, call_id: str, event: AnyClientEvent) -> dict[str, Any]:
    """Send one client event into a call, and return the server event that answers it, as the service sent it.

    Raises EventRefused with the service's error if it refuses the event, CallHasEnded if the call is over,
    SteeringTimeout if there is no answer within ANSWER_SECONDS, SidebandFailed if the call cannot be reached, and
    UpstreamUnauthorized if the gateway cannot get a token.
    """
    event_id = f"event_{uuid.uuid4().hex}"
    event = marked(event, event_id)
    try:
        async with asyncio.timeout(ANSWER_SECONDS), dialler.dial(endpoint, call_id) as sideband:
            await sideband.send(msgspec.json.encode(event).decode())
            while not isinstance(heard := await sideband.receive_raw(), Closed):
                if heard is None:
                    continue
                if error := refused_by(heard, event_id):
                    raise EventRefused(error)
                if event.answered_by(heard):
                    return heard
    except TimeoutError as error:
        raise SteeringTimeout from error
    except NoSuchCall as error:
        raise CallHasEnded from error
    raise CallHasEnded("The call ended before the service answered.")
