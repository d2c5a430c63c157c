/**
 * Keep the last few hundred events of the channel for the engineer's log. Everything secret is taken out before an event is kept.
 *
 * @typedef {object} LogEntry
 * @property {number} n counts up from 1 for the life of the page
 * @property {number} at when it came or left, in epoch milliseconds
 * @property {'in' | 'out'} way `in` for server events, `out` for client events
 * @property {string} type
 * @property {string} json the other fields, without secrets
 *
 * @typedef {{ entries: LogEntry[], next: number }} EventLog `next` is the number of the next entry
 */

/** The log keeps this many events. A talkative hour has some ten thousand, but what an engineer looks for is among the last. */
export const KEPT = 500;

/** A text is shortened to this many characters. Longer ones are audio or a prompt, which nobody reads in a log. */
const LONGEST = 400;

/** @type {EventLog} of a page that has just been opened */
export const noEvents = Object.freeze({ entries: [], next: 1 });

/** The names of fields whose value nobody may read over a visitor's shoulder. */
const SECRET = /^(?:.*(?:token|secret|password|authorization|api[-_]?key|credential|cookie).*|instructions|sdp|tools|headers|ice[-_]?(?:ufrag|pwd))$/i;

/** The names of fields that count tokens, which is no secret. */
const COUNTED = /tokens?(?:_details)?$/i;

/** What secrets look like in any field: client secrets, API keys, bearer tokens, JSON web tokens, session descriptions. */
const LOOKS_SECRET = /\bek_[\w-]+|\bsk-[\w-]+|\bBearer\s+\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]*|\bv=0\r?\no=[\s\S]*/g;

/**
 * Return the log after an action.
 * @param {EventLog} log
 * @param {{ type: string, event?: { type: string, [field: string]: unknown }, at?: number }} action
 * @returns {EventLog}
 */
export function reduceEvents(log, action) {
  if (action.type === 'log-cleared') return { ...log, entries: [] };
  const way = action.type === 'server' ? 'in' : action.type === 'client' ? 'out' : null;
  if (!way || !action.event) return log;
  const { type, ...fields } = action.event;
  return append(log, { at: action.at ?? 0, way, type, json: JSON.stringify(redact(fields)) });
}

/**
 * Add an entry, and drop the oldest if the log is full.
 * @param {EventLog} log
 * @param {Omit<LogEntry, 'n'>} entry
 * @returns {EventLog}
 */
function append(log, entry) {
  return { entries: [...log.entries.slice(1 - KEPT), { n: log.next, ...entry }], next: log.next + 1 };
}

/**
 * Take the secrets out of a value.
 * @param {unknown} value
 * @param {string} [name] the name of the field that holds the value
 * @returns {unknown} a value of the same shape, without secrets and with long texts shortened
 */
export function redact(value, name = '') {
  const counted = COUNTED.test(name) && (typeof value === 'number' || typeof value === 'object');
  if (name && SECRET.test(name) && !counted && value !== null) return '[redacted]';
  if (typeof value === 'string') return shorten(value.replace(LOOKS_SECRET, '[redacted]'));
  if (Array.isArray(value)) return value.map((each) => redact(each));
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, redact(each, key)]));
  }
  return value;
}

/**
 * Shorten a long text.
 * @param {string} text
 */
const shorten = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length})` : text);

/**
 * Return the entries that an engineer wants to see.
 * @param {LogEntry[]} entries
 * @param {string} words every one of them must occur, in the type or in the fields
 * @param {boolean} deltas whether to return partial words too, which are many
 * @returns {LogEntry[]}
 */
export function filterEvents(entries, words, deltas) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(({ type, json }) => {
    if (!deltas && type.endsWith('.delta')) return false;
    const text = `${type} ${json}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
