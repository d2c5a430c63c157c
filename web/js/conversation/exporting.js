/**
 * Export the conversation: as text for people, and as JSON for programs. Both contain only what was heard, and say where
 * an answer was cut.
 *
 * @import { Caption } from './captions.js'
 */

/**
 * @typedef {object} TextWords words in the visitor's language
 * @property {string} you names the visitor
 * @property {string} model names the model
 * @property {string} cut marks an answer that was interrupted
 * @property {string} unclear stands for speech that was not understood
 * @property {(epochMs: number) => string} time writes a time of day
 */

/**
 * Write the conversation as text.
 * @param {Caption[]} captions
 * @param {TextWords} words
 * @returns {string} one paragraph for each turn
 */
export function asText(captions, { you, model, cut, unclear, time }) {
  return captions
    .filter(({ role }) => role !== 'tool')
    .map((caption) => {
      if (caption.role === 'note' || caption.role === 'divider') return `(${caption.text})`;
      const name = caption.role === 'user' ? you : model;
      const marks = caption.status === 'cut' ? [cut] : caption.status === 'unclear' ? [unclear] : [];
      return [`${time(caption.at)}  ${name}:`, heard(caption), ...marks].filter(Boolean).join(' ');
    })
    .join('\n\n')
    .concat('\n');
}

/**
 * Write the conversation as JSON.
 * @param {Caption[]} captions
 * @param {{ callId: string | null, started: number | null, ended: number | null }} call times in epoch milliseconds
 * @returns {string}
 */
export function asJson(captions, { callId, started, ended }) {
  const moment = (/** @type {number | null} */ at) => (at ? new Date(at).toISOString() : null);
  const items = captions
    .filter(({ role }) => role === 'user' || role === 'assistant')
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

/**
 * Return the words of a caption that were heard.
 * @param {Caption} caption
 */
const heard = ({ status, text, heard: length }) => (status === 'cut' ? text.slice(0, length) : text);
