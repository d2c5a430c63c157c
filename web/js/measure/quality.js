/**
 * Judge how good a call was: one verdict for the visitor, and the figures for the engineer and for the call's report.
 *
 * @import { Sample } from './stats.js'
 * @import { Timings } from './timeline.js'
 * @import { Turn } from '../conversation/turns.js'
 */

import { mean, percentile, spread } from './latency.js';
import { series } from './series.js';

/** @typedef {'good' | 'fair' | 'poor'} Verdict */

/** The limits of a good and of a fair call: ITU-T G.114 for the delay, practice with the E-model for the loss. Above, a call is poor. */
const BOUNDS = {
  rttMs: [200, 400],
  jitterMs: [30, 60],
  lossPercent: [1, 4],
  concealedPercent: [2, 6],
};

/**
 * Judge the call by the worst of its figures.
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

/** The gateway accepts no longer report. */
export const REPORT_BYTES = 16 * 1024;

/** A report contains this many turns. Each takes some 60 bytes, so they stay far below the limit. */
const REPORTED_TURNS = 100;

/**
 * @typedef {object} Figures
 * @property {Sample[]} samples the connection's figures, one a second
 * @property {Turn[]} turns
 * @property {Timings} timings how long each step of the latest start took
 * @property {number} reconnects how many times the call was begun anew
 * @property {string} agent the browser's name for itself
 * @property {string | null} problem the code of what ended the call, if anything did
 * @property {number} now when the report is made, in epoch milliseconds
 */

/**
 * Write the report of a call. It contains numbers and names, and never what was said.
 * @param {Figures} figures
 * @returns {Record<string, unknown>} the body of POST /api/calls/{call_id}/report
 */
export function report({ samples, turns, timings, reconnects, agent, problem, now }) {
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
      series: series(samples, now),
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
