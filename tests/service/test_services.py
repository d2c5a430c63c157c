"""Tests what building and warming up the services does to the process."""

import gc

import pytest

from switchboard import services as module
from switchboard.services import Services


def test_what_is_there_after_the_start_is_never_looked_at_again(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The garbage collector looks at what comes later, and not at modules and clients each time, and not so often."""
    monkeypatch.setattr(module, "SDK_AFTER_SECONDS", 0)
    before = gc.get_threshold()
    # Another test of this process may have warmed services up.
    gc.set_threshold(700)
    kept = [["made before the warm-up"]]
    services.warm_up()
    after, *_ = gc.get_threshold()
    gc.set_threshold(*before)

    assert after == module.GARBAGE_OBJECTS
    assert not any(one is kept for one in gc.get_objects())
    later = [["made after it"]]
    assert any(one is later for one in gc.get_objects())
