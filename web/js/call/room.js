/**
 * Say whether the gateway has room for another call, and keep asking while it has none.
 */

import { inCall } from '../state.js';

/** @import { Config } from '../api.js' */
/** @import { PageStore } from '../model.js' */

/** While there is no room, the page asks this often. */
const ASK_AGAIN_MS = 15_000;

/** A gateway that has just begun does not know yet what is left. The page asks it once more after this time. */
const NOT_YET_MS = 3_000;

/**
 * Return why a call that began now would probably be refused.
 * @param {Config | null} config
 * @returns {'full' | 'spent' | null} `full` while all lines are busy, `spent` when the budget of the day is used up
 */
export function shortage(config) {
  if (config?.left.budget === 0) return 'spent';
  return config?.left.calls === 0 ? 'full' : null;
}

/**
 * Ask the gateway again while it has no room, until the page is closed. The page then says by itself that there is room.
 * @param {object} dependencies
 * @param {PageStore} dependencies.store
 * @param {() => Promise<Config>} dependencies.ask
 * @param {() => boolean} dependencies.hidden says whether nobody sees the page
 * @param {(work: () => void, ms: number) => unknown} [dependencies.later]
 */
export function watchRoom({ store, ask, hidden, later = setTimeout }) {
  let asked = false;
  let planned = false;
  const plan = (/** @type {number} */ ms) => {
    if (planned) return;
    planned = true;
    later(() => void look(), ms);
  };
  const look = async () => {
    planned = false;
    const quiet = hidden() || inCall(store.get().page);
    // Whether the gateway answers at all is told elsewhere.
    const config = quiet ? null : await ask().catch(() => null);
    if (config) store.dispatch({ type: 'config', config });
    else plan(ASK_AGAIN_MS);
  };
  store.watch(({ config }) => config, (config) => {
    if (shortage(config)) plan(ASK_AGAIN_MS);
    else if (config?.left.calls === null && !asked) {
      asked = true;
      plan(NOT_YET_MS);
    }
  });
}
