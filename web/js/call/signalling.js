/**
 * Exchange an SDP offer for an SDP answer, in one of two ways. The transport knows neither of them.
 *
 * @typedef {object} Signaller
 * @property {() => Promise<void>} prepare does what may be done before the microphone is granted, and costs nothing by itself
 * @property {(offer: string) => Promise<{ answer: string, callId: string }>} exchange sets the call up, which then costs money
 */

import { callIdOf } from '../api.js';
import { CallFailure } from '../problems.js';

/** @import { Api, ClientSecret } from '../api.js' */

/** The page waits this long for the service. */
const PATIENCE_MS = 30_000;

/** A client secret that expires within this time is not used: it might expire before the offer arrives. */
const MARGIN_MS = 10_000;

/**
 * Let the gateway relay the offer, so that no secret reaches the page.
 * @param {Api} api
 * @returns {Signaller}
 */
export function proxySignaller(api) {
  return { prepare: async () => {}, exchange: (offer) => api.connect(offer) };
}

/**
 * Take a client secret and post the offer to the service from the page. The secret is kept in this closure for one call, and
 * goes nowhere but into one header.
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
      // A visitor may think about the microphone for a minute; a secret of the preview protocol has expired by then.
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
 * Post the offer to the service.
 * @param {string} url the service's address for calls
 * @param {string} token a client secret
 * @param {string} offer SDP
 * @returns {Promise<Response>} only if the call was created
 * @throws {CallFailure} when the service refuses or cannot be reached
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
    // A content security policy that does not allow the service's host looks the same from here.
    throw new CallFailure({ code: 'signalling-blocked', detail: error instanceof Error ? error.name : '' }, error);
  }
  if (response.ok) return response;
  const code = response.status === 429 ? 'service-busy' : 'service-failed';
  throw new CallFailure({ code, detail: `http_${response.status}` });
}

/**
 * Choose the way that the gateway is configured for.
 * @param {'proxy' | 'token' | 'both'} way `both` leaves the choice to the page, which prefers to hold no secret
 * @param {Api} api
 */
export function signallerFor(way, api) {
  return way === 'token' ? tokenSignaller(api) : proxySignaller(api);
}
