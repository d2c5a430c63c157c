"""Tests the names of places, and the tokens by which they are given back."""

import pytest

from switchboard.limits.place_names import (
    GATEWAY,
    LONGEST_RETRY_SECONDS,
    PREFIX,
    Taken,
    hash_of,
    names_of_caller,
    names_of_gateway,
    names_of_tokens,
    nonce_of,
    taken_by,
    token_of,
    wait_until,
)


def test_a_token_says_what_a_call_has_taken() -> None:
    """Its places are read back in the same order, and its nonce is none of them."""
    own, shared = Taken("places/0a/1", '"0x8D"'), Taken("places/all/7", '"0x8E"')
    token = token_of("n0nce", str(own), str(shared))

    assert token == 'n0nce places/0a/1#"0x8D" places/all/7#"0x8E"'
    assert nonce_of(token) == "n0nce"
    assert list(taken_by(token)) == [own, shared]


def test_a_token_of_a_place_alone() -> None:
    """A request that got one of its two places gives that one back."""
    assert token_of("n0nce", "", "places/all/7#1") == "n0nce places/all/7#1"
    assert list(taken_by(token_of("n0nce", "", ""))) == []
    assert list(taken_by("places/all/7#1")) == [Taken("places/all/7", "1")]
    assert nonce_of("places/all/7#1") == "places/all/7"


@pytest.mark.parametrize("token", ["", " ", "n0nce", "n0nce places/all/7", "n0nce places/all/7#"])
def test_a_token_without_a_version(token: str) -> None:
    """Nothing may be given back whose version is not known: it could be somebody else's by now."""
    assert list(taken_by(token)) == []
    assert nonce_of(token) == token.strip().partition(" ")[0]


def test_a_callers_name() -> None:
    """It is the same each time, differs from others', and has one length and few letters, whatever the id is."""
    ids = ["ada", "Ada", "", "é" * 10_000, "../../all/7", "a b#c"]
    names = [hash_of(caller_id) for caller_id in ids]

    assert len(set(names)) == len(ids)
    assert names == [hash_of(caller_id) for caller_id in ids]
    assert {len(name) for name in names} == {32}
    assert set("".join(names)) <= set("0123456789abcdef")


def test_whose_places_they_are() -> None:
    """Places of a caller, of the gateway and of tokens never share a name, and the sweep lists them all."""
    callers, gateways = names_of_caller("ada", 2), list(names_of_gateway(range(3)))
    tokens = list(names_of_tokens("ada", (2, 0)))

    assert callers == [f"places/{hash_of('ada')}/0", f"places/{hash_of('ada')}/1"]
    assert gateways == ["places/all/0", "places/all/1", "places/all/2"]
    assert tokens == [f"places/{hash_of('ada')}/token-2", f"places/{hash_of('ada')}/token-0"]
    assert all(name.startswith(PREFIX) for name in (*callers, *gateways, *tokens))
    assert [name for name in (*callers, *gateways, *tokens) if name.startswith(GATEWAY)] == gateways
    assert names_of_caller("ada", 0) == []


@pytest.mark.parametrize(
    ("free_in", "seconds"), [(-5.0, 1), (0.0, 1), (0.6, 1), (2.6, 3), (59.0, 59), (3600.0, LONGEST_RETRY_SECONDS)]
)
def test_how_long_to_wait(free_in: float, seconds: int) -> None:
    """At least a second, and never as long as a call may last: a place is usually free earlier."""
    assert wait_until(1_000_000 + free_in, 1_000_000) == seconds
