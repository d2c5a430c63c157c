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

/** @returns {Preferences} */
export function loadPreferences() {
  const names = /** @type {(keyof Preferences)[]} */ (Object.keys(NOTHING));
  const found = names.map((name) => [name, attempt(() => localStorage.getItem(PREFIX + name)) ?? NOTHING[name]]);
  return Object.fromEntries(found);
}

/**
 * @param {keyof Preferences} name
 * @param {string} value
 */
export function savePreference(name, value) {
  attempt(() => localStorage.setItem(PREFIX + name, value));
}

/**
 * Tells anonymous callers apart, so that each has places of their own. Random, and gone with the tab.
 * @returns {string} 32 characters
 */
export function callerId() {
  const known = attempt(() => sessionStorage.getItem(CALLER));
  if (known) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const made = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  attempt(() => sessionStorage.setItem(CALLER, made));
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
