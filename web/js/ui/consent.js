/**
 * Say before the first call what is kept and for how long. The start button asks for agreement, and pressing it gives
 * it.
 */

import { el } from './dom.js';

/** @import { Config } from '../api.js' */
/** @import { Translator } from '../i18n/index.js' */

/**
 * Return what a visitor agrees to. Another notice asks for agreement again; the same notice in another language does not.
 * @param {Config | null} config
 * @returns {string} empty when there is nothing to agree to
 */
export function noticeOf(config) {
  if (!config) return '';
  const { transcripts, retention_days: days, notice } = config.archive;
  return transcripts || notice ? JSON.stringify([transcripts, days, notice]) : '';
}

/**
 * Show what is kept.
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
