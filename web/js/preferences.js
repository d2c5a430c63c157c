/**
 * Remember what a visitor prefers, in their own browser. Where the visitor forbids storage, the page forgets.
 *
 * @typedef {object} Preferences all of them texts, because a storage keeps nothing else
 * @property {string} language a language tag; empty for the browser's own choice
 * @property {string} theme 'light', 'dark', or empty for the system's own choice
 * @property {string} consent the notice that the visitor agreed to, word for word; any other notice asks again
 * @property {string} microphone the id of a device; empty for the default one
 * @property {string} speaker the id of a device; empty for the default one
 * @property {string} voice the model's voice; empty for the operator's choice
 * @property {string} volume from 0 to 1
 * @property {string} talk 'hold' for push to talk, otherwise empty
 * @property {string} chime 'off' if no sound shall tell operators of a call that was handed over, otherwise empty
 */

const PREFIX = 'switchboard.';
const CALLER = 'switchboard.caller';

/** @type {Preferences} of a visitor who has never been here */
const NOTHING = Object.freeze({
  language: '',
  theme: '',
  consent: '',
  microphone: '',
  speaker: '',
  voice: '',
  volume: '1',
  talk: '',
  chime: '',
});

/**
 * Return what the visitor prefers.
 * @param {() => Storage} storage
 * @returns {Preferences}
 */
export function loadPreferences(storage) {
  const names = /** @type {(keyof Preferences)[]} */ (Object.keys(NOTHING));
  const found = names.map((name) => [name, attempt(() => storage().getItem(PREFIX + name)) ?? NOTHING[name]]);
  return Object.fromEntries(found);
}

/**
 * Remember a preference.
 * @param {() => Storage} storage
 * @param {keyof Preferences} name
 * @param {string} value
 */
export function savePreference(storage, name, value) {
  attempt(() => storage().setItem(PREFIX + name, value));
}

/**
 * @typedef {object} Memory keeps one yes or no from one visit to the next
 * @property {() => boolean} get returns what was remembered last; no where nothing was, or storage is forbidden
 * @property {(value: boolean) => void} set remembers
 */

/**
 * Return the memory of whether the microphone opened when the page last asked for it.
 * @param {() => Storage} storage
 * @returns {Memory}
 */
export function microphoneMemory(storage) {
  const name = `${PREFIX}microphone-opened`;
  return {
    get: () => attempt(() => storage().getItem(name)) === 'yes',
    set: (opened) => attempt(() => (opened ? storage().setItem(name, 'yes') : storage().removeItem(name))),
  };
}

/**
 * Return the random id of this tab. By it the gateway tells anonymous callers apart, so that each may place calls of their own.
 * @param {() => Storage} storage is gone with the tab
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
 * Use the storage, if the visitor allows it; return null if not.
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
