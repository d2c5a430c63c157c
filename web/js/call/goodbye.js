/**
 * The end of a call, as the gateway is told of it: how it was, and that it is over.
 */

import { report } from '../measure/quality.js';

/** @import { Api } from '../api.js' */
/** @import { Figures } from '../measure/quality.js' */
/** @import { Model } from '../model.js' */
/** @import { Problem } from '../problems.js' */
/** @import { Call } from './call.js' */

/** A hang-up that the gateway does not answer in this time is left to the closed connection. */
const PATIENCE_MS = 2_000;

/**
 * @param {Model} model
 * @param {number} reconnects
 * @param {Problem | null} problem
 * @returns {Figures}
 */
export function figuresOf({ samples, turns, timings }, reconnects, problem) {
  return { samples, turns: turns.list, timings, reconnects, agent: navigator.userAgent, problem: problem?.code ?? null };
}

/**
 * Reports, hangs up, and closes the connection last: a call that was hung up must not look like one whose browser vanished.
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
