/**
 * Say which tools the model calls, and how that ends. Neither arguments nor answers are shown.
 *
 * The gateway or the page runs a function, and the service itself calls a tool of an MCP server. Of both, the events that pass the
 * service's filter show the beginning.
 */

import { blank, change, upsert } from './edits.js';
import { place } from './order.js';

/**
 * @typedef {import('./captions.js').Captions} Captions
 * @typedef {import('./captions.js').RealtimeEvent} RealtimeEvent
 */

/**
 * Return whether an item is about a tool.
 * @param {{ type?: string }} item
 */
export const isAboutTool = ({ type = '' }) => type.startsWith('function_call') || type.startsWith('mcp_');

/**
 * Add the call of a tool, or note what an item says about one.
 * @param {Captions} state
 * @param {RealtimeEvent} event with such an item
 * @param {number} at
 * @returns {Captions}
 */
export function addTool(state, event, at) {
  const { item } = event;
  switch (item.type) {
    case 'function_call':
      return item.call_id ? called(state, event, at, item.call_id, false) : state;
    case 'function_call_output':
      return endTool(state, state.items[item.call_id], 'done', at);
    case 'mcp_call':
      return called(item.approval_request_id ? without(state, item.approval_request_id) : state, event, at, item.id, true);
    case 'mcp_approval_request':
      return called(state, event, at, item.id, false);
    case 'mcp_approval_response':
      // A call that is allowed has an item of its own.
      return item.approve ? without(state, item.approval_request_id) : endTool(state, item.approval_request_id, 'cut', at);
    default:
      return state;
  }
}

/**
 * Note that a tool has ended.
 * @param {Captions} state
 * @param {string | undefined} id the id of its item
 * @param {'done' | 'cut'} status `cut` if it has failed, or did not run
 * @param {number} at
 */
export function endTool(state, id, status, at) {
  const caption = state.list.find((each) => each.id === id && each.role === 'tool');
  return caption ? change(state, caption.id, { status, ms: at - caption.at }, ['growing']) : state;
}

/**
 * Note that the tools of MCP servers have ended, because the model speaks again.
 * @param {Captions} state
 * @param {number} at
 */
export function endRemote(state, at) {
  return state.list.filter(({ remote }) => remote).reduce((each, { id }) => endTool(each, id, 'done', at), state);
}

/**
 * Add the call of a tool.
 * @param {Captions} state
 * @param {RealtimeEvent} event
 * @param {number} at
 * @param {string} callId
 * @param {boolean} remote
 */
function called(state, event, at, callId, remote) {
  const { id, name } = event.item;
  if (!id || !name) return state;
  const text = String(name).replaceAll('_', ' ');
  const next = upsert(state, id, (old) => old ?? { ...blank(id, 'tool', 'growing', at), text, heard: text.length, remote });
  return place({ ...next, items: { ...next.items, [callId]: id } }, id, event.previous_item_id ?? null);
}

/**
 * Return the captions without one.
 * @param {Captions} state
 * @param {string} id
 */
const without = (state, id) => ({ ...state, list: state.list.filter((each) => each.id !== id) });
