"""This module writes the SDP answer in the shape that was recorded from Azure, with this peer's own values."""

from aiortc.sdp import MediaDescription, SessionDescription, candidate_to_sdp

_NAME = "realtimeapi"
# The service answers no other codecs.
_AUDIO_CODECS = ("opus", "PCMU", "PCMA")
_LARGEST_MESSAGE = 1073741823


def azure_answer(local_sdp: str) -> str:
    """Return aiortc's SDP answer in Azure's shape.

    Its candidates remain what they are, UDP on random ports; Azure's own answer has port 3478, over UDP and over TCP.
    """
    answer = SessionDescription.parse(local_sdp)
    security = answer.media[0].dtls
    prints = {each.algorithm: each.value for each in security.fingerprints} if security else {}
    lines = [
        "v=0",
        f"o={answer.origin}",
        "s=-",
        "t=0 0",
        "a=msid-semantic:WMS *",
        f"a=fingerprint:sha-256 {prints['sha-256']}",
        f"a=group:BUNDLE {' '.join(media.rtp.muxId for media in answer.media)}",
    ]
    for media in answer.media:
        lines += _audio(media) if media.kind == "audio" else _application(media)
    return "\r\n".join(lines) + "\r\n"


def _transport(media: MediaDescription) -> list[str]:
    parameters = media.ice
    if parameters is None:
        return []
    return [f"a=ice-ufrag:{parameters.usernameFragment}", f"a=ice-pwd:{parameters.password}"]


def _audio(media: MediaDescription) -> list[str]:
    codecs = [codec for codec in media.rtp.codecs if codec.name in _AUDIO_CODECS]
    lines = [
        f"m=audio 9 {media.profile} {' '.join(str(codec.payloadType) for codec in codecs)}",
        "c=IN IP4 0.0.0.0",
        "a=setup:active",
        f"a=mid:{media.rtp.muxId}",
        *_transport(media),
        "a=rtcp-mux",
        "a=rtcp-rsize",
    ]
    for codec in codecs:
        channels = f"/{codec.channels}" if codec.channels == 2 else ""
        lines.append(f"a=rtpmap:{codec.payloadType} {codec.name}/{codec.clockRate}{channels}")
        if codec.name == "opus":
            lines.append(f"a=fmtp:{codec.payloadType} minptime=10;useinbandfec=1")
    for source in media.ssrc:
        about = (f"cname:{_NAME}", f"msid:{_NAME} audio", f"mslabel:{_NAME}", "label:audio")
        lines += [f"a=ssrc:{source.ssrc} {each}" for each in about]
    lines += [f"a=msid:{_NAME} audio", f"a={media.direction}"]
    lines += [f"a=candidate:{candidate_to_sdp(candidate)}" for candidate in media.ice_candidates]
    return [*lines, "a=end-of-candidates"]


def _application(media: MediaDescription) -> list[str]:
    return [
        f"m=application 9 {media.profile} webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=setup:active",
        f"a=mid:{media.rtp.muxId}",
        "a=sendrecv",
        f"a=sctp-port:{media.sctp_port}",
        f"a=max-message-size:{_LARGEST_MESSAGE}",
        *_transport(media),
    ]
