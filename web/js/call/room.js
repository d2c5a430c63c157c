/**
 * Say whether the gateway has room for another call, and keep asking while it has none.
 */

import { inCall } from '../state.js';

/** @import { Config } from '../api.js' */
/** @import { PageStore } from '../model.js' */

/** While there is no room, the page asks this often. */
const ASK_AGAIN_MS = 10_000;

/** A gateway whose storage did not answer at once does not know what is left. The page asks it again after this time. */
const NOT_YET_MS = 2_000;

/** What the gateway said so recently is still true. */
const FRESH_MS = 5_000;

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
 * @param {() => number} [dependencies.clock] milliseconds
 */
export function watchRoom({ store, ask, hidden, later = setTimeout, clock = () => performance.now() }) {
  let said = clock();
  let asked = false;
  let planned = false;
  const plan = (/** @type {number} */ ms) => {
    if (planned) return;
    planned = true;
    later(() => {
      planned = false;
      void look();
    }, ms);
  };
  const look = async () => {
    const quiet = hidden() || inCall(store.get().page);
    // Whether the gateway answers at all is told elsewhere.
    const answer = quiet ? null : await ask().catch(() => null);
    if (answer) store.dispatch({ type: 'config', config: answer });
    else if (shortage(store.get().config)) plan(ASK_AGAIN_MS);
  };
  store.watch(({ config }) => config, (config) => {
    said = clock();
    if (shortage(config)) plan(ASK_AGAIN_MS);
    else if (config?.left.calls === null && !asked) {
      asked = true;
      plan(NOT_YET_MS);
      return;
    }
    // While storage is away the gateway never knows, and is not asked a third time.
    if (config?.left.calls !== null) asked = false;
  });

  return {
    /** Ask now, because a visitor has come back or is about to click, unless the last answer is still fresh. */
    refresh() {
      if (!store.get().config || planned || clock() - said < FRESH_MS) return;
      said = clock();
      asked = false;
      void look();
    },
  };
}
