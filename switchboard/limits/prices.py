"""Works out what usage costs by the prices in the settings. This module does no I/O."""

from switchboard.record.usage import Usage
from switchboard.settings import Prices

MILLION = 1_000_000


def cost_of(usage: Usage, prices: Prices) -> float:
    """Return what the usage costs, in the currency of the prices. What has no price costs nothing here.

    This is an estimate: the bill is made elsewhere. Images are priced as text, because the settings have no price for
    them.
    """
    given, made, written = usage.input, usage.output, usage.transcription
    parts = (
        (given.text + given.image - given.cached_text - given.cached_image, prices.text_input),
        (given.cached_text + given.cached_image, prices.text_cached_input),
        (made.text, prices.text_output),
        (given.audio - given.cached_audio, prices.audio_input),
        (given.cached_audio, prices.audio_cached_input),
        (made.audio, prices.audio_output),
        (written.input_text + written.input_audio, prices.transcription_input),
        (written.output, prices.transcription_output),
    )
    tokens = sum(max(0, used) / MILLION * price for used, price in parts if price)
    return tokens + written.seconds / 60 * (prices.transcription_minute or 0)
