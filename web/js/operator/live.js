/**
 * Show the live calls: a row for each, which changes in place, with what an operator can do with the call.
 *
 * @import { Api, CallRow } from './api.js'
 * @import { Words } from './words.js'
 */

import { el, setText } from '../ui/dom.js';
import { Refusal } from './api.js';
import { steering } from './steering.js';

/** The list is asked for so often: a heartbeat comes every ten seconds, but calls begin and end at any time. */
export const PERIOD_MS = 2000;

const COLUMNS = /** @type {const} */ (['caller', 'assistant', 'lasted', 'left', 'tokens', 'cost', 'trouble', 'actions']);

/**
 * Show the live calls, and follow them until the signal says to stop.
 * @param {{ api: Api, words: Words, currency: string | null, signal: AbortSignal, failed: (refusal: Refusal | null) => void }} options
 */
export function liveView({ api, words, currency, signal, failed }) {
  const { t } = words;
  const count = el('caption', { 'aria-live': 'polite' });
  const body = el('tbody');
  const head = el('tr', {}, ...COLUMNS.map((name) => el('th', { scope: 'col' }, t(name))));
  /** @type {Map<string, LiveRow>} */
  const rows = new Map();

  /** Ask for the list and show it, and do so again a little later. */
  async function refresh() {
    if (!document.hidden) {
      try {
        const { calls } = await api.calls({ state: 'live', limit: '200' });
        if (signal.aborted) return;
        failed(null);
        show(calls);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (!signal.aborted) failed(error);
      }
    }
    if (!signal.aborted) setTimeout(refresh, PERIOD_MS);
  }

  /**
   * Bring the rows in line with the calls.
   * @param {CallRow[]} calls
   */
  function show(calls) {
    const up = new Set(calls.map(({ call_id }) => call_id));
    for (const [id, row] of rows) {
      // The answer to what was done last stays until the operator has left the row.
      if (up.has(id) || row.element.contains(document.activeElement)) continue;
      row.element.remove();
      rows.delete(id);
    }
    calls.forEach((call, index) => {
      const row = rows.get(call.call_id) ?? new LiveRow(call, api, words);
      rows.set(call.call_id, row);
      row.update(call, currency);
      // An element that is moved loses the focus, so nothing moves that is in its place.
      if (body.children[index] !== row.element && !row.element.isConnected) body.insertBefore(row.element, body.children[index] ?? null);
    });
    setText(count, calls.length ? t('count', { n: words.number(calls.length) }) : t('none'));
  }

  void refresh();
  const table = el('table', {}, count, el('thead', {}, head), body);
  return el('section', { 'aria-labelledby': 'heading' }, el('h2', { id: 'heading' }, t('live')), el('div', { class: 'wide' }, table));
}

/** One live call. Its elements are made once; only their texts change. */
class LiveRow {
  /**
   * @param {CallRow} call
   * @param {Api} api
   * @param {Words} words
   */
  constructor(call, api, words) {
    const { t } = words;
    this.words = words;
    const caller = call.caller.name || call.caller.id;
    this.cells = COLUMNS.slice(2, -1).map((name) => el('td', { class: name === 'trouble' ? '' : 'number' }));
    const steer = steering(call.call_id, api, words, caller);
    this.element = el(
      'tr',
      { 'data-call': call.call_id },
      el('td', {}, el('a', { href: `#/call/${call.call_id}` }, caller)),
      el('td', {}, call.assistant ?? ''),
      ...this.cells,
      el('td', { class: 'steer' }, steer.hangUp, ' ', steer.toggle, steer.forms, steer.answer),
    );
    this.t = t;
  }

  /**
   * Write what has changed.
   * @param {CallRow} call
   * @param {string | null} currency
   */
  update(call, currency) {
    const { clock, number, money } = this.words;
    const trouble = call.state === 'connecting' ? this.t('connecting') : call.observed ? '' : this.t('unobserved');
    const texts = [
      clock(call.duration_seconds),
      clock(call.seconds_left ?? 0),
      number(call.tokens),
      call.cost === null || !currency ? '' : money(call.cost, currency),
      call.handed_over ? this.t('handedOver') : trouble,
    ];
    texts.forEach((text, index) => setText(this.cells[index], text));
    this.element.classList.toggle('trouble', !call.observed && call.state === 'live');
    this.element.classList.toggle('handed-over', call.handed_over);
  }
}

