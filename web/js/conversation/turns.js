/**
 * Follow who has the floor, and how long the visitor waits for each answer. This is a pure reducer of the channel's events.
 *
 * @import { RealtimeEvent } from './captions.js'
 */

/**
 * @typedef {object} Turn
 * @property {'voice' | 'text'} by whether the visitor spoke or wrote
 * @property {string | null} itemId the id of what the visitor said
 * @property {string | null} responseId the id of the answer
 * @property {number} asked when the speech stopped or the text was sent, in epoch milliseconds; 0 while the visitor still speaks
 * @property {number | null} answered when the answer's sound began, or its first word if it is only text, in epoch milliseconds
 * @property {number | null} latencyMs milliseconds from `asked` to `answered`; the silence that the detector waits for is not included
 * @property {boolean} interrupted whether the visitor cut in
 *
 * @typedef {object} Turns
 * @property {Turn[]} list the last turns, the latest at the end
 * @property {boolean} hearing whether the visitor speaks
 * @property {boolean} awaiting whether an answer is due
 * @property {boolean} writing whether the model is producing an answer
 * @property {string | null} playing the id of the response that is audible
 * @property {boolean} ducked whether the voice is turned down, because the visitor has just cut in
 *
 * @typedef {'listening' | 'hearing' | 'thinking' | 'speaking'} Floor
 */

/** The page keeps this many turns, which is enough for the plot and for the report. */
const KEPT = 100;

/** @type {Turns} of a call that has just begun */
export const noTurns = Object.freeze({ list: [], hearing: false, awaiting: false, writing: false, playing: null, ducked: false });

/**
 * Say who has the floor.
 * @param {Turns} state
 * @returns {Floor}
 */
export function floorOf(state) {
  if (state.hearing) return 'hearing';
  if (state.playing !== null) return 'speaking';
  return state.awaiting || state.writing ? 'thinking' : 'listening';
}

/**
 * Say whether the model must be stopped before it is asked something else.
 * @param {Turns} state
 */
export const answering = (state) => state.awaiting || state.writing || state.playing !== null;

/**
 * Return the turns after an action.
 * @param {Turns} state
 * @param {{ type: string, event?: RealtimeEvent, at?: number }} action
 * @returns {Turns}
 */
export function reduceTurns(state, action) {
  if (action.type === 'start') return noTurns;
  // When an answer never comes, the page must not wait for it for ever.
  if (action.type === 'answer-missing') return { ...state, awaiting: false, writing: false };
  if (action.type === 'retrying' || action.type === 'ended') return { ...noTurns, list: state.list };
  if ((action.type !== 'server' && action.type !== 'client') || !action.event) return state;
  return reduceEvent(state, action.event, action.at ?? 0);
}

/**
 * Return the turns after an event of the channel.
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
      // Without a detector, this event is the first sign of a turn that was held.
      const asked = last?.by === 'text' && last.answered === null;
      return { ...state, awaiting: true, ducked: false, list: asked ? state.list : keep(state.list, turn('voice', null, at)) };
    }
    case 'response.output_text.delta':
      return answered({ ...state, writing: true }, event.response_id, at);
    case 'response.output_audio_transcript.delta':
      return state.writing || state.hearing ? state : { ...state, writing: true };
    case 'response.output_text.done':
    case 'response.output_audio_transcript.done':
      // The words of a spoken answer are complete before its sound has come.
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
      // A response that was cancelled changes nothing any more, and the next one may already be due.
      return event.response?.status === 'failed' ? { ...state, awaiting: false, writing: false } : state;
    default:
      return state;
  }
}

/**
 * Note when the answer came.
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
 * Return a turn that has just begun.
 * @param {Turn['by']} by
 * @param {string | null} itemId
 * @param {number} asked
 * @returns {Turn}
 */
const turn = (by, itemId, asked) => ({ by, itemId, responseId: null, asked, answered: null, latencyMs: null, interrupted: false });

/**
 * Add a turn to the last ones.
 * @param {Turn[]} list
 * @param {Turn} latest
 */
const keep = (list, latest) => [...list.slice(1 - KEPT), latest];

/**
 * Change the latest turn.
 * @param {Turn[]} list
 * @param {Partial<Turn>} fields what is new of it
 */
const amend = (list, fields) => (list.length ? list.with(-1, { ...list[list.length - 1], ...fields }) : list);
