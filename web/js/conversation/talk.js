/**
 * Write the client events that the page sends: a typed message, an interruption, and the end of a held turn.
 */

import { answering } from './turns.js';

/** @import { Turns } from './turns.js' */
/** @import { RealtimeEvent } from './captions.js' */

/**
 * Say a typed message.
 * @param {string} text
 * @param {Turns} turns
 * @returns {RealtimeEvent[]} these stop a running answer first, because the service refuses a second response
 */
export function message(text, turns) {
  const item = { id: itemId(), type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
  return [
    ...(answering(turns) ? interruption() : []),
    { type: 'conversation.item.create', item },
    { type: 'response.create' },
  ];
}

/**
 * Stop the answer that is running.
 * @returns {RealtimeEvent[]}
 */
export function interruption() {
  return [{ type: 'response.cancel' }, { type: 'output_audio_buffer.clear' }];
}

/**
 * End a turn, because push to talk was released. The page must do so only where no detector ends turns.
 * @param {boolean} detected whether the service detects the end of a turn by itself
 * @returns {RealtimeEvent[]}
 */
export function release(detected) {
  return detected ? [] : [{ type: 'input_audio_buffer.commit' }, { type: 'response.create' }];
}

/** Return an id of our own, of at most 32 characters: with it, the caption is on the page before the service has repeated it. */
function itemId() {
  return `msg_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`;
}
