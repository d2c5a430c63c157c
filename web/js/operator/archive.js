/**
 * Show the archived calls that fit the filters in the address.
 *
 * @import { Api, CallRow } from './api.js'
 * @import { Key, Words } from './words.js'
 */

import { button, el, setText } from '../ui/dom.js';
import { Refusal } from './api.js';
import { placeLink } from './address.js';

const REASONS = [
  'hung_up_by_caller', 'hung_up_by_operator', 'max_call_seconds', 'max_idle_seconds', 'service_limit', 'peer_left',
  'budget_spent', 'observer_failed', 'unknown',
];
const COLUMNS = /** @type {const} */ (['caller', 'assistant', 'started', 'lasted', 'turns', 'latency', 'tokens', 'cost', 'errors', 'reason']);

/**
 * Show the calls, a page at a time.
 * @param {{ api: Api, words: Words, currency: string | null, query: Record<string, string>, signal: AbortSignal,
 *   failed: (refusal: Refusal | null) => void }} options
 */
export function archiveView({ api, words, currency, query, signal, failed }) {
  const { t, number } = words;
  const count = el('p', { role: 'status' });
  const body = el('tbody');
  const more = button(t('more'), () => void read());
  more.hidden = true;
  /** @type {string | null} */
  let after = '';

  /** Read the next page and add it to the table. */
  async function read() {
    more.disabled = true;
    try {
      const page = await api.calls({ ...query, state: 'ended', limit: '200', ...(after && { after }) });
      if (signal.aborted) return;
      failed(null);
      after = page.next;
      body.append(...page.calls.map((call) => row(call, words, currency)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      failed(error);
    }
    more.disabled = false;
    more.hidden = after === null;
    const n = number(body.children.length);
    setText(count, after ? t('goesOn', { n }) : body.children.length ? t('complete', { n }) : t('nothing'));
  }

  void read();
  const head = el('tr', {}, ...COLUMNS.map((name) => el('th', { scope: 'col' }, t(name))));
  return el(
    'section',
    { 'aria-labelledby': 'heading' },
    el('h2', { id: 'heading' }, t('archive')),
    filters(words, query),
    count,
    el('div', { class: 'wide' }, el('table', {}, el('thead', {}, head), body)),
    more,
  );
}

/**
 * Make the form of the filters. Sending it changes the address, and the address shows the calls.
 * @param {Words} words
 * @param {Record<string, string>} query
 */
function filters({ t }, query) {
  /** @type {(name: Key, type?: string) => HTMLElement} */
  const field = (name, type = 'text') => el('label', {}, t(name), el('input', { name, type, value: query[name] ?? '', autocomplete: 'off' }));
  const reason = el('select', { name: 'reason' }, el('option', { value: '' }), ...REASONS.map((name) => el('option', { selected: query.reason === name }, name)));
  const form = el(
    'form',
    { class: 'filters', role: 'search' },
    field('from', 'date'),
    field('to', 'date'),
    field('caller'),
    field('assistant'),
    el('label', {}, t('reason'), reason),
    field('words', 'search'),
    el('button', { class: 'link' }, t('search')),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const given = [...new FormData(form)].map(([name, value]) => [name, String(value).trim()]);
    location.hash = placeLink('archive', Object.fromEntries(given));
  });
  return form;
}

/**
 * Make the row of a call.
 * @param {CallRow} call
 * @param {Words} words
 * @param {string | null} currency
 */
function row(call, { t, clock, number, millis, money, when }, currency) {
  const caller = call.caller.name || call.caller.id;
  const figure = (/** @type {string} */ text) => el('td', { class: 'number' }, text);
  return el(
    'tr',
    {},
    el('td', {}, el('a', { href: placeLink('call', {}, call.call_id), 'aria-label': t('open', { caller }) }, caller)),
    el('td', {}, call.assistant ?? ''),
    el('td', {}, when(call.started)),
    figure(clock(call.duration_seconds)),
    figure(number(call.turns ?? 0)),
    figure(call.latency_ms === null ? '' : millis(call.latency_ms)),
    figure(number(call.tokens)),
    figure(call.cost === null || !currency ? '' : money(call.cost, currency)),
    figure(number(call.errors ?? 0)),
    el('td', {}, call.end_reason ?? ''),
  );
}
