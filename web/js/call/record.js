/**
 * Ask the gateway for the call's record: it knows the usage, the errors that the filter hides, the limits, and why a
 * call ended.
 */

/** @import { Api, CallRecord } from '../api.js' */

/** The page asks this often as long as the gateway has not said how often it must ask to warn before a limit. */
const EVERY_MS = 10_000;

/** After a turn the page waits this long before it asks: the gateway knows what happened six seconds later at most. */
const AFTER_TURN_MS = 7_000;

/** The page asks for this long why a call ended, before it says that nobody knows. */
const REASON_MS = 8_000;

/** The first pause before it asks again. Each further pause is half as long again. */
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
    /** How long the page waits before it asks again. */
    this.pause = EVERY_MS;
    /** When the page asks next, by `performance.now()`. */
    this.due = Infinity;
  }

  /**
   * Ask for the record of this call every now and then.
   * @param {string} callId
   * @param {() => void} onEnded is called when the record says that the call is over, unless `stop` was called before
   */
  follow(callId, onEnded) {
    this.callId = callId;
    this.onEnded = onEnded;
    this.pause = EVERY_MS;
    this.#plan(this.pause);
  }

  /** Ask soon, because a turn is over and its usage will be known. Further turns do not put that off. */
  turnDone() {
    if (this.callId && performance.now() + AFTER_TURN_MS < this.due) this.#plan(AFTER_TURN_MS);
  }

  /** Stop asking. */
  stop() {
    this.callId = null;
    clearTimeout(this.timer);
  }

  /**
   * Ask until the record says that the call has ended, and why.
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

  /**
   * Ask in so many milliseconds, and not at the time planned before.
   * @param {number} ms
   */
  #plan(ms) {
    clearTimeout(this.timer);
    this.due = performance.now() + ms;
    this.timer = window.setTimeout(() => void this.#look(), ms);
  }

  /** Ask once, and plan the next time. */
  async #look() {
    const { callId } = this;
    if (!callId) return;
    // A call that can be heard goes on, even if its record cannot be read.
    const record = await this.api.record(callId).catch(() => undefined);
    if (this.callId !== callId) return;
    if (record) {
      this.onRecord(record);
      this.pause = 1000 * (record.ask_again_seconds ?? EVERY_MS / 1000);
    }
    if (record?.state === 'ended') {
      this.stop();
      this.onEnded();
      return;
    }
    this.#plan(record === undefined ? EVERY_MS : this.pause);
  }
}
