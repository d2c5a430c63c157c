/**
 * Hold one WebRTC connection to a realtime model: audio in both directions, and a channel of JSON events. It knows no
 * gateway and no page.
 */

import { CallFailure } from '../problems.js';

/**
 * @typedef {object} TransportHandlers
 * @property {(event: { type: string, [field: string]: unknown }) => void} onEvent is called with each server event
 * @property {(state: RTCPeerConnectionState) => void} onState is called when the state of the connection changes
 * @property {() => void} onOpen is called when the channel is open: the conversation can begin
 * @property {() => void} onClosed is called when the other side closes the channel
 */

/** The name of the channel. Any name will do: OpenAI's pages use this one, Microsoft's another, and the service accepts both. */
const CHANNEL = 'oai-events';

/** The energy of ten milliseconds of a soft voice, as getStats() counts it. Silence never adds up to it. */
const AUDIBLE_ENERGY = 1e-4;

/** @type {TransportHandlers} does nothing */
const NOBODY = { onEvent: () => {}, onState: () => {}, onOpen: () => {}, onClosed: () => {} };

/**
 * Say whether this browser has WebRTC, and has it switched on.
 * @returns {boolean} whether this browser has WebRTC and has it switched on
 */
export const hasWebRtc = () => 'RTCPeerConnection' in globalThis;

export class Transport {
  constructor() {
    /** Whoever uses the connection sets these. One that is only kept ready has nobody to tell. */
    this.handlers = NOBODY;
    // There are no iceServers: the service has public host candidates, and needs none of ours.
    this.connection = new RTCPeerConnection();
    this.channel = this.connection.createDataChannel(CHANNEL);
    const { sender, receiver } = this.connection.addTransceiver('audio', { direction: 'sendrecv' });
    this.sender = sender;
    /** The model's voice. The track exists before the answer, so that a click can hand it to an audio element. */
    this.remoteTrack = receiver.track;
    this.closed = false;

    this.connection.addEventListener('connectionstatechange', () => {
      if (!this.closed) this.handlers.onState(this.connection.connectionState);
    });
    this.channel.addEventListener('open', () => !this.closed && this.handlers.onOpen());
    this.channel.addEventListener('close', () => !this.closed && this.handlers.onClosed());
    this.channel.addEventListener('message', ({ data }) => {
      const event = this.closed ? null : parse(data);
      if (event) this.handlers.onEvent(event);
    });
  }

  /**
   * Make the SDP offer.
   * @returns {Promise<string>} the SDP offer, at once and without candidates: the service learns ours from our ICE checks
   */
  async offer() {
    await this.connection.setLocalDescription();
    return this.connection.localDescription?.sdp ?? '';
  }

  /**
   * Accept the SDP answer.
   * @param {string} answer SDP
   * @throws {CallFailure} when it is no SDP
   */
  async accept(answer) {
    if (!answer.startsWith('v=0')) throw new CallFailure({ code: 'service-failed', detail: 'answer_not_sdp' });
    await this.connection.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /**
   * Send this track. It needs no new offer, neither before the answer nor in mid-call.
   * @param {MediaStreamTrack | null} track null sends silence
   */
  async send(track) {
    await this.sender.replaceTrack(track);
  }

  /**
   * Send a client event.
   * @param {{ type: string, [field: string]: unknown }} event
   * @returns {boolean} whether it left the page
   */
  dispatch(event) {
    if (this.channel.readyState !== 'open') return false;
    this.channel.send(JSON.stringify(event));
    return true;
  }

  /** Return the browser's statistics of the connection. */
  stats() {
    return this.connection.getStats();
  }

  /**
   * Say whether the model has been heard.
   * @returns {Promise<boolean>} whether any sound of the model has come, by the browser's own count
   */
  async heard() {
    for (const entry of (await this.stats()).values()) {
      if (entry.type === 'inbound-rtp' && entry.totalAudioEnergy > AUDIBLE_ENERGY) return true;
    }
    return false;
  }

  /** End the connection. No handler is called any more. */
  close() {
    this.closed = true;
    this.channel.close();
    this.connection.close();
  }
}

/**
 * Read an event from a message of the channel.
 * @param {unknown} data
 * @returns {{ type: string } | null} null for anything that is not an event: no message may bring the page down
 */
function parse(data) {
  try {
    const event = JSON.parse(String(data));
    return typeof event?.type === 'string' ? event : null;
  } catch {
    return null;
  }
}
