/**
 * Write down what both sides say, from the events of the channel. Captions stand in the order of the conversation, not in that of
 * their arrival, and an answer that was interrupted ends where it was interrupted.
 *
 * This is a pure reducer. The events that pass the service's filter are enough for it; it makes use of the others when they come
 * (https://learn.microsoft.com/azure/foundry/openai/how-to/realtime-audio-webrtc, "webrtcfilter").
 */

import { blank, change, contentText, upsert } from './edits.js';
import { place } from './order.js';
import { heardLength, paceOf } from './pace.js';
import { addTool, endRemote, endTool, isAboutTool } from './tools.js';

/**
 * @typedef {object} Caption
 * @property {string} id the id of the item
 * @property {'user' | 'assistant' | 'note' | 'divider' | 'tool'} role a note is the page's own, a divider says that another call
 *   begins here, and a tool is one that the model called
 * @property {'hearing' | 'transcribing' | 'growing' | 'done' | 'cut' | 'unclear'} status
 *   `cut`: interrupted; `unclear`: something was spoken, but no words were made of it
 * @property {string} text all the words, heard or not; for a tool its name
 * @property {number} heard how many characters of `text` were spoken before it was cut; otherwise its length
 * @property {'voice' | 'text'} by whether it was spoken or written
 * @property {number} at when the first sign of it came, in epoch milliseconds
 * @property {boolean} [remote] whether the service calls the tool itself, on an MCP server
 * @property {number} [ms] how many milliseconds a tool took, from its call to its answer, as the page saw them
 *
 * @typedef {object} Captions
 * @property {Caption[]} list in the order of the conversation
 * @property {Record<string, string>} after for the id of an item, the id of the item that must come before it
 * @property {Record<string, string>} items for the id of a response, the id of its message; for that of a function call, its item
 * @property {{ response: string, since: number } | null} playing the response that is audible, and since when (epoch milliseconds)
 * @property {number} pace how many characters the model's voice speaks in a second, learned from answers heard to their end
 *
 * @typedef {{ type: string, [field: string]: any }} RealtimeEvent
 */

/** @type {Captions} of a call that has just begun */
export const noCaptions = Object.freeze({ list: [], after: {}, items: {}, playing: null, pace: 15 });

/**
 * Return the captions after an action.
 * @param {Captions} state
 * @param {{ type: string, event?: RealtimeEvent, at?: number, note?: string, divider?: boolean, goOn?: boolean }} action
 *   a server event, a client event, or what the page itself has to note
 * @returns {Captions}
 */
export function reduceCaptions(state, action) {
  const at = action.at ?? 0;
  if (action.type === 'start') return action.goOn ? state : noCaptions;
  if (action.type === 'note') return note(state, action.note ?? '', at, action.divider ? 'divider' : 'note');
  if (action.type === 'retrying' || action.type === 'ended') return settle(interrupt(state, at));
  if ((action.type !== 'server' && action.type !== 'client') || !action.event) return state;
  return reduceEvent(state, action.event, at);
}

/**
 * Return the captions after an event of the channel.
 * @param {Captions} state
 * @param {RealtimeEvent} event
 * @param {number} at
 * @returns {Captions}
 */
function reduceEvent(state, event, at) {
  switch (event.type) {
    case 'input_audio_buffer.speech_started':
      return upsert(interrupt(state, at), event.item_id, (old) => old ?? blank(event.item_id, 'user', 'hearing', at));
    case 'input_audio_buffer.speech_stopped':
      return change(state, event.item_id, { status: 'transcribing' }, ['hearing']);
    case 'conversation.item.create':
    case 'conversation.item.added':
    case 'conversation.item.created':
      return added(state, event, at);
    case 'conversation.item.input_audio_transcription.completed': {
      const text = String(event.transcript ?? '').trim();
      const status = text ? 'done' : 'unclear';
      const known = (/** @type {Caption | undefined} */ old) => old ?? blank(event.item_id, 'user', status, at);
      return upsert(state, event.item_id, (old) => ({ ...known(old), text, heard: text.length, status }));
    }
    case 'conversation.item.input_audio_transcription.failed':
      return change(state, event.item_id, { status: 'unclear' });
    case 'response.mcp_call.completed':
    case 'response.mcp_call.failed':
      return endTool(state, event.item_id, event.type.endsWith('failed') ? 'cut' : 'done', at);
    case 'response.output_audio_transcript.delta':
    case 'response.output_text.delta':
      return grow(state, event, at, (text) => text + event.delta);
    case 'response.output_audio_transcript.done':
    case 'response.output_text.done':
      return finish(grow(state, event, at, (text) => event.transcript ?? event.text ?? text), event.item_id);
    case 'output_audio_buffer.started':
      return { ...state, playing: { response: event.response_id, since: at } };
    case 'output_audio_buffer.stopped':
      return played(state, event.response_id, at);
    case 'output_audio_buffer.cleared':
      return state.playing?.response === event.response_id ? cutPlaying(state, at) : state;
    case 'response.cancel':
      return interrupt(state, at);
    case 'conversation.item.truncated':
      return cut(state, event.item_id, Number(event.audio_end_ms));
    default:
      return state;
  }
}

