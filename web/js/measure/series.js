/**
 * Put the connection's figures over the time of a call into a few numbers, so that a report can hold them.
 *
 * @import { Sample } from './stats.js'
 */

import { mean } from './latency.js';

/** A report holds so many stretches of time at the most: with both figures they take less than 2 KB. */
const MOST = 120;

/**
 * Return the means of equally long stretches up to the last sample.
 * @param {Sample[]} samples one a second, the oldest first
 * @param {number} now when the report is made, in epoch milliseconds
 * @returns {{ step_s: number, ends_before_s: number, rtt_ms: (number | null)[], loss_percent: (number | null)[] } | null} each
 *   stretch lasts `step_s` seconds, and the last one ended `ends_before_s` seconds before the report; null without samples
 */
export function series(samples, now) {
  if (!samples.length) return null;
  const end = samples[samples.length - 1].at;
  const whole = Math.max(1, Math.ceil((end - samples[0].at) / 1000) + 1);
  const step = Math.ceil(whole / MOST);
  const count = Math.ceil(whole / step);
  /** @type {Sample[][]} */
  const stretches = Array.from({ length: count }, () => []);
  for (const sample of samples) stretches[Math.max(0, count - 1 - Math.floor((end - sample.at) / 1000 / step))].push(sample);
  const round = (/** @type {number | null} */ value, /** @type {number} */ digits) => (value === null ? null : Number(value.toFixed(digits)));
  return {
    step_s: step,
    // A clock that was set meanwhile must not put the end into the future.
    ends_before_s: Math.max(0, round((now - end) / 1000, 1) ?? 0),
    rtt_ms: stretches.map((some) => round(mean(some.map(({ rttMs }) => rttMs)), 0)),
    loss_percent: stretches.map((some) => round(mean(some.map(({ lossPercent }) => lossPercent)), 1)),
  };
}
