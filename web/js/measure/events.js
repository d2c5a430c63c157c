/**
 * The engineer's event log: the last few hundred events of the channel, with everything secret taken out before it is kept.
 *
 * @typedef {object} LogEntry
 * @property {number} n counts up from 1 for the life of the page
 * @property {number} at epoch milliseconds
 * @property {'in' | 'out'} way
 * @property {string} type
 * @property {string} json redacted
 *
 * @typedef {{ entries: LogEntry[], next: number }} EventLog
 */

/** A talkative hour has some ten thousand events; what an engineer looks for is among the last. */
export const KEPT = 500;

/** Longer texts are audio or a prompt; nobody reads either in a log. */
const LONGEST = 400;

/** @type {EventLog} */
export const noEvents = Object.freeze({ entries: [], next: 1 });

/** Field names whose value nobody may read over a visitor's shoulder. */
const SECRET = /^(?:.*(?:token|secret|password|authorization|api[-_]?key|credential|cookie).*|instructions|sdp|tools|headers|ice[-_]?(?:ufrag|pwd))$/i;

/** Usage counts tokens; that is no secret. */
const COUNTED = /tokens?(?:_details)?$/i;

/** What a secret looks like where its name does not tell: client secrets, bearer tokens, JSON web tokens, session descriptions. */
const LOOKS_SECRET = /\bek_[\w-]+|\bsk-[\w-]+|\bBearer\s+\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]*|\bv=0\r?\no=[\s\S]*/g;

/**
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
 * @param {EventLog} log
 * @param {Omit<LogEntry, 'n'>} entry
 * @returns {EventLog}
 */
function append(log, entry) {
  return { entries: [...log.entries.slice(1 - KEPT), { n: log.next, ...entry }], next: log.next + 1 };
}

/**
 * @param {unknown} value
 * @param {string} [name] of the field that holds it
 * @returns {unknown} the same shape without secrets and without endless texts
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

/** @param {string} text */
const shorten = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length})` : text);

/**
 * @param {LogEntry[]} entries
 * @param {string} words all must occur, in the type or in the fields
 * @param {boolean} deltas also the flood of partial words
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
