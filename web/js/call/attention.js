/**
 * Look after a call while it lasts. The page turns the voice down when the visitor cuts in, gives up on answers that do
 * not come, asks the gateway what the answers cost, and shows the errors that the filter hides.
 */

import { answering, floorOf } from '../conversation/turns.js';

/** @import { PageStore } from '../model.js' */

/** After this time without an answer, the page takes it that the answer has failed where the page cannot see it. */
const ANSWER_MS = 20_000;

/** The voice is turned down for this long at most. If it still plays then, the service has not stopped it. */
const DUCK_MS = 1_000;

/** These errors need no words: the page cancels without knowing whether there is anything to cancel. */
const HARMLESS = new Set(['response_cancel_not_active', 'conversation_already_has_active_response']);

/**
 * Watch the state of the page, and act on it for as long as the page is open.
 * @param {object} dependencies
 * @param {PageStore} dependencies.store
 * @param {import('./speaker.js').Speaker} dependencies.speaker
 * @param {import('./record.js').RecordWatch} dependencies.records
 * @param {(message: string) => string} dependencies.told puts an error of the service into words for the conversation
 */
export function attend({ store, speaker, records, told }) {
  /** @type {number | undefined} */
  let patience;
  store.watch(({ turns }) => floorOf(turns), (floor) => {
    clearTimeout(patience);
    if (floor === 'thinking') patience = window.setTimeout(() => store.dispatch({ type: 'answer-missing' }), ANSWER_MS);
  });
  store.watch(({ turns }) => answering(turns), (busy) => !busy && records.turnDone());

  /** @type {number | undefined} */
  let unduck;
  store.watch(({ turns }) => turns.ducked, (ducked) => {
    clearTimeout(unduck);
    speaker.duck(ducked);
    if (ducked) unduck = window.setTimeout(() => speaker.duck(false), DUCK_MS);
  });

  /** @type {Set<string>} */
  let known = new Set();
  store.watch(({ record }) => record?.record.errors, (errors) => {
    if (!errors) {
      known = new Set();
      return;
    }
    for (const { code, type, message } of errors) {
      const words = message ?? code ?? type ?? '';
      // A fault that comes back at every turn is told once.
      if (HARMLESS.has(code ?? '') || known.has(words)) continue;
      known.add(words);
      store.dispatch({ type: 'note', note: told(words), at: Date.now() });
      store.dispatch({ type: 'answer-missing' });
    }
  });
}
