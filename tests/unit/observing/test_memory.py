"""Tests that a call which continues another one remembers what was said there, once."""

import asyncio
import json
from typing import Any

import msgspec
import pytest

from switchboard.observing.memory import MOST_CALLS, MOST_SHORT_TOKENS, MOST_TOKENS, SHORT_CHARACTERS, seeds
from switchboard.observing.observation import SEED_PREFIX
from switchboard.realtime import events
from switchboard.realtime.objects import ContentPart, Item
from switchboard.realtime.sideband import Closed
from switchboard.record.conversation import Utterance
from switchboard.record.lines import AnyLine, CallCreated, CallEnded, ItemAdded, Transcript
from tests.examples import MIDNIGHT, call
from tests.unit.observing.world import World, played


def utterance(number: int, role: str = "user", text: str | None = "") -> Utterance:
    words = f"Words {number}." if text == "" else text
    return Utterance(f"item_{number}", role, words, "2026-11-21T00:00:00.000Z", interrupted=False, audio_end_ms=None)


def sent(found: list[tuple[str, str]]) -> list[Any]:
    return [json.loads(event) for _, event in found]


def texts(events: list[Any]) -> list[str]:
    return [event["item"]["content"][0]["text"] for event in events]


def test_items() -> None:
    """Each item follows the one before it, from the beginning of the conversation, in its speaker's role."""
    found = sent(seeds([utterance(1), utterance(2, "assistant"), utterance(3, text=None), utterance(4, "system")]))

    assert [event["item"]["role"] for event in found] == ["system", "user", "assistant"]
    assert [event["item"]["content"][0]["type"] for event in found] == ["input_text", "input_text", "output_text"]
    assert texts(found)[1:] == ["Words 1.", "Words 2."]
    ids = [event["item"]["id"] for event in found]
    assert [event["previous_item_id"] for event in found] == ["root", *ids[:-1]]
    assert all(len(item_id) <= 32 and item_id.startswith(SEED_PREFIX) for item_id in ids)
    assert [event["event_id"] for event in found] == [f"switchboard_{item_id}" for item_id in ids]


def test_an_answer_that_was_interrupted() -> None:
    """The model is told that the caller did not hear all of it, and only then."""
    cut = msgspec.structs.replace(utterance(1, "assistant"), interrupted=True)
    found = texts(sent(seeds([utterance(0), cut])))

    assert found[1:] == ["Words 0.", "Words 1. …"]
    assert "was interrupted" in found[0]
    assert "interrupted" not in texts(sent(seeds([utterance(0)])))[0].replace("after an interruption", "")


def test_nothing_said() -> None:
    """Nothing is sent about a call in which nothing was said."""
    assert seeds([]) == seeds([utterance(1, text=None)]) == []


