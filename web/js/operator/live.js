/**
 * Show the live calls: a row for each, which changes in place, and above them the calls that wait for a person.
 *
 * @import { Api, CallRow } from './api.js'
 * @import { Chime } from './chime.js'
 * @import { Words } from './words.js'
 */

import { el, setText } from '../ui/dom.js';
import { Refusal } from './api.js';
import { LiveRow, liveColumns } from './liverow.js';
import { table } from './tables.js';
import { createWaiting } from './waiting.js';

/**
 * The list is asked for so often while somebody can see it, and so often while the page is in the background. What has
 * changed shall be seen within two seconds, and the answer takes a part of them.
 */
export const PERIOD_MS = 1_500;
const HIDDEN_MS = 10_000;
/** The list comes in pages of so many calls. */
const PAGE = '500';
/** So many pages are read each time. There are never more live calls than the gateway has places. */
const MOST_PAGES = 5;

/**
 * Show the live calls, and follow them until the signal says to stop.
 * @param {{ api: Api, words: Words, currency: string | null, chime: Chime, sound: { on: () => boolean, choose: (on: boolean) => void },
 *   signal: AbortSignal, failed: (refusal: Refusal | null) => void }} options
 */
export function liveView({ api, words, currency, chime, sound, signal, failed }) {
  const { t, number, money } = words;
  const count = el('p', { class: 'count' }, t('reading'));
  const columns = liveColumns(words, currency);
  const calls = table(columns, { caption: el('caption', { class: 'visually-hidden' }, t('live')) });
  calls.hidden = true;
  const waiting = createWaiting(words, (id) => rows.get(id)?.focus());
  /** @type {Map<string, LiveRow>} */
  const rows = new Map();
  let timer = 0;

  /** Read all pages of the list. */
  async function list() {
    /** @type {CallRow[]} */
    const found = [];
    let after = '';
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { calls: some, next } = await api.calls({ state: 'live', limit: PAGE, ...(after && { after }) });
      found.push(...some);
      if (!next) break;
      after = next;
    }
    return found;
  }

  /** Ask for the list and show it, and do so again a little later. */
  async function refresh() {
    clearTimeout(timer);
    timer = -1;
    const asked = performance.now();
    try {
      const found = await list();
      if (signal.aborted) return;
      failed(null);
      show(found);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!signal.aborted) failed(error);
    }
    if (signal.aborted) return;
    // An answer that takes long leaves the gateway alone for as long as it took.
    const took = performance.now() - asked;
    timer = window.setTimeout(refresh, document.hidden ? HIDDEN_MS : Math.max(PERIOD_MS - took, took));
  }

  /**
   * Bring the rows in line with the calls.
   * @param {CallRow[]} found
   */
  function show(found) {
    const up = new Set(found.map(({ call_id }) => call_id));
    for (const [id, row] of rows) {
      if (up.has(id)) continue;
      row.end();
      // The answer to what was done last stays until the operator has left the row.
      if (row.element.contains(document.activeElement)) continue;
      row.element.remove();
      rows.delete(id);
    }
    /** @type {Element} the row, or the head of the table, after which the next call stands */
    let last = /** @type {Element} */ (calls.tHead);
    for (const call of found) {
      const row = rows.get(call.call_id) ?? new LiveRow(call, columns, api, words);
      rows.set(call.call_id, row);
      row.update(call, currency);
      // An element that is moved loses the focus. The order of the calls never changes, so only new ones are put in.
      if (!row.element.isConnected) last.after(row.element);
      last = row.element;
    }
    calls.hidden = rows.size === 0;
    const tokens = number(found.reduce((sum, call) => sum + call.tokens, 0));
    const spent = found.reduce((sum, call) => sum + (call.cost ?? 0), 0);
    const sums = [t('sum', { n: number(found.length), tokens }), ...(currency ? [money(spent, currency)] : [])].join(' · ');
    setText(count, found.length ? sums : t('none'));
    const asking = found.filter((call) => call.handed_over);
    const news = waiting.show(asking);
    if (news && sound.on()) chime.play();
    document.title = `${asking.length ? `(${asking.length}) ` : ''}${t('title')}`;
  }

  document.addEventListener('visibilitychange', () => void (!document.hidden && timer > 0 && refresh()), { signal });
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    document.title = t('title');
  });
  void refresh();
  return el(
    'section',
    { 'aria-labelledby': 'heading' },
    el('div', { class: 'heading' }, el('h2', { id: 'heading' }, t('live')), soundSwitch(words, chime, sound, signal)),
    waiting.element,
    count,
    calls,
  );
}

/**
 * Make the switch of the sound. Until the browser lets the page play it, the switch says so.
 * @param {Words} words
 * @param {Chime} chime
 * @param {{ on: () => boolean, choose: (on: boolean) => void }} sound
 * @param {AbortSignal} signal
 */
function soundSwitch({ t }, chime, sound, signal) {
  const box = el('input', { type: 'checkbox', checked: sound.on() });
  const later = el('small', {}, t('soundLater'));
  const look = () => {
    later.hidden = !box.checked || chime.ready();
  };
  box.addEventListener('change', () => {
    sound.choose(box.checked);
    look();
    // Whoever switches it on hears what it sounds like.
    if (box.checked) chime.play();
  });
  for (const gesture of ['pointerup', 'keyup']) document.addEventListener(gesture, look, { signal });
  look();
  return el('div', { class: 'sound' }, el('label', {}, box, t('sound')), later);
}
