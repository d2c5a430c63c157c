/**
 * Recognise the events with which the gateway gives a call its memory: it puts what was said in the earlier call into the new
 * conversation. The page shows those words already.
 *
 * @import { RealtimeEvent } from './captions.js'
 */

/** The gateway's ids of remembered items begin with this, and the ids of the events that add them with the other one. */
const ITEM = 'seed_';
const EVENT = 'switchboard_';

/**
 * Say whether an event belongs to the memory of the model and not to this call.
 * @param {RealtimeEvent} event a server event of either protocol
 */
export function ofTheMemory(event) {
  const own = (/** @type {unknown} */ id, /** @type {string} */ prefix) => typeof id === 'string' && id.startsWith(prefix);
  // The service refuses an item that it has already. That is no fault of the call.
  return own(event.item?.id ?? event.item_id, ITEM) || (event.type === 'error' && own(event.error?.event_id, EVENT));
}
