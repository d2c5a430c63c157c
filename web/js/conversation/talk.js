/**
 * What the page says to the model beside the microphone: text, a word to stop, and the end of a held turn.
 */

import { answering } from './turns.js';

/** @import { Turns } from './turns.js' */
/** @import { RealtimeEvent } from './captions.js' */

/**
 * @param {string} text
 * @param {Turns} turns
 * @returns {RealtimeEvent[]} the client events that say it; they stop a running answer first, because a second response is refused
 */
export function message(text, turns) {
  const item = { id: itemId(), type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
  return [
    ...(answering(turns) ? interruption() : []),
    { type: 'conversation.item.create', item },
    { type: 'response.create' },
  ];
}

/** @returns {RealtimeEvent[]} */
export function interruption() {
  return [{ type: 'response.cancel' }, { type: 'output_audio_buffer.clear' }];
}

/**
 * The visitor let go of push to talk. Only where no detector ends turns must the page do it.
 * @param {boolean} detected whether the service detects turns by itself
 * @returns {RealtimeEvent[]}
 */
export function release(detected) {
  return detected ? [] : [{ type: 'input_audio_buffer.commit' }, { type: 'response.create' }];
}

/** Ours, so that the caption stands on the page before the service has repeated it. At most 32 characters. */
function itemId() {
  return `msg_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`;
}
