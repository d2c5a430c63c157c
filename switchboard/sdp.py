"""Is this a plausible SDP offer for an audio call? Never rewrites it: the browser's bytes go to the service."""

from switchboard.errors import OfferInvalid, OfferMissing, OfferTooLarge

MAX_OFFER_BYTES = 64 * 1024

# RFC 8829 and RFC 8839: without these a peer cannot even begin.
_REQUIRED = {
    "a=ice-ufrag:": "it has no ICE user fragment (a=ice-ufrag)",
    "a=ice-pwd:": "it has no ICE password (a=ice-pwd)",
    "a=fingerprint:": "it has no DTLS fingerprint (a=fingerprint)",
}


def check_offer(body: bytes) -> bytes:
    """Return the offer as it came.

    Raises OfferMissing for nothing, OfferTooLarge over 64 KB, OfferInvalid with what was wrong. The error never
    quotes the offer: its addresses and fingerprints are nobody's business.
    """
    if not body.strip():
        raise OfferMissing
    if len(body) > MAX_OFFER_BYTES:
        raise OfferTooLarge(f"The offer has {len(body)} bytes; {MAX_OFFER_BYTES} are accepted.")
    try:
        lines = body.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise OfferInvalid("The offer is not UTF-8 text.") from error
    if lines[0].strip() != "v=0":
        raise OfferInvalid("An SDP offer begins with the line v=0; this does not.")
    media = [line for line in lines if line.startswith("m=audio ")]
    if not media:
        raise OfferInvalid("The offer has no audio section (m=audio): add an audio track or transceiver first.")
    if all(line.split()[1:2] == ["0"] for line in media):
        raise OfferInvalid("The offer's audio section is rejected (port 0).")
    for prefix, what in _REQUIRED.items():
        if not any(line.startswith(prefix) for line in lines):
            raise OfferInvalid(f"The offer cannot be answered: {what}.")
    if any(line.startswith("a=setup:") and line.strip() not in ("a=setup:actpass", "a=setup:active") for line in lines):
        raise OfferInvalid("This is an SDP answer, not an offer (a=setup).")
    return body