def test_the_oldest_are_shortened() -> None:
    """What is older than the limit becomes one text of their beginnings, in the caller's role, and the note says so."""
    roles = ("user", "assistant")
    said = [utterance(number, roles[number % 2], f"{number}\n" + "x" * 396) for number in range(80)]
    found = sent(seeds(said))
    note, shortened, *whole = texts(found)

    assert 30 < len(whole) < 40
    assert whole[-1].startswith("79\n")
    assert sum(len(text) // 4 for text in whole) <= MOST_TOKENS
    assert [event["item"]["role"] for event in found[:3]] == ["system", "user", roles[len(whole) % 2]]
    lines = shortened.split("\n")
    older = 80 - len(whole)
    assert f"Of the {older} oldest messages, the last {len(lines)} come first, shortened to one text." in note
    number = older - len(lines)
    assert lines[0] == f"{('I', 'You')[number % 2]}: {number} " + "x" * (SHORT_CHARACTERS - len(str(number)) - 1) + " …"
    assert 15 < len(lines) < older
    assert len(shortened) // 4 <= MOST_SHORT_TOKENS


def test_short_old_words_stay_as_they_were() -> None:
    """Words that are short enough are not cut; where one message fills everything, the older ones are one text."""
    found = texts(sent(seeds([utterance(1, text="My name is Ada."), utterance(2, text="x" * 4 * (MOST_TOKENS - 8))])))
    assert found[1] == "I: My name is Ada."


def test_one_message_that_is_too_long() -> None:
    """A message that is longer than all that the model shall remember is shortened, too."""
    note, shortened = texts(sent(seeds([utterance(1, text="x" * 5 * MOST_TOKENS)])))
    assert "the last 1 come first" in note
    assert shortened == "I: " + "x" * SHORT_CHARACTERS + " …"


def said_before(call_id: str, number: int, continues: str = "") -> list[AnyLine]:
    """Return the journal of a call in which one thing was typed and one answered."""
    return [
        call(call_id=call_id, continues=continues),
        ItemAdded(at=MIDNIGHT, item_id=f"item_{number}", role="user", text=f"Question {number}."),
        ItemAdded(at=MIDNIGHT, item_id=f"answer_{number}", previous_item_id=f"item_{number}", role="assistant"),
        Transcript(at=MIDNIGHT, item_id=f"answer_{number}", role="assistant", text=f"Answer {number}."),
    ]


class Continued(World):
    """A world in which the journals of earlier calls can be read as well."""

    def __init__(self, call: CallCreated, **earlier: list[AnyLine]) -> None:
        super().__init__(call)
        self.earlier = earlier

    async def read(self, call_id: str) -> list[AnyLine]:
        lines = await super().read(call_id)
        return lines if call_id == self.call.call_id else self.earlier.get(call_id, [])


def items(world: World) -> list[Any]:
    return [event for event in map(json.loads, world.sent) if event["type"] == "conversation.item.create"]


async def leave_soon(world: World) -> None:
    await asyncio.sleep(1)
    world.leave()


def test_a_call_remembers_the_calls_before_it() -> None:
    """A call that continues a continued call remembers both, oldest first."""
    world = Continued(
        call(continues="rtc_b"), rtc_a=said_before("rtc_a", 1), rtc_b=said_before("rtc_b", 2, continues="rtc_a")
    )
    played(world, leave_soon)

    assert texts(items(world))[1:] == ["Question 1.", "Answer 1.", "Question 2.", "Answer 2."]


def test_calls_in_a_circle() -> None:
    """No more calls are read than the limit says, whatever the journals hold."""
    world = Continued(call(continues="rtc_a"), rtc_a=said_before("rtc_a", 1, continues="rtc_a"))
    played(world, leave_soon)

    assert texts(items(world)).count("Question 1.") == MOST_CALLS


def test_a_call_that_continues_none() -> None:
    """Nothing is sent into any other call."""
    world = World(call())
    played(world, leave_soon)

    assert items(world) == []


@pytest.mark.parametrize(("seconds", "remembered"), [(10, 0), (2, 3)])
def test_storage_that_is_away(seconds: float, remembered: int) -> None:
    """The call goes on without its memory if storage stays away, and gets it late if storage comes back in time."""
    world = Continued(call(continues="rtc_a"), rtc_a=said_before("rtc_a", 1))

    async def story(world: World) -> None:
        world.storage_away = True
        await asyncio.sleep(seconds)
        world.storage_away = False
        await asyncio.sleep(5)
        world.leave()

    played(world, story)

    assert len(items(world)) == remembered


def test_the_last_words_of_a_call_that_was_only_just_hung_up() -> None:
    """What comes into the earlier journal late is sent then, once, behind what was sent before."""
    lines = said_before("rtc_a", 1)
    world = Continued(call(continues="rtc_a"), rtc_a=lines)

    async def story(world: World) -> None:
        await asyncio.sleep(0.5)
        lines.append(ItemAdded(at=MIDNIGHT, item_id="late", previous_item_id="answer_1", role="user", text="One more."))
        lines.append(CallEnded(at=MIDNIGHT, reason="hung_up_by_caller"))
        await asyncio.sleep(2)
        lines.append(ItemAdded(at=MIDNIGHT, item_id="never", previous_item_id="late", role="user", text="Too late."))
        await asyncio.sleep(5)
        world.leave()

    played(world, story)

    found = items(world)
    assert texts(found)[1:] == ["Question 1.", "Answer 1.", "One more."]
    assert found[-1]["previous_item_id"] == found[-2]["item"]["id"]


def test_a_second_sideband_of_a_call_that_remembers_everything() -> None:
    """The earlier journal, which cannot grow any more, is not read again."""
    lines = [*said_before("rtc_a", 1), CallEnded(at=MIDNIGHT, reason="peer_left")]
    world = Continued(call(continues="rtc_a"), rtc_a=lines)

    async def story(world: World) -> None:
        await asyncio.sleep(1)
        lines.append(
            ItemAdded(at=MIDNIGHT, item_id="never", previous_item_id="answer_1", role="user", text="Too late.")
        )
        world.say(Closed("lost"))
        await asyncio.sleep(5)
        world.leave()

    played(world, story)

    assert world.sidebands == 2
    assert texts(items(world))[1:] == ["Question 1.", "Answer 1."]


def test_a_second_sideband_and_a_second_observer() -> None:
    """Neither a sideband that was lost nor another observer makes the conversation be sent twice."""
    world = Continued(call(continues="rtc_a"), rtc_a=said_before("rtc_a", 1))

    async def story(world: World) -> None:
        await asyncio.sleep(0.5)
        for number, event in enumerate(items(world)):
            item = Item(
                event["item"]["id"], role=event["item"]["role"], content=[ContentPart("input_text", text="Words.")]
            )
            world.say(events.ItemAdded(item=item, event_id=f"event_{number}"))
        await asyncio.sleep(1.5)
        world.say(Closed("lost"))
        await asyncio.sleep(1)
        world.leave_now.set_result(None)

    played(world, story)
    assert len(items(world)) == 3
    played(world, leave_soon)

    assert len(items(world)) == 3
    assert world.summary().transcript == [], "what was said before belongs to the record of the earlier call"


@pytest.mark.parametrize("continues", ["rtc_gone"])
def test_a_journal_that_is_gone(continues: str) -> None:
    """A call whose earlier call left no journal begins without a memory."""
    world = Continued(call(continues=continues))
    played(world, leave_soon)

    assert items(world) == []
