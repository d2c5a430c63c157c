/**
 * Estimate what a call has cost so far, by the prices that the operator configured. The bill itself is made elsewhere.
 *
 * @import { PriceName, Prices, Tokens, Usage } from '../api.js'
 */

/**
 * Return what this usage costs.
 * @param {Usage | null | undefined} usage
 * @param {Prices | null | undefined} prices per million tokens, and per minute of transcription
 * @returns {{ amount: number, currency: string, complete: boolean } | null} null without usage or prices; not complete when something
 *   was used that has no price, so that the call costs at least this much
 */
export function cost(usage, prices) {
  if (!usage || !prices) return null;
  const { input = {}, output = {}, transcription = {} } = usage;
  /** @type {[number, PriceName | null][]} what was used, and the name of its price; null where PRICES knows none */
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
    // Some models are paid by the minute. Prices are per million tokens, so minutes are counted in millions as well.
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
 * Return the input tokens that were not cached. The service counts the cached ones among the input tokens as well.
 * @param {Tokens} input
 * @param {'text' | 'audio' | 'image'} kind
 */
function fresh(input, kind) {
  return Math.max(0, (input[kind] ?? 0) - (input[`cached_${kind}`] ?? 0));
}
