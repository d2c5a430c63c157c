/**
 * Show the conversation, set like a play. Each line stays and changes only where its words change, so that a selection
 * survives.
 */

import { el, setText } from './dom.js';

/** @import { Caption } from '../conversation/captions.js' */
/** @import { Translator } from '../i18n/index.js' */

/** A visitor who has scrolled further up than this is reading: the page does not scroll then. */
const NEAR_END_PX = 80;

/**
 * Say that a tool runs, has run, or did not finish before the call ended.
 * @param {Translator['t']} t
 * @param {Pick<Caption, 'text' | 'status'>} caption
 */
export function toolWords(t, { text, status }) {
  const name = text;
  if (status === 'growing') return t('talk.tool.running', { name });
  return status === 'done' ? t('talk.tool.done', { name }) : t('talk.tool.cut', { name });
}

/**
 * Show the captions.
 * @param {{ list: HTMLElement, scroller: HTMLElement, empty: HTMLElement }} elements
 * @param {Translator} translator
 * @param {Caption[]} captions
 */
export function renderTranscript({ list, scroller, empty }, translator, captions) {
  const { scrollTop, clientHeight, scrollHeight } = scroller;
  const atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  empty.hidden = captions.length > 0;

  const known = new Map([...list.children].map((row) => [/** @type {HTMLElement} */ (row).dataset.id ?? '', row]));
  const ids = new Set(captions.map(({ id }) => id));
  for (const [id, row] of known) if (!ids.has(id)) row.remove();
  captions.forEach((caption, index) => {
    const row = /** @type {HTMLElement} */ (known.get(caption.id) ?? newRow(caption));
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
    fill(row, translator, caption);
  });

  if (atEnd) scroller.scrollTop = scroller.scrollHeight;
}

/**
 * Make an empty line.
 * @param {Caption} caption
 */
function newRow({ id, role }) {
  const name = role === 'user' || role === 'assistant' ? [el('span', { class: 'caption-name' })] : [];
  return el('li', { class: 'caption', 'data-id': id, 'data-role': role }, ...name, el('span', { class: 'caption-body' }));
}

/**
 * Write the words of a line.
 * @param {HTMLElement} row
 * @param {Translator} translator
 * @param {Caption} caption
 */
function fill(row, { t }, caption) {
  const { role, status, text, heard } = caption;
  row.dataset.status = status;
  const name = row.querySelector('.caption-name');
  if (name) setText(name, t(role === 'user' ? 'call.you' : 'call.model'));
  const body = /** @type {HTMLElement} */ (row.lastElementChild);

  if (role === 'tool') {
    setText(body, toolWords(t, caption));
    return;
  }
  const aside = { hearing: 'talk.hearing', transcribing: 'talk.transcribing', unclear: 'talk.unclear' };
  const spoken = status === 'cut' ? text.slice(0, heard) : text;
  const parts = spoken ? [el('span', { class: 'caption-text' }, spoken)] : [];
  if (status === 'cut') {
    parts.push(el('span', { class: 'caption-aside caption-cut' }, t('talk.cut')));
  } else if (status in aside && !text) {
    const key = /** @type {keyof typeof aside} */ (status);
    parts.push(el('span', { class: 'caption-aside' }, `(${t(/** @type {'talk.hearing'} */ (aside[key]))})`));
  }
  // Text that grows stays one node. If the node were replaced, a selection would be lost at every word.
  const only = body.children.length === 1 && parts.length === 1 && body.firstElementChild?.className === parts[0].className;
  if (only) setText(/** @type {Element} */ (body.firstElementChild), parts[0].textContent ?? '');
  else if (body.textContent !== parts.map((part) => part.textContent).join(' ')) {
    body.replaceChildren(...parts.flatMap((part, index) => (index ? [' ', part] : [part])));
  }
}
