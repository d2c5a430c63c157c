/**
 * What the page remembers of a visitor, in their own browser. Storage may be forbidden: then it forgets.
 *
 * @typedef {object} Preferences
 * @property {string} language empty: as the browser prefers
 * @property {string} theme 'light', 'dark' or empty: as the system is
 * @property {string} consent the notice that was agreed to, word for word; another notice asks again
 * @property {string} microphone device id
 * @property {string} speaker device id
 * @property {string} voice
 * @property {string} volume 0 to 1
 * @property {string} talk 'hold' for push to talk
 */

const PREFIX = 'switchboard.';
const CALLER = 'switchboard.caller';

/** @type {Preferences} */
const NOTHING = Object.freeze({
  language: '',
  theme: '',
  consent: '',
  microphone: '',
  speaker: '',
  voice: '',
  volume: '1',
  talk: '',
});

/**
 * @param {() => Storage} storage
 * @returns {Preferences}
 */
export function loadPreferences(storage) {
  const names = /** @type {(keyof Preferences)[]} */ (Object.keys(NOTHING));
  const found = names.map((name) => [name, attempt(() => storage().getItem(PREFIX + name)) ?? NOTHING[name]]);
  return Object.fromEntries(found);
}

/**
 * @param {() => Storage} storage
 * @param {keyof Preferences} name
 * @param {string} value
 */
export function savePreference(storage, name, value) {
  attempt(() => storage().setItem(PREFIX + name, value));
}

/**
 * Tells anonymous callers apart, so that each has places of their own. Random, and gone with the tab.
 * @param {() => Storage} storage one that is gone with the tab
 * @returns {string} 32 characters
 */
export function callerId(storage) {
  const known = attempt(() => storage().getItem(CALLER));
  if (known) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const made = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  attempt(() => storage().setItem(CALLER, made));
  return made;
}

/**
 * @template T
 * @param {() => T} use
 * @returns {T | null}
 */
function attempt(use) {
  try {
    return use();
  } catch {
    return null;
  }
}
