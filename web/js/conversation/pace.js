/**
 * Estimate how far into its words an answer was when it was cut. The words come seconds before the voice speaks them,
 * and the service says only how long the voice has been playing. So the page learns how fast this voice speaks.
 */

/** No voice is slower or faster than this, in characters per second. */
const SLOWEST = 6;
const FASTEST = 30;

/**
 * Return how much of an answer was probably heard.
 * @param {string} text the answer, as far as it is written
 * @param {number} playedMs how long the voice played, in milliseconds
 * @param {number} pace characters per second
 * @returns {number} a number of characters that ends with a word
 */
export function heardLength(text, playedMs, pace) {
  const length = Math.max(0, Math.round((playedMs / 1000) * pace));
  if (length >= text.length) return text.length;
  // The word that was being spoken counts as heard if the voice was past its middle.
  const start = text.lastIndexOf(' ', length) + 1;
  const end = text.indexOf(' ', length);
  const wordEnd = end < 0 ? text.length : end;
  return length - start >= wordEnd - length ? wordEnd : Math.max(0, start - 1);
}

/**
 * Learn from one more answer how fast the voice speaks.
 * @param {number} pace the estimate so far, in characters per second
 * @param {number} characters the length of an answer that was heard to its end
 * @param {number} ms how long that answer played, in milliseconds
 * @returns {number} the new estimate; it stays as it was after a short answer, which says too little
 */
export function paceOf(pace, characters, ms) {
  if (characters < 20 || ms < 1000) return pace;
  const measured = Math.min(FASTEST, Math.max(SLOWEST, characters / (ms / 1000)));
  return pace * 0.5 + measured * 0.5;
}
