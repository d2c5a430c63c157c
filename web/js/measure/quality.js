/**
 * How good was the call? One verdict for the visitor, the figures for the engineer and for the call's report.
 *
 * @import { Sample } from './stats.js'
 * @import { Timings } from './timeline.js'
 * @import { Turn } from '../conversation/turns.js'
 */

import { mean, percentile, spread } from './latency.js';

/** @typedef {'good' | 'fair' | 'poor'} Verdict */

/** Where a voice call begins to be a nuisance: ITU-T G.114 for delay, E-model practice for loss. Fair up to, poor above. */
const BOUNDS = {
  rttMs: [200, 400],
  jitterMs: [30, 60],
  lossPercent: [1, 4],
  concealedPercent: [2, 6],
};

/**
 * @param {Sample[]} samples
 * @returns {Verdict | null} null when nothing was measured
 */
export function verdict(samples) {
  const figures = {
    rttMs: percentile(samples.map(({ rttMs }) => rttMs), 0.5),
    jitterMs: percentile(samples.map(({ jitterMs }) => jitterMs), 0.5),
    lossPercent: mean(samples.map(({ lossPercent }) => lossPercent)),
    concealedPercent: mean(samples.map(({ concealedPercent }) => concealedPercent)),
  };
  const measured = Object.entries(figures).filter(([, value]) => value !== null);
  if (!measured.length) return null;
  const worst = Math.max(
    ...measured.map(([name, value]) => {
      const [good, fair] = BOUNDS[/** @type {keyof typeof BOUNDS} */ (name)];
      return Number(value) <= good ? 0 : Number(value) <= fair ? 1 : 2;
    }),
  );
  return /** @type {Verdict[]} */ (['good', 'fair', 'poor'])[worst];
}

/** The gateway takes no more. */
export const REPORT_BYTES = 16 * 1024;

/** Turns in a report: with some 60 bytes each far below the limit. */
const REPORTED_TURNS = 100;

/**
 * @typedef {object} Figures
 * @property {Sample[]} samples
 * @property {Turn[]} turns
 * @property {Timings} timings of the latest start
 * @property {number} reconnects
 * @property {string} agent the browser's own name
 * @property {string | null} problem code of what ended the call, if anything did
 */

/**
 * @param {Figures} figures
 * @returns {Record<string, unknown>} what POST /api/calls/{call_id}/report takes: numbers and names, never words that were said
 */
export function report({ samples, turns, timings, reconnects, agent, problem }) {
  const pair = samples.at(-1)?.pair ?? null;
  return {
    schema: 1,
    verdict: verdict(samples),
    start_ms: timings,
    network: {
      samples: samples.length,
      rtt_ms: spread(samples.map(({ rttMs }) => rttMs)),
      jitter_ms: spread(samples.map(({ jitterMs }) => jitterMs)),
      jitter_buffer_ms: spread(samples.map(({ bufferMs }) => bufferMs)),
      loss_percent: spread(samples.map(({ lossPercent }) => lossPercent), 2),
      loss_out_percent: spread(samples.map(({ lossOutPercent }) => lossOutPercent), 2),
      concealed_percent: spread(samples.map(({ concealedPercent }) => concealedPercent), 2),
      kbps_in: spread(samples.map(({ kbpsIn }) => kbpsIn)),
      kbps_out: spread(samples.map(({ kbpsOut }) => kbpsOut)),
      pair: pair && { protocol: pair.protocol, local: pair.local, remote: pair.remote },
    },
    response_latency_ms: spread(turns.map(({ latencyMs }) => latencyMs), 0),
    turns: turns.slice(-REPORTED_TURNS).map(({ by, latencyMs, interrupted }) => ({
      by,
      latency_ms: latencyMs,
      ...(interrupted && { interrupted }),
    })),
    reconnects,
    problem,
    browser: agent.slice(0, 256),
  };
}
