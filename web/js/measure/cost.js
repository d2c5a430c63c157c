/**
 * What a call has cost so far, by the prices the operator configured. An estimate: the bill is made elsewhere.
 *
 * @import { PriceName, Prices, Tokens, Usage } from '../api.js'
 */

/**
 * @param {Usage | null | undefined} usage
 * @param {Prices | null | undefined} prices per million tokens, and per minute of transcription
 * @returns {{ amount: number, currency: string, complete: boolean } | null} null without prices;
 *   not complete when something was used that has no price: then it costs at least this much
 */
export function cost(usage, prices) {
  if (!usage || !prices) return null;
  const { input = {}, output = {}, transcription = {} } = usage;
  /** @type {[number, PriceName | null][]} amounts and the names of their prices; null where PRICES knows none */
  const parts = [
    [fresh(input, 'text'), 'text_input'],
    [input.cached_text ?? 0, 'text_cached_input'],
    [output.text ?? 0, 'text_output'],
    [fresh(input, 'audio'), 'audio_input'],
    [input.cached_audio ?? 0, 'audio_cached_input'],
    [output.audio ?? 0, 'audio_output'],
    [fresh(input, 'image') + (input.cached_image ?? 0), null],
    [(transcription.input_text ?? 0) + (transcription.input_audio ?? 0), 'transcription_input'],
    [transcription.output ?? 0, 'transcription_output'],
    // Whisper-like models are paid by the minute: a million of minutes is as good a unit as a million of tokens.
    [((transcription.seconds ?? 0) / 60) * 1e6, 'transcription_minute'],
  ];
  let amount = 0;
  let complete = true;
  for (const [used, name] of parts) {
    const price = name && prices[name];
    if (used && typeof price !== 'number') complete = false;
    else amount += (used / 1e6) * Number(price ?? 0);
  }
  return { amount, currency: prices.currency, complete };
}

/**
 * The service counts cached tokens among the input tokens as well.
 * @param {Tokens} input
 * @param {'text' | 'audio' | 'image'} kind
 */
function fresh(input, kind) {
  return Math.max(0, (input[kind] ?? 0) - (input[`cached_${kind}`] ?? 0));
}
