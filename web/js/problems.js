/**
 * What can go wrong, by name. The words for each name are in i18n/; nothing here is shown as it stands.
 */

/**
 * @typedef {'insecure-origin' | 'webrtc-missing'
 *   | 'microphone-denied' | 'microphone-missing' | 'microphone-busy' | 'microphone-lost' | 'microphone-taken'
 *   | 'gateway-unreachable' | 'gateway-failed' | 'sign-in-required' | 'not-allowed' | 'too-many-calls'
 *   | 'service-busy' | 'service-failed' | 'service-timeout' | 'service-setup' | 'storage-unavailable'
 *   | 'media-blocked' | 'signalling-blocked' | 'connection-lost' | 'firefox-drop'
 *   | 'limit-time' | 'limit-idle' | 'limit-service' | 'ended-by-operator' | 'ended-unknown' | 'observer-failed'} ProblemCode
 */

/**
 * @typedef {object} Problem
 * @property {ProblemCode} code
 * @property {string} [hint] the gateway's own advice, in English
 * @property {number} [retryAfter] seconds
 * @property {string} [requestId] what an operator searches the logs for
 * @property {string} [detail] the gateway's stable code or the browser's error name, for engineers
 */

/** An expected failure that carries its Problem; everything else that is thrown is a defect. */
export class CallFailure extends Error {
  /**
   * @param {Problem} problem
   * @param {unknown} [cause]
   */
  constructor(problem, cause) {
    super(problem.code, { cause });
    this.name = 'CallFailure';
    this.problem = problem;
  }
}

/** @type {Record<string, ProblemCode>} getUserMedia's error names, https://www.w3.org/TR/mediacapture-streams/#methods-5 */
const MICROPHONE = {
  NotAllowedError: 'microphone-denied',
  SecurityError: 'microphone-denied',
  NotFoundError: 'microphone-missing',
  OverconstrainedError: 'microphone-missing',
  NotReadableError: 'microphone-busy',
  AbortError: 'microphone-busy',
};

/**
 * @param {unknown} error what getUserMedia threw
 * @returns {CallFailure}
 */
export function microphoneFailure(error) {
  const name = error instanceof Error ? error.name : '';
  return new CallFailure({ code: MICROPHONE[name] ?? 'microphone-busy', detail: name }, error);
}

/** @type {Record<string, ProblemCode>} the gateway's stable codes that deserve words of their own */
export const GATEWAY = {
  sign_in_required: 'sign-in-required',
  too_many_calls: 'too-many-calls',
  upstream_throttled: 'service-busy',
  upstream_failed: 'service-failed',
  upstream_timeout: 'service-timeout',
  upstream_unauthorized: 'service-setup',
  upstream_forbidden: 'service-setup',
  deployment_not_found: 'service-setup',
  deployment_not_realtime: 'service-setup',
  storage_unavailable: 'storage-unavailable',
};

/**
 * @param {number} status
 * @param {{ code?: unknown, hint?: unknown, request_id?: unknown }} body application/problem+json, or nothing of use
 * @param {number | null} retryAfter seconds
 * @returns {Problem}
 */
export function gatewayProblem(status, body, retryAfter) {
  const text = (/** @type {unknown} */ value) => (typeof value === 'string' && value ? value : undefined);
  const detail = text(body.code) ?? `http_${status}`;
  return {
    code: GATEWAY[detail] ?? byStatus(status),
    detail,
    hint: text(body.hint),
    requestId: text(body.request_id),
    retryAfter: retryAfter ?? undefined,
  };
}

/**
 * @param {number} status
 * @returns {ProblemCode}
 */
function byStatus(status) {
  if (status === 401) return 'sign-in-required';
  if (status === 403) return 'not-allowed';
  if (status === 429) return 'too-many-calls';
  // The proxy in front answers these when nothing listens behind it.
  if (status === 502 || status === 503 || status === 504) return 'gateway-unreachable';
  return 'gateway-failed';
}

/** @type {Record<string, ProblemCode>} why a call ended, as its record says, where that is worth telling */
export const ENDINGS = {
  max_call_seconds: 'limit-time',
  max_idle_seconds: 'limit-idle',
  service_limit: 'limit-service',
  hung_up_by_operator: 'ended-by-operator',
  observer_failed: 'observer-failed',
};

/**
 * @param {string | null | undefined} reason `end_reason` of the call's record
 * @returns {Problem}
 */
export function endingProblem(reason) {
  return { code: ENDINGS[reason ?? ''] ?? 'ended-unknown' };
}

/**
 * Is the failure one that another attempt in a moment may not meet?
 * @param {ProblemCode} code
 */
export function passing(code) {
  return ['gateway-unreachable', 'service-failed', 'service-timeout', 'storage-unavailable', 'media-blocked'].includes(code);
}
