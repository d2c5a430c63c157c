/**
 * When and how often a lost call is begun anew. There is no ICE restart at this service: a new try is a new session.
 */

export const TRIES = 3;

/** A call that has been up this long and is lost again has earned all its tries back. */
const STABLE_MS = 60_000;

const DELAYS_MS = [0, 1_500, 4_000];

export class Recovery {
  /** @param {{ now?: () => number, random?: () => number }} [chance] */
  constructor({ now = () => performance.now(), random = Math.random } = {}) {
    this.now = now;
    this.random = random;
    this.tries = 0;
    this.liveSince = 0;
  }

  reset() {
    this.tries = 0;
  }

  /** The call is up (again). */
  live() {
    this.liveSince = this.now();
  }

  /**
   * The call was lost.
   * @returns {{ tries: number, delay: number } | null} the number of this try and how long to wait for it; null when it is over
   */
  next() {
    if (this.liveSince && this.now() - this.liveSince > STABLE_MS) this.tries = 0;
    this.liveSince = 0;
    if (this.tries >= TRIES) return null;
    const delay = DELAYS_MS[this.tries];
    this.tries += 1;
    // Some spread, so that a thousand pages do not come back in the same instant.
    return { tries: this.tries, delay: Math.round(delay * (0.75 + this.random() * 0.5)) };
  }
}
