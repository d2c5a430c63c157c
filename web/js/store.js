/**
 * Keep one immutable state with one reducer, and tell each watcher only about what it selected.
 */

/**
 * @template S, A
 * @typedef {object} Store
 * @property {() => S} get returns the state as it is now
 * @property {(action: A) => void} dispatch changes the state; watchers hear of it a moment later
 * @property {<T>(select: (state: S) => T, render: (value: T, state: S) => void) => () => void} watch
 *   calls `render` at once, and again whenever the selected value is another one; returns a function that stops this
 * @property {(slices: (keyof S)[], render: (state: S) => void) => () => void} watchAny does the same for several slices at once
 */

/**
 * Make a store.
 * @template S, A
 * @param {S} initial
 * @param {(state: S, action: A) => S} reduce returns the next state, and does nothing else
 * @returns {Store<S, A>}
 */
export function createStore(initial, reduce) {
  let state = initial;
  let scheduled = false;
  /** @type {Set<() => void>} */
  const watchers = new Set();

  // This is a microtask and no animation frame: a hidden tab draws no frames, but a screen reader may still read it.
  function notify() {
    scheduled = false;
    for (const watcher of watchers) watcher();
  }

  return {
    get: () => state,
    dispatch(action) {
      const next = reduce(state, action);
      if (Object.is(next, state)) return;
      state = next;
      if (!scheduled) {
        scheduled = true;
        queueMicrotask(notify);
      }
    },
    watch(select, render) {
      let last = select(state);
      const watcher = () => {
        const value = select(state);
        if (Object.is(value, last)) return;
        last = value;
        render(value, state);
      };
      watchers.add(watcher);
      render(last, state);
      return () => watchers.delete(watcher);
    },
    watchAny(slices, render) {
      let last = state;
      const watcher = () => {
        const before = last;
        last = state;
        if (slices.some((slice) => !Object.is(before[slice], state[slice]))) render(state);
      };
      watchers.add(watcher);
      render(state);
      return () => watchers.delete(watcher);
    },
  };
}
