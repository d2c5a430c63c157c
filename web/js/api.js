/**
 * Ask the gateway: one function for each route, and one way to fail.
 */

import { CallFailure, gatewayProblem } from './problems.js';
import { beginTrace } from './trace.js';

/**
 * @typedef {'text_input' | 'text_cached_input' | 'text_output' | 'audio_input' | 'audio_cached_input' | 'audio_output'
 *   | 'transcription_input' | 'transcription_output' | 'transcription_minute'} PriceName
 * @typedef {{ currency: string } & Partial<Record<PriceName, number | null>>} Prices prices per million tokens or per minute; null where
 *   the operator configured none
 *
 * @typedef {{ voice: string, voices: string[], turn_detection?: string | null }} SessionChoices
 * @typedef {{ max_call_seconds: number, max_idle_seconds: number, max_calls_per_caller: number }} CallLimits
 * @typedef {{ name: string, title: string, description: string, session: SessionChoices, limits: CallLimits }} OfferedAssistant
 *
 * @typedef {object} Config the answer of GET /api/config
 * @property {string} version of the gateway
 * @property {'proxy' | 'token' | 'both'} signalling how calls may be set up
 * @property {boolean} webrtc_filter whether the service keeps some of its events from the page
 * @property {boolean} sign_in_required whether only visitors who have signed in may call
 * @property {CallLimits} limits what ends or refuses a call
 * @property {number} continue_seconds for how many seconds after its end a call can be taken up again; 0 if none can be
 * @property {{ port: number, protocols: string[], service_tag: string | null }} firewall what a firewall must let through
 * @property {SessionChoices} session what the operator chose, and what visitors may
 * @property {OfferedAssistant[]} [assistants] who may answer the visitor's calls, the default one first
 * @property {{ transcripts: boolean, retention_days: number | null, notice: string | null }} archive what is kept of a call; days are
 *   null where nothing is deleted by itself
 * @property {{ calls: number | null, budget: number | null }} left what there is for new calls: how many more may run at the same time,
 *   and which share of the day's budget is left, from 0 to 1; null where that is not known, or not limited
 * @property {Prices | null} prices null where the operator configured none at all
 *
 * @typedef {{ text?: number, audio?: number, image?: number, cached_text?: number, cached_audio?: number, cached_image?: number }} Tokens
 *   numbers of tokens; the cached ones are counted among the others as well
 * @typedef {object} Usage what a call has used so far
 * @property {number} responses how many answers the model gave
 * @property {number} total the tokens of all kinds together
 * @property {Tokens} input
 * @property {{ text?: number, audio?: number }} output
 * @property {{ input_text?: number, input_audio?: number, output?: number, seconds?: number }} transcription what the transcription of
 *   the visitor's speech has used: tokens, or seconds of audio
 *
 * @typedef {object} CallRecord the part of the answer of GET /api/calls/{call_id}/status that the page reads
 * @property {'connecting' | 'live' | 'ended'} state
 * @property {string | null} end_reason null while the call lasts
 * @property {{ seconds_left: number | null, idle_seconds_left: number | null } | null} [limits] null where a limit does not count
 * @property {Usage | null} [usage]
 * @property {number | null} [ask_again_seconds] when to ask again, so that a limit is warned of in time
 * @property {{ at?: string, type?: string | null, code?: string | null, message?: string | null }[]} [errors] errors of the service
 *
 * @typedef {{ userId: string, userDetails: string }} Visitor somebody who has signed in; `userDetails` is the name
 * @typedef {{ token: string, expires_at: number, calls_url: string, endpoint: string, call_id?: string }} ClientSecret the right to set up
 *   one call: `expires_at` in Unix seconds, `call_id` only where the service itself gives calls no id
 */

/** The page waits this long: the gateway may need ten seconds to start, and then asks the service twice. */
const PATIENCE_MS = 40_000;

/** For this long after its last request, the gateway is certain to be awake. */
const AWAKE_MS = 120_000;

/**
 * Make the functions that ask the gateway.
 * @param {object} options
 * @param {string} options.base where the site is: what stands before `/api` and `/.auth`, without a slash at its end
 * @param {string} options.caller tells anonymous callers apart
 * @param {() => string} options.voice the voice that the visitor chose; empty for the operator's choice
 * @param {() => string} options.assistant the name of the assistant that answers; empty for the default one
 */
