/**
 * One WebRTC connection to a realtime model: audio both ways and a channel of JSON events. Knows no gateway and no page.
 */

import { CallFailure } from '../problems.js';

/**
 * @typedef {object} TransportHandlers
 * @property {(event: { type: string, [field: string]: unknown }) => void} onEvent
 * @property {(state: RTCPeerConnectionState) => void} onState
 * @property {() => void} onOpen the channel is open: the conversation can begin
 * @property {() => void} onClosed the other side closed the channel
 */

/** The name is free: OpenAI's pages use this one, Microsoft's another, the service accepts both. */
const CHANNEL = 'oai-events';

/** Energy, as getStats() counts it, that no silence adds up to: ten milliseconds of a soft voice. */
const AUDIBLE_ENERGY = 1e-4;

/** @type {TransportHandlers} */
const NOBODY = { onEvent: () => {}, onState: () => {}, onOpen: () => {}, onClosed: () => {} };

/** @returns {boolean} whether this browser has WebRTC and has it switched on */
export const hasWebRtc = () => 'RTCPeerConnection' in globalThis;

export class Transport {
  constructor() {
    /** Set by whoever uses the connection; one that is only kept ready has nobody to tell. */
    this.handlers = NOBODY;
    // No iceServers: the service has public host candidates and needs none of ours.
    this.connection = new RTCPeerConnection();
    this.channel = this.connection.createDataChannel(CHANNEL);
    const { sender, receiver } = this.connection.addTransceiver('audio', { direction: 'sendrecv' });
    this.sender = sender;
    /** The model's voice. The track exists before the answer does, so a click can hand it to an audio element. */
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

  /** @returns {Promise<string>} the SDP offer at once: candidates are not waited for, the service learns ours from our checks */
  async offer() {
    await this.connection.setLocalDescription();
    return this.connection.localDescription?.sdp ?? '';
  }

  /** @param {string} answer SDP */
  async accept(answer) {
    if (!answer.startsWith('v=0')) throw new CallFailure({ code: 'service-failed', detail: 'answer_not_sdp' });
    await this.connection.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /** @param {MediaStreamTrack | null} track needs no new offer, before the answer or in mid-call */
  async send(track) {
    await this.sender.replaceTrack(track);
  }

  /**
   * @param {{ type: string, [field: string]: unknown }} event a client event
   * @returns {boolean} whether it left the page
   */
  dispatch(event) {
    if (this.channel.readyState !== 'open') return false;
    this.channel.send(JSON.stringify(event));
    return true;
  }

  stats() {
    return this.connection.getStats();
  }

  /** @returns {Promise<boolean>} whether any sound of the model's has come, by the browser's own count */
  async heard() {
    for (const entry of (await this.stats()).values()) {
      if (entry.type === 'inbound-rtp' && entry.totalAudioEnergy > AUDIBLE_ENERGY) return true;
    }
    return false;
  }

  /** Ends the connection; no handler is called any more. */
  close() {
    this.closed = true;
    this.channel.close();
    this.connection.close();
  }
}

/**
 * @param {unknown} data
 * @returns {{ type: string } | null} null for what is not an event: the page must not fall over a stranger's bytes
 */
function parse(data) {
  try {
    const event = JSON.parse(String(data));
    return typeof event?.type === 'string' ? event : null;
  } catch {
    return null;
  }
}
