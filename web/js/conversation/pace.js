/**
 * How far into its words an answer was when it was cut. The words come seconds before the voice speaks them, and the
 * service tells only how long the voice has been playing; so the page learns how fast this voice speaks.
 */

const SLOWEST = 6;
const FASTEST = 30;

/**
 * @param {string} text the whole answer as far as it was written
 * @param {number} playedMs
 * @param {number} pace characters per second
 * @returns {number} length of what was probably heard, at the end of a word
 */
export function heardLength(text, playedMs, pace) {
  const length = Math.max(0, Math.round((playedMs / 1000) * pace));
  if (length >= text.length) return text.length;
  // The word that was being spoken counts as heard from its middle on.
  const start = text.lastIndexOf(' ', length) + 1;
  const end = text.indexOf(' ', length);
  const wordEnd = end < 0 ? text.length : end;
  return length - start >= wordEnd - length ? wordEnd : Math.max(0, start - 1);
}

/**
 * @param {number} pace so far, characters per second
 * @param {number} characters of an answer that was heard to its end
 * @param {number} ms how long it played
 * @returns {number} the new estimate; short answers teach nothing
 */
export function paceOf(pace, characters, ms) {
  if (characters < 20 || ms < 1000) return pace;
  const measured = Math.min(FASTEST, Math.max(SLOWEST, characters / (ms / 1000)));
  return pace * 0.5 + measured * 0.5;
}
