/**
 * Write words and figures in the visitor's language. Each language is of the type `Messages`, so that the type checker
 * finds a missing key.
 */

import { en } from './en.js';

/** @typedef {keyof typeof en} MessageKey */
/** @typedef {Record<MessageKey, string>} Messages */

/** Each language has its own name for itself, which the chooser shows. */
export const LANGUAGES = { en: 'English', es: 'Español', pt: 'Português', tr: 'Türkçe' };

/** @typedef {keyof typeof LANGUAGES} Language */

/** @type {Record<Language, () => Promise<Messages>>} loads only the language that is used */
const LOADERS = {
  en: async () => en,
  es: async () => (await import('./es.js')).es,
  pt: async () => (await import('./pt.js')).pt,
  tr: async () => (await import('./tr.js')).tr,
};

/**
 * Choose the language of the page.
 * @param {string} chosen the visitor's choice, or empty
 * @param {readonly string[]} preferred the languages that the browser prefers, the best first
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
 * Load a language.
 * @param {Language} language
 * @returns {Promise<Translator>}
 */
export async function loadTranslator(language) {
  return createTranslator(language, await LOADERS[language]());
}

/** @typedef {ReturnType<typeof createTranslator>} Translator */

/**
 * Return how many midnights lie between two moments, where the visitor is.
 * @param {number} from epoch milliseconds
 * @param {number} to epoch milliseconds
 */
function daysBetween(from, to) {
  // In the night in which the clocks change, a day has 23 or 25 hours.
  return Math.round((new Date(to).setHours(0, 0, 0, 0) - new Date(from).setHours(0, 0, 0, 0)) / 86_400_000);
}

/**
 * Make the functions that write words and figures.
 * @param {Language} language
 * @param {Messages} messages
 */
export function createTranslator(language, messages) {
  /**
   * Write a number.
   * @param {number} value
   * @param {Intl.NumberFormatOptions} options
   */
  const number = (value, options = {}) => new Intl.NumberFormat(language, options).format(value);

  /**
   * Write the words for a key.
   * @param {MessageKey} key
   * @param {Record<string, string | number>} [values] what the {placeholders} stand for
   */
  const t = (key, values = {}) =>
    messages[key].replace(/\{(\w+)\}/g, (placeholder, name) => String(values[name] ?? placeholder));

  const shortTime = (/** @type {number} */ epochMs) => new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(epochMs);

  return {
    language,
    t,
    number,
    /**
     * Write a duration as a clock shows it: "1:05".
     * @param {number} seconds
     */
    clock: (seconds) => {
      const whole = Math.max(0, Math.floor(seconds));
      const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
      const shown = parts[0] ? parts : parts.slice(1);
      return shown.map((part, index) => (index ? String(part).padStart(2, '0') : String(part))).join(':');
    },
    /**
     * Write a duration in words, such as "90 seconds" or "5 minutes", whichever reads better.
     * @param {number} seconds
     */
    duration: (seconds) => {
      const minutes = seconds / 60;
      const unit = seconds >= 120 ? 'minute' : 'second';
      return number(unit === 'minute' ? Math.round(minutes) : Math.ceil(seconds), { style: 'unit', unit, unitDisplay: 'long' });
    },
    /**
     * Write a number of days.
     * @param {number} days
     */
    days: (days) => number(days, { style: 'unit', unit: 'day', unitDisplay: 'long' }),
    /**
     * Write a number of milliseconds.
     * @param {number} ms
     */
    millis: (ms) => number(Math.round(ms), { style: 'unit', unit: 'millisecond', unitDisplay: 'short' }),
    /**
     * Write an amount of money; a very small one with more digits.
     * @param {number} amount
     * @param {string} currency
     */
    money: (amount, currency) =>
      number(amount, { style: 'currency', currency, maximumFractionDigits: amount < 0.1 ? 4 : 2 }),
    /**
     * Write a moment of the next days as the day, such as "tomorrow", and the time, such as "1:00 AM".
     * @param {number} epochMs
     * @param {number} now epoch milliseconds
     */
    moment: (epochMs, now) => ({
      day: new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(daysBetween(now, epochMs), 'day'),
      time: shortTime(epochMs),
    }),
    /**
     * Write a time of day to the minute, such as "1:00 AM".
     * @param {number} epochMs
     */
    shortTime,
    /**
     * Write a time of day.
     * @param {number} epochMs
     */
    time: (epochMs) => new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(epochMs),
  };
}
