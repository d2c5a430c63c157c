/**
 * Describe what the page is doing, as one value and one pure function.
 *
 *   idle → starting → live ⇄ wavering → retrying → live
 *            ↓          ↓                  ↓
 *          ended ←── closing ←─────────────┘
 *
 * Who has the floor within a live call is decided in conversation/turns.js.
 */

import { isFinal } from './problems.js';

/** @import { Problem } from './problems.js' */

/**
 * @typedef {'idle' | 'starting' | 'live' | 'wavering' | 'retrying' | 'closing' | 'ended'} Phase
 * @typedef {'microphone' | 'gateway' | 'media'} Step what a starting call waits for
 */

/**
 * @typedef {object} PageState
 * @property {Phase} phase
 * @property {Step} step what a starting call waits for; means nothing in other phases
 * @property {string | null} callId the id of the last call that was answered
 * @property {string | null} continues the id of the call that was there before this one, and that this one is to go on with
 * @property {boolean} mayGoOn whether the call ended in a way after which another one may go on with it
 * @property {number | null} liveSince when this call's channel opened, in epoch milliseconds
 * @property {number | null} endedAt when the call ended, in epoch milliseconds. A call that was to go on with another one and never
 *   came up leaves the end of that one here
 * @property {number} tries how many sessions were begun since the connection was lost
 * @property {boolean} muted whether the visitor has silenced the microphone
 * @property {boolean} pushToTalk whether the microphone is open only while the visitor holds a control
 * @property {boolean} holding whether the visitor holds that control now
 * @property {boolean} soundBlocked whether the browser wants another tap before it plays sound
 * @property {boolean} microphoneTaken whether the system has silenced the microphone
 * @property {Problem | null} problem the last thing that went wrong
 */

/**
 * @typedef {{ type: 'start', granted?: boolean, goOn?: boolean }
 *   | { type: 'microphone-open' }
 *   | { type: 'answered', callId: string }
 *   | { type: 'channel-open', at: number }
 *   | { type: 'wavering' } | { type: 'steady' }
 *   | { type: 'retrying', tries: number }
 *   | { type: 'closing' }
 *   | { type: 'ended', at: number, problem: Problem | null }
 *   | { type: 'problem', problem: Problem | null }
 *   | { type: 'muted', value: boolean }
 *   | { type: 'push-to-talk', value: boolean }
 *   | { type: 'holding', value: boolean }
 *   | { type: 'sound-blocked', value: boolean }
 *   | { type: 'microphone-taken', value: boolean }} PageAction
 */

/** @type {PageState} of a page that has just been opened */
export const initialPage = Object.freeze({
  phase: 'idle',
  step: 'microphone',
  callId: null,
  continues: null,
  mayGoOn: false,
  liveSince: null,
  endedAt: null,
  tries: 0,
  muted: false,
  pushToTalk: false,
  holding: false,
  soundBlocked: false,
  microphoneTaken: false,
  problem: null,
});

/**
 * Return the state after an action.
 * @param {PageState} state
 * @param {PageAction | { type: string }} anyAction actions of other slices change nothing
 * @returns {PageState}
 */
export function reducePage(state, anyAction) {
  const action = /** @type {PageAction} */ (anyAction);
  switch (action.type) {
    case 'start':
      if (inCall(state)) return state;
      return {
        ...initialPage,
        phase: 'starting',
        step: action.granted ? 'gateway' : 'microphone',
        ...(action.goOn && { continues: latest(state), endedAt: state.endedAt }),
        muted: state.muted,
        pushToTalk: state.pushToTalk,
      };
    case 'microphone-open':
      return opening(state) && state.step === 'microphone' ? { ...state, step: 'gateway' } : state;
    case 'answered':
      return opening(state) ? { ...state, step: 'media', callId: action.callId } : state;
    case 'channel-open':
      if (!opening(state)) return state;
      return { ...state, phase: 'live', liveSince: action.at, tries: 0, problem: null };
    case 'wavering':
      return state.phase === 'live' ? { ...state, phase: 'wavering' } : state;
    case 'steady':
      return state.phase === 'wavering' ? { ...state, phase: 'live' } : state;
    case 'retrying':
      if (!inCall(state)) return state;
      return {
        ...state,
        phase: 'retrying',
        tries: action.tries,
        step: 'gateway',
        callId: null,
        continues: latest(state),
        holding: false,
      };
    case 'closing':
      return inCall(state) ? { ...state, phase: 'closing', holding: false } : state;
    case 'ended':
      if (state.phase === 'idle' || state.phase === 'ended') return state;
      return {
        ...state,
        phase: 'ended',
        endedAt: state.liveSince ? action.at : (state.endedAt ?? action.at),
        mayGoOn: action.problem !== null && !isFinal(action.problem.code) && latest(state) !== null,
        problem: action.problem,
        holding: false,
        soundBlocked: false,
        microphoneTaken: false,
      };
    case 'problem':
      return { ...state, problem: action.problem };
    case 'muted':
      return state.muted === action.value ? state : { ...state, muted: action.value };
    case 'push-to-talk':
      return { ...state, pushToTalk: action.value, holding: false };
    case 'holding':
      return state.holding === action.value || !state.pushToTalk ? state : { ...state, holding: action.value };
    case 'sound-blocked':
      return { ...state, soundBlocked: action.value };
    case 'microphone-taken':
      return { ...state, microphoneTaken: action.value };
    default:
      return state;
  }
}

/**
 * Say whether there is a call, or one on its way.
 * @param {PageState} state
 */
export function inCall(state) {
  return state.phase === 'starting' || state.phase === 'live' || state.phase === 'wavering' || state.phase === 'retrying';
}

/**
 * Say whether the visitor may talk now. Here alone, mute and push to talk meet.
 * @param {PageState} state
 */
export function microphoneOpen(state) {
  if (state.phase !== 'live' && state.phase !== 'wavering') return false;
  return state.pushToTalk ? state.holding : !state.muted;
}

/**
 * Return the id of the latest call, which another one may go on with.
 * @param {PageState} state
 */
function latest(state) {
  return state.callId ?? state.continues;
}

/**
 * Say whether a call is being set up, for the first time or anew.
 * @param {PageState} state
 */
function opening(state) {
  return state.phase === 'starting' || state.phase === 'retrying';
}
