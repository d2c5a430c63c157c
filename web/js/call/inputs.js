/**
 * The visitor's side during a call: mute and push to talk, devices that come and go, and systems that take the microphone.
 */

import { CallFailure } from '../problems.js';
import { microphoneOpen } from '../state.js';
import { Microphone } from './microphone.js';
import { watchDevices } from './devices.js';

/** @import { PageStore } from '../model.js' */
/** @import { Session } from './session.js' */
/** @import { Speaker } from './speaker.js' */

/** The last syllable leaves the mouth after the finger leaves the key. */
const TAIL_MS = 250;

/** A notification sound takes the microphone for a moment; longer than this is a phone call. */
const TAKEN_MS = 3_000;

export class Inputs {
  /**
   * @param {object} dependencies
   * @param {Document} dependencies.root
   * @param {PageStore} dependencies.store
   * @param {Speaker} dependencies.speaker
   */
  constructor({ root, store, speaker }) {
    this.store = store;
    this.speaker = speaker;
    this.microphone = new Microphone({
      onEnded: () => void this.#replace('microphone-lost'),
      onTaken: (taken) => this.#taken(taken),
    });
    /** @type {Session | null} set once, when both exist */
    this.session = null;
    this.held = false;
    /** @type {number | undefined} */
    this.tail = undefined;
    /** @type {number | undefined} */
    this.takenTimer = undefined;
    this.lookForDevices = watchDevices((devices) => store.dispatch({ type: 'devices', devices }));
    store.watch(({ page }) => microphoneOpen(page), (open, { page }) => this.#open(open, page.pushToTalk));
    root.addEventListener('visibilitychange', () => {
      if (root.visibilityState === 'visible' && store.get().page.microphoneTaken) void this.#takeBack();
    });
  }

  /** @param {string} deviceId chosen by the visitor; empty for the default one */
  async chooseMicrophone(deviceId) {
    if (this.microphone.track) await this.#change(deviceId);
  }

  /** @param {string} deviceId */
  async chooseSpeaker(deviceId) {
    await this.speaker.setDevice(deviceId);
  }

  /**
   * @param {boolean} open
   * @param {boolean} held
   */
  #open(open, held) {
    clearTimeout(this.tail);
    const letGo = !open && held && this.held;
    this.held = open && held;
    if (!letGo) {
      this.microphone.setEnabled(open);
      return;
    }
    this.tail = window.setTimeout(() => {
      this.microphone.setEnabled(false);
      this.session?.turnReleased();
    }, TAIL_MS);
  }

  /** @param {string} deviceId */
  async #change(deviceId) {
    const { session } = this;
    try {
      await this.microphone.change(deviceId || undefined, async (track) => session?.sendTrack(track));
      if (!session?.call) this.microphone.release();
      this.store.dispatch({ type: 'problem', problem: null });
      this.store.dispatch({ type: 'microphone-taken', value: false });
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      this.store.dispatch({ type: 'problem', problem: error.problem });
    }
    void this.lookForDevices();
  }

  /**
   * The device has gone: any other is better than none.
   * @param {'microphone-lost'} code
   */
  async #replace(code) {
    if (!this.session?.call) return;
    await this.#change('');
    if (!this.microphone.track || this.microphone.track.readyState === 'ended') {
      this.store.dispatch({ type: 'problem', problem: { code } });
    }
  }

  /** @param {boolean} taken */
  #taken(taken) {
    clearTimeout(this.takenTimer);
    if (!taken) {
      this.store.dispatch({ type: 'microphone-taken', value: false });
      return;
    }
    this.takenTimer = window.setTimeout(() => {
      if (this.microphone.track) this.store.dispatch({ type: 'microphone-taken', value: true });
    }, TAKEN_MS);
  }

  /** Back on the page: iPhones return the microphone only to whoever asks again. */
  async #takeBack() {
    const { track } = this.microphone;
    if (!this.session?.call || (track?.readyState === 'live' && !track.muted)) {
      this.store.dispatch({ type: 'microphone-taken', value: false });
      return;
    }
    await this.#change(this.store.get().preferences.microphone);
    if (this.microphone.track?.muted) this.store.dispatch({ type: 'microphone-taken', value: true });
  }
}
