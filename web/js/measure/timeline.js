/**
 * Measure when each step of a starting call is done, from the click to the first sound.
 *
 * @typedef {'microphone' | 'offer' | 'posted' | 'answer' | 'connected' | 'channel' | 'audio'} Mark
 * @typedef {Partial<Record<Mark, number>>} Timings milliseconds since the click
 */

/**
 * The steps that are drawn, in this order. `posted` is none of them: it is where the bar of the answer begins.
 * @type {Exclude<Mark, 'posted'>[]}
 */
export const MARKS = ['microphone', 'offer', 'answer', 'connected', 'channel', 'audio'];

export class Timeline {
  /** @param {() => number} [now] milliseconds on a steady clock */
  constructor(now = () => performance.now()) {
    this.now = now;
    this.start = now();
    /** @type {Timings} the steps that are done so far */
    this.timings = {};
  }

  /**
   * Note that a step is done now. Only the first time counts.
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
