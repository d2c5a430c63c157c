"""Tests that plausible SDP offers are returned unchanged, and that others are refused with the reason."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.errors import OfferInvalid, OfferMissing, OfferTooLarge, SwitchboardError
from switchboard.sdp import MAX_OFFER_BYTES, check_offer
from tests.examples import OFFER


def test_offer_passes_unchanged() -> None:
    """The service receives the browser's own bytes."""
    assert check_offer(OFFER) is OFFER


def test_line_feeds_alone_will_do() -> None:
    """An offer without carriage returns passes: some tools remove them, and the service decides."""
    check_offer(OFFER.replace(b"\r\n", b"\n"))


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b'{"type": "offer"}', "v=0"),
        (OFFER.replace(b"m=audio", b"m=video"), "m=audio"),
        (OFFER.replace(b"m=audio 9", b"m=audio 0"), "port 0"),
        (OFFER.replace(b"a=ice-ufrag", b"a=x-ufrag"), "ice-ufrag"),
        (OFFER.replace(b"a=ice-pwd", b"a=x-pwd"), "ice-pwd"),
        (OFFER.replace(b"a=fingerprint", b"a=x-fingerprint"), "fingerprint"),
        (OFFER.replace(b"a=setup:actpass", b"a=setup:passive"), "answer, not an offer"),
        (b"v=0\r\n\xff\xfe", "UTF-8"),
    ],
)
def test_what_is_no_offer(body: bytes, what: str) -> None:
    """The error's detail names the line that is missing or wrong, and never quotes the offer."""
    with pytest.raises(OfferInvalid) as caught:
        check_offer(body)

    assert what in caught.value.detail
    assert "F7gI" not in caught.value.detail


@pytest.mark.parametrize("body", [b"", b" \r\n "])
def test_nothing(body: bytes) -> None:
    """An empty body is a missing offer, not an invalid one."""
    with pytest.raises(OfferMissing):
        check_offer(body)


def test_too_large() -> None:
    """An offer of more than 64 KB is refused; a browser's offer is much smaller."""
    with pytest.raises(OfferTooLarge):
        check_offer(OFFER.ljust(MAX_OFFER_BYTES + 1, b"\n"))


SECOND_AUDIO = b"m=audio 0 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n"


@pytest.mark.parametrize(
    "body",
    [
        # One of two audio sections is enough, and so is one ICE user fragment.
        OFFER + SECOND_AUDIO,
        OFFER.replace(b"a=ice-ufrag:F7gI\r\n", b"", 1),
        # A peer may offer to begin the DTLS handshake itself, or leave the role open.
        OFFER.replace(b"a=setup:actpass", b"a=setup:active"),
        OFFER.replace(b"a=setup:actpass\r\n", b""),
        # White space around it belongs to how it was sent.
        b" " + OFFER,
        OFFER.ljust(MAX_OFFER_BYTES, b"\n"),
    ],
)
def test_what_is_good_enough(body: bytes) -> None:
    """Only what makes an answer impossible is refused."""
    assert check_offer(body) is body


def test_every_audio_section_is_rejected() -> None:
    """A peer that takes no audio at all cannot talk; port 0 stands for itself and not for the beginning of a number."""
    with pytest.raises(OfferInvalid, match="port 0"):
        check_offer(OFFER.replace(b"m=audio 9", b"m=audio 0") + SECOND_AUDIO)
    check_offer(OFFER.replace(b"m=audio 9", b"m=audio 0900"))


def test_one_section_of_an_answer() -> None:
    """A single a=setup:passive shows that this is an answer, wherever it stands."""
    with pytest.raises(OfferInvalid, match="answer, not an offer"):
        check_offer(OFFER + b"a=setup:passive\r\n")


@given(st.binary(max_size=2000))
def test_any_bytes(body: bytes) -> None:
    """Whatever the body contains, it passes or is refused with one of the gateway's own errors."""
    with pytest.raises(SwitchboardError):
        check_offer(body)


@given(st.lists(st.sampled_from([*OFFER.splitlines(), SECOND_AUDIO.strip(), b"a=setup:passive"]), max_size=12))
def test_any_lines_of_an_offer(lines: list[bytes]) -> None:
    """Any selection of an offer's lines is either passed on unchanged or refused with one of our errors."""
    body = b"\r\n".join([b"v=0", *lines])
    with contextlib.suppress(OfferInvalid):
        assert check_offer(body) is body


def test_lengths_in_the_error() -> None:
    """The error says how long the offer is and how long it may be."""
    with pytest.raises(OfferTooLarge, match="70000 bytes; 65536"):
        check_offer(OFFER.ljust(70_000, b"\n"))
