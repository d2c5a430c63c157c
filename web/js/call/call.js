/**
 * Hold one call, from the click to the open channel and to its end. A call is never reopened: another try is another
 * Call.
 */

import { Timeline } from '../measure/timeline.js';
import { CallFailure } from '../problems.js';

/** @import { Signaller } from './signalling.js' */
/** @import { Warmup } from './warmup.js' */
/** @import { Mark } from '../measure/timeline.js' */
/** @import { RealtimeEvent } from '../conversation/captions.js' */

/**
 * @typedef {object} CallDependencies
 * @property {Signaller} signaller exchanges the SDP offer for the SDP answer
 * @property {import('./microphone.js').Microphone} microphone belongs to the page, which also releases it
 * @property {import('./speaker.js').Speaker} speaker plays the model's voice
 * @property {import('./levels.js').Levels} levels measures how loud both voices are
 * @property {Warmup} warmup may hold a connection that is ready
 * @property {string} [deviceId] id of the preferred microphone
 * @property {boolean} [certain] whether the microphone is sure enough to open that the offer need not wait to see it fail
 * @property {Promise<unknown>} [before] resolves when the last call is hung up; the offer is posted only then
 * @property {(callId: string) => void} abandon hangs up a call that was set up although nobody wants it any more
 *
 * @typedef {object} CallHandlers
 * @property {(mark: Mark) => void} onMark is called when a step of the start is done
 * @property {(event: RealtimeEvent) => void} onEvent is called with each server event
 * @property {() => void} onLive is called when the channel is open
 * @property {(steady: boolean) => void} onSteady is called when the connection wavers (false) and when it has recovered (true)
 * @property {() => void} onLost is called when the connection is gone
 * @property {() => void} onClosed is called when the service closes the channel: somebody ended the call on purpose
 */

/** Where the network lets media through, a way is found in well under a second. A browser would search for half a minute. */
const MEDIA_PATIENCE_MS = 10_000;

/** A connection that breaks when the network changes often recovers by itself within this time. */
export const GRACE_MS = 5_000;

/** The page looks this often whether the first sound has come. The level costs little to read, the statistics cost more. */
const LISTEN_MS = 20;
const COUNT_MS = 100;
const AUDIBLE = 0.05;

/** This error ends the start of a call that was given up in the meantime. The page does not show it: whoever gave up knows. */
export class Superseded extends Error {}

export class Call {
  /**
   * Take the connection and attach its sound. Call this synchronously in the visitor's click, or the page may not play sound.
   * @param {CallDependencies} dependencies
   * @param {CallHandlers} handlers
   */
  constructor(dependencies, handlers) {
    this.dependencies = dependencies;
    this.handlers = handlers;
    this.timeline = new Timeline();
    /** @type {string | null} */
    this.callId = null;
    /** Whether the gateway lets this call go on with the earlier one. */
    this.continued = false;
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
   * Open the microphone, exchange offer and answer, and wait until the channel is open.
   * @throws {CallFailure | Superseded}
   */
  async open() {
    const { signaller, microphone, certain, before } = this.dependencies;
    const opened = this.#openMicrophone();
    // It is awaited below, perhaps only after something else has failed.
    opened.catch(() => {});
    // A visitor who is asked for the microphone may still refuse. Until then nothing is set up that costs money.
    const asked = microphone.granted ? null : opened;
    const [offer] = await Promise.all([this.#makeOffer(), asked, signaller.prepare(), before]);
    this.#stillWanted();
    // What is granted may fail all the same. If it fails at once, this throws, and such a microphone costs no call. The
    // failure passes through several promises; a timer fires after all of them. It fires only when the browser has drawn the
    // page again, so nobody waits for it whose microphone opened the last time.
    if (!certain) await Promise.race([opened, new Promise((resolve) => setTimeout(resolve))]);
    this.#mark('posted');
    const { answer, callId, continued } = await signaller.exchange(offer);
    if (this.closed) this.dependencies.abandon(callId);
    this.#stillWanted();
    this.callId = callId;
    this.continued = continued;
    this.#mark('answer');
    await Promise.all([this.transport.accept(answer), opened]);
    this.#stillWanted();
    if (this.live) return;
    await this.#connected();
    this.#stillWanted();
  }

  /**
   * Send a client event.
   * @param {RealtimeEvent} event
   * @returns {boolean} whether it left the page
   */
  send(event) {
    return this.transport.dispatch(event);
  }

  /** End this side of the call. The microphone belongs to the page, which releases it. */
  close() {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.transport.close();
  }

  /** Open the microphone unless it is open already, and send its sound. */
  async #openMicrophone() {
    const { microphone, deviceId, levels } = this.dependencies;
    const track = microphone.track ?? (await microphone.open(deviceId, () => !this.closed));
    this.#stillWanted();
    this.#mark('microphone');
    levels.listen('you', track);
    await this.transport.send(track);
  }

  /** Wait for the SDP offer and mark the time. */
  async #makeOffer() {
    const offer = await this.offer;
    this.#mark('offer');
    return offer;
  }

  /**
   * Wait until the channel is open.
   * @returns {Promise<void>} resolves when the channel is open; rejects when there is no way to the media port
   */
  #connected() {
    return new Promise((resolve, reject) => {
      const blocked = () => reject(new CallFailure({ code: 'media-blocked' }));
      this.settle = { resolve, reject: blocked };
      this.#later(MEDIA_PATIENCE_MS, blocked);
    });
  }

  /** Go live: the channel is open. */
  #onOpen() {
    this.live = true;
    this.#mark('channel');
    this.dependencies.levels.listen('model', this.transport.remoteTrack);
    void this.#awaitFirstSound();
    this.handlers.onLive();
    this.settle?.resolve();
  }

  /**
   * Act on a change of the connection: it wavers, recovers, or is lost.
   * @param {RTCPeerConnectionState} state
   */
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

  /** Mark when the model is first heard. The service's own event says only that sound was sent, not that it was played. */
  async #awaitFirstSound() {
    const { levels } = this.dependencies;
    const measured = levels.running;
    const heard = measured ? levels.level('model') > AUDIBLE : await this.transport.heard();
    if (this.closed) return;
    if (heard) this.#mark('audio');
    else this.#later(measured ? LISTEN_MS : COUNT_MS, () => void this.#awaitFirstSound());
  }

  /**
   * Run an action later, unless the call is closed by then.
   * @param {number} ms milliseconds
   * @param {() => void} action
   * @returns {number} the timer
   */
  #later(ms, action) {
    const timer = window.setTimeout(() => {
      this.timers.delete(timer);
      action();
    }, ms);
    this.timers.add(timer);
    return timer;
  }

  /**
   * Note that a step of the start is done.
   * @param {Mark} mark
   */
  #mark(mark) {
    this.timeline.mark(mark);
    if (!this.closed) this.handlers.onMark(mark);
  }

  /** Throw Superseded if the call has been given up. */
  #stillWanted() {
    if (this.closed) throw new Superseded();
  }
}
