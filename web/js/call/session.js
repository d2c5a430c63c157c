/**
 * From the first click to the last word: begins calls, begins them anew when they are lost, and ends them properly.
 */

import { inGaWords } from '../conversation/preview.js';
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
 * @property {import('./speaker.js').Speaker} speaker
 * @property {import('./levels.js').Levels} levels
 * @property {import('./record.js').RecordWatch} records
 * @property {(call: Call | null) => void} onCall a call is up, or there is none any more
 * @property {(text: 'memory-new') => string} words for notes within the conversation
 */

export class Session {
  /** @param {SessionDependencies} dependencies */
  constructor(dependencies) {
    this.dependencies = dependencies;
    this.store = dependencies.store;
    this.recovery = new Recovery();
    this.warmup = new Warmup();
    /** @type {Call | null} the one that counts; what an older one still has to say is not heard */
    this.call = null;
    /** @type {Promise<unknown>} */
    this.leaving = Promise.resolve();
  }

  /** Call synchronously in the visitor's click. */
  start() {
    if (inCall(this.store.get().page)) return;
    // The last call has ended but its reason is still awaited: then nobody will learn it.
    if (this.call) this.#end(endingProblem(null));
    this.recovery.reset();
    this.dependencies.levels.unlock();
    this.store.dispatch({ type: 'start', granted: this.dependencies.microphone.granted });
    void this.#begin();
  }

  /** The visitor is about to click. */
  warmUp() {
    if (!inCall(this.store.get().page)) this.warmup.prepare();
  }

  /** The visitor hangs up: silence at once, the formalities in the background. */
  hangUp() {
    if (inCall(this.store.get().page)) this.#end(null);
  }

  /** The page goes away: what must be said is said in requests that outlive it. */
  leave() {
    const call = this.call;
    if (!call) return;
    this.#end(null);
    call.close();
  }

  /** @param {string} text typed by the visitor */
  say(text) {
    this.#send(message(text, this.store.get().turns));
  }

  /** Push to talk was let go. */
  turnReleased() {
    this.#send(release(this.store.get().config?.session.turn_detection !== null));
  }

  /** @param {MediaStreamTrack} track of another microphone */
  async sendTrack(track) {
    await this.call?.transport.send(track);
    this.dependencies.levels.listen('you', track);
  }

  async #begin() {
    const { api, store } = this.dependencies;
    const { config, preferences } = store.get();
    const { microphone, speaker, levels } = this.dependencies;
    const ours = () => this.call === call;
    const call = new Call(
      {
        signaller: signallerFor(config?.signalling ?? 'proxy', api),
        microphone,
        speaker,
        levels,
        warmup: this.warmup,
        deviceId: preferences.microphone,
        before: this.leaving,
        abandon: (callId) => void api.hangUp(callId).catch(() => {}),
      },
      {
        onMark: (mark) => {
          store.dispatch({ type: 'timings', timings: call.timeline.timings });
          if (mark === 'microphone') store.dispatch({ type: 'microphone-open' });
          if (mark === 'answer' && call.callId) store.dispatch({ type: 'answered', callId: call.callId });
        },
        onEvent: (event) => ours() && store.dispatch({ type: 'server', event: inGaWords(event), at: Date.now() }),
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

  /** @param {Call} call */
  #live(call) {
    const again = this.recovery.tries > 0;
    this.recovery.live();
    this.store.dispatch({ type: 'channel-open', at: Date.now() });
    // A call of the preview protocol is closed by nobody when its time is up: the page leaves it.
    if (call.callId) this.dependencies.records.follow(call.callId, () => this.call === call && void this.#closedByService(call));
    this.dependencies.onCall(call);
    if (again) this.store.dispatch({ type: 'note', note: this.dependencies.words('memory-new'), at: Date.now() });
  }

  /**
   * The connection is lost: begin anew, a few times.
   * @param {Call} lost
   * @param {Problem} problem
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

  /** @param {Call} call */
  async #closedByService(call) {
    const { callId } = call;
    this.store.dispatch({ type: 'closing' });
    this.#silence();
    const record = callId ? await this.dependencies.records.ending(callId) : null;
    if (this.call !== call) return;
    if (record) this.store.dispatch({ type: 'record', record, at: Date.now() });
    this.#end(endingProblem(record?.end_reason));
  }

  /** @param {Problem | null} problem null when the visitor hung up */
  #end(problem) {
    const call = this.call;
    this.call = null;
    this.#silence();
    if (call) this.leaving = this.#goodbye(call, problem);
    this.store.dispatch({ type: 'ended', at: Date.now(), problem });
    if (call?.callId) void this.#lastRecord(call.callId);
  }

  /** Nothing is heard and nothing recorded from here on: the browser's recording light goes out. */
  #silence() {
    this.dependencies.records.stop();
    this.dependencies.onCall(null);
    this.dependencies.microphone.release();
    this.dependencies.speaker.release();
    this.dependencies.levels.release();
  }

  /**
   * @param {Call} call
   * @param {Problem | null} problem
   */
  #goodbye(call, problem) {
    return sayGoodbye(call, this.dependencies.api, figuresOf(this.store.get(), this.recovery.tries, problem));
  }

  /** @param {string} callId whose final usage the visitor may want to see */
  async #lastRecord(callId) {
    const record = await this.dependencies.records.ending(callId);
    const { page } = this.store.get();
    if (record && page.phase === 'ended' && page.callId === callId) {
      this.store.dispatch({ type: 'record', record, at: Date.now() });
    }
  }

  /** @param {RealtimeEvent[]} events */
  #send(events) {
    for (const event of events) {
      if (this.call?.send(event)) this.store.dispatch({ type: 'client', event, at: Date.now() });
    }
  }
}

/** Firefox loses these calls in mid-turn by a known fault (bugzilla 2037009) that no page can mend. */
const lostCode = () => (/\bFirefox\//.test(navigator.userAgent) ? 'firefox-drop' : 'connection-lost');

/**
 * @param {unknown} error
 * @returns {Problem}
 */
function problemOf(error) {
  if (error instanceof CallFailure) return error.problem;
  console.error(error);
  return { code: 'service-failed', detail: error instanceof Error ? error.name : '' };
}
