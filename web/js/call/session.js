/**
 * Look after everything from the first click to the last word: begin calls, begin them anew when they are lost, and end
 * them properly.
 */

import { inGaWords } from '../conversation/preview.js';
import { ofTheMemory } from '../conversation/memory.js';
import { message, release } from '../conversation/talk.js';
import { CallFailure, endingProblem, passing } from '../problems.js';
import { inCall } from '../state.js';
import { Call, Superseded } from './call.js';
import { figuresOf, sayGoodbye } from './goodbye.js';
import { Recovery } from './recovery.js';
import { signallerFor } from './signalling.js';
import { Warmup } from './warmup.js';

/** @import { Api } from '../api.js' */
/** @import { RealtimeEvent } from '../conversation/captions.js' */
/** @import { PageStore } from '../model.js' */
/** @import { Problem } from '../problems.js' */

/**
 * @typedef {object} SessionDependencies
 * @property {Api} api
 * @property {PageStore} store
 * @property {import('./microphone.js').Microphone} microphone
 * @property {import('./speaker.js').Speaker} speaker plays the model's voice
 * @property {import('./levels.js').Levels} levels measures how loud both voices are
 * @property {import('./record.js').RecordWatch} records asks the gateway about the call
 * @property {(call: Call | null) => void} onCall is called when a call is up, and with null when it no longer is
 * @property {(text: 'memory-new' | 'taken-up') => string} words returns a note for the conversation, in the visitor's language
 */

export class Session {
  /** @param {SessionDependencies} dependencies */
  constructor(dependencies) {
    this.dependencies = dependencies;
    this.store = dependencies.store;
    this.recovery = new Recovery();
    /** Whether the model has lost its memory since the last call that was up. */
    this.forgotten = false;
    this.warmup = new Warmup();
    /** @type {Call | null} the call that counts; what happens to an older one changes nothing */
    this.call = null;
    /** @type {Promise<unknown>} resolves when the last call is hung up */
    this.leaving = Promise.resolve();
  }

  /**
   * Begin a call. Call this synchronously in the visitor's click, or the browser may refuse sound.
   * @param {{ goOn?: boolean }} [how] `goOn`: whether the call goes on with the last one
   */
  start({ goOn = false } = {}) {
    if (inCall(this.store.get().page)) return;
    // The page may still be asking why the last call ended. It stops asking then.
    if (this.call) this.#end(endingProblem(null));
    this.recovery.reset();
    this.forgotten = false;
    this.store.dispatch({ type: 'start', granted: this.dependencies.microphone.granted, goOn });
    void this.#begin();
  }

  /**
   * Let the page hear how loud the voices of the call are. Call this in the same click as `start`, but in a listener of its own:
   * between two listeners the browser does what the first one has begun. So the offer need not wait until the sound system is awake.
   */
  listen() {
    if (inCall(this.store.get().page)) this.dependencies.levels.unlock();
  }

  /** Prepare a connection, because the visitor is about to click. */
  warmUp() {
    if (!inCall(this.store.get().page)) this.warmup.prepare();
  }

  /** Hang up. It is silent at once; report and hang-up reach the gateway in the background. */
  hangUp() {
    if (inCall(this.store.get().page)) this.#end(null);
  }

  /** End the call because the page goes away. The browser completes the last requests after that. */
  leave() {
    const call = this.call;
    if (!call) return;
    this.#end(null);
    call.close();
  }

  /**
   * Send a typed message.
   * @param {string} text what the visitor typed
   */
  say(text) {
    this.#send(message(text, this.store.get().turns));
  }

  /** End the visitor's turn, because push to talk was released. */
  turnReleased() {
    this.#send(release(this.store.get().config?.session.turn_detection !== null));
  }

  /**
   * Send the sound of another microphone.
   * @param {MediaStreamTrack} track comes from another microphone
   */
  async sendTrack(track) {
    await this.call?.transport.send(track);
    this.dependencies.levels.listen('you', track);
  }

