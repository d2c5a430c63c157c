/**
 * Describe the whole state of the page, as slices that do not know each other.
 */

import { configFor } from './assistants.js';
import { noCaptions, reduceCaptions } from './conversation/captions.js';
import { noTurns, reduceTurns } from './conversation/turns.js';
import { noDevices } from './call/devices.js';
import { noEvents, reduceEvents } from './measure/events.js';
import { initialPage, reducePage } from './state.js';

/** @import { CallRecord, Config, Visitor } from './api.js' */
/** @import { Devices } from './call/devices.js' */
/** @import { RealtimeEvent } from './conversation/captions.js' */
/** @import { Sample } from './measure/stats.js' */
/** @import { Timings } from './measure/timeline.js' */
/** @import { Preferences } from './preferences.js' */
/** @import { Problem } from './problems.js' */
/** @import { PageAction } from './state.js' */
/** @import { Store } from './store.js' */

/**
 * @typedef {object} Model
 * @property {import('./state.js').PageState} page what the page is doing
 * @property {import('./conversation/captions.js').Captions} captions what both sides said
 * @property {import('./conversation/turns.js').Turns} turns who has the floor, and how long answers took
 * @property {import('./measure/events.js').EventLog} events the engineer's event log
 * @property {Sample[]} samples the connection's figures, one a second, the oldest first
 * @property {Timings} timings how long each step of the start took
 * @property {{ record: CallRecord, at: number } | null} record what the gateway said of the call, and when (epoch milliseconds)
 * @property {Config | null} config what the gateway said of itself; null before it has answered. It
 *   is for calls with the assistant that answers
 * @property {string} assistant the name of the assistant that the visitor chose; empty for none
 * @property {Problem | null} gateway why there is no config
 * @property {Visitor | null} visitor who is signed in
 * @property {Devices} devices the microphones and speakers
 * @property {Preferences} preferences
 */

/**
 * @typedef {PageAction
 *   | { type: 'server' | 'client', event: RealtimeEvent, at: number }
 *   | { type: 'note', note: string, at: number, divider?: boolean }
 *   | { type: 'answer-missing' } | { type: 'log-cleared' }
 *   | { type: 'sample', sample: Sample }
 *   | { type: 'timings', timings: Timings }
 *   | { type: 'record', record: CallRecord, at: number }
 *   | { type: 'config', config: Config } | { type: 'gateway-lost', problem: Problem }
 *   | { type: 'assistant', name: string }
 *   | { type: 'visitor', visitor: Visitor | null }
 *   | { type: 'devices', devices: Devices }
 *   | { type: 'preference', name: keyof Preferences, value: string }} Action
 *
 * @typedef {Store<Model, Action>} PageStore
 */

/** The page keeps this many samples: one a second, for an hour, which is the longest call there is. */
const SAMPLES_KEPT = 3600;

/**
 * Return the state of a page that has just been opened.
 * @param {Preferences} preferences
 * @param {string} [assistant] the name of the assistant that the page's address chooses
 * @returns {Model}
 */
export function initialModel(preferences, assistant = '') {
  return {
    page: { ...initialPage, pushToTalk: preferences.talk === 'hold' },
    captions: noCaptions,
    turns: noTurns,
    events: noEvents,
    samples: [],
    timings: {},
    record: null,
    config: null,
    assistant,
    gateway: null,
    visitor: null,
    devices: noDevices,
    preferences,
  };
}

/**
 * Return the state after an action.
 * @param {Model} model
 * @param {Action} action
 * @returns {Model}
 */
export function reduce(model, action) {
  const next = {
    page: reducePage(model.page, action),
    captions: reduceCaptions(model.captions, action),
    turns: reduceTurns(model.turns, action),
    events: reduceEvents(model.events, action),
    ...reduceRest(model, action),
  };
  const changed = /** @type {(keyof typeof next)[]} */ (Object.keys(next)).some((key) => next[key] !== model[key]);
  return changed ? { ...model, ...next } : model;
}

/**
 * Return the slices that need no module of their own, as far as an action changes them.
 * @param {Model} model
 * @param {Action} action
 * @returns {Partial<Model>}
 */
function reduceRest(model, action) {
  switch (action.type) {
    case 'start':
      return { samples: [], timings: {}, record: null };
    case 'sample':
      return { samples: [...model.samples.slice(1 - SAMPLES_KEPT), action.sample] };
    case 'timings':
      return { timings: action.timings };
    case 'record':
      return { record: { record: action.record, at: action.at } };
    case 'config':
      return { config: configFor(action.config, model.assistant), gateway: null };
    case 'assistant':
      return { assistant: action.name, config: model.config && configFor(model.config, action.name) };
    case 'gateway-lost':
      return { gateway: action.problem };
    case 'visitor':
      return { visitor: action.visitor };
    case 'devices':
      return { devices: action.devices };
    case 'preference':
      return { preferences: { ...model.preferences, [action.name]: action.value } };
    default:
      return {};
  }
}
