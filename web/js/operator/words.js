/**
 * Give the operators' page its words, and figures in the form of the language.
 *
 * @import { Language } from '../i18n/index.js'
 * @import { Refusal } from './api.js'
 */

import { createTranslator } from '../i18n/index.js';
import { en as visitors } from '../i18n/en.js';
import { OUTCOMES, REASONS } from './codes.js';
import { en } from './i18n/en.js';

/** @typedef {keyof typeof en} Key */

const LOADERS = {
  en: async () => en,
  es: async () => (await import('./i18n/es.js')).es,
  pt: async () => (await import('./i18n/pt.js')).pt,
  tr: async () => (await import('./i18n/tr.js')).tr,
};

/**
 * Load the words of a language.
 * @param {Language} language
 */
export async function loadWords(language) {
  const messages = await LOADERS[language]();
  // The figures are written as on the visitors' page. Its words are never asked for here.
  const figures = createTranslator(language, visitors);
  /**
   * Write the words for a key.
   * @param {Key} key
   * @param {Record<string, string | number>} [values] what the {placeholders} stand for
   */
  const t = (key, values = {}) => messages[key].replace(/\{(\w+)\}/g, (placeholder, name) => String(values[name] ?? placeholder));
  return {
    ...figures,
    t,
    /**
     * Write a moment as day and time.
     * @param {string} iso
     * @param {'short' | 'medium'} [timeStyle] whether with seconds
     */
    when: (iso, timeStyle = 'medium') => new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle }).format(Date.parse(iso)),
    /**
     * Write a day, such as "21 Nov".
     * @param {string} day such as 2026-11-21
     */
    day: (day) => new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(Date.parse(day)),
    /**
     * Say why a call ended. A reason that a newer gateway has written is shown as it is.
     * @param {string | null} reason null while nobody knows
     */
    reason: (reason) => (reason === null ? '' : Object.hasOwn(REASONS, reason) ? t(REASONS[reason]) : reason),
    /**
     * Say how a tool or an operator's event ended.
     * @param {string} outcome
     */
    outcome: (outcome) => (Object.hasOwn(OUTCOMES, outcome) ? t(OUTCOMES[outcome]) : outcome),
    /**
     * Say why a request failed. The gateway's own sentences are in English.
     * @param {Refusal} refusal
     */
    refusal: ({ problem }) => (problem.title ? t('refused', { title: problem.title, hint: problem.hint }) : t('unreachable')),
  };
}

/** @typedef {Awaited<ReturnType<typeof loadWords>>} Words */
