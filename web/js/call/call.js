/**
 * One call, from the click to the open channel and to its end. Never reopened: another try is another Call.
 */

import { Timeline } from '../measure/timeline.js';
import { CallFailure } from '../problems.js';

/** @import { Signaller } from './signalling.js' */
/** @import { Warmup } from './warmup.js' */
/** @import { Mark } from '../measure/timeline.js' */
/** @import { RealtimeEvent } from '../conversation/captions.js' */

/**
 * @typedef {object} CallDependencies
 * @property {Signaller} signaller
 * @property {import('./microphone.js').Microphone} microphone
 * @property {import('./speaker.js').Speaker} speaker
 * @property {import('./levels.js').Levels} levels
 * @property {Warmup} warmup
 * @property {string} [deviceId] preferred microphone
 * @property {Promise<unknown>} [before] what must be over before the offer is posted: the hang-up of the last call
 * @property {(callId: string) => void} abandon hangs up a call that was set up for nobody
 *
 * @typedef {object} CallHandlers
 * @property {(mark: Mark) => void} onMark
 * @property {(event: RealtimeEvent) => void} onEvent
 * @property {() => void} onLive
 * @property {(steady: boolean) => void} onSteady the connection wavers, or has recovered
 * @property {() => void} onLost the connection is gone
 * @property {() => void} onClosed the service closed the channel: somebody ended the call on purpose
 */

/** A way that is open is found in well under a second, by UDP or by TCP; a browser would look for half a minute. */
const MEDIA_PATIENCE_MS = 10_000;

/** A change of network often heals by itself within this time. */
export const GRACE_MS = 5_000;

/** How often to look whether the first sound has come: the level costs little to read, the statistics cost more. */
const LISTEN_MS = 20;
const COUNT_MS = 100;
const AUDIBLE = 0.05;

/** Thrown into a call that was given up while it waited. Nobody is told: whoever gave it up knows. */
export class Superseded extends Error {}

export class Call {
  /**
   * Runs synchronously in the visitor's click: only then may the page play sound.
   * @param {CallDependencies} dependencies
   * @param {CallHandlers} handlers
   */
  constructor(dependencies, handlers) {
    this.dependencies = dependencies;
    this.handlers = handlers;
    this.timeline = new Timeline();
    /** @type {string | null} */
    this.callId = null;
    this.closed = false;
    this.live = false;
    /** @type {Set<number>} */
    this.timers = new Set();
    const { transport, offer } = dependencies.warmup.take();
    this.offer = offer;
    this.transport = transport;
    transport.handlers = {
      onEvent: (event) => handlers.onEvent(event),
      onState: (state) => this.#onState(state),
      onOpen: () => this.#onOpen(),
      onClosed: () => handlers.onClosed(),
    };
    dependencies.speaker.attach(this.transport.remoteTrack);
  }

  /**
   * @returns {Promise<void>} when the answer is accepted; the channel opens a moment later
   * @throws {CallFailure | Superseded}
   */
  async open() {
    const { signaller, microphone, before } = this.dependencies;
    const opened = this.#openMicrophone();
    opened.catch(() => {}); // awaited below, perhaps after something else has failed
    // A visitor who is still being asked, and may refuse, has not begun a call that costs.
    const asked = microphone.granted ? null : opened;
    const [offer] = await Promise.all([this.#makeOffer(), asked, signaller.prepare(), before]);
    this.#stillWanted();
    this.#mark('posted');
    const { answer, callId } = await signaller.exchange(offer);
    if (this.closed) this.dependencies.abandon(callId);
    this.#stillWanted();
    this.callId = callId;
    this.#mark('answer');
    await Promise.all([this.transport.accept(answer), opened]);
    this.#stillWanted();
    if (this.live) return;
    await this.#connected();
    this.#stillWanted();
  }

  /** @param {RealtimeEvent} event */
  send(event) {
    return this.transport.dispatch(event);
  }

  /** Ends this side of the call. The microphone belongs to the page and is released there. */
  close() {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.transport.close();
  }

  async #openMicrophone() {
    const { microphone, deviceId, levels } = this.dependencies;
    const track = microphone.track ?? (await microphone.open(deviceId, () => !this.closed));
    this.#stillWanted();
    this.#mark('microphone');
    levels.listen('you', track);
    await this.transport.send(track);
  }

  async #makeOffer() {
    const offer = await this.offer;
    this.#mark('offer');
    return offer;
  }

  /** @returns {Promise<void>} when the channel is open; a failure when there is no way to the media port */
  #connected() {
    return new Promise((resolve, reject) => {
      const blocked = () => reject(new CallFailure({ code: 'media-blocked' }));
      this.settle = { resolve, reject: blocked };
      this.#later(MEDIA_PATIENCE_MS, blocked);
    });
  }

  #onOpen() {
    this.live = true;
    this.#mark('channel');
    this.dependencies.levels.listen('model', this.transport.remoteTrack);
    void this.#awaitFirstSound();
    this.handlers.onLive();
    this.settle?.resolve();
  }

  /** @param {RTCPeerConnectionState} state */
  #onState(state) {
    if (state === 'connected') {
      this.#mark('connected');
      clearTimeout(this.grace);
      if (this.live) this.handlers.onSteady(true);
    } else if (state === 'disconnected' && this.live) {
      this.handlers.onSteady(false);
      this.grace = this.#later(GRACE_MS, () => this.handlers.onLost());
    } else if (state === 'failed') {
      if (this.live) this.handlers.onLost();
      else this.settle?.reject();
    }
  }

  /** Marks when the model is first heard. The service's event only says that sound was sent; this is what is played. */
  async #awaitFirstSound() {
    const { levels } = this.dependencies;
    const measured = levels.running;
    const heard = measured ? levels.level('model') > AUDIBLE : await this.transport.heard();
    if (this.closed) return;
    if (heard) this.#mark('audio');
    else this.#later(measured ? LISTEN_MS : COUNT_MS, () => void this.#awaitFirstSound());
  }

  /**
   * @param {number} ms
   * @param {() => void} action
   */
  #later(ms, action) {
    const timer = window.setTimeout(() => {
      this.timers.delete(timer);
      action();
    }, ms);
    this.timers.add(timer);
    return timer;
  }

  /** @param {Mark} mark */
  #mark(mark) {
    this.timeline.mark(mark);
    if (!this.closed) this.handlers.onMark(mark);
  }

  #stillWanted() {
    if (this.closed) throw new Superseded();
  }
}
