"""Tests what an observation makes of items that hold what was said in an earlier call."""

from switchboard.observing.observation import SEED_PREFIX, Observation
from switchboard.realtime import events
from switchboard.realtime.objects import ContentPart, Item
from switchboard.record.lines import ItemAdded
from tests.examples import MIDNIGHT, call


def test_seeded_item() -> None:
    """The item is known from then on, and its words are left to the record of the earlier call."""
    observation = Observation(call(continues="rtc_0"), keep_words=True)
    item = Item(f"{SEED_PREFIX}1", role="user", content=[ContentPart("input_text", text="Said before.")])
    assert not observation.knows(item.id)

    (line,) = observation.receive(events.ItemAdded(item=item, event_id="event_1"), MIDNIGHT)

    assert isinstance(line, ItemAdded)
    assert line.text is None
    assert observation.knows(item.id)
