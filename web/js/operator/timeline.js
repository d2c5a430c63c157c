/**
 * Work out where things stand on the picture of a call. This module knows no document.
 *
 * @import { Call } from './api.js'
 *
 * @typedef {object} Mark
 * @property {'user' | 'assistant' | 'latency' | 'tool' | 'operator' | 'gap' | 'error'} kind also the lane
 * @property {number} from seconds from the start of the call
 * @property {number} to
 * @property {number} said the index of the utterance in the transcript that it belongs to, or -1
 * @property {boolean} cut whether somebody interrupted it
 * @property {string} name of the tool, the client event or the error; empty for others
 * @property {string} outcome of the tool or the client event, or what is said about the error; empty for others
 *
 * @typedef {object} Reading one stretch of the connection, as the browser measured it
 * @property {number} from seconds from the start of the call
 * @property {number} to
 * @property {number | null} rttMs the mean round trip
 * @property {number | null} lossPercent the mean share of packets that were lost on the way to the caller
 */

/** The lanes of marks, from the top. */
export const LANES = /** @type {const} */ (['user', 'assistant', 'latency', 'tool', 'operator', 'gap', 'error']);

/** A report that holds more readings than this is not one of the page's. */
const MOST_READINGS = 1000;

/**
 * Return everything that the picture shows.
 * @param {Call} call
 * @returns {{ length: number, marks: Mark[], readings: Reading[] }} the length of the call in seconds, at least one
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
   * @param {Partial<Mark>} [more]
   */
  const add = (kind, from, to, more = {}) => {
    const began = at(from);
    if (began !== null) marks.push({ kind, from: began, to: Math.max(began, at(to) ?? began), said: -1, cut: false, name: '', outcome: '', ...more });
  };
  for (const turn of call.turns) {
    const question = call.transcript.findIndex(({ item_id }) => item_id === turn.item_id);
    const answer = answerOf(call, turn.audio_started);
    add('user', turn.speech_started, turn.speech_stopped, { said: question });
    add('assistant', turn.audio_started, turn.audio_stopped, { said: answer, cut: turn.interrupted });
    if (turn.response_latency_ms !== null) add('latency', turn.speech_stopped, turn.audio_started, { said: answer });
  }
  for (const tool of call.tools) {
    const end = tool.ms === null ? null : new Date(Date.parse(tool.at) + tool.ms).toISOString();
    add('tool', tool.at, end, { name: tool.name, outcome: tool.outcome ?? '' });
  }
  for (const event of call.steering) add('operator', event.at, event.at, { name: event.event, outcome: event.outcome });
  for (const gap of call.gaps) add('gap', gap.from, gap.to);
  for (const error of call.errors) add('error', error.at, error.at, { name: error.code ?? error.source, outcome: error.message ?? '' });
  return { length, marks, readings: readings(call, length) };
}

/**
 * Return the index of the model's utterance whose sound began at this moment, or -1. No record names it: it is the one
 * that began closest to the sound.
 * @param {Call} call
 * @param {string | null} sound
 */
function answerOf(call, sound) {
  if (sound === null) return -1;
  const apart = (/** @type {number} */ index) => Math.abs(Date.parse(call.transcript[index].at) - Date.parse(sound));
  return call.transcript.reduce((best, { role }, index) => (role === 'assistant' && (best < 0 || apart(index) < apart(best)) ? index : best), -1);
}

/**
 * Return the figures of the connection from the latest report that has them. The page sends them, so they may be anything.
 * @param {Call} call
 * @param {number} length of the call in seconds
 * @returns {Reading[]} the oldest first
 */
function readings(call, length) {
  for (const report of call.reports.toReversed()) {
    const { step_s, ends_before_s, rtt_ms, loss_percent } = report.figures?.network?.series ?? {};
    const known = Array.isArray(rtt_ms) && Array.isArray(loss_percent) && rtt_ms.length === loss_percent.length && rtt_ms.length <= MOST_READINGS;
    if (!known || !(step_s > 0) || !(ends_before_s >= 0)) continue;
    const end = (Date.parse(report.at) - Date.parse(call.started)) / 1000 - ends_before_s;
    return rtt_ms
      .map((rtt, index) => {
        const to = end - (rtt_ms.length - 1 - index) * step_s;
        return { from: clamp(to - step_s, length), to: clamp(to, length), rttMs: figure(rtt), lossPercent: figure(loss_percent[index]) };
      })
      .filter(({ from, to }) => to > from);
  }
  return [];
}

/**
 * Return a figure that is not negative, or null for anything else.
 * @param {unknown} value
 */
const figure = (value) => (typeof value === 'number' && value >= 0 ? value : null);

/**
 * Return the index of the utterance that is under way at a moment, or -1 before the first.
 * @param {Call} call
 * @param {number} seconds from the start of the call
 */
export function utteranceAt(call, seconds) {
  const moment = Math.round(Date.parse(call.started) + seconds * 1000);
  return call.transcript.findLastIndex((said) => Date.parse(said.at) <= moment);
}

/**
 * Return the moments between which the arrow keys move: where each utterance begins, or, if nothing is known of what was
 * said, where each stretch of speech does.
 * @param {Call} call
 * @param {Mark[]} marks
 * @returns {number[]} seconds from the start of the call, the earliest first
 */
export function stops(call, marks) {
  const start = Date.parse(call.started);
  const words = call.transcript.map(({ at }) => Math.max(0, (Date.parse(at) - start) / 1000));
  const speech = marks.filter(({ kind }) => kind === 'user' || kind === 'assistant').map(({ from }) => from);
  return [...new Set(words.length ? words : speech)].sort((a, b) => a - b);
}

/**
 * Return the moment to which a key moves, or null for a key that moves nowhere.
 * @param {string} key as a keyboard event names it
 * @param {number} now seconds from the start of the call
 * @param {number[]} moments
 */
export function moved(key, now, moments) {
  if (key === 'ArrowRight' || key === 'ArrowDown') return moments.find((at) => at > now + 0.001) ?? null;
  if (key === 'ArrowLeft' || key === 'ArrowUp') return moments.findLast((at) => at < now - 0.001) ?? null;
  if (key === 'Home') return moments[0] ?? null;
  return key === 'End' ? (moments.at(-1) ?? null) : null;
}

/**
 * Return moments for the axis: round numbers of seconds.
 * @param {number} length seconds
 * @param {number} [most] how many there may be, beside the first
 */
export function ticks(length, most = 8) {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900].find((seconds) => length / seconds <= most) ?? 1800;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step);
}

/**
 * Keep a moment within the call.
 * @param {number} seconds
 * @param {number} length
 */
const clamp = (seconds, length) => Math.min(length, Math.max(0, seconds));
