"""This module makes speech with espeak-ng (bundled by espeakng-loader), and encodes it as Opus packets.

Synthesis and encoding happen on a thread of their own, and sentences are kept, so that playing one again costs next to
nothing.
"""

import asyncio
import contextlib
import ctypes
import functools
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from local.realtime.clip import PACKET_MS, Clip

if TYPE_CHECKING:
    import av

RATE = 48000
"""The sampling rate of everything that is sent, in Hz."""
SILENCE = b"\xf8\xff\xfe"
"""20 ms of silence as one Opus packet: CELT, full band, mono, with an empty frame (RFC 6716)."""
_KEPT_CLIPS = 256
_WORDS_PER_MINUTE = 175
# Each of the API's voices is another of espeak-ng's variants, so that they sound a little different.
_VARIANTS = {
    "alloy": "f3",
    "ash": "m1",
    "ballad": "m3",
    "coral": "f2",
    "echo": "m2",
    "sage": "f4",
    "shimmer": "f5",
    "verse": "m4",
    "marin": "f1",
    "cedar": "m7",
}
_AUDIO_OUTPUT_RETRIEVAL, _POS_CHARACTER, _CHARS_UTF8, _RATE_PARAMETER = 1, 1, 1, 1  # from espeak-ng's speak_lib.h
_starting = threading.Lock()
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Synthesizer:
    """A synthesizer turns words into speech, on a thread of its own, and keeps the latest clips."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="speech")
        self._clips: OrderedDict[tuple[str, str, float], Clip] = OrderedDict()

    async def say(self, words: str, voice: str, speed: float = 1.0) -> Clip:
        """Return the words as speech in the API's voice of that name; a `speed` of 1.5 is half as fast again."""
        key = (words, voice, speed)
        if key not in self._clips:
            self._clips[key] = await asyncio.get_running_loop().run_in_executor(self._thread, self._make, *key)
            if len(self._clips) > _KEPT_CLIPS:
                self._clips.popitem(last=False)
        self._clips.move_to_end(key)
        return self._clips[key]

    def close(self) -> None:
        """Give up the thread, without waiting for what it is doing."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _make(self, words: str, voice: str, speed: float) -> Clip:
        voiced = engine()
        pcm = voiced.pcm(words, _VARIANTS.get(voice, "f1"), round(_WORDS_PER_MINUTE * speed))
        return Clip(tuple(encode(pcm, voiced.rate)))


class Engine:
    """This class is the espeak-ng library.

    Get it from `engine()`: the library has one state per process, and crashes when it is started twice.
    """

    def __init__(self) -> None:
        import espeakng_loader

        self._lock = threading.Lock()
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_Synth.argtypes = [
            *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint),
            *(ctypes.c_void_p, ctypes.c_void_p),
        ]
        path = espeakng_loader.get_data_path().encode()
        self.rate: int = int(self._library.espeak_Initialize(_AUDIO_OUTPUT_RETRIEVAL, 0, path, 0))
        """The sampling rate of the speech that the library makes, in Hz."""
        if self.rate <= 0:
            raise RuntimeError(f"espeak-ng did not start with the data in {path.decode()}")
        self._heard = bytearray()
        self._callback = _Callback(self._take)  # The library holds only a pointer to it.
        self._library.espeak_SetSynthCallback(self._callback)

    def pcm(self, words: str, variant: str, words_per_minute: int) -> bytes:
        """Return the words as mono 16-bit samples at `rate`, in espeak-ng's English voice of this variant."""
        text = words.encode()
        with self._lock:
            self._heard.clear()
            self._library.espeak_SetVoiceByName(f"en+{variant}".encode())
            self._library.espeak_SetParameter(_RATE_PARAMETER, words_per_minute, 0)
            self._library.espeak_Synth(text, len(text) + 1, 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None)
            self._library.espeak_Synchronize()
            return bytes(self._heard)

    def _take(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._heard += ctypes.string_at(samples, count * 2)
        return 0


@functools.cache
def _started() -> Engine:
    return Engine()


def engine() -> Engine:
    """Return the one engine of this process, which is started on first use. Any thread may call this."""
    with _starting:
        return _started()


def frames(pcm: bytes, rate: int) -> "list[av.AudioFrame]":
    """Return mono 16-bit samples, which have the sampling rate `rate`, as frames of `PACKET_MS` at `RATE`.

    The last frame may be shorter.
    """
    import av

    if not pcm:  # Words such as "…" have no sound.
        return []
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE, frame_size=RATE * PACKET_MS // 1000)
    whole = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    whole.sample_rate = rate
    whole.planes[0].update(pcm)
    return [*resampler.resample(whole), *resampler.resample(None)]


def encode(pcm: bytes, rate: int) -> list[bytes]:
    """Return mono 16-bit samples, which have the sampling rate `rate`, as Opus packets of `PACKET_MS`."""
    import av

    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.format, encoder.layout = RATE, "s16", "mono"
    encoder.bit_rate = 32000
    encoder.options = {"application": "voip", "frame_duration": str(PACKET_MS)}
    packets: list[bytes] = []
    for frame in frames(pcm, rate):
        if frame.samples == RATE * PACKET_MS // 1000:  # The last, shorter frame is silence.
            packets += [bytes(packet) for packet in encoder.encode(frame)]
    with contextlib.suppress(av.EOFError):
        packets += [bytes(packet) for packet in encoder.encode(None)]
    return packets
