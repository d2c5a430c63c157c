/**
 * What is kept and for how long, said before the first call. The start button asks; pressing it answers.
 */

import { el } from './dom.js';

/** @import { Config } from '../api.js' */
/** @import { Translator } from '../i18n/index.js' */

/**
 * What was agreed to, so that another notice asks again, and another language does not.
 * @param {Config | null} config
 * @returns {string} empty when there is nothing to agree to
 */
export function noticeOf(config) {
  if (!config) return '';
  const { transcripts, retention_days: days, notice } = config.archive;
  return transcripts || notice ? JSON.stringify([transcripts, days, notice]) : '';
}

/**
 * @param {HTMLElement} place
 * @param {Translator} translator
 * @param {Config | null} config
 * @param {boolean} shown
 */
export function renderConsent(place, { t, days }, config, shown) {
  place.hidden = !shown || !config;
  if (place.hidden || !config) return;
  const { transcripts, retention_days: kept, notice } = config.archive;
  const words = !transcripts
    ? t('consent.nowords')
    : kept
      ? t('consent.words', { days: days(kept) })
      : t('consent.words.undated');
  place.replaceChildren(
    el('h3', { class: 'consent-heading' }, t('consent.heading')),
    el('p', {}, `${words} ${t('consent.sound')}`),
    ...(notice ? [el('p', {}, notice)] : []),
  );
}
