"""Tests OpenAI's own Python package against the gateway, with only its base URL changed."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from tests.examples import OFFER
from tests.gateway import Gateway, Visitor, visitor
from tests.wait import eventually


@pytest.fixture
def caller() -> Visitor:
    return visitor()


@pytest.fixture
def server(gateway: Gateway, caller: Visitor) -> Iterator[OpenAI]:
    """Return the client of a team's own server, which takes tokens for its visitors; the gateway checks no key."""
    with OpenAI(
        base_url=f"{gateway.url}/api/v1", api_key="unused", default_headers=caller.headers, max_retries=0
    ) as client:
        yield client


@pytest.fixture
async def holder(gateway: Gateway, server: OpenAI) -> AsyncIterator[AsyncOpenAI]:
    """Return the client of somebody who has a token and nothing else."""
    token = server.realtime.client_secrets.create(session={"type": "realtime", "audio": {"output": {"voice": "ash"}}})
    async with AsyncOpenAI(base_url=f"{gateway.url}/api/v1", api_key=token.value, max_retries=0) as client:
        yield client


async def test_from_token_to_archive(gateway: Gateway, caller: Visitor, holder: AsyncOpenAI) -> None:
    """The package takes a token, makes a call with it and hangs up; the call is observed and archived."""
    answer = await holder.realtime.calls.create(sdp=OFFER.decode())
    assert answer.text.startswith("v=0")
    assert answer.response.headers["content-type"] == "application/sdp"
    call_id = answer.response.headers["location"].rsplit("/", 1)[-1]
    await eventually(lambda: gateway.status(caller, call_id)["state"] == "live", "it is observed")
    gateway.emulator.turn(call_id, "Is anybody there?", "Yes, I am.")
    await eventually(lambda: len(gateway.status(caller, call_id)["transcript"]) == 2, "they have talked")

    await holder.realtime.calls.hangup(call_id)

    summary = json.loads(gateway.archived(call_id))
    assert (summary["end_reason"], summary["voice"]) == ("hung_up_by_caller", "ash")
    assert [line["text"] for line in summary["transcript"]] == ["Is anybody there?", "Yes, I am."]


def test_what_the_token_comes_with(gateway: Gateway, server: OpenAI) -> None:
    """The answer has what the package's own types expect."""
    token = server.realtime.client_secrets.create(
        expires_after={"anchor": "created_at", "seconds": 60},
        session={
            "type": "realtime",
            "model": "gpt-realtime",
            "audio": {"input": {"transcription": {"language": "tr"}}},
        },
    )

    assert token.value.startswith("ek_")
    assert token.session.type == "realtime"
    assert token.session.model == "gpt-realtime"
    assert token.session.instructions is None
    assert token.session.audio
    assert token.session.audio.input
    assert token.session.audio.input.transcription
    assert token.session.audio.input.transcription.language == "tr"


def test_call_with_a_session_of_its_own(gateway: Gateway, caller: Visitor, server: OpenAI) -> None:
    """A server may make a call without a token, by a form with `sdp` and `session`."""
    session: Any = {"type": "realtime", "audio": {"output": {"voice": "verse"}}}
    answer = server.realtime.calls.create(sdp=OFFER.decode(), session=session)
    call_id = answer.response.headers["location"].rsplit("/", 1)[-1]

    assert gateway.status(caller, call_id)["voice"] == "verse"
    server.realtime.calls.hangup(call_id)
    gateway.wait_until(caller, call_id, "ended")


def test_refusals(gateway: Gateway, server: OpenAI) -> None:
    """The package raises its own errors, with our code and a message that says what to do."""
    with pytest.raises(openai.BadRequestError) as rude:
        server.realtime.client_secrets.create(session={"type": "realtime", "instructions": "Be rude."})
    assert rude.value.code == "field_not_allowed"
    assert "session.instructions. A client may choose session.audio.output.voice" in rude.value.message

    with pytest.raises(openai.AuthenticationError) as unknown:
        server.with_options(api_key="ek_unknown").realtime.calls.create(sdp=OFFER.decode())
    assert unknown.value.code == "token_invalid"
    assert "Get a new one" in unknown.value.message

    with pytest.raises(openai.NotFoundError) as nowhere:
        server.realtime.calls.hangup("rtc_0")
    assert nowhere.value.code == "call_id_not_found"

    gateway.emulator.fault("calls", "500")
    with pytest.raises(openai.InternalServerError) as failed:
        server.realtime.calls.create(sdp=OFFER.decode())
    assert (failed.value.status_code, failed.value.code) == (502, "upstream_failed")
