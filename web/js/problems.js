/**
 * Name everything that can go wrong. The words for each name are in i18n/; the page shows nothing of what stands here.
 */

/**
 * @typedef {'insecure-origin' | 'webrtc-missing'
 *   | 'microphone-denied' | 'microphone-missing' | 'microphone-busy' | 'microphone-lost' | 'microphone-taken'
 *   | 'gateway-unreachable' | 'gateway-failed' | 'sign-in-required' | 'not-allowed' | 'too-many-calls'
 *   | 'assistant-missing' | 'gateway-full' | 'too-many-tokens' | 'time-spent' | 'budget-spent'
 *   | 'service-busy' | 'service-failed' | 'service-timeout' | 'service-setup' | 'storage-unavailable'
 *   | 'media-blocked' | 'signalling-blocked' | 'connection-lost' | 'firefox-drop'
 *   | 'limit-time' | 'limit-idle' | 'limit-service' | 'limit-budget' | 'ended-by-operator' | 'ended-unknown' | 'observer-failed'} ProblemCode
 */

/**
 * @typedef {object} Problem
 * @property {ProblemCode} code chooses the words
 * @property {string} [hint] the gateway's own advice, in English
 * @property {number} [retryAfter] seconds to wait before the next try
 * @property {string} [requestId] what an operator searches the logs for
 * @property {string} [detail] the gateway's stable code, or the browser's name for the error, for engineers
 */

/** This error means an expected failure, and carries its problem. Everything else that is thrown is a defect of the page. */
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

/** @type {Record<string, ProblemCode>} the names of getUserMedia's errors: https://www.w3.org/TR/mediacapture-streams/#methods-5 */
const MICROPHONE = {
  NotAllowedError: 'microphone-denied',
  SecurityError: 'microphone-denied',
  NotFoundError: 'microphone-missing',
  OverconstrainedError: 'microphone-missing',
  NotReadableError: 'microphone-busy',
  AbortError: 'microphone-busy',
};

/**
 * Put what getUserMedia threw into a failure of the page.
 * @param {unknown} error what getUserMedia threw
 * @returns {CallFailure}
 */
export function microphoneFailure(error) {
  const name = error instanceof Error ? error.name : '';
  return new CallFailure({ code: MICROPHONE[name] ?? 'microphone-busy', detail: name }, error);
}

/** @type {Record<string, ProblemCode>} those of the gateway's stable codes that have words of their own */
export const GATEWAY = {
  sign_in_required: 'sign-in-required',
  assistant_not_found: 'assistant-missing',
  too_many_calls: 'too-many-calls',
  gateway_full: 'gateway-full',
  too_many_tokens: 'too-many-tokens',
  daily_seconds_spent: 'time-spent',
  budget_spent: 'budget-spent',
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
 * Put the gateway's refusal into a problem.
 * @param {number} status
 * @param {{ code?: unknown, hint?: unknown, request_id?: unknown }} body problem+json, or anything else
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
 * Choose a problem by the HTTP status alone.
 * @param {number} status
 * @returns {ProblemCode}
 */
function byStatus(status) {
  if (status === 401) return 'sign-in-required';
  if (status === 403) return 'not-allowed';
  if (status === 429) return 'too-many-calls';
  // The proxy in front answers with these when nothing listens behind it.
  if (status === 502 || status === 503 || status === 504) return 'gateway-unreachable';
  return 'gateway-failed';
}

/** @type {Record<string, ProblemCode>} those of a record's reasons for the end that the visitor should know */
export const ENDINGS = {
  max_call_seconds: 'limit-time',
  max_idle_seconds: 'limit-idle',
  service_limit: 'limit-service',
  budget_spent: 'limit-budget',
  hung_up_by_operator: 'ended-by-operator',
  observer_failed: 'observer-failed',
};

/**
 * Put the reason why a call ended into a problem.
 * @param {string | null | undefined} reason `end_reason` of the call's record
 * @returns {Problem}
 */
export function endingProblem(reason) {
  return { code: ENDINGS[reason ?? ''] ?? 'ended-unknown' };
}

/**
 * Say whether the problem lasts until the gateway's next day begins.
 * @param {ProblemCode} code
 */
export function lastsTheDay(code) {
  return ['time-spent', 'budget-spent', 'limit-budget'].includes(code);
}

/**
 * Say whether a call that ended with this problem should not be taken up again: somebody ended it on purpose, or there is
 * nothing left for it, or no record of it.
 * @param {ProblemCode} code
 */
export function isFinal(code) {
  return lastsTheDay(code) || ['ended-by-operator', 'observer-failed', 'sign-in-required', 'not-allowed'].includes(code);
}

/**
 * Say whether the gateway refused to let a call go on with an earlier one. A new call is possible all the same.
 * @param {Problem} problem
 */
export function cannotContinue({ detail }) {
  return ['continuing_unavailable', 'call_not_found', 'not_your_call'].includes(detail ?? '');
}

/**
 * Return when the gateway's next day begins, with a new budget: at midnight UTC.
 * @param {number} now epoch milliseconds
 * @returns {number} epoch milliseconds
 */
export function nextDay(now) {
  return new Date(now).setUTCHours(24, 0, 0, 0);
}

/**
 * Say whether the failure may be over in a moment, so that another try is worth it.
 * @param {ProblemCode} code
 */
export function passing(code) {
  return ['gateway-unreachable', 'service-failed', 'service-timeout', 'storage-unavailable', 'media-blocked'].includes(code);
}
