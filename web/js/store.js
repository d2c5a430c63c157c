/**
 * A store of forty lines: one immutable state, one reducer, and watchers that hear only of what they selected.
 */

/**
 * @template S, A
 * @typedef {object} Store
 * @property {() => S} get the state as it is now
 * @property {(action: A) => void} dispatch
 * @property {<T>(select: (state: S) => T, render: (value: T, state: S) => void) => () => void} watch
 *   calls `render` at once and then whenever the selected value is another one; returns the way to stop
 * @property {(slices: (keyof S)[], render: (state: S) => void) => () => void} watchAny the same for several slices at once
 */

/**
 * @template S, A
 * @param {S} initial
 * @param {(state: S, action: A) => S} reduce must be pure
 * @returns {Store<S, A>}
 */
export function createStore(initial, reduce) {
  let state = initial;
  let scheduled = false;
  /** @type {Set<() => void>} */
  const watchers = new Set();

  // A microtask, not an animation frame: a hidden tab draws no frames, but a screen reader still listens to it.
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
