/**
 * Who has the floor, and how long the visitor waited for each answer. A pure reducer over the event channel.
 *
 * @import { RealtimeEvent } from './captions.js'
 */

/**
 * @typedef {object} Turn
 * @property {'voice' | 'text'} by
 * @property {string | null} itemId of what the visitor said
 * @property {string | null} responseId
 * @property {number} asked epoch milliseconds: speech stopped, or the text was sent; 0 while still speaking
 * @property {number | null} answered output audio started, or the first word of an answer that is only text
 * @property {number | null} latencyMs from `asked` to `answered`; the detector's silence comes on top of it
 * @property {boolean} interrupted
 *
 * @typedef {object} Turns
 * @property {Turn[]} list the last ones
 * @property {boolean} hearing the visitor speaks
 * @property {boolean} awaiting an answer is due
 * @property {boolean} writing the model produces an answer
 * @property {string | null} playing the response that is audible
 * @property {boolean} ducked the visitor has just cut in
 *
 * @typedef {'listening' | 'hearing' | 'thinking' | 'speaking'} Floor
 */

/** Enough for the plot and for the report. */
const KEPT = 100;

/** @type {Turns} */
export const noTurns = Object.freeze({ list: [], hearing: false, awaiting: false, writing: false, playing: null, ducked: false });

/**
 * @param {Turns} state
 * @returns {Floor}
 */
export function floorOf(state) {
  if (state.hearing) return 'hearing';
  if (state.playing !== null) return 'speaking';
  return state.awaiting || state.writing ? 'thinking' : 'listening';
}

/**
 * Must the model be stopped before it is asked something else?
 * @param {Turns} state
 */
export const answering = (state) => state.awaiting || state.writing || state.playing !== null;

/**
 * @param {Turns} state
 * @param {{ type: string, event?: RealtimeEvent, at?: number }} action
 * @returns {Turns}
 */
export function reduceTurns(state, action) {
  if (action.type === 'start') return noTurns;
  // A lost answer must not leave the page thinking for ever.
  if (action.type === 'answer-missing') return { ...state, awaiting: false, writing: false };
  if (action.type === 'retrying' || action.type === 'ended') return { ...noTurns, list: state.list };
  if ((action.type !== 'server' && action.type !== 'client') || !action.event) return state;
  return reduceEvent(state, action.event, action.at ?? 0);
}

/**
 * @param {Turns} state
 * @param {RealtimeEvent} event
 * @param {number} at
 * @returns {Turns}
 */
function reduceEvent(state, event, at) {
  switch (event.type) {
    case 'input_audio_buffer.speech_started': {
      const cuts = state.playing !== null || state.writing;
      const list = cuts ? amend(state.list, { interrupted: true }) : state.list;
      return { ...noTurns, list: keep(list, turn('voice', event.item_id ?? null, 0)), hearing: true, ducked: cuts };
    }
    case 'input_audio_buffer.speech_stopped':
      return { ...state, hearing: false, awaiting: true, list: amend(state.list, { asked: at }) };
    case 'conversation.item.create':
      return { ...state, list: keep(state.list, turn('text', event.item?.id ?? null, at)) };
    case 'response.create': {
      const last = state.list.at(-1);
      // Without a detector, the end of a held turn is the first that is heard of it.
      const asked = last?.by === 'text' && last.answered === null;
      return { ...state, awaiting: true, ducked: false, list: asked ? state.list : keep(state.list, turn('voice', null, at)) };
    }
    case 'response.output_text.delta':
      return answered({ ...state, writing: true }, event.response_id, at);
    case 'response.output_audio_transcript.delta':
      return state.writing || state.hearing ? state : { ...state, writing: true };
    case 'response.output_text.done':
    case 'response.output_audio_transcript.done':
      // A spoken answer is still to be heard when its words are complete.
      return { ...state, writing: false, awaiting: state.awaiting && event.type.includes('audio') };
    case 'output_audio_buffer.started':
      return answered({ ...state, playing: event.response_id ?? '', ducked: false }, event.response_id, at);
    case 'output_audio_buffer.stopped':
    case 'output_audio_buffer.cleared':
      return state.playing === (event.response_id ?? '') ? { ...state, playing: null, writing: false, ducked: false } : state;
    case 'response.cancel': {
      const list = answering(state) ? amend(state.list, { interrupted: true }) : state.list;
      return { ...state, list, awaiting: false, writing: false, playing: null };
    }
    case 'response.done':
      // A cancelled one has been dealt with by what cancelled it, and the next may be due already.
      return event.response?.status === 'failed' ? { ...state, awaiting: false, writing: false } : state;
    default:
      return state;
  }
}

/**
 * @param {Turns} state
 * @param {string | undefined} responseId
 * @param {number} at
 * @returns {Turns}
 */
function answered(state, responseId, at) {
  const last = state.list.at(-1);
  if (!last || last.answered !== null || !last.asked) return { ...state, awaiting: false };
  const fields = { responseId: responseId ?? null, answered: at, latencyMs: Math.max(0, Math.round(at - last.asked)) };
  return { ...state, awaiting: false, list: amend(state.list, fields) };
}

/**
 * @param {Turn['by']} by
 * @param {string | null} itemId
 * @param {number} asked
 * @returns {Turn}
 */
const turn = (by, itemId, asked) => ({ by, itemId, responseId: null, asked, answered: null, latencyMs: null, interrupted: false });

/**
 * @param {Turn[]} list
 * @param {Turn} latest
 */
const keep = (list, latest) => [...list.slice(1 - KEPT), latest];

/**
 * @param {Turn[]} list
 * @param {Partial<Turn>} fields of the latest turn
 */
const amend = (list, fields) => (list.length ? list.with(-1, { ...list[list.length - 1], ...fields }) : list);
