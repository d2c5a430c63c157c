/**
 * What the page is doing, as one value and one pure function.
 *
 *   idle → starting → live ⇄ wavering → retrying → live
 *            ↓          ↓                  ↓
 *          ended ←── closing ←─────────────┘
 *
 * Who has the floor within a live call is not decided here but in conversation/turns.js.
 */

/** @import { Problem } from './problems.js' */

/**
 * @typedef {'idle' | 'starting' | 'live' | 'wavering' | 'retrying' | 'closing' | 'ended'} Phase
 * @typedef {'microphone' | 'gateway' | 'media'} Step what a starting call waits for
 */

/**
 * @typedef {object} PageState
 * @property {Phase} phase
 * @property {Step} step
 * @property {string | null} callId
 * @property {number | null} liveSince epoch milliseconds at which this call's channel opened
 * @property {number | null} endedAt epoch milliseconds
 * @property {number} tries new sessions begun since the connection was lost
 * @property {boolean} muted
 * @property {boolean} pushToTalk the microphone is open only while held
 * @property {boolean} holding the push-to-talk control is held
 * @property {boolean} soundBlocked the browser wants another tap before it plays sound
 * @property {boolean} microphoneTaken the system has silenced the microphone
 * @property {Problem | null} problem the last thing that went wrong
 */

/**
 * @typedef {{ type: 'start', granted?: boolean }
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

/** @type {PageState} */
export const initialPage = Object.freeze({
  phase: 'idle',
  step: 'microphone',
  callId: null,
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
 * @param {PageState} state
 * @param {PageAction | { type: string }} anyAction actions of other slices pass through unnoticed
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
      return { ...state, phase: 'retrying', tries: action.tries, step: 'gateway', callId: null, holding: false };
    case 'closing':
      return inCall(state) ? { ...state, phase: 'closing', holding: false } : state;
    case 'ended':
      if (state.phase === 'idle' || state.phase === 'ended') return state;
      return {
        ...state,
        phase: 'ended',
        endedAt: action.at,
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
 * Is there a call, or one on its way?
 * @param {PageState} state
 */
export function inCall(state) {
  return state.phase === 'starting' || state.phase === 'live' || state.phase === 'wavering' || state.phase === 'retrying';
}

/**
 * May the visitor talk now? The one place where mute and push to talk meet.
 * @param {PageState} state
 */
export function microphoneOpen(state) {
  if (state.phase !== 'live' && state.phase !== 'wavering') return false;
  return state.pushToTalk ? state.holding : !state.muted;
}

/** @param {PageState} state */
function opening(state) {
  return state.phase === 'starting' || state.phase === 'retrying';
}
