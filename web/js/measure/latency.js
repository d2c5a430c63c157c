/**
 * Compute a few statistics. Where nothing was measured they return null and never zero: no measurement is not the same
 * as no delay.
 */

/**
 * Return a percentile of the values that were measured.
 * @param {(number | null | undefined)[]} values
 * @param {number} fraction 0.5 for the median, 0.95 for the slow end
 * @returns {number | null} one of the values, by nearest rank
 */
export function percentile(values, fraction) {
  const sorted = values.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  if (!sorted.length) return null;
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(fraction * sorted.length) - 1))];
}

/**
 * Return the mean of the values that were measured.
 * @param {(number | null | undefined)[]} values
 * @returns {number | null}
 */
export function mean(values) {
  const numbers = values.filter((value) => typeof value === 'number');
  return numbers.length ? numbers.reduce((sum, value) => sum + value, 0) / numbers.length : null;
}

/**
 * Return the median, the slow end and the maximum of the values that were measured.
 * @param {(number | null | undefined)[]} values
 * @param {number} [digits] after the decimal point
 * @returns {{ median: number, p95: number, max: number } | null}
 */
export function spread(values, digits = 1) {
  const median = percentile(values, 0.5);
  if (median === null) return null;
  const round = (/** @type {number | null} */ value) => Number((value ?? 0).toFixed(digits));
  return { median: round(median), p95: round(percentile(values, 0.95)), max: round(percentile(values, 1)) };
}
