/**
 * Ask the connection for its figures once a second while a call is up.
 */

import { digest } from './stats.js';

/** @import { Sample, Totals } from './stats.js' */

const EVERY_MS = 1_000;

export class StatsWatch {
  /** @param {(sample: Sample) => void} onSample */
  constructor(onSample) {
    this.onSample = onSample;
    /** @type {number | undefined} */
    this.timer = undefined;
  }

  /**
   * Ask this connection from now on.
   * @param {{ stats: () => Promise<RTCStatsReport> }} transport
   */
  follow(transport) {
    this.stop();
    /** @type {Totals | null} */
    let before = null;
    const look = async () => {
      const report = await transport.stats();
      if (timer !== this.timer) return;
      const { totals, sample } = digest(report, before, Date.now());
      before = totals;
      if (sample) this.onSample(sample);
    };
    const timer = window.setInterval(() => void look(), EVERY_MS);
    this.timer = timer;
    // The first look yields no sample, because there is nothing to compare it with.
    void look();
  }

  /** Stop asking. */
  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
