/**
 * Items arrive in any order; each names the item before it.
 */

/**
 * @template {{ list: { id: string }[], after: Record<string, string> }} T
 * @param {T} state
 * @param {string} id an item of the list
 * @param {string | null} previous the item that must come right before it, whether it is here yet or not
 * @returns {T}
 */
export function place(state, id, previous) {
  const after = previous ? { ...state.after, [id]: previous } : state.after;
  const list = [...state.list];
  follow(list, after, id);
  // Whoever was waiting for this one moves too, and whoever waits for them.
  for (const waiting of chain(after, id)) follow(list, after, waiting);
  return { ...state, list, after };
}

/**
 * @param {{ id: string }[]} list changed in place
 * @param {Record<string, string>} after
 * @param {string} id
 */
function follow(list, after, id) {
  const from = list.findIndex((item) => item.id === id);
  const before = list.findIndex((item) => item.id === after[id]);
  if (from < 0 || before < 0 || from === before + 1) return;
  const [item] = list.splice(from, 1);
  list.splice(list.findIndex((each) => each.id === after[id]) + 1, 0, item);
}

/**
 * @param {Record<string, string>} after
 * @param {string} id
 * @returns {string[]} the items that come after it, in order; a circle, which no honest service sends, ends the chain
 */
function chain(after, id) {
  const found = new Set([id]);
  for (const current of found) {
    for (const [later, earlier] of Object.entries(after)) if (earlier === current) found.add(later);
  }
  found.delete(id);
  return [...found];
}
