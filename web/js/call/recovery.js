/**
 * Decide when and how often a lost call is begun anew. The service knows no ICE restart, so each new try is a new
 * session.
 */

/** A lost call is begun anew this many times at most. */
export const TRIES = 3;

/** A call that was up for this long before it is lost again gets all its tries back. */
const STABLE_MS = 60_000;

/** The pause before each try. */
const DELAYS_MS = [0, 1_500, 4_000];

export class Recovery {
  /** @param {{ now?: () => number, random?: () => number }} [chance] `now` in milliseconds on a steady clock; `random` from 0 to 1 */
  constructor({ now = () => performance.now(), random = Math.random } = {}) {
    this.now = now;
    this.random = random;
    this.tries = 0;
    this.liveSince = 0;
  }

  /** Forget all tries: the visitor begins a call. */
  reset() {
    this.tries = 0;
  }

  /** Note that the call is up, perhaps again. */
  live() {
    this.liveSince = this.now();
  }

  /**
   * Note that the call was lost, and plan the next try.
   * @returns {{ tries: number, delay: number } | null} the number of the try and the milliseconds before it; null when no try is left
   */
  next() {
    if (this.liveSince && this.now() - this.liveSince > STABLE_MS) this.tries = 0;
    this.liveSince = 0;
    if (this.tries >= TRIES) return null;
    const delay = DELAYS_MS[this.tries];
    this.tries += 1;
    // The pauses differ a little, so that a thousand pages do not come back in the same instant.
    return { tries: this.tries, delay: Math.round(delay * (0.75 + this.random() * 0.5)) };
  }
}
