/**
 * Two ways to trade an SDP offer for an answer. The transport knows neither.
 *
 * @typedef {object} Signaller
 * @property {() => Promise<void>} prepare what may be done before the microphone is granted; costs nothing by itself
 * @property {(offer: string) => Promise<{ answer: string, callId: string }>} exchange sets the call up: from here on it costs
 */

import { callIdOf } from '../api.js';
import { CallFailure } from '../problems.js';

/** @import { Api, ClientSecret } from '../api.js' */

const PATIENCE_MS = 30_000;

/** A client secret this close to its end may be over before the offer arrives. */
const MARGIN_MS = 10_000;

/**
 * The gateway relays the offer; no secret reaches the page.
 * @param {Api} api
 * @returns {Signaller}
 */
export function proxySignaller(api) {
  return { prepare: async () => {}, exchange: (offer) => api.connect(offer) };
}

/**
 * The page takes a client secret and posts its offer to the service itself.
 * The secret lives in this closure, for one call, and goes nowhere but into one header.
 * @param {Api} api
 * @returns {Signaller}
 */
export function tokenSignaller(api) {
  /** @type {Promise<ClientSecret> | null} */
  let secret = null;

  return {
    async prepare() {
      secret = api.token();
      await secret;
    },
    async exchange(offer) {
      const first = await (secret ?? api.token());
      secret = null;
      // Whoever thinks about the microphone for a minute finds a secret of the preview protocol expired.
      const fresh = first.expires_at * 1000 > Date.now() + MARGIN_MS;
      const { token, calls_url: url, endpoint, call_id: ownId } = fresh ? first : await api.token();
      const response = await post(url, token, offer);
      const call = { answer: await response.text(), callId: ownId ?? callIdOf(response) };
      await api.register(call.callId, endpoint);
      return call;
    },
  };
}

/**
 * @param {string} url
 * @param {string} token
 * @param {string} offer
 */
async function post(url, token, offer) {
  let response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/sdp' },
      body: offer,
      credentials: 'omit',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (error) {
    // Also what a content security policy without the service's host looks like from here.
    throw new CallFailure({ code: 'signalling-blocked', detail: error instanceof Error ? error.name : '' }, error);
  }
  if (response.ok) return response;
  const code = response.status === 429 ? 'service-busy' : 'service-failed';
  throw new CallFailure({ code, detail: `http_${response.status}` });
}

/**
 * @param {'proxy' | 'token' | 'both'} way `both` leaves the choice to the page, and the page prefers to hold no secret
 * @param {Api} api
 */
export function signallerFor(way, api) {
  return way === 'token' ? tokenSignaller(api) : proxySignaller(api);
}
