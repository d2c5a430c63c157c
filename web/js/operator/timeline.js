/**
 * Work out where things stand on the picture of a call. This module knows no document.
 *
 * @import { Call } from './api.js'
 *
 * @typedef {object} Mark
 * @property {'user' | 'assistant' | 'latency' | 'gap' | 'error'} kind also the lane
 * @property {number} from seconds from the start of the call
 * @property {number} to
 * @property {string} item the id of the item that it belongs to; empty for none
 * @property {boolean} cut whether somebody interrupted it
 */

/** The lanes, from the top. */
export const LANES = /** @type {const} */ (['user', 'assistant', 'latency', 'gap', 'error']);

/**
 * Return everything that the picture shows.
 * @param {Call} call
 * @returns {{ length: number, marks: Mark[] }} the length of the call in seconds, at least one
 */
export function timeline(call) {
  const start = Date.parse(call.started);
  const length = Math.max(1, call.duration_seconds);
  const at = (/** @type {string | null} */ time) => (time === null ? null : clamp((Date.parse(time) - start) / 1000, length));
  /** @type {Mark[]} */
  const marks = [];
  /**
   * Add what began at a known moment. Of what has no known end, only its beginning is shown.
   * @param {Mark['kind']} kind
   * @param {string | null} from
   * @param {string | null} to
   * @param {string} item
   * @param {boolean} cut
   */
  const add = (kind, from, to, item = '', cut = false) => {
    const began = at(from);
    if (began !== null) marks.push({ kind, from: began, to: Math.max(began, at(to) ?? began), item, cut });
  };
  for (const turn of call.turns) {
    const item = turn.item_id ?? '';
    add('user', turn.speech_started, turn.speech_stopped, item);
    add('assistant', turn.audio_started, turn.audio_stopped, item, turn.interrupted);
    if (turn.response_latency_ms !== null) add('latency', turn.speech_stopped, turn.audio_started, item);
  }
  for (const gap of call.gaps) add('gap', gap.from, gap.to);
  for (const error of call.errors) add('error', error.at, error.at);
  return { length, marks };
}

/**
 * Return the index of the utterance that is under way at a moment, or -1 before the first.
 * @param {Call} call
 * @param {number} seconds from the start of the call
 */
export function utteranceAt(call, seconds) {
  const moment = Date.parse(call.started) + seconds * 1000;
  return call.transcript.findLastIndex((said) => Date.parse(said.at) <= moment);
}

/**
 * Return moments for the axis: round numbers of seconds, at most nine.
 * @param {number} length seconds
 */
export function ticks(length) {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900].find((seconds) => length / seconds <= 8) ?? 1800;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step);
}

/**
 * Keep a moment within the call.
 * @param {number} seconds
 * @param {number} length
 */
const clamp = (seconds, length) => Math.min(length, Math.max(0, seconds));
