/**
 * Show the last events of the channel, the newest first. Their secrets were taken out before they were kept.
 */

import { filterEvents } from '../measure/events.js';
import { button, el, setText } from './dom.js';

/** @import { Translator } from '../i18n/index.js' */
/** @import { EventLog, LogEntry } from '../measure/events.js' */

const ARROWS = { in: '←', out: '→' };

/**
 * Make the list with its filter.
 * @param {HTMLElement} place
 * @param {{ onClear: () => void }} handlers
 */
export function createEventLog(place, { onClear }) {
  const heading = el('h3', { class: 'engineer-heading' });
  const filter = el('input', { type: 'search', id: 'log-filter', spellcheck: 'false' });
  const filterLabel = el('label', { for: 'log-filter' });
  const deltas = el('input', { type: 'checkbox', id: 'log-deltas' });
  const deltasLabel = el('label', { for: 'log-deltas' });
  const shown = el('span', { class: 'quiet' });
  const list = el('ol', { class: 'log', tabindex: 0 });
  /** @type {LogEntry[]} */
  let entries = [];
  const copy = button('', () => void navigator.clipboard.writeText(visible().map(line).join('\n')));
  const clear = button('', onClear);
  place.append(
    heading,
    el('div', { class: 'log-tools' }, filterLabel, filter, el('span', {}, deltas, ' ', deltasLabel), copy, clear, shown),
    list,
  );

  /** @type {Translator} */
  let translator;
  const visible = () => filterEvents(entries, filter.value, deltas.checked);

  /** Show the events that pass the filter. Lines that are there already stay. */
  function rows() {
    const wanted = visible();
    const known = new Map([...list.children].map((row) => [/** @type {HTMLElement} */ (row).dataset.n, row]));
    const next = wanted.map((entry) => known.get(String(entry.n)) ?? row(entry)).reverse();
    list.replaceChildren(...next);
    setText(shown, translator.t('engineer.events.shown', { shown: wanted.length, all: entries.length }));
  }
  filter.addEventListener('input', rows);
  deltas.addEventListener('change', rows);

  return {
    /**
     * Show a log.
     * @param {Translator} next
     * @param {EventLog} log
     */
    render(next, log) {
      translator = next;
      entries = log.entries;
      const { t } = translator;
      setText(heading, t('engineer.events'));
      setText(filterLabel, t('engineer.events.filter'));
      setText(deltasLabel, t('engineer.events.deltas'));
      setText(copy, t('engineer.events.copy'));
      setText(clear, t('engineer.events.clear'));
      list.setAttribute('aria-label', t('engineer.events'));
      rows();
    },
  };
}

/**
 * Make the line of an event.
 * @param {LogEntry} entry
 */
function row({ n, at, way, type, json }) {
  return el(
    'li',
    { class: 'log-row', 'data-n': n },
    el('span', { class: 'log-time' }, clock(at)),
    el('span', { class: 'log-way' }, ARROWS[way]),
    el('span', {}, type, ' ', el('span', { class: 'log-fields' }, json)),
  );
}

/**
 * Write an event as text, to be copied.
 * @param {LogEntry} entry
 */
const line = ({ at, way, type, json }) => `${clock(at)} ${ARROWS[way]} ${type} ${json}`;

/**
 * Write a time of day in UTC with milliseconds, the same in every language.
 * @param {number} at epoch milliseconds
 */
const clock = (at) => new Date(at).toISOString().slice(11, 23);
