/**
 * Check whether everything is there that a call needs. Each check is small, claims no more than it proves, and leaves
 * nothing behind.
 */

import { CallFailure } from '../problems.js';
import { Levels } from './levels.js';
import { Microphone } from './microphone.js';
import { hasWebRtc, Transport } from './transport.js';

/** @import { Api } from '../api.js' */
/** @import { Signaller } from './signalling.js' */
/** @import { MessageKey } from '../i18n/index.js' */
/** @import { Problem } from '../problems.js' */

/**
 * @typedef {'page' | 'gateway' | 'microphone' | 'webrtc' | 'media'} CheckName
 *
 * @typedef {object} Finding
 * @property {'passed' | 'failed' | 'unsure'} result `unsure`: the check proves neither the one nor the other
 * @property {MessageKey} [key] the words for the visitor
 * @property {{ ms?: number, version?: string, name?: string, protocol?: string }} [values] what the words' placeholders stand for
 * @property {Problem} [problem] takes the place of the words where something is wrong that has words already
 */

/** The checks that cost nothing, each before those that depend on it. @type {CheckName[]} */
export const FREE_CHECKS = ['page', 'gateway', 'microphone', 'webrtc'];

/** The visitor has this long to say a word, which must be as loud as this (see Levels). */
const LISTEN_MS = 3_000;
const LOUD_ENOUGH = 0.15;

/** A connection within this page, and one to the service, must be there in this time. */
const LOOPBACK_MS = 4_000;
const MEDIA_MS = 10_000;

/**
 * Run one of the checks that cost nothing.
 * @param {CheckName} name
 * @param {{ api: Api, deviceId?: string }} dependencies
 * @returns {Promise<Finding>}
 */
export async function check(name, { api, deviceId }) {
  try {
    if (name === 'page') return isSecureContext ? { result: 'passed' } : { result: 'failed', key: 'check.page.no' };
    if (name === 'gateway') return await checkGateway(api);
    if (name === 'microphone') return await checkMicrophone(deviceId);
    return await checkLoopback();
  } catch (error) {
    if (error instanceof CallFailure) return { result: 'failed', problem: error.problem };
    throw error;
  }
}

/**
 * Ask the gateway how it is.
 * @param {Api} api
 */
async function checkGateway(api) {
  const started = performance.now();
  const { version } = await api.health();
  return { result: /** @type {const} */ ('passed'), key: /** @type {const} */ ('check.gateway.ok'), values: { ms: performance.now() - started, version } };
}

/**
 * Open the microphone and listen for a word.
 * @param {string} [deviceId]
 * @returns {Promise<Finding>}
 */
async function checkMicrophone(deviceId) {
  const microphone = new Microphone({ onEnded: () => {}, onTaken: () => {} });
  const levels = new Levels();
  levels.unlock();
  try {
    microphone.setEnabled(true);
    levels.listen('you', await microphone.open(deviceId));
    const heard = await poll(() => levels.level('you') > LOUD_ENOUGH, LISTEN_MS);
    const values = { name: microphone.label };
    return heard
      ? { result: 'passed', key: 'check.microphone.ok', values }
      : { result: 'unsure', key: 'check.microphone.quiet', values };
  } finally {
    microphone.release();
    levels.release();
  }
}

/**
 * Connect the page to itself. This proves that the browser may use WebRTC, and says nothing about the network.
 * @returns {Promise<Finding>}
 */
async function checkLoopback() {
  if (!hasWebRtc()) return { result: 'failed', problem: { code: 'webrtc-missing' } };
  const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
  try {
    near.onicecandidate = ({ candidate }) => void far.addIceCandidate(candidate ?? undefined);
    far.onicecandidate = ({ candidate }) => void near.addIceCandidate(candidate ?? undefined);
    const channel = near.createDataChannel('loopback');
    await near.setLocalDescription();
    await far.setRemoteDescription(/** @type {RTCSessionDescription} */ (near.localDescription));
    await far.setLocalDescription();
    await near.setRemoteDescription(/** @type {RTCSessionDescription} */ (far.localDescription));
    const open = await poll(() => channel.readyState === 'open', LOOPBACK_MS);
    return open ? { result: 'passed', key: 'check.webrtc.ok' } : { result: 'failed', key: 'check.webrtc.no' };
  } finally {
    near.close();
    far.close();
  }
}

/**
 * Place a real call and hang up as soon as it is connected. It takes a place and costs a fraction of a cent, so it is made only
 * when the visitor asks for it.
 * @param {Signaller} signaller
 * @param {(callId: string) => Promise<unknown>} hangUp
 * @returns {Promise<Finding>}
 */
export async function checkMedia(signaller, hangUp) {
  if (!hasWebRtc()) return { result: 'failed', problem: { code: 'webrtc-missing' } };
  const started = performance.now();
  const transport = new Transport();
  /** @type {string | null} */
  let callId = null;
  try {
    const [offer] = await Promise.all([transport.offer(), signaller.prepare()]);
    const call = await signaller.exchange(offer);
    callId = call.callId;
    await transport.accept(call.answer);
    const { connection } = transport;
    if (!(await poll(() => connection.connectionState === 'connected', MEDIA_MS))) {
      return { result: 'failed', problem: { code: 'media-blocked' } };
    }
    const values = { ms: performance.now() - started, protocol: protocolOf(await transport.stats()) };
    return { result: 'passed', key: 'check.media.ok', values };
  } catch (error) {
    if (error instanceof CallFailure) return { result: 'failed', problem: error.problem };
    throw error;
  } finally {
    if (callId) await hangUp(callId).catch(() => {});
    transport.close();
  }
}

/**
 * Return the protocol of the connection in use, such as UDP, or an empty text.
 * @param {RTCStatsReport} report
 */
function protocolOf(report) {
  for (const entry of report.values()) {
    if (entry.type === 'transport' && entry.selectedCandidatePairId) {
      const pair = report.get(entry.selectedCandidatePairId);
      return String(report.get(pair?.localCandidateId)?.protocol ?? '').toUpperCase();
    }
  }
  return '';
}

/**
 * Wait until something is true, or until time is up.
 * @param {() => boolean} ready
 * @param {number} patience milliseconds
 * @returns {Promise<boolean>} whether it became true in time
 */
async function poll(ready, patience) {
  const deadline = performance.now() + patience;
  while (performance.now() < deadline) {
    if (ready()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
