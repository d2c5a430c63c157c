/**
 * What the page does by itself during a call: steps back when the visitor cuts in, gives up on answers that do not
 * come, asks the gateway what they cost, and passes on the errors that the filter hides.
 */

import { answering, floorOf } from '../conversation/turns.js';

/** @import { PageStore } from '../model.js' */

/** An answer that has not begun by now has failed where the page cannot see it. */
const ANSWER_MS = 20_000;

/** The voice steps back while the service stops it; longer than this and it was not stopped. */
const DUCK_MS = 1_000;

/** The page cancels without knowing whether there is something to cancel: being told so is no news. */
const HARMLESS = new Set(['response_cancel_not_active', 'conversation_already_has_active_response']);

/**
 * @param {object} dependencies
 * @param {PageStore} dependencies.store
 * @param {import('./speaker.js').Speaker} dependencies.speaker
 * @param {import('./record.js').RecordWatch} dependencies.records
 * @param {(message: string) => string} dependencies.told an error of the service, in words for the conversation
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
      // The same fault at every turn is one piece of news.
      if (HARMLESS.has(code ?? '') || known.has(words)) continue;
      known.add(words);
      store.dispatch({ type: 'note', note: told(words), at: Date.now() });
      store.dispatch({ type: 'answer-missing' });
    }
  });
}
