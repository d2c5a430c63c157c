/**
 * What the gateway knows of the call and the page cannot: usage, hidden errors, limits, and why a call ended.
 */

/** @import { Api, CallRecord } from '../api.js' */

/** Often enough for a warning before a limit, seldom enough to cost nothing. */
const EVERY_MS = 10_000;

/** The journal is written at most a second after what happened. */
const AFTER_TURN_MS = 1_500;

/** How long to ask why a call ended before admitting that nobody knows. */
const REASON_MS = 8_000;
const ASK_AGAIN_MS = 300;

export class RecordWatch {
  /**
   * @param {Api} api
   * @param {(record: CallRecord) => void} onRecord
   */
  constructor(api, onRecord) {
    this.api = api;
    this.onRecord = onRecord;
    /** @type {string | null} */
    this.callId = null;
    this.onEnded = () => {};
    /** @type {number | undefined} */
    this.timer = undefined;
  }

  /**
   * @param {string} callId
   * @param {() => void} onEnded the record says that the call is over, and nobody has stopped looking
   */
  follow(callId, onEnded) {
    this.callId = callId;
    this.onEnded = onEnded;
    this.#plan(EVERY_MS);
  }

  /** A turn is over: its usage is worth a look. */
  turnDone() {
    if (this.callId) this.#plan(AFTER_TURN_MS);
  }

  stop() {
    this.callId = null;
    clearTimeout(this.timer);
  }

  /**
   * Asks until the record says that the call has ended, and why.
   * @param {string} callId
   * @param {number} [patience] milliseconds
   * @returns {Promise<CallRecord | null>} null if it never says so
   */
  async ending(callId, patience = REASON_MS) {
    const deadline = performance.now() + patience;
    for (let pause = ASK_AGAIN_MS; performance.now() < deadline; pause *= 1.5) {
      const record = await this.api.record(callId).catch(() => null);
      if (record?.state === 'ended' && record.end_reason) return record;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return null;
  }

  /** @param {number} ms */
  #plan(ms) {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.#look(), ms);
  }

  async #look() {
    const { callId } = this;
    if (!callId) return;
    // A record that cannot be had is no reason to disturb a call that can be heard.
    const record = await this.api.record(callId).catch(() => null);
    if (this.callId !== callId) return;
    if (record) this.onRecord(record);
    if (record?.state === 'ended') {
      this.stop();
      this.onEnded();
      return;
    }
    this.#plan(EVERY_MS);
  }
}
