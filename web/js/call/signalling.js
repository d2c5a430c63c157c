/**
 * Exchange an SDP offer for an SDP answer, in one of two ways. The transport knows neither of them.
 *
 * @typedef {object} Signaller
 * @property {() => Promise<void>} prepare does what may be done before the microphone is granted, and costs nothing by itself
 * @property {(offer: string) => Promise<Exchanged>} exchange sets the call up, which then costs money
 *
 * @typedef {object} Exchanged
 * @property {string} answer SDP
 * @property {string} callId
 * @property {boolean} continued whether the call goes on with the earlier one
 */

import { callIdOf } from '../api.js';
import { CallFailure, cannotContinue } from '../problems.js';

/** @import { Api, ClientSecret } from '../api.js' */

/** The page waits this long for the service. */
const PATIENCE_MS = 30_000;

/**
 * A client secret that expires within this time is not used: it might expire before the offer arrives. Fresh ones may live for ten
 * seconds only, and each takes one of the visitor's places.
 */
const MARGIN_MS = 3_000;

/**
 * Let the gateway relay the offer, so that no secret reaches the page.
 * @param {Api} api
 * @param {string | null} [earlier] the id of the call to go on with
 * @returns {Signaller}
 */
export function proxySignaller(api, earlier = null) {
  return {
    prepare: async () => {},
    async exchange(offer) {
      const { given, continued } = await goingOn(earlier, (continues) => api.connect(offer, continues));
      return { ...given, continued };
    },
  };
}

/**
 * Take a client secret and post the offer to the service from the page. The secret is kept in this closure for one call, and
 * goes nowhere but into one header.
 * @param {Api} api
 * @param {string | null} [earlier] the id of the call to go on with
 * @returns {Signaller}
 */
export function tokenSignaller(api, earlier = null) {
  /** @type {Promise<ClientSecret> | null} */
  let secret = null;
  const take = async () => {
    const { given, continued } = await goingOn(earlier, (continues) => api.token(continues));
    if (!continued) earlier = null;
    return given;
  };

  return {
    async prepare() {
      secret = take();
      await secret;
    },
    async exchange(offer) {
      const first = await (secret ?? take());
      secret = null;
      // A visitor may think about the microphone for a minute; a secret of the preview protocol has expired by then.
      const fresh = first.expires_at * 1000 > Date.now() + MARGIN_MS;
      const { token, calls_url: url, endpoint, call_id: ownId } = fresh ? first : await take();
      const response = await post(url, token, offer);
      const call = { answer: await response.text(), callId: ownId ?? callIdOf(response) };
      const { continued } = await goingOn(earlier, (continues) => api.register(call.callId, endpoint, continues));
      return { ...call, continued };
    },
  };
}

/**
 * Ask the gateway to let the new call go on with an earlier one. If it refuses that, ask for a call that does not.
 * @template T
 * @param {string | null} earlier the id of the earlier call; null to ask for a new one at once
 * @param {(continues: string | undefined) => Promise<T>} ask
 * @returns {Promise<{ given: T, continued: boolean }>}
 */
async function goingOn(earlier, ask) {
  if (earlier) {
    try {
      return { given: await ask(earlier), continued: true };
    } catch (error) {
      if (!(error instanceof CallFailure && cannotContinue(error.problem))) throw error;
    }
  }
  return { given: await ask(undefined), continued: false };
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
 * @param {string | null} [earlier] the id of the call to go on with
 */
export function signallerFor(way, api, earlier) {
  return way === 'token' ? tokenSignaller(api, earlier) : proxySignaller(api, earlier);
}
