/**
 * Write the words that stand in index.html in another language.
 *
 * @import { MessageKey, Translator } from '../i18n/index.js'
 */

/**
 * Write them in the translator's language.
 * @param {Document} root
 * @param {Translator} translator
 */
export function renderStatic(root, { t, language }) {
  root.documentElement.lang = language;
  root.title = t('page.title');
  const key = (/** @type {string | undefined} */ name) => /** @type {MessageKey} */ (name);
  for (const element of root.querySelectorAll('[data-t]')) {
    element.textContent = t(key(/** @type {HTMLElement} */ (element).dataset.t));
  }
  for (const element of root.querySelectorAll('[data-t-placeholder]')) {
    const input = /** @type {HTMLInputElement} */ (element);
    input.placeholder = t(key(input.dataset.tPlaceholder));
  }
}