export function createApi({ base, caller, voice, assistant }) {
  let lastAnswer = 0;

  /** The trace of the latest call; null before the first. @type {ReturnType<typeof beginTrace> | null} */
  let trace = null;

  /** The version of the latest answer about a call, if it has one. @type {{ callId: string, etag: string } | null} */
  let known = null;

  /**
   * Send a request to the gateway.
   * @param {string} path
   * @param {RequestInit} [init]
   * @returns {Promise<Response>} only if it is a success, or says that nothing has changed (304)
   * @throws {CallFailure} with the gateway's own problem, or when it cannot be reached
   */
  async function request(path, init = {}) {
    const headers = { 'x-switchboard-caller': caller, ...(trace && { traceparent: trace.traceparent() }), ...init.headers };
    let response;
    try {
      response = await fetch(base + path, { signal: AbortSignal.timeout(PATIENCE_MS), ...init, headers });
    } catch (error) {
      throw new CallFailure({ code: 'gateway-unreachable', detail: error instanceof Error ? error.name : '' }, error);
    }
    lastAnswer = Date.now();
    if (response.ok || response.status === 304) return response;
    throw new CallFailure(gatewayProblem(response.status, await problemBody(response), retryAfter(response)));
  }

  /**
   * Return the query that says what the visitor chose.
   * @param {string} continues the id of the call that the new one goes on with; empty for none
   */
  const choices = (continues) => {
    const chosen = { voice: voice(), ...assistantField(), continues };
    const query = new URLSearchParams(Object.entries(chosen).filter(([, value]) => value));
    return query.size ? `?${query}` : '';
  };

  /** Return the field that says who answers. The default assistant needs no name. */
  const assistantField = () => (assistant() ? { assistant: assistant() } : {});

  const json = { 'Content-Type': 'application/json' };

  return {
    /**
     * Ask what the page must know before a call.
     * @returns {Promise<Config>}
     */
    config: async () => (await request('/api/config', { cache: 'no-store' })).json(),

    /**
     * Ask whether the gateway is up.
     * @returns {Promise<{ status: string, version: string }>}
     */
    health: async () => (await request('/api/health', { cache: 'no-store' })).json(),

    /** Wake the gateway up, if it may be asleep: waking takes seconds. */
    async wake() {
      if (Date.now() - lastAnswer > AWAKE_MS) await request('/api/health', { cache: 'no-store' }).catch(() => {});
    },

    /**
     * Ask who is signed in.
     * @returns {Promise<Visitor | null>} null for nobody, and also where the platform in front has no sign-in
     */
    async visitor() {
      const response = await fetch(`${base}/.auth/me`).catch(() => null);
      const isJson = response?.ok && response.headers.get('content-type')?.includes('json');
      return isJson ? ((await response.json()).clientPrincipal ?? null) : null;
    },

    /**
     * Have the gateway set up a call.
     * @param {string} offer SDP
     * @param {string} [continues] the id of the call that the new one goes on with
     * @returns {Promise<{ answer: string, callId: string }>} the SDP answer, and the id of the call
     */
    async connect(offer, continues = '') {
      trace = beginTrace();
      const response = await request(`/api/connect${choices(continues)}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/sdp' },
        body: offer,
      });
      return { answer: await response.text(), callId: callIdOf(response) };
    },

    /**
     * Ask for a client secret.
     * @param {string} [continues] the id of the call that the new one goes on with
     * @returns {Promise<ClientSecret>}
     */
    async token(continues = '') {
      trace = beginTrace();
      return (await request(`/api/token${choices(continues)}`, { cache: 'no-store' })).json();
    },

    /**
     * Tell the gateway of a call that the page has set up by itself: from now on the gateway observes it.
     * @param {string} callId
     * @param {string} endpoint comes with the client secret
     * @param {string} [continues] the id of the call that this one goes on with
     */
    register: (callId, endpoint, continues) =>
      request('/api/calls', {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ call_id: callId, endpoint, ...assistantField(), ...(continues && { continues }) }),
      }),

    /**
     * Ask how a call stands.
     * @param {string} callId
     * @returns {Promise<CallRecord | null>} null if nothing has happened since the last answer
     */
    record: async (callId) => {
      /** @type {Record<string, string>} */
      const headers = known?.callId === callId ? { 'If-None-Match': known.etag } : {};
      const response = await request(`${callPath(callId)}/status`, { cache: 'no-store', headers });
      if (response.status === 304) return null;
      const etag = response.headers.get('ETag');
      known = etag ? { callId, etag } : null;
      return response.json();
    },

    /**
     * Hang a call up. The request arrives even if the tab is just being closed.
     * @param {string} callId
     */
    hangUp: (callId) => request(callPath(callId), { method: 'DELETE', keepalive: true }),

    /**
     * Report the browser's own figures of a call.
     * @param {string} callId
     * @param {string} report JSON of at most 16 KB
     */
    report: (callId, report) =>
      request(`${callPath(callId)}/report`, { method: 'POST', headers: json, body: report, keepalive: true }),
  };
}

/** @typedef {ReturnType<typeof createApi>} Api */

/**
 * Return the path of a call.
 * @param {string} callId
 */
const callPath = (callId) => `/api/calls/${encodeURIComponent(callId)}`;

/**
 * Return the id of a created call.
 * @param {Response} response the answer that created the call
 * @returns {string} the last segment of its `Location`
 * @throws {CallFailure} when there is none
 */
export function callIdOf(response) {
  const callId = response.headers.get('Location')?.split(/[?#]/)[0]?.split('/').pop();
  if (!callId) throw new CallFailure({ code: 'service-failed', detail: 'location_missing' });
  return decodeURIComponent(callId);
}

/**
 * Read the gateway's own problem+json.
 * @param {Response} response
 * @returns {Promise<Record<string, unknown>>} empty if somebody else has answered
 */
async function problemBody(response) {
  if (!response.headers.get('content-type')?.includes('json')) return {};
  const body = await response.json().catch(() => null);
  return body && typeof body === 'object' ? body : {};
}

/**
 * Read how long to wait before the next try.
 * @param {Response} response
 * @returns {number | null} whole seconds; null if the answer does not say
 */
function retryAfter(response) {
  const value = response.headers.get('Retry-After');
  if (!value) return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds));
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}
