/**
 * End a call as the gateway sees it: report how it was, and hang up.
 */

import { report } from '../measure/quality.js';

/** @import { Api } from '../api.js' */
/** @import { Figures } from '../measure/quality.js' */
/** @import { Model } from '../model.js' */
/** @import { Problem } from '../problems.js' */
/** @import { Call } from './call.js' */

/** If the gateway does not answer in this time, the closed connection ends the call. */
const PATIENCE_MS = 2_000;

/**
 * Collect the figures of the call that just ends.
 * @param {Model} model
 * @param {number} reconnects how many times the call was begun anew
 * @param {Problem | null} problem what ended the call, if anything did
 * @returns {Figures}
 */
export function figuresOf({ samples, turns, timings }, reconnects, problem) {
  return { samples, turns: turns.list, timings, reconnects, agent: navigator.userAgent, problem: problem?.code ?? null, now: Date.now() };
}

/**
 * Send the report, hang up, and close the connection last: a call that was hung up must not look like one whose browser
 * vanished.
 * @param {Call} call
 * @param {Api} api
 * @param {Figures} figures
 */
export async function sayGoodbye(call, api, figures) {
  const { callId } = call;
  if (callId) {
    const formalities = Promise.allSettled([api.report(callId, JSON.stringify(report(figures))), api.hangUp(callId)]);
    await Promise.race([formalities, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  }
  call.close();
}
