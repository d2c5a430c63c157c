/**
 * Ask the gateway what only operators may ask.
 *
 * @typedef {{ code: string, title: string, detail: string, hint: string }} Problem
 *
 * @typedef {object} CallRow a call in the list of calls
 * @property {string} call_id
 * @property {'connecting' | 'live' | 'ended'} state
 * @property {{ id: string, name: string }} caller
 * @property {string | null} assistant
 * @property {string} started ISO 8601
 * @property {number} duration_seconds
 * @property {string | null} end_reason
 * @property {boolean} observed
 * @property {boolean} handed_over
 * @property {number | null} turns
 * @property {number} errors
 * @property {string | null} hand_over_reason
 * @property {'caller' | 'assistant' | null} speaking
 * @property {number | null} latency_ms
 * @property {number} tokens
 * @property {number | null} cost
 * @property {number | null} seconds_left
 *
 * @typedef {object} Utterance
 * @property {string} item_id
 * @property {string} role
 * @property {string | null} text
 * @property {string} at ISO 8601
 * @property {boolean} interrupted
 *
 * @typedef {object} Turn
 * @property {string | null} item_id
 * @property {string | null} speech_started ISO 8601
 * @property {string | null} speech_stopped ISO 8601
 * @property {string | null} audio_started ISO 8601
 * @property {string | null} audio_stopped ISO 8601
 * @property {number | null} response_latency_ms
 * @property {boolean} interrupted
 *
 * @typedef {object} Usage
 * @property {number} responses
 * @property {number} total
 * @property {{ text: number, audio: number, image: number, cached_text: number, cached_audio: number, cached_image: number }} input
 * @property {{ text: number, audio: number }} output
 * @property {{ input_text: number, input_audio: number, output: number, seconds: number }} transcription
 *
 * @typedef {object} Call
 * @property {string} call_id
 * @property {{ id: string, name: string }} caller
 * @property {'connecting' | 'live' | 'ended' | undefined} state
 * @property {string} assistant
 * @property {string | null} continues
 * @property {string | null} continued_by
 * @property {string} started ISO 8601
 * @property {string | null} ended ISO 8601
 * @property {number} duration_seconds
 * @property {string | null} end_reason
 * @property {Utterance[]} transcript
 * @property {Turn[]} turns
 * @property {number} interruptions
 * @property {Usage} usage
 * @property {{ at: string, source: string, code: string | null, message: string | null }[]} errors
 * @property {{ from: string, to: string | null, seconds: number | null }[]} gaps
 * @property {{ name: string, at: string, ms: number | null, outcome: string | null }[]} tools
 * @property {{ at: string, reason: string | null }[]} hand_overs
 * @property {{ at: string, operator: string, event: string, outcome: string }[]} steering
 * @property {{ at: string, figures: any }[]} reports what the page said; the gateway cannot check it
 *
 * @typedef {object} Figures
 * @property {string} key
 * @property {number} calls
 * @property {number} minutes
 * @property {number | null} cost
 * @property {number | null} latency_p50_ms
 * @property {number | null} latency_p95_ms
 * @property {Record<string, number>} ended
 *
 * @typedef {{ currency: string | null, rows: Figures[], total: Figures }} Report
 */

/** This error means that the gateway refused a request, or did not answer. */
export class Refusal extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/** What the gateway says in X-Next when there is no further archive. */
const NO_MORE = 'none';
const UNREACHABLE = { code: 'gateway_unreachable', title: '', detail: '', hint: '' };

/**
 * Make the functions that ask the gateway.
 * @param {(url: string, init?: RequestInit) => Promise<Response>} send
 * @param {string} caller tells anonymous callers apart
 */
export function createApi(send, caller) {
  /**
   * Send a request.
   * @param {string} path
   * @param {RequestInit} [init]
   * @returns {Promise<Response>} only if it is a success
   * @throws {Refusal}
   */
  async function ask(path, init = {}) {
    let response;
    try {
      response = await send(`/api/${path}`, { cache: 'no-store', ...init, headers: { 'x-switchboard-caller': caller, ...init.headers } });
    } catch {
      throw new Refusal(UNREACHABLE);
    }
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    throw new Refusal({ ...UNREACHABLE, title: `${response.status}`, code: `http_${response.status}`, ...problem });
  }

  return {
    /**
     * List calls.
     * @param {Record<string, string>} query
     * @returns {Promise<{ calls: CallRow[], next: string | null }>}
     */
    calls: async (query) => (await ask(`calls?${new URLSearchParams(query)}`)).json(),
    /**
     * Look at one call.
     * @param {string} id
     * @returns {Promise<Call>}
     */
    call: async (id) => (await ask(`calls/${encodeURIComponent(id)}`)).json(),
    /**
     * Add calls up.
     * @param {Record<string, string>} query
     * @returns {Promise<Report>}
     */
    usage: async (query) => (await ask(`usage?${new URLSearchParams(query)}`)).json(),
    /**
     * Fetch a zip archive of a caller's calls.
     * @param {string} caller the id of the caller
     * @param {string} after what the archive before said; empty for the first one
     * @returns {Promise<{ archive: Blob, next: string }>} `next` is empty after the last one
     */
    export: async (caller, after) => {
      const response = await ask(`export?${new URLSearchParams({ caller, ...(after && { after }) })}`);
      const next = response.headers.get('X-Next') ?? NO_MORE;
      return { archive: await response.blob(), next: next === NO_MORE ? '' : next };
    },
    /**
     * Delete the record of a call.
     * @param {string} id
     */
    erase: async (id) => void (await ask(`calls/${encodeURIComponent(id)}/record`, { method: 'DELETE' })),
    /**
     * Hang a call up.
     * @param {string} id
     */
    hangUp: async (id) => void (await ask(`calls/${encodeURIComponent(id)}`, { method: 'DELETE' })),
    /**
     * Send a client event into a call.
     * @param {string} id
     * @param {object} event
     * @returns {Promise<{ type: string }>} the server event that answers
     */
    steer: async (id, event) =>
      (
        await ask(`calls/${encodeURIComponent(id)}/events`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(event),
        })
      ).json(),
  };
}

/** @typedef {ReturnType<typeof createApi>} Api */
