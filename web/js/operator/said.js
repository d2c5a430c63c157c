/**
 * Show the transcript of a call as a list in which one utterance is chosen, by mouse or by arrow keys.
 *
 * @import { Call } from './api.js'
 * @import { Words } from './words.js'
 */

import { el } from '../ui/dom.js';

/**
 * Make the list.
 * @param {Call} call
 * @param {Words} words
 * @param {(index: number) => void} onChoose is told which utterance was chosen
 */
export function createTranscript(call, words, onChoose) {
  const { t, clock } = words;
  const lines = call.transcript.map((one, index) => {
    const line = el(
      'button',
      { type: 'button', class: one.role === 'user' ? 'user' : 'assistant', 'aria-current': 'false', tabindex: index ? -1 : 0 },
      el('span', { class: 'said-who' }, `${one.role === 'user' ? t('you') : t('model')} · ${clock(secondsOf(call, index))}`),
      el('span', { class: one.text === null ? 'said-nothing' : undefined }, one.text ?? t('notKept')),
      ...(one.interrupted ? [el('span', { class: 'said-cut' }, `(${t('interrupted')})`)] : []),
    );
    line.addEventListener('click', () => onChoose(index));
    return line;
  });
  const list = el('ol', { class: 'said' }, ...lines.map((line) => el('li', {}, line)));
  list.addEventListener('keydown', (event) => {
    const from = lines.findIndex((line) => line === document.activeElement);
    const moves = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: lines.length - 1 };
    const to = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (from < 0 || to === undefined || !lines[to]) return;
    event.preventDefault();
    onChoose(to);
    lines[to].focus();
  });
  return {
    element: lines.length ? list : el('p', { class: 'empty' }, t('nothingSaid')),
    /**
     * Mark an utterance and bring it into view. Only the chosen one can be reached by the Tab key.
     * @param {number} index or -1
     */
    choose(index) {
      lines.forEach((line, place) => {
        line.setAttribute('aria-current', String(place === index));
        line.tabIndex = place === Math.max(0, index) ? 0 : -1;
      });
      const item = lines[index]?.parentElement;
      if (!item) return;
      // Only the list scrolls, not the page: the picture must stay where it was clicked.
      const { top, bottom } = item.getBoundingClientRect();
      const frame = list.getBoundingClientRect();
      if (top < frame.top) list.scrollTop -= frame.top - top;
      if (bottom > frame.bottom) list.scrollTop += bottom - frame.bottom;
    },
  };
}

/**
 * Return when an utterance began, in seconds from the start of the call.
 * @param {Call} call
 * @param {number} index
 */
export const secondsOf = (call, index) => Math.max(0, (Date.parse(call.transcript[index].at) - Date.parse(call.started)) / 1000);

/**
 * Return the transcript as text, a line for each utterance.
 * @param {Call} call
 * @param {string} you
 * @param {string} model
 */
export function asText(call, you, model) {
  return call.transcript.map(({ at, role, text }) => `${at}  ${role === 'user' ? you : model}: ${text ?? '—'}\n`).join('\n');
}
