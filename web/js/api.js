/**
 * The gateway, as the page sees it: one function per route, and one way to fail.
 */

import { CallFailure, gatewayProblem } from './problems.js';

/**
 * @typedef {'text_input' | 'text_cached_input' | 'text_output' | 'audio_input' | 'audio_cached_input' | 'audio_output'
 *   | 'transcription_input' | 'transcription_output' | 'transcription_minute'} PriceName
 * @typedef {{ currency: string } & Partial<Record<PriceName, number | null>>} Prices per million tokens, or per minute
 *
 * @typedef {object} Config what GET /api/config answers
 * @property {string} version
 * @property {'proxy' | 'token' | 'both'} signalling
 * @property {boolean} webrtc_filter
 * @property {boolean} sign_in_required
 * @property {{ max_call_seconds: number, max_idle_seconds: number, max_calls_per_caller: number }} limits
 * @property {{ port: number, protocols: string[], service_tag: string | null }} firewall
 * @property {{ voice: string, voices: string[], turn_detection?: string | null }} session
 * @property {{ transcripts: boolean, retention_days: number | null, notice: string | null }} archive
 * @property {Prices | null} prices
 *
 * @typedef {{ text?: number, audio?: number, image?: number, cached_text?: number, cached_audio?: number, cached_image?: number }} Tokens
 * @typedef {object} Usage
 * @property {number} responses
 * @property {number} total tokens
 * @property {Tokens} input
 * @property {{ text?: number, audio?: number }} output
 * @property {{ input_text?: number, input_audio?: number, output?: number, seconds?: number }} transcription
 *
 * @typedef {object} CallRecord what GET /api/calls/{call_id} answers, as far as the page reads it
 * @property {'connecting' | 'live' | 'ended'} state
 * @property {string | null} end_reason
 * @property {{ seconds_left: number | null, idle_seconds_left: number | null } | null} [limits]
 * @property {Usage | null} [usage]
 * @property {{ at?: string, type?: string | null, code?: string | null, message?: string | null }[]} [errors]
 *
 * @typedef {{ userId: string, userDetails: string }} Visitor
 * @typedef {{ token: string, expires_at: number, calls_url: string, endpoint: string, call_id?: string }} ClientSecret
 *   `expires_at` in Unix seconds; `call_id` where the service gives calls none
 */

/** Minting and relaying take two requests upstream, after a cold start of perhaps ten seconds. */
const PATIENCE_MS = 40_000;

/** An instance of the gateway stays up at least this long after its last request. */
const AWAKE_MS = 120_000;

/**
 * @param {object} options
 * @param {string} options.base where the site is: what stands before `/api` and `/.auth`, without a slash at its end
 * @param {string} options.caller tells anonymous callers apart
 * @param {() => string} options.voice the voice that the visitor chose; empty for the operator's choice
 */
export function createApi({ base, caller, voice }) {
  let lastAnswer = 0;

  /**
   * @param {string} path
   * @param {RequestInit} [init]
   * @returns {Promise<Response>} only if it is a success
   */
  async function request(path, init = {}) {
    const headers = { 'x-switchboard-caller': caller, ...init.headers };
    let response;
    try {
      response = await fetch(base + path, { signal: AbortSignal.timeout(PATIENCE_MS), ...init, headers });
    } catch (error) {
      throw new CallFailure({ code: 'gateway-unreachable', detail: error instanceof Error ? error.name : '' }, error);
    }
    lastAnswer = Date.now();
    if (response.ok) return response;
    throw new CallFailure(gatewayProblem(response.status, await problemBody(response), retryAfter(response)));
  }

  /** What the gateway lets a visitor choose. */
  const choices = () => (voice() ? `?${new URLSearchParams({ voice: voice() })}` : '');

  const json = { 'Content-Type': 'application/json' };

  return {
    /** @returns {Promise<Config>} */
    config: async () => (await request('/api/config', { cache: 'no-store' })).json(),

    /** @returns {Promise<{ status: string, version: string }>} */
    health: async () => (await request('/api/health', { cache: 'no-store' })).json(),

    /** A gateway that nobody has called for a while sleeps, and takes seconds to wake up. */
    async wake() {
      if (Date.now() - lastAnswer > AWAKE_MS) await request('/api/health', { cache: 'no-store' }).catch(() => {});
    },

    /** @returns {Promise<Visitor | null>} who is signed in; null too where the platform in front has no sign-in */
    async visitor() {
      const response = await fetch(`${base}/.auth/me`).catch(() => null);
      const isJson = response?.ok && response.headers.get('content-type')?.includes('json');
      return isJson ? ((await response.json()).clientPrincipal ?? null) : null;
    },

    /**
     * @param {string} offer
     * @returns {Promise<{ answer: string, callId: string }>}
     */
    async connect(offer) {
      const response = await request(`/api/connect${choices()}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/sdp' },
        body: offer,
      });
      return { answer: await response.text(), callId: callIdOf(response) };
    },

    /** @returns {Promise<ClientSecret>} */
    token: async () => (await request(`/api/token${choices()}`, { cache: 'no-store' })).json(),

    /**
     * @param {string} callId of a call the page set up itself: from now on the gateway observes it
     * @param {string} endpoint as it came with the token
     */
    register: (callId, endpoint) =>
      request('/api/calls', { method: 'POST', headers: json, body: JSON.stringify({ call_id: callId, endpoint }) }),

    /**
     * @param {string} callId
     * @returns {Promise<CallRecord>}
     */
    record: async (callId) => (await request(callPath(callId), { cache: 'no-store' })).json(),

    /** @param {string} callId keepalive: it must arrive even if the tab is closing */
    hangUp: (callId) => request(callPath(callId), { method: 'DELETE', keepalive: true }),

    /**
     * @param {string} callId
     * @param {string} report JSON of at most 16 KB
     */
    report: (callId, report) =>
      request(`${callPath(callId)}/report`, { method: 'POST', headers: json, body: report, keepalive: true }),
  };
}

/** @typedef {ReturnType<typeof createApi>} Api */

/** @param {string} callId */
const callPath = (callId) => `/api/calls/${encodeURIComponent(callId)}`;

/**
 * @param {Response} response a created call
 * @returns {string} the last segment of its `Location`
 */
export function callIdOf(response) {
  const callId = response.headers.get('Location')?.split(/[?#]/)[0]?.split('/').pop();
  if (!callId) throw new CallFailure({ code: 'service-failed', detail: 'location_missing' });
  return decodeURIComponent(callId);
}

/**
 * @param {Response} response
 * @returns {Promise<Record<string, unknown>>} empty unless it is the gateway's own problem+json
 */
async function problemBody(response) {
  if (!response.headers.get('content-type')?.includes('json')) return {};
  const body = await response.json().catch(() => null);
  return body && typeof body === 'object' ? body : {};
}

/**
 * @param {Response} response
 * @returns {number | null} seconds
 */
function retryAfter(response) {
  const value = response.headers.get('Retry-After');
  if (!value) return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds));
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}
