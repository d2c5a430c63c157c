/**
 * Words and figures in the visitor's language. A missing key is a defect that the type checker finds: every language is `Messages`.
 */

import { en } from './en.js';

/** @typedef {keyof typeof en} MessageKey */
/** @typedef {Record<MessageKey, string>} Messages */

/** Each in its own name, as a chooser must show it. */
export const LANGUAGES = { en: 'English', es: 'Español', pt: 'Português', tr: 'Türkçe' };

/** @typedef {keyof typeof LANGUAGES} Language */

/** @type {Record<Language, () => Promise<Messages>>} only the one that is used is loaded */
const LOADERS = {
  en: async () => en,
  es: async () => (await import('./es.js')).es,
  pt: async () => (await import('./pt.js')).pt,
  tr: async () => (await import('./tr.js')).tr,
};

/**
 * @param {string} chosen by the visitor, or empty
 * @param {readonly string[]} preferred by the browser, best first
 * @returns {Language}
 */
export function chooseLanguage(chosen, preferred) {
  for (const tag of [chosen, ...preferred]) {
    const [language] = tag.toLowerCase().split('-');
    if (Object.hasOwn(LANGUAGES, language)) return /** @type {Language} */ (language);
  }
  return 'en';
}

/**
 * @param {Language} language
 * @returns {Promise<Translator>}
 */
export async function loadTranslator(language) {
  return createTranslator(language, await LOADERS[language]());
}

/** @typedef {ReturnType<typeof createTranslator>} Translator */

/**
 * @param {Language} language
 * @param {Messages} messages
 */
export function createTranslator(language, messages) {
  /**
   * @param {number} value
   * @param {Intl.NumberFormatOptions} options
   */
  const number = (value, options = {}) => new Intl.NumberFormat(language, options).format(value);

  /**
   * @param {MessageKey} key
   * @param {Record<string, string | number>} [values] for the {placeholders}
   */
  const t = (key, values = {}) =>
    messages[key].replace(/\{(\w+)\}/g, (placeholder, name) => String(values[name] ?? placeholder));

  return {
    language,
    t,
    number,
    /** @param {number} seconds "1:05", as on a clock */
    clock: (seconds) => {
      const whole = Math.max(0, Math.floor(seconds));
      const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
      const shown = parts[0] ? parts : parts.slice(1);
      return shown.map((part, index) => (index ? String(part).padStart(2, '0') : String(part))).join(':');
    },
    /** @param {number} seconds "90 seconds" or "5 minutes", whichever reads better */
    duration: (seconds) => {
      const minutes = seconds / 60;
      const unit = seconds >= 120 ? 'minute' : 'second';
      return number(unit === 'minute' ? Math.round(minutes) : Math.ceil(seconds), { style: 'unit', unit, unitDisplay: 'long' });
    },
    /** @param {number} days */
    days: (days) => number(days, { style: 'unit', unit: 'day', unitDisplay: 'long' }),
    /** @param {number} ms */
    millis: (ms) => number(Math.round(ms), { style: 'unit', unit: 'millisecond', unitDisplay: 'short' }),
    /**
     * @param {number} amount
     * @param {string} currency
     */
    money: (amount, currency) =>
      number(amount, { style: 'currency', currency, maximumFractionDigits: amount < 0.1 ? 4 : 2 }),
    /** @param {number} epochMs */
    time: (epochMs) => new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(epochMs),
  };
}
