/**
 * Put items into the order of the conversation. They arrive in any order, and each names the item before it.
 */

/**
 * Put an item into its place.
 * @template {{ list: { id: string }[], after: Record<string, string> }} T
 * @param {T} state
 * @param {string} id names an item of the list
 * @param {string | null} previous the item that must come right before it, whether it is here yet or not
 * @returns {T}
 */
export function place(state, id, previous) {
  const after = previous ? { ...state.after, [id]: previous } : state.after;
  const list = [...state.list];
  follow(list, after, id);
  // The items that come after this one move with it, and so do those that come after them.
  for (const waiting of chain(after, id)) follow(list, after, waiting);
  return { ...state, list, after };
}

/**
 * Move an item right behind the one that it must follow, if both are there.
 * @param {{ id: string }[]} list is changed in place
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
 * Return the ids of the items that come after this one.
 * @param {Record<string, string>} after
 * @param {string} id
 * @returns {string[]} in order; should a service ever send a circle, the chain ends where it closes
 */
function chain(after, id) {
  const found = new Set([id]);
  for (const current of found) {
    for (const [later, earlier] of Object.entries(after)) if (earlier === current) found.add(later);
  }
  found.delete(id);
  return [...found];
}
