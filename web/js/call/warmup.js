/**
 * Make a connection and its offer while the pointer is still on its way to the button. This costs nothing, and nobody is
 * told.
 */

import { Transport } from './transport.js';

/** A connection is kept ready for this long. Later the machine may be in another network, which the offer would not know. */
const FRESH_MS = 30_000;

export class Warmup {
  constructor() {
    /** @type {{ transport: Transport, offer: Promise<string> } | null} the connection that is ready, if one is */
    this.ready = null;
    /** @type {number | undefined} */
    this.timer = undefined;
  }

  /** Make a connection ready, because the visitor is about to click. */
  prepare() {
    if (this.ready) return;
    this.ready = begin();
    this.timer = window.setTimeout(() => this.#discard(), FRESH_MS);
  }

  /**
   * Return the connection that is ready, or a new one.
   * @returns {{ transport: Transport, offer: Promise<string> }}
   */
  take() {
    clearTimeout(this.timer);
    const taken = this.ready ?? begin();
    this.ready = null;
    return taken;
  }

  /** Close the connection that nobody has taken. */
  #discard() {
    this.ready?.transport.close();
    this.ready = null;
  }
}

/** Make a connection and begin its offer. */
function begin() {
  const transport = new Transport();
  const offer = transport.offer();
  // Whoever takes the offer will see the failure. Until then it must not count as one that nobody handles.
  offer.catch(() => {});
  return { transport, offer };
}
