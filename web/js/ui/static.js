/**
 * The words that stand in index.html, in another language.
 *
 * @import { MessageKey, Translator } from '../i18n/index.js'
 */

/** @param {Translator} translator */
export function renderStatic({ t, language }) {
  document.documentElement.lang = language;
  document.title = t('page.title');
  const key = (/** @type {string | undefined} */ name) => /** @type {MessageKey} */ (name);
  for (const element of document.querySelectorAll('[data-t]')) {
    element.textContent = t(key(/** @type {HTMLElement} */ (element).dataset.t));
  }
  for (const element of document.querySelectorAll('[data-t-placeholder]')) {
    const input = /** @type {HTMLInputElement} */ (element);
    input.placeholder = t(key(input.dataset.tPlaceholder));
  }
}
