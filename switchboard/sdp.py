"""Checks whether a text is a plausible SDP offer for an audio call.

The offer is never rewritten: the service receives exactly what the browser sent.
"""

from switchboard.errors import OfferInvalid, OfferMissing, OfferTooLarge

MAX_OFFER_BYTES = 64 * 1024

# Without these lines no peer can answer the offer (RFC 8829 and RFC 8839).
_REQUIRED = {
    "a=ice-ufrag:": "it has no ICE user fragment (a=ice-ufrag)",
    "a=ice-pwd:": "it has no ICE password (a=ice-pwd)",
    "a=fingerprint:": "it has no DTLS fingerprint (a=fingerprint)",
}


def check_offer(body: bytes) -> bytes:
    """Return the offer unchanged if it is plausible.

    Raises OfferMissing if the body is empty, OfferTooLarge if it is longer than 64 KB, and OfferInvalid, which says
    what is wrong, in any other case. The errors never quote the offer, because it contains addresses and fingerprints.
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
