/**
 * A few honest statistics. Empty input gives null, never zero: nothing measured is not the same as no delay.
 */

/**
 * @param {(number | null | undefined)[]} values
 * @param {number} fraction 0.5 is the median, 0.95 the slow end
 * @returns {number | null} the nearest rank, a value that was really measured
 */
export function percentile(values, fraction) {
  const sorted = values.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  if (!sorted.length) return null;
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(fraction * sorted.length) - 1))];
}

/**
 * @param {(number | null | undefined)[]} values
 * @returns {number | null}
 */
export function mean(values) {
  const numbers = values.filter((value) => typeof value === 'number');
  return numbers.length ? numbers.reduce((sum, value) => sum + value, 0) / numbers.length : null;
}

/**
 * @param {(number | null | undefined)[]} values
 * @param {number} [digits]
 * @returns {{ median: number, p95: number, max: number } | null}
 */
export function spread(values, digits = 1) {
  const median = percentile(values, 0.5);
  if (median === null) return null;
  const round = (/** @type {number | null} */ value) => Number((value ?? 0).toFixed(digits));
  return { median: round(median), p95: round(percentile(values, 0.95)), max: round(percentile(values, 1)) };
}
