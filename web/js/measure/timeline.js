/**
 * From click to voice: when each step of a starting call was done.
 *
 * @typedef {'microphone' | 'offer' | 'posted' | 'answer' | 'connected' | 'channel' | 'audio'} Mark
 * @typedef {Partial<Record<Mark, number>>} Timings milliseconds since the click
 */

/** What is drawn, in this order; that the offer was posted is where the next bar begins. @type {Exclude<Mark, 'posted'>[]} */
export const MARKS = ['microphone', 'offer', 'answer', 'connected', 'channel', 'audio'];

export class Timeline {
  /** @param {() => number} [now] milliseconds on a steady clock */
  constructor(now = () => performance.now()) {
    this.now = now;
    this.start = now();
    /** @type {Timings} */
    this.timings = {};
  }

  /**
   * @param {Mark} mark
   * @returns {Timings} a new object each time, so that a watcher sees it
   */
  mark(mark) {
    if (!(mark in this.timings)) {
      this.timings = { ...this.timings, [mark]: Math.round((this.now() - this.start) * 10) / 10 };
    }
    return this.timings;
  }
}
