/**
 * The visitor's microphone: opened once per call, changed in mid-call, released by whoever opened it and nobody else.
 */

import { CallFailure, microphoneFailure } from '../problems.js';

/** @type {MediaTrackConstraints} */
const VOICE = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: { ideal: 1 },
};

/**
 * @typedef {object} MicrophoneHandlers
 * @property {() => void} onEnded the device went away (pulled out, permission withdrawn)
 * @property {(taken: boolean) => void} onTaken the system silenced or returned it: a phone call, Siri, another tab
 */

export class Microphone {
  /** @param {MicrophoneHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    /** @type {MediaStreamTrack | null} */
    this.track = null;
    /** Kept while no track is there, so that a new device starts as the old one was. */
    this.enabled = false;
    /** The visitor has allowed it before: nobody will be asked, and nobody can refuse. */
    this.granted = false;
    void this.#watchPermission();
  }

  async #watchPermission() {
    // Browsers that do not know this name of a permission refuse the question: then it is asked for each time.
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
   * @param {string} [deviceId] preferred device; the default one if it is gone
   * @param {() => boolean} [wanted] asked once it is granted: by then the visitor may have given the call up
   * @returns {Promise<MediaStreamTrack>} a live track that is silent until `setEnabled(true)`
   * @throws {CallFailure} denied, missing or busy, or an origin that may have no microphone at all
   */
  async open(deviceId, wanted = () => true) {
    const track = await acquire(deviceId);
    if (wanted()) {
      this.release();
      this.#adopt(track);
    } else {
      track.stop();
    }
    return track;
  }

  /**
   * Changes the device in mid-call. The old one is stopped only when the new one is being sent.
   * @param {string | undefined} deviceId
   * @param {(track: MediaStreamTrack) => Promise<void>} send
   */
  async change(deviceId, send) {
    const track = await acquire(deviceId);
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

  /** @param {boolean} enabled whether the visitor is heard; instant, and costs no new permission */
  setEnabled(enabled) {
    this.enabled = enabled;
    if (this.track) this.track.enabled = enabled;
  }

  get deviceId() {
    return this.track?.getSettings().deviceId;
  }

  get label() {
    return this.track?.label ?? '';
  }

  /** Turns the browser's recording light off. */
  release() {
    const track = this.track;
    this.track = null;
    if (!track) return;
    track.onended = track.onmute = track.onunmute = null;
    track.stop();
  }

  /** @param {MediaStreamTrack} track */
  #adopt(track) {
    this.track = track;
    track.enabled = this.enabled;
    track.onended = () => this.handlers.onEnded();
    track.onmute = () => this.handlers.onTaken(true);
    track.onunmute = () => this.handlers.onTaken(false);
  }
}

/**
 * @param {string} [deviceId]
 * @returns {Promise<MediaStreamTrack>}
 */
async function acquire(deviceId) {
  // Browsers leave mediaDevices out altogether on plain http, except on this machine itself.
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

/** @param {MediaTrackConstraints} audio */
async function capture(audio) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio });
  const [track] = stream.getAudioTracks();
  if (!track) throw new DOMException('no audio track', 'NotFoundError');
  return track;
}
