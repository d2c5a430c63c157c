/**
 * Look after the visitor's side of a call: mute and push to talk, devices that come and go, and systems that take the
 * microphone away.
 */

import { CallFailure } from '../problems.js';
import { microphoneOpen } from '../state.js';
import { Microphone } from './microphone.js';
import { watchDevices } from './devices.js';

/** @import { PageStore } from '../model.js' */
/** @import { Memory } from '../preferences.js' */
/** @import { Session } from './session.js' */
/** @import { Speaker } from './speaker.js' */

/** The microphone stays open this long after the key is released: people let go before their last syllable has ended. */
const TAIL_MS = 250;

/** A notification sound takes the microphone for a moment. Whatever takes it for longer than this is a phone call. */
const TAKEN_MS = 3_000;

export class Inputs {
  /**
   * @param {object} dependencies
   * @param {Document} dependencies.root
   * @param {PageStore} dependencies.store
   * @param {Speaker} dependencies.speaker
   * @param {Memory} dependencies.memory remembers whether the microphone opened the last time
   */
  constructor({ root, store, speaker, memory }) {
    this.store = store;
    this.speaker = speaker;
    this.microphone = new Microphone(
      {
        onEnded: () => void this.#replace('microphone-lost'),
        onTaken: (taken) => this.#taken(taken),
      },
      memory,
    );
    /** @type {Session | null} is set once, when both objects exist */
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

  /**
   * Change to the microphone that the visitor chose, if one is open.
   * @param {string} deviceId empty for the default one
   */
  async chooseMicrophone(deviceId) {
    if (this.microphone.track) await this.#change(deviceId);
  }

  /**
   * Change to the speaker that the visitor chose.
   * @param {string} deviceId
   */
  async chooseSpeaker(deviceId) {
    await this.speaker.setDevice(deviceId);
  }

  /**
   * Open or close the microphone. When push to talk is released, it closes a moment later.
   * @param {boolean} open whether the visitor may talk
   * @param {boolean} held whether push to talk decides that
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

  /**
   * Open another microphone and send its sound instead.
   * @param {string} deviceId
   */
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
   * Find another microphone, because the one in use is gone: any other is better than none.
   * @param {'microphone-lost'} code
   */
  async #replace(code) {
    if (!this.session?.call) return;
    await this.#change('');
    if (!this.microphone.track || this.microphone.track.readyState === 'ended') {
      this.store.dispatch({ type: 'problem', problem: { code } });
    }
  }

  /**
   * Tell the visitor that the system has taken the microphone, unless it comes back at once.
   * @param {boolean} taken false when the system has returned it
   */
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

  /** Ask for the microphone again when the visitor is back on the page: an iPhone returns it only to a page that asks. */
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
