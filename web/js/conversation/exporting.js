/**
 * The conversation to take away: as text for people, as JSON for programs. Only what was heard, and marked where it was cut.
 *
 * @import { Caption } from './captions.js'
 */

/**
 * @typedef {object} TextWords in the visitor's language
 * @property {string} you
 * @property {string} model
 * @property {string} cut
 * @property {string} unclear
 * @property {(epochMs: number) => string} time
 */

/**
 * @param {Caption[]} captions
 * @param {TextWords} words
 * @returns {string} one paragraph a turn
 */
export function asText(captions, { you, model, cut, unclear, time }) {
  return captions
    .map((caption) => {
      if (caption.role === 'note') return `(${caption.text})`;
      const name = caption.role === 'user' ? you : model;
      const marks = caption.status === 'cut' ? [cut] : caption.status === 'unclear' ? [unclear] : [];
      return [`${time(caption.at)}  ${name}:`, heard(caption), ...marks].filter(Boolean).join(' ');
    })
    .join('\n\n')
    .concat('\n');
}

/**
 * @param {Caption[]} captions
 * @param {{ callId: string | null, started: number | null, ended: number | null }} call
 * @returns {string}
 */
export function asJson(captions, { callId, started, ended }) {
  const moment = (/** @type {number | null} */ at) => (at ? new Date(at).toISOString() : null);
  const items = captions
    .filter(({ role }) => role !== 'note')
    .map((caption) => ({
      item_id: caption.id,
      role: caption.role,
      by: caption.by,
      at: moment(caption.at),
      text: caption.status === 'unclear' ? null : heard(caption),
      interrupted: caption.status === 'cut',
    }));
  return `${JSON.stringify({ schema: 1, call_id: callId, started: moment(started), ended: moment(ended), items }, null, 2)}\n`;
}

/** @param {Caption} caption */
const heard = ({ status, text, heard: length }) => (status === 'cut' ? text.slice(0, length) : text);