  /** Set up one call, and decide what happens if that fails. */
  async #begin() {
    const { api, store } = this.dependencies;
    const { config, devices, preferences, page } = store.get();
    const { microphone, speaker, levels } = this.dependencies;
    const earlier = config?.continue_seconds ? page.continues : null;
    const ours = () => this.call === call;
    const call = new Call(
      {
        signaller: signallerFor(config?.signalling ?? 'proxy', api, earlier),
        microphone,
        speaker,
        levels,
        warmup: this.warmup,
        deviceId: preferences.microphone,
        // A browser names the devices only to a page that may use them, and a microphone that was pulled out is not among them.
        certain: microphone.proven && devices.named,
        before: this.leaving,
        abandon: (callId) => void api.hangUp(callId).catch(() => {}),
      },
      {
        onMark: (mark) => {
          store.dispatch({ type: 'timings', timings: call.timeline.timings });
          if (mark === 'microphone') store.dispatch({ type: 'microphone-open' });
          if (mark !== 'answer' || !call.callId) return;
          if (!call.continued) this.forgotten = true;
          store.dispatch({ type: 'answered', callId: call.callId });
        },
        onEvent: (event) => {
          if (ours() && !ofTheMemory(event)) store.dispatch({ type: 'server', event: inGaWords(event), at: Date.now() });
        },
        onLive: () => ours() && this.#live(call),
        onSteady: (steady) => ours() && store.dispatch({ type: steady ? 'steady' : 'wavering' }),
        onLost: () => ours() && void this.#again(call, { code: lostCode() }),
        onClosed: () => ours() && void this.#closedByService(call),
      },
    );
    this.call = call;
    try {
      await call.open();
    } catch (error) {
      if (error instanceof Superseded || !ours()) return;
      const problem = problemOf(error);
      if (this.recovery.tries && passing(problem.code)) void this.#again(call, problem);
      else this.#end(problem);
    }
  }

  /**
   * Note that the call is up, and follow its record.
   * @param {Call} call
   */
  #live(call) {
    this.recovery.live();
    this.store.dispatch({ type: 'channel-open', at: Date.now() });
    // Nobody else closes a call of the preview protocol when its time is up, so the page itself leaves it.
    if (call.callId) this.dependencies.records.follow(call.callId, () => this.call === call && void this.#closedByService(call));
    this.dependencies.onCall(call);
    if (this.store.get().page.continues) {
      const note = this.dependencies.words(this.forgotten ? 'memory-new' : 'taken-up');
      this.store.dispatch({ type: 'note', note, at: Date.now(), divider: true });
      // A call that goes on with another one may have less time than a new one. Its record says how much.
      this.dependencies.records.turnDone();
    }
    this.forgotten = false;
  }

  /**
   * Begin a lost call anew, unless that was tried too often.
   * @param {Call} lost
   * @param {Problem} problem why it was lost
   */
  async #again(lost, problem) {
    this.dependencies.records.stop();
    this.dependencies.onCall(null);
    this.leaving = this.#goodbye(lost, problem);
    const next = this.recovery.next();
    if (!next) {
      this.call = null;
      return this.#end({ ...problem, code: lostCode() });
    }
    this.store.dispatch({ type: 'retrying', tries: next.tries });
    this.store.dispatch({ type: 'problem', problem });
    await new Promise((resolve) => setTimeout(resolve, next.delay));
    if (this.call === lost) await this.#begin();
  }

  /**
   * End a call that the service has closed, and find out why it was closed.
   * @param {Call} call
   */
  async #closedByService(call) {
    const { callId } = call;
    this.store.dispatch({ type: 'closing' });
    this.#silence();
    const record = callId ? await this.dependencies.records.ending(callId) : null;
    if (this.call !== call) return;
    if (record) this.store.dispatch({ type: 'record', record, at: Date.now() });
    this.#end(endingProblem(record?.end_reason));
  }

  /**
   * End the call, for whatever reason.
   * @param {Problem | null} problem why it ended; null when the visitor hung up
   */
  #end(problem) {
    const call = this.call;
    this.call = null;
    this.#silence();
    if (call) this.leaving = this.#goodbye(call, problem);
    this.store.dispatch({ type: 'ended', at: Date.now(), problem });
    if (call?.callId) void this.#lastRecord(call.callId);
  }

  /** Stop all sound in both directions: the browser's recording light goes out. */
  #silence() {
    this.dependencies.records.stop();
    this.dependencies.onCall(null);
    this.dependencies.microphone.release();
    this.dependencies.speaker.release();
    this.dependencies.levels.release();
  }

  /**
   * Report how the call was, and hang up.
   * @param {Call} call
   * @param {Problem | null} problem
   */
  #goodbye(call, problem) {
    return sayGoodbye(call, this.dependencies.api, figuresOf(this.store.get(), this.recovery.tries, problem));
  }

  /**
   * Read the final usage of a call that has ended, for as long as the page shows that call.
   * @param {string} callId
   */
  async #lastRecord(callId) {
    const record = await this.dependencies.records.ending(callId);
    const { page } = this.store.get();
    if (record && page.phase === 'ended' && page.callId === callId) {
      this.store.dispatch({ type: 'record', record, at: Date.now() });
    }
  }

  /**
   * Send client events, and show those that left the page.
   * @param {RealtimeEvent[]} events
   */
  #send(events) {
    for (const event of events) {
      if (this.call?.send(event)) this.store.dispatch({ type: 'client', event, at: Date.now() });
    }
  }
}

/** Name the fault when a connection is lost: Firefox loses such calls by a bug of its own (bugzilla 2037009), which no page can mend. */
const lostCode = () => (/\bFirefox\//.test(navigator.userAgent) ? 'firefox-drop' : 'connection-lost');

/**
 * Put anything that was thrown into a problem. What is not a CallFailure is a defect of the page, and goes to the
 * console too.
 * @param {unknown} error
 * @returns {Problem}
 */
function problemOf(error) {
  if (error instanceof CallFailure) return error.problem;
  console.error(error);
  return { code: 'service-failed', detail: error instanceof Error ? error.name : '' };
}
