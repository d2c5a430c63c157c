/**
 * Say whether the visitor may go on with the conversation of the call that has ended, and until when.
 */

import { shortage } from './room.js';

/** @import { Model } from '../model.js' */

/**
 * Return the offer to go on.
 * @param {Pick<Model, 'page' | 'config' | 'captions' | 'record'>} model
 * @param {number} now epoch milliseconds
 * @returns {{ until: number, lack: 'full' | 'spent' | null } | null} `until` in epoch milliseconds; `lack` is why a call would be
 *   refused at the moment; null if there is nothing to go on with
 */
export function offerOf({ page, config, captions, record }, now) {
  const seconds = config?.continue_seconds ?? 0;
  if (page.phase !== 'ended' || !page.mayGoOn || !seconds || page.endedAt === null) return null;
  // The model said goodbye. Nothing was broken off.
  if (record?.record.end_reason === 'ended_by_assistant') return null;
  if (!captions.list.some(({ role }) => role === 'user' || role === 'assistant')) return null;
  const until = page.endedAt + seconds * 1000;
  return now < until ? { until, lack: shortage(config) } : null;
}
