"""These tests are about the emulator's conversation, responses and usage, without a clock or a socket."""

import itertools
from typing import Any

import pytest

from local.realtime.errors import ServiceError
from local.realtime.protocol.events import obfuscation, tokens
from local.realtime.protocol.session import default_session
from local.realtime.talk.answers import Answer, answer_to, told_to_say
from local.realtime.talk.conversation import Conversation, Item, item_from_client, spoken_item
from local.realtime.talk.response import Response
from local.realtime.talk.usage import Tokens, cached, context, transcription_usage


def written(text: str, **fields: Any) -> Item:
    content = [{"type": "input_text", "text": text}]
    return item_from_client({"type": "message", "role": "user", "content": content, **fields})


def response(conversation: Conversation, **request: Any) -> Response:
    return Response(conversation, default_session("gpt-realtime"), request, read=Tokens(10, 5), known=Tokens())


def test_items_are_chained() -> None:
    conversation = Conversation()
    first, second, between = written("1"), written("2"), written("1.5")
    events = [conversation.add(first), conversation.add(second), conversation.add(between, first.id)]

    assert [event["previous_item_id"] for event in events] == [None, first.id, first.id]
    assert conversation.previous_id(second) == between.id
    assert conversation.last_id == second.id


def test_events_keep_what_was_true_when_they_happened() -> None:
    """An event holds a copy of the item, which may change afterwards."""
    conversation, item = Conversation(), spoken_item("item_1", 1000, 800, "hello")
    added = conversation.add(item)
    item.data["content"][0]["transcript"] = "hello"

    assert added["item"]["content"] == [{"type": "input_audio", "transcript": None}]


def test_truncating_takes_the_words_along() -> None:
    """Half of the audio leaves half of the words.

    Only what the assistant has said can be truncated, and not to more than there is.
    """
    conversation = Conversation()
    asked = conversation.create({"type": "message", "role": "user", "id": "u", "content": []}, None)
    made = response(conversation)
    made.begin(Answer("one two three four"))
    for word in tokens("one two three four"):
        made.delta(word)
    made.finish(audio_ms=2000)
    assert made.item is not None
    event = conversation.truncate(made.item.id, 0, 1000)

    assert event["audio_end_ms"] == 1000
    assert made.item.data["content"][0]["transcript"] == "one two"
    assert made.item.audio_tokens == 20
    for item_id, milliseconds in ((made.item.id, 1500), (asked[0]["item"]["id"], 0), ("none", 0), (made.item.id, -1)):
        with pytest.raises(ServiceError):
            conversation.truncate(item_id, 0, milliseconds)


def test_a_response_without_an_item_can_be_cancelled() -> None:
    """A response that is interrupted while it thinks has said nothing, and its output is empty."""
    (done,) = response(Conversation()).cancel("turn_detected")

    assert done["response"]["output"] == []
    assert done["response"]["usage"]["output_tokens"] == 0
    assert done["response"]["usage"]["input_tokens"] == 15


def test_a_spoken_response_is_billed_as_text_and_audio() -> None:
    made = response(Conversation())
    made.begin(Answer("Hello there!"))
    for word in tokens("Hello there!"):
        made.delta(word)
    usage = made.finish(audio_ms=1500)[-1]["response"]["usage"]

    assert usage["output_token_details"] == {"text_tokens": 5, "audio_tokens": 30}
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] == 50


def test_the_context_is_everything_so_far() -> None:
    """Instructions, tools, words and sound all count. What was known is cached in whole blocks of 64."""
    session = {**default_session("gpt-realtime"), "instructions": "Answer in two words."}
    read = context([written("Say hello."), spoken_item("s", 2000, 1800, "")], session)

    assert read == Tokens(text=5 + 3 + 3 + 3, audio=20)
    assert cached(Tokens(85, 130), Tokens(96, 200)) == Tokens(64, 128)
    assert cached(Tokens(500, 0), Tokens(70, 0)) == Tokens(64, 0)


def test_transcription_is_billed_apart() -> None:
    assert transcription_usage(1500, "Hello there!") == {
        "type": "tokens",
        "total_tokens": 18,
        "input_tokens": 15,
        "output_tokens": 3,
        "input_token_details": {"text_tokens": 0, "audio_tokens": 15},
    }


@pytest.mark.parametrize("text", ["Hello there!", " leading", "ends with blank ", "3.5 % – naïve…\nnew line", ""])
def test_deltas_make_the_text_again(text: str) -> None:
    assert "".join(tokens(text)) == text


def test_deltas_are_padded() -> None:
    assert [len(delta) + len(obfuscation(delta)) for delta in ("a", " word", "x" * 15, "x" * 16, "x" * 20)] == [
        *(16, 16, 16, 32, 32)
    ]


def test_what_is_answered() -> None:
    """The newest item that asks for an answer gets it.

    It may be written, spoken with or without known words, or the output of a function. Without one, there is a
    greeting.
    """
    tool = {"name": "get_weather", "parameters": {"required": ["city"], "properties": {"city": {"type": "string"}}}}
    output = item_from_client({"type": "function_call_output", "call_id": "c", "output": "Fog."})
    cases: list[tuple[list[Item], Answer]] = [
        ([written("Hi"), written("Hello")], Answer("You wrote: Hello")),
        ([spoken_item("a", 1700, 1200, "")], Answer("I heard you speak for 1.2 seconds.")),
        ([spoken_item("b", 1700, 1200, "good day")], Answer("You said: good day")),
        ([written("Hi"), output], Answer("The function says: Fog.")),
        ([written("get weather please")], Answer('{"city": "London"}', "get_weather")),
        ([written('get_weather {"city": "Rome"}')], Answer('{"city": "Rome"}', "get_weather")),
    ]
    for items, answer in cases:
        assert answer_to(items, [tool]) == answer
    assert answer_to([written("get_weather")], [tool], "none").function is None
    odd: list[dict[str, Any]] = [
        {"name": "odd"},
        {"name": "odd", "parameters": 7},
        {"name": "odd", "parameters": {"required": "x"}},
    ]
    assert [answer_to([written("odd")], [tool]) for tool in odd] == [Answer("{}", "odd")] * 3
    assert answer_to([], []).words.startswith("Hello")
    assert len(answer_to([written("word " * 200)], []).words) < 250


def test_identifiers_differ() -> None:
    items = [written("same") for _ in range(50)]

    assert all(first.id != second.id for first, second in itertools.combinations(items, 2))


def test_words_that_a_response_is_told_to_say() -> None:
    """A client may have the model say something while its tool runs; other instructions are not obeyed."""
    assert told_to_say('Say exactly this, and nothing else: "One moment…"') == Answer("One moment…")
    assert told_to_say("Be brief.") is None
