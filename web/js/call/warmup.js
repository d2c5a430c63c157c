/**
 * A connection and its offer, made while the pointer is still on its way to the button. Costs nothing and tells nobody.
 */

import { Transport } from './transport.js';

/** The networks that an offer knows of change, with a laptop that is carried about. */
const FRESH_MS = 30_000;

export class Warmup {
  constructor() {
    /** @type {{ transport: Transport, offer: Promise<string> } | null} */
    this.ready = null;
    /** @type {number | undefined} */
    this.timer = undefined;
  }

  /** The visitor is about to click. */
  prepare() {
    if (this.ready) return;
    this.ready = begin();
    this.timer = window.setTimeout(() => this.#discard(), FRESH_MS);
  }

  /** @returns {{ transport: Transport, offer: Promise<string> }} the one made ready, or a new one */
  take() {
    clearTimeout(this.timer);
    const taken = this.ready ?? begin();
    this.ready = null;
    return taken;
  }

  #discard() {
    this.ready?.transport.close();
    this.ready = null;
  }
}

function begin() {
  const transport = new Transport();
  const offer = transport.offer();
  // Whoever takes it will see the failure; until then it is nobody's.
  offer.catch(() => {});
  return { transport, offer };
}
