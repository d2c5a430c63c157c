/**
 * Show the figures of some days: as plots that print well, and the same figures in a table.
 *
 * @import { Api, Figures, Report } from './api.js'
 * @import { Words } from './words.js'
 */

import { el } from '../ui/dom.js';
import { placeLink } from './address.js';
import { Refusal } from './api.js';
import { barPlot } from './drawing.js';

const COLUMNS = /** @type {const} */ (['day', 'calls', 'minutes', 'half', 'most', 'cost']);

/**
 * Show the figures of the days in the address.
 * @param {{ api: Api, words: Words, query: Record<string, string>, signal: AbortSignal, failed: (refusal: Refusal | null) => void }} options
 */
export function figuresView({ api, words, query, signal, failed }) {
  const { t } = words;
  const place = el('div');
  api.usage({ ...query, by: 'day' }).then(
    (report) => {
      if (!signal.aborted) place.replaceChildren(...parts(report, words));
    },
    (error) => {
      if (!(error instanceof Refusal)) throw error;
      if (!signal.aborted) failed(error);
    },
  );
  const day = (/** @type {'from' | 'to'} */ name) => el('label', {}, t(name), el('input', { name, type: 'date', value: query[name] ?? '' }));
  const form = el('form', { class: 'filters' }, day('from'), day('to'), el('button', { class: 'link' }, t('search')));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    location.hash = placeLink('figures', Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)])));
  });
  return el('section', { 'aria-labelledby': 'heading' }, el('h2', { id: 'heading' }, t('figures')), form, place);
}

/**
 * Make the plots and the tables.
 * @param {Report} report
 * @param {Words} words
 */
function parts({ currency, rows, total }, { t, number, millis, money }) {
  const cost = (/** @type {Figures} */ { cost }) => (cost === null || !currency ? '' : money(cost, currency));
  const latency = (/** @type {number | null} */ ms) => (ms === null ? '' : millis(ms));
  const plot = (/** @type {string} */ title, /** @type {(row: Figures) => number | null} */ value, /** @type {(row: Figures) => string} */ words) => [
    el('h3', {}, title),
    barPlot(rows.map((row) => ({ label: row.key.slice(5), value: value(row), words: words(row) }))),
  ];
  /** @type {(row: Figures, name: string) => HTMLElement} */
  const row = (figures, name) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, name),
      ...[number(figures.calls), number(figures.minutes), latency(figures.latency_p50_ms), latency(figures.latency_p95_ms), cost(figures)].map((text) =>
        el('td', { class: 'number' }, text),
      ),
    );
  const reasons = Object.entries(total.ended).map(([reason, count]) =>
    el('tr', {}, el('th', { scope: 'row' }, reason), el('td', { class: 'number' }, number(count))),
  );
  return [
    ...plot(t('calls'), ({ calls }) => calls, ({ calls }) => number(calls)),
    ...plot(t('minutes'), ({ minutes }) => minutes, ({ minutes }) => number(Math.round(minutes))),
    ...plot(t('most'), (figures) => figures.latency_p95_ms, (figures) => latency(figures.latency_p95_ms)),
    ...(currency ? plot(t('cost'), (figures) => figures.cost, cost) : []),
    el('h3', {}, t('total')),
    el(
      'div',
      { class: 'wide' },
      el(
        'table',
        {},
        el('thead', {}, el('tr', {}, ...COLUMNS.map((name) => el('th', { scope: 'col' }, t(name))))),
        el('tbody', {}, ...rows.map((figures) => row(figures, figures.key)), row(total, t('total'))),
      ),
    ),
    el('h3', {}, t('ended')),
    el('table', {}, el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, t('reason')), el('th', { scope: 'col' }, t('calls')))), el('tbody', {}, ...reasons)),
  ];
}
