/**
 * Show the archived calls that fit the filters in the address.
 *
 * @import { Api, CallRow } from './api.js'
 * @import { Column } from './tables.js'
 * @import { Words } from './words.js'
 */

import { button, el, setText } from '../ui/dom.js';
import { Refusal } from './api.js';
import { placeLink } from './address.js';
import { REASONS } from './codes.js';
import { group, row, table } from './tables.js';

/** A page has so many calls: enough to fill any screen, few enough to come at once. */
const PAGE = '100';

/**
 * Show the calls, a page at a time.
 * @param {{ api: Api, words: Words, currency: string | null, query: Record<string, string>, signal: AbortSignal,
 *   failed: (refusal: Refusal | null) => void }} options
 */
export function archiveView({ api, words, currency, query, signal, failed }) {
  const { t, number } = words;
  const count = el('p', { role: 'status', class: 'count' }, t('reading'));
  const columns = archiveColumns(words, currency);
  const body = group();
  const calls = table(columns, { caption: el('caption', { class: 'visually-hidden' }, t('archive')) });
  calls.append(body);
  calls.hidden = true;
  const more = button(t('more'), () => void read(), { class: 'action' });
  more.hidden = true;
  /** @type {string | null} */
  let after = '';

  /** Read the next page and add it to the table. */
  async function read() {
    more.disabled = true;
    try {
      const page = await api.calls({ ...query, state: 'ended', limit: PAGE, ...(after && { after }) });
      if (signal.aborted) return;
      failed(null);
      after = page.next;
      body.append(...page.calls.map((call) => row(columns, contents(call, words, currency))));
      calls.hidden = !body.children.length;
      const n = number(body.children.length);
      setText(count, after ? t('goesOn', { n }) : body.children.length ? t('complete', { n }) : t('nothing'));
      more.hidden = after === null;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (signal.aborted) return;
      failed(error);
      setText(count, '');
      // The page can be asked for again.
      more.hidden = false;
    }
    more.disabled = false;
  }

  void read();
  return el('section', { 'aria-labelledby': 'heading' }, el('h2', { id: 'heading' }, t('archive')), filters(words, query), count, calls, more);
}

/**
 * Return the columns of the archived calls. Without prices there is no column of costs.
 * @param {Words} words
 * @param {string | null} currency
 * @returns {Column[]}
 */
const archiveColumns = ({ t }, currency) => [
  { label: t('caller') },
  { label: t('started') },
  { label: t('lasted'), figure: true },
  { label: t('turns'), figure: true },
  { label: t('latency'), figure: true },
  { label: t('tokens'), figure: true },
  ...(currency ? [{ label: t('cost'), figure: true }] : []),
  { label: t('trouble') },
  { label: t('reason') },
];

/**
 * Make the form of the filters. Sending it changes the address, and the address shows the calls.
 * @param {Words} words
 * @param {Record<string, string>} query
 */
function filters({ t, reason }, query) {
  /** @type {(name: 'from' | 'to' | 'caller' | 'assistant' | 'words', type?: string, label?: string) => HTMLElement} */
  const field = (name, type = 'text', label = t(name)) => el('label', {}, label, el('input', { name, type, value: query[name] ?? '', autocomplete: 'off' }));
  const ends = Object.keys(REASONS).map((name) => el('option', { value: name, selected: query.reason === name }, reason(name)));
  const end = el('select', { name: 'reason' }, el('option', { value: '' }, t('anyReason')), ...ends);
  const form = el(
    'form',
    { class: 'filters', role: 'search', 'aria-label': t('search') },
    field('from', 'date'),
    field('to', 'date'),
    field('caller', 'text', t('whichCaller')),
    field('assistant'),
    el('label', {}, t('reason'), end),
    field('words', 'search'),
    el('button', { class: 'action' }, t('search')),
    ...(Object.keys(query).length ? [el('a', { href: placeLink('archive') }, t('clear'))] : []),
    ...(query.from || query.to ? [] : [el('small', {}, t('days'))]),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const given = [...new FormData(form)].map(([name, value]) => [name, String(value).trim()]);
    location.hash = placeLink('archive', Object.fromEntries(given));
  });
  return form;
}

/**
 * Return what the cells of a call hold.
 * @param {CallRow} call
 * @param {Words} words
 * @param {string | null} currency
 */
function contents(call, { t, clock, number, millis, money, when, reason }, currency) {
  const caller = call.caller.name || call.caller.id;
  const link = el('a', { href: placeLink('call', {}, call.call_id), 'aria-label': t('open', { caller }) }, caller);
  const troubles = [
    call.handed_over ? t('handedOver') : '',
    call.observed ? '' : t('neverObserved'),
    call.errors ? t('someErrors', { n: number(call.errors) }) : '',
  ];
  return [
    el('span', { class: 'who' }, link, el('small', {}, call.assistant ?? '')),
    el('span', { class: 'when' }, when(call.started, 'short')),
    clock(call.duration_seconds),
    number(call.turns ?? 0),
    call.latency_ms === null ? '–' : millis(call.latency_ms),
    number(call.tokens),
    ...(currency ? [call.cost === null ? '–' : money(call.cost, currency)] : []),
    troubles.filter(Boolean).join(' · ') || '–',
    reason(call.end_reason ?? 'unknown'),
  ];
}
