/**
 * Show the figures of some days: as plots that print well, and the same figures in a table.
 *
 * @import { Api, Figures, Report } from './api.js'
 * @import { Words } from './words.js'
 */

import { button, el } from '../ui/dom.js';
import { Refusal } from './api.js';
import { placeLink } from './address.js';
import { barPlot, share } from './drawing.js';
import { group, row, table } from './tables.js';

const DAY_MS = 86_400_000;
/** The spans of days that one press shows. The last one is the longest that the gateway adds up. */
const SPANS = /** @type {const} */ ([['week', 7], ['month', 30], ['quarter', 92]]);

/**
 * Show the figures of the days in the address.
 * @param {{ api: Api, words: Words, query: Record<string, string>, signal: AbortSignal, failed: (refusal: Refusal | null) => void }} options
 */
export function figuresView({ api, words, query, signal, failed }) {
  const { t } = words;
  const place = el('div', {}, el('p', { class: 'empty' }, t('reading')));
  api.usage({ ...query, by: 'day' }).then(
    (report) => {
      if (!signal.aborted) place.replaceChildren(...parts(report, words));
    },
    (error) => {
      if (!(error instanceof Refusal)) throw error;
      if (signal.aborted) return;
      place.replaceChildren();
      failed(error);
    },
  );
  const today = Date.now();
  const span = (/** @type {number} */ days) => placeLink('figures', { from: isoDay(today - (days - 1) * DAY_MS), to: isoDay(today) });
  const day = (/** @type {'from' | 'to'} */ name) => el('label', {}, t(name), el('input', { name, type: 'date', value: query[name] ?? '' }));
  const form = el(
    'form',
    { class: 'filters' },
    day('from'),
    day('to'),
    el('button', { class: 'action' }, t('search')),
    ...SPANS.map(([name, days]) => el('a', { href: span(days) }, t(name))),
    button(t('print'), () => window.print()),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    location.hash = placeLink('figures', Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)])));
  });
  return el('section', { 'aria-labelledby': 'heading' }, el('h2', { id: 'heading' }, t('figures')), form, place);
}

/**
 * Return the UTC day of a moment, such as 2026-11-21.
 * @param {number} epochMs
 */
const isoDay = (epochMs) => new Date(epochMs).toISOString().slice(0, 10);

/**
 * Make the plots and the tables.
 * @param {Report} report
 * @param {Words} words
 */
function parts({ currency, rows, total }, words) {
  const { t, number, millis, money, clock, day } = words;
  const cost = (/** @type {Figures} */ figures) => (figures.cost === null || !currency ? '–' : money(figures.cost, currency));
  const latency = (/** @type {number | null} */ ms) => (ms === null ? '–' : millis(ms));
  const minutes = (/** @type {Figures} */ figures) => number(figures.minutes, { maximumFractionDigits: 1 });
  const labels = rows.map(({ key }) => day(key));
  /** @type {(title: string, series: { kind: string, values: (number | null)[] }[], write: (value: number) => string, legend?: Node[]) => HTMLElement} */
  const plot = (title, series, write, legend = []) => el('figure', {}, el('figcaption', {}, title, ...legend), barPlot(labels, series, write));
  const swatch = (/** @type {string} */ kind) => el('span', { class: `legend ${kind}`, 'aria-hidden': 'true' });
  const tile = (/** @type {string} */ name, /** @type {string} */ value) => el('div', {}, el('dt', {}, name), el('dd', {}, value));
  const columns = [
    { label: t('day') },
    { label: t('calls'), figure: true },
    { label: t('minutes'), figure: true },
    { label: t('half'), figure: true },
    { label: t('most'), figure: true },
    ...(currency ? [{ label: t('cost'), figure: true }] : []),
  ];
  /** @type {(figures: Figures, name: string) => HTMLElement} */
  const line = (figures, name) => {
    const made = row(columns, [
      name,
      number(figures.calls),
      minutes(figures),
      latency(figures.latency_p50_ms),
      latency(figures.latency_p95_ms),
      ...(currency ? [cost(figures)] : []),
    ]);
    made.querySelector('td')?.setAttribute('role', 'rowheader');
    return made;
  };
  const perDay = table(columns);
  const sum = line(total, t('total'));
  sum.classList.add('sum');
  perDay.append(group(...rows.map((figures) => line(figures, day(figures.key))), sum));
  return [
    el('p', { class: 'count' }, t('fromTo', { from: labels[0] ?? '', to: labels.at(-1) ?? '' })),
    el(
      'dl',
      { class: 'tiles' },
      tile(t('calls'), number(total.calls)),
      tile(t('minutes'), minutes(total)),
      tile(t('average'), total.calls ? clock((total.minutes * 60) / total.calls) : '–'),
      tile(t('half'), latency(total.latency_p50_ms)),
      tile(t('most'), latency(total.latency_p95_ms)),
      ...(currency ? [tile(t('cost'), cost(total))] : []),
    ),
    el(
      'div',
      { class: 'plots' },
      plot(t('calls'), [{ kind: 'bar', values: rows.map(({ calls }) => calls) }], (value) => number(value)),
      plot(t('minutes'), [{ kind: 'bar', values: rows.map((figures) => figures.minutes) }], (value) => number(value, { maximumFractionDigits: 0 })),
      plot(
        t('latencyPlot'),
        [
          { kind: 'bar', values: rows.map((figures) => figures.latency_p50_ms) },
          { kind: 'bar second', values: rows.map((figures) => figures.latency_p95_ms) },
        ],
        (value) => millis(value),
        [el('small', {}, swatch(''), 'p50', swatch('second'), 'p95')],
      ),
      ...(currency ? [plot(t('cost'), [{ kind: 'bar', values: rows.map((figures) => figures.cost) }], (value) => money(value, currency))] : []),
    ),
    el('h3', {}, t('ended')),
    ends(total, words),
    el('h3', {}, t('perDay')),
    perDay,
  ];
}

/**
 * Make the table of what ended the calls, the most frequent first.
 * @param {Figures} total
 * @param {Words} words
 */
function ends(total, { t, number, reason }) {
  const columns = [{ label: t('reason') }, { label: t('calls'), figure: true }, { label: '%' }];
  const made = table(columns, { kind: 'narrow ends' });
  const rows = Object.entries(total.ended).toSorted(([, a], [, b]) => b - a);
  made.append(
    group(
      ...rows.map(([name, calls]) => {
        const part = calls / Math.max(1, total.calls);
        return row(columns, [reason(name), number(calls), el('span', { class: 'share' }, share(part), number(part, { style: 'percent' }))]);
      }),
    ),
  );
  return made;
}
