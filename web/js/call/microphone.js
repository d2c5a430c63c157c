/**
 * Open the visitor's microphone: once per call, with a change of device in mid-call if wanted. Whoever opens it also
 * releases it.
 */

import { CallFailure, microphoneFailure } from '../problems.js';

/** @import { Memory } from '../preferences.js' */

/** @type {MediaTrackConstraints} */
const VOICE = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: { ideal: 1 },
};

/**
 * @typedef {object} MicrophoneHandlers
 * @property {() => void} onEnded is called when the device is gone: pulled out, or its permission withdrawn
 * @property {(taken: boolean) => void} onTaken is called when the system silences the microphone (a phone call, Siri, another tab)
 *   and, with false, when it returns it
 */

export class Microphone {
  /**
   * @param {MicrophoneHandlers} handlers
   * @param {Memory} [memory] remembers whether the microphone opened the last time
   */
  constructor(handlers, memory = { get: () => false, set: () => {} }) {
    this.handlers = handlers;
    this.memory = memory;
    /** @type {MediaStreamTrack | null} */
    this.track = null;
    /** Whether the visitor is heard. It is kept while there is no track, so that a new device starts as the old one was. */
    this.enabled = false;
    /** Whether the visitor has already allowed it: then nobody will be asked, and nobody can refuse. */
    this.granted = false;
    void this.#watchPermission();
  }

  /**
   * Say whether the microphone is expected to open: it is granted, and it did open when it was last asked for. What is granted may
   * fail all the same, because the system refuses it or another program has it, and then it fails again the next time.
   */
  get proven() {
    return this.granted && this.memory.get();
  }

  /** Learn whether the microphone is granted already, and follow changes of that. */
  async #watchPermission() {
    // A browser that does not know this permission refuses the query. Then the page takes it that the visitor will be asked.
    const name = /** @type {PermissionName} */ ('microphone');
    const status = await navigator.permissions?.query({ name }).catch(() => null);
    if (!status) return;
    const look = () => {
      this.granted = status.state === 'granted';
    };
    status.addEventListener('change', look);
    look();
  }

  /**
   * Open the microphone.
   * @param {string} [deviceId] the preferred device; if it is gone, the default one is opened
   * @param {() => boolean} [wanted] is asked when the microphone is granted; by then the visitor may have given up the call
   * @returns {Promise<MediaStreamTrack>} a live track that is silent until `setEnabled(true)`
   * @throws {CallFailure} when the microphone is denied, missing or busy, or when this origin may not use one at all
   */
  async open(deviceId, wanted = () => true) {
    const track = await this.#acquire(deviceId);
    if (wanted()) {
      this.release();
      this.#adopt(track);
    } else {
      track.stop();
    }
    return track;
  }

  /**
   * Change the device in mid-call. The old one is stopped only when the new one is being sent.
   * @param {string | undefined} deviceId undefined for the default one
   * @param {(track: MediaStreamTrack) => Promise<void>} send sends the new track instead of the old one
   */
  async change(deviceId, send) {
    const track = await this.#acquire(deviceId);
    track.enabled = this.enabled;
    try {
      await send(track);
    } catch (error) {
      track.stop();
      throw error;
    }
    this.release();
    this.#adopt(track);
  }

  /**
   * Open or silence the microphone at once; no permission is asked for.
   * @param {boolean} enabled whether the visitor is heard
   */
  setEnabled(enabled) {
    this.enabled = enabled;
    if (this.track) this.track.enabled = enabled;
  }

  /** Return the id of the device in use. */
  get deviceId() {
    return this.track?.getSettings().deviceId;
  }

  /** Return the name of the device in use, or an empty text. */
  get label() {
    return this.track?.label ?? '';
  }

  /** Stop recording: the browser's recording light goes out. */
  release() {
    const track = this.track;
    this.track = null;
    if (!track) return;
    track.onended = track.onmute = track.onunmute = null;
    track.stop();
  }

  /**
   * Ask for a microphone, and remember whether one opened.
   * @param {string} [deviceId]
   */
  async #acquire(deviceId) {
    try {
      const track = await acquire(deviceId);
      this.memory.set(true);
      return track;
    } catch (error) {
      this.memory.set(false);
      throw error;
    }
  }

  /**
   * Use a new track.
   * @param {MediaStreamTrack} track
   */
  #adopt(track) {
    this.track = track;
    track.enabled = this.enabled;
    track.onended = () => this.handlers.onEnded();
    track.onmute = () => this.handlers.onTaken(true);
    track.onunmute = () => this.handlers.onTaken(false);
  }
}

/**
 * Ask the browser for a microphone; if the preferred one is gone, for any other.
 * @param {string} [deviceId]
 * @returns {Promise<MediaStreamTrack>}
 */
async function acquire(deviceId) {
  // On plain http, browsers have no mediaDevices at all, except for pages of this machine itself.
  if (!navigator.mediaDevices?.getUserMedia) throw new CallFailure({ code: 'insecure-origin' });
  try {
    return await capture(deviceId ? { ...VOICE, deviceId: { exact: deviceId } } : VOICE);
  } catch (error) {
    const gone = deviceId && error instanceof Error && error.name !== 'NotAllowedError';
    if (!gone) throw microphoneFailure(error);
  }
  try {
    return await capture(VOICE);
  } catch (error) {
    throw microphoneFailure(error);
  }
}

/**
 * Ask the browser for a microphone with these constraints.
 * @param {MediaTrackConstraints} audio
 */
async function capture(audio) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio });
  const [track] = stream.getAudioTracks();
  if (!track) throw new DOMException('no audio track', 'NotFoundError');
  return track;
}
