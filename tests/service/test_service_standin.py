"""The service stand-in under the gateway's own clients, over TLS, with its faults."""

import asyncio
import contextlib
import json
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from switchboard.realtime.events import parse_event
from tests.examples import OFFER
from tests.processes import free_port
from tests.standins.service.events import Pace
from tests.standins.service.ledger import Truth
from tests.standins.service.server import API, ServiceStandIn
from tests.standins.service.tls import server_context
from tests.wait import eventually

QUICK = Pace(speech=0.05, playback=0.05, words=12)


class Client:
    """Talks to the service as anybody would."""

    def __init__(self, service: ServiceStandIn, http: aiohttp.ClientSession, tls: ssl.SSLContext) -> None:
        self.service, self._http, self._tls = service, http, tls

    async def post(self, path: str, **request: Any) -> tuple[int, dict[str, str], str]:
        url = f"{self.service.url}{API}/{path}"
        async with self._http.post(url, ssl=self._tls, **request) as answer:
            return answer.status, dict(answer.headers), await answer.text()

    async def call(self) -> Truth:
        key = {"api-key": "key-of-w1"}
        status, _, body = await self.post("client_secrets", json={"expires_after": {"seconds": 60}}, headers=key)
        assert (status, json.loads(body)["expires_at"] <= time.time() + 61) == (200, True)
        bearer = {"Authorization": f"Bearer {json.loads(body)['value']}", "Content-Type": "application/sdp"}
        status, headers, body = await self.post("calls?webrtcfilter=on", data=OFFER, headers=bearer)
        assert (status, body[:3]) == (201, "v=0")
        return self.service.ledger.calls[headers["Location"].removeprefix("/v1/realtime/calls/")]

    def sideband(self, truth: Truth) -> connect:
        url = f"{self.service.url.replace('http', 'ws', 1)}{API}?call_id={truth.call_id}"
        return connect(url, ssl=self._tls, proxy=None, additional_headers={"api-key": "key-of-w1"})

    async def hear(self, truth: Truth) -> list[dict[str, Any]]:
        """Return everything that can be read on a sideband, to its end."""
        heard = []
        async with self.sideband(truth) as socket:
            with contextlib.suppress(ConnectionClosed):
                while True:
                    with contextlib.suppress(ValueError, RecursionError):
                        heard.append(json.loads(await socket.recv()))
        return heard


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    served, authority = server_context(tmp_path)
    service = ServiceStandIn(free_port(), seed=7, pace=QUICK, tls=served)
    async with service, aiohttp.ClientSession() as http:
        yield Client(service, http, ssl.create_default_context(cafile=str(authority)))


async def test_a_call_and_its_truth(client: Client) -> None:
    """What the sideband says is what the ledger holds, and the gateway can read every kind of event it keeps."""
    truth = await client.call()
    hearing = asyncio.create_task(client.hear(truth))
    await eventually(lambda: truth.attachments)
    client.service.calls[truth.call_id].join(6, 0.01, leave=True)
    heard = await hearing
    assert heard == [event for _, event in truth.events]
    kept = {type(event).__name__ for one in heard if (event := parse_event(json.dumps(one)))}
    assert {"ItemAdded", "SpeechStarted", "TranscriptionCompleted", "AudioTranscriptDone", "ResponseDone"} <= kept
    assert len(truth.said()) == 12
    assert len(truth.billed()) == 6
    assert list(truth.unobserved()) == []
    assert (await client.post(f"calls/{truth.call_id}/hangup"))[0] == 404
    with pytest.raises(InvalidStatus):
        await client.hear(truth)


async def test_hang_up_in_mid_answer_bills_what_was_said(client: Client) -> None:
    truth = await client.call()
    hearing = asyncio.create_task(client.hear(truth))
    await eventually(lambda: truth.attachments)
    call = client.service.calls[truth.call_id]
    call.join(1, 0.1)
    await eventually(lambda: call.conversation.response)
    key = {"api-key": "key-of-w1"}
    assert (await client.post(f"calls/{truth.call_id}/hangup", headers=key))[0] == 200
    assert (await hearing)[-1]["response"]["status"] == "cancelled"
    assert (truth.ended_by, [one.status for one in truth.hang_ups]) == ("w1", [200])
    assert len(truth.billed()) == 1


async def test_a_function_call(client: Client) -> None:
    """It is answered by an item, whose id is taken only once, and the model goes on when it is asked to."""
    truth = await client.call()
    call = client.service.calls[truth.call_id]
    async with client.sideband(truth) as socket:
        call.join(20, 0.01, functions=[("count_days", "{}")])
        await eventually(truth.function_calls)
        asked = next(item for item in call.conversation.items.values() if item["type"] == "function_call")
        item = {"id": "o1", "type": "function_call_output", "call_id": asked["call_id"], "output": "3"}
        for _ in range(2):
            await socket.send(json.dumps({"type": "conversation.item.create", "event_id": "e1", "item": item}))
        await eventually(lambda: any(one.answered for one in truth.function_calls()))
        heard = [json.loads(await socket.recv())]
        while heard[-1]["type"] != "error":
            heard.append(json.loads(await socket.recv()))
        assert heard[-1]["error"]["event_id"] == "e1"
    assert truth.function_calls()[0].name == "count_days"
    assert len(truth.function_calls()[0].answered) == 1
    assert "o1" not in [said.item_id for said in truth.said()]


async def test_a_spoilt_sideband(client: Client) -> None:
    """Everything true still comes, between what is not."""
    for fault in ("duplicate", "reorder", "garbage", "misshapen", "flood"):
        client.service.faults.order(fault=fault, on="sideband")
    truth = await client.call()
    hearing = asyncio.create_task(client.hear(truth))
    await eventually(lambda: truth.attachments)
    client.service.calls[truth.call_id].join(5, 0.01, leave=True)
    heard = [event for event in await hearing if isinstance(event, dict)]
    ids = [event.get("event_id") for event in heard]
    said = [event for _, event in truth.events]
    assert all(event in heard for event in said)
    assert len(ids) > len(set(ids)) > len(said)
    order = [ids.index(event["event_id"]) for event in said]
    assert order != sorted(order)


async def test_sidebands_that_end_and_lie(client: Client) -> None:
    """A broken connection, a clean close while the call is up, and a 404 that is not true."""
    client.service.faults.order(fault="drop", on="sideband", seconds=0.05, times=1)
    client.service.faults.order(fault="close", on="sideband", seconds=0.05, times=1, skip=1)
    client.service.faults.order(fault="refuse", on="sideband", status=404, times=1, skip=2)
    truth = await client.call()
    assert [await client.hear(truth), await client.hear(truth)] == [[], []]
    assert [one.how for one in truth.attachments] == ["dropped by the service", "closed by the service"]
    with pytest.raises(InvalidStatus):
        await client.hear(truth)
    assert truth.ended is None
    async with client.sideband(truth) as socket:
        await socket.send(json.dumps({"type": "conversation.item.retrieve", "item_id": "no"}))
        assert json.loads(await socket.recv())["error"]["code"] == "item_retrieve_invalid_item_id"
