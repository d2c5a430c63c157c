/**
 * Show one live call. Its elements are made once; only their texts change.
 *
 * @import { Api, CallRow } from './api.js'
 * @import { Column } from './tables.js'
 * @import { Words } from './words.js'
 */

import { el, setText } from '../ui/dom.js';
import { placeLink } from './address.js';
import { steering } from './steering.js';
import { cells, group } from './tables.js';

/**
 * Return the columns of the live calls. Without prices there is no column of costs.
 * @param {Words} words
 * @param {string | null} currency
 * @returns {Column[]}
 */
export const liveColumns = ({ t }, currency) => [
  { label: t('caller') },
  { label: t('speaking') },
  { label: t('lasted'), figure: true },
  { label: t('left'), figure: true },
  { label: t('tokens'), figure: true },
  ...(currency ? [{ label: t('cost'), figure: true }] : []),
  { label: t('trouble') },
  { label: t('actions') },
];

export class LiveRow {
  /**
   * @param {CallRow} call
   * @param {Column[]} columns
   * @param {Api} api
   * @param {Words} words
   */
  constructor(call, columns, api, words) {
    const caller = call.caller.name || call.caller.id;
    this.words = words;
    this.speaking = el('span', { class: 'speaker' });
    this.trouble = el('span', { class: 'trouble-text' });
    this.figures = columns.filter(({ figure }) => figure).map(() => el('span'));
    this.steer = steering(call.call_id, api, words, caller);
    const who = el('span', { class: 'who' }, el('a', { href: placeLink('call', {}, call.call_id) }, caller), el('small', {}, call.assistant ?? ''));
    const actions = el('span', { class: 'row-actions' }, this.steer.toggle, this.steer.hangUp);
    const more = el('td', { role: 'cell', class: 'more-cell steer', colspan: columns.length }, this.steer.forms, this.steer.answer);
    this.element = group(
      el('tr', { role: 'row' }, ...cells(columns, [who, this.speaking, ...this.figures, this.trouble, actions])),
      el('tr', { role: 'row', class: 'more-row' }, more),
    );
    this.element.dataset.call = call.call_id;
  }

  /**
   * Write what has changed.
   * @param {CallRow} call
   * @param {string | null} currency
   */
  update(call, currency) {
    const { t, clock, number, money } = this.words;
    const sides = { caller: t('you'), assistant: t('model') };
    setText(this.speaking, call.speaking ? sides[call.speaking] : t('nobody'));
    this.speaking.dataset.side = call.speaking ?? '';
    const figures = [clock(call.duration_seconds), clock(call.seconds_left ?? 0), number(call.tokens)];
    if (currency) figures.push(money(call.cost ?? 0, currency));
    figures.forEach((text, index) => setText(this.figures[index], text));
    const unobserved = call.state === 'live' && !call.observed;
    const troubles = [
      call.handed_over ? t('handedOver') : '',
      call.state === 'connecting' ? t('connecting') : '',
      unobserved ? t('unobserved') : '',
      call.errors ? t('someErrors', { n: number(call.errors) }) : '',
    ];
    setText(this.trouble, troubles.filter(Boolean).join(' · ') || '–');
    this.element.classList.toggle('trouble', unobserved || call.errors > 0);
    this.element.classList.toggle('handed-over', call.handed_over);
  }

  /** Say that the call is over. */
  end() {
    setText(this.speaking, '–');
    this.speaking.dataset.side = '';
    setText(this.trouble, this.words.t('over'));
    this.element.classList.add('gone');
  }

  /** Bring the row into view, and the focus to what can be done with the call. */
  focus() {
    this.element.scrollIntoView({ block: 'center' });
    this.steer.toggle.focus();
  }
}