/**
 * Add an item of the conversation, or put the one that is known into its place.
 * @param {Captions} state
 * @param {RealtimeEvent} event
 * @param {number} at
 */
function added(state, event, at) {
  const item = event.item ?? {};
  if (isAboutTool(item)) return addTool(state, event, at);
  // System messages come from the operator: they are no part of what people say.
  if (item.type !== 'message' || (item.role !== 'user' && item.role !== 'assistant') || !item.id) return state;
  const text = contentText(item.content);
  const typed = item.role === 'user' && text !== '';
  const status = typed ? 'done' : item.role === 'user' ? 'transcribing' : 'growing';
  // The service's filter withholds how a tool of an MCP server ended. But the model speaks again only after it.
  const next = upsert(item.role === 'assistant' ? endRemote(state, at) : state, item.id, (old) => {
    if (!old) return { ...blank(item.id, item.role, status, at), text, heard: text.length, by: typed ? 'text' : 'voice' };
    return old.status === 'hearing' && status === 'done' ? { ...old, status } : old;
  });
  return place(next, item.id, event.previous_item_id ?? null);
}

/**
 * Write more of an answer.
 * @param {Captions} state
 * @param {RealtimeEvent} event with item_id and response_id
 * @param {number} at
 * @param {(text: string) => string} write
 */
function grow(state, event, at, write) {
  const next = upsert(state, event.item_id, (old) => {
    const before = old ?? blank(event.item_id, 'assistant', 'growing', at);
    const text = write(before.text);
    if (before.status === 'cut') return { ...before, text, heard: Math.min(before.heard, text.length) };
    return { ...before, text, heard: text.length, by: event.type.includes('audio') ? 'voice' : 'text' };
  });
  if (!event.response_id || next.items[event.response_id] === event.item_id) return next;
  return { ...next, items: { ...next.items, [event.response_id]: event.item_id } };
}

/**
 * Note that an answer is written to its end.
 * @param {Captions} state
 * @param {string} id
 */
const finish = (state, id) => change(state, id, { status: 'done' }, ['growing']);

/**
 * Learn the pace of an answer that was heard to its end. The words of the question will hardly come any more, so the question
 * counts as unclear; if they come after all, they still find their place.
 * @param {Captions} state
 * @param {string} response
 * @param {number} at
 */
function played(state, response, at) {
  if (!state.playing || state.playing.response !== response) return state;
  const caption = state.list.find(({ id }) => id === state.items[response]);
  const pace = paceOf(state.pace, caption?.text.length ?? 0, at - state.playing.since);
  const list = state.list.map((each) => (each.status === 'transcribing' ? { ...each, status: /** @type {const} */ ('unclear') } : each));
  return { ...state, list, pace, playing: null };
}

/**
 * Cut what was playing, because somebody cuts in. What was only written was never heard.
 * @param {Captions} state
 * @param {number} at
 * @returns {Captions}
 */
function interrupt(state, at) {
  const next = cutPlaying(state, at);
  return next.list
    .filter(({ role, status }) => role === 'assistant' && status === 'growing')
    .reduce((each, { id, by, text }) => change(each, id, { status: 'cut', heard: by === 'text' ? text.length : 0 }), next);
}

/**
 * Cut the answer that is audible.
 * @param {Captions} state
 * @param {number} at
 */
function cutPlaying(state, at) {
  if (!state.playing) return state;
  const { response, since } = state.playing;
  return { ...cut(state, state.items[response], at - since), playing: null };
}

/**
 * Cut an answer at the word that was being spoken.
 * @param {Captions} state
 * @param {string | undefined} id
 * @param {number} playedMs how much of the answer's sound was played, in milliseconds
 */
function cut(state, id, playedMs) {
  const caption = state.list.find((each) => each.id === id);
  if (!id || !caption) return state;
  return change(state, id, { status: 'cut', heard: heardLength(caption.text, playedMs, state.pace) });
}

/**
 * Close what is still open, because nothing more will come.
 * @param {Captions} state
 * @returns {Captions}
 */
function settle(state) {
  const list = state.list
    .filter(({ role, text }) => role !== 'assistant' || text)
    .map((caption) => {
      if (caption.status === 'hearing' || caption.status === 'transcribing') return { ...caption, status: /** @type {const} */ ('unclear') };
      if (caption.role === 'tool' && caption.status === 'growing') return { ...caption, status: /** @type {const} */ ('cut') };
      return caption.status === 'growing' ? { ...caption, status: /** @type {const} */ ('done') } : caption;
    });
  return { ...state, list, playing: null };
}

/**
 * Add a note of the page.
 * @param {Captions} state
 * @param {string} text is in the visitor's language already, or consists of the service's own words
 * @param {number} at
 * @param {'note' | 'divider'} role
 */
function note(state, text, at, role) {
  const id = `note-${state.list.length}-${at}`;
  return upsert(state, id, () => ({ ...blank(id, role, 'done', at), text, heard: text.length, by: 'text' }));
}
