/**
 * Make buttons that ask before they do what cannot be undone: the row under the pointer may have changed a moment before.
 */

import { button, setText } from '../ui/dom.js';

/** A second press counts for so long after the first one. */
const SURE_MS = 5_000;

/**
 * Make a button that must be pressed twice.
 * @param {string} text
 * @param {string} sure what it says after the first press
 * @param {() => void} onSure
 * @param {{ name?: string, sureName?: string }} [names] by which assistive technology tells such buttons apart
 */
export function twice(text, sure, onSure, { name, sureName } = {}) {
  let timer = 0;
  const calm = () => {
    clearTimeout(timer);
    timer = 0;
    setText(made, text);
    made.classList.remove('sure');
    if (name) made.setAttribute('aria-label', name);
  };
  const made = button(
    text,
    () => {
      if (timer) {
        calm();
        onSure();
        return;
      }
      timer = window.setTimeout(calm, SURE_MS);
      setText(made, sure);
      made.classList.add('sure');
      if (sureName) made.setAttribute('aria-label', sureName);
    },
    { 'aria-label': name },
  );
  return made;
}
