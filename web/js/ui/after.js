/**
 * Show how the call was when it is over, and let the visitor take the conversation away.
 */

import { asJson, asText } from '../conversation/exporting.js';
import { percentile } from '../measure/latency.js';
import { verdict } from '../measure/quality.js';
import { button, el, setText } from './dom.js';
import { usageOf } from './gauge.js';

/** @import { Translator } from '../i18n/index.js' */
/** @import { Model } from '../model.js' */

/**
 * Show the call that has ended.
 * @param {HTMLElement} place
 * @param {Translator} translator
 * @param {() => Model} current returns the state at the moment when it is needed
 */
export function renderAfter(place, translator, current) {
  const { page, captions } = current();
  const { t, language } = translator;
  place.hidden = page.phase !== 'ended' || !page.liveSince;
  const shown = place.hidden ? '' : `${language} ${page.liveSince}`;
  if (place.dataset.shown !== shown) {
    place.dataset.shown = shown;
    place.replaceChildren(
      el('h3', { id: 'after-heading', class: 'after-heading' }, t('after.heading')),
      el('dl', { class: 'facts' }),
      ...(captions.list.length ? [takeaway(translator, current)] : []),
    );
  }
  // The gateway's last figures come a moment later. They must not replace a button that is just being pressed.
  if (place.hidden) return;
  place.querySelector('.facts')?.replaceChildren(
    ...facts(translator, current()).map(([name, value]) =>
      el('div', { class: 'fact' }, el('dt', {}, name), el('dd', {}, value)),
    ),
  );
}

/**
 * Make the buttons that copy or save the conversation.
 * @param {Translator} translator
 * @param {() => Model} current
 */
function takeaway(translator, current) {
  const { t } = translator;
  const copied = el('span', { role: 'status', class: 'quiet' });
  const copy = async () => {
    await navigator.clipboard.writeText(textOf(translator, current()));
    setText(copied, t('after.copied'));
  };
  return el(
    'p',
    { class: 'after-actions' },
    button(t('after.copy'), () => void copy()),
    button(t('after.text'), () => save(`${nameOf(current())}.txt`, 'text/plain', textOf(translator, current()))),
    button(t('after.json'), () => save(`${nameOf(current())}.json`, 'application/json', jsonOf(current()))),
    copied,
  );
}

/**
 * Return the names and values of the figures that are known.
 * @param {Translator} translator
 * @param {Model} model
 * @returns {[string, string][]}
 */
function facts(translator, model) {
  const { t, clock, millis, number } = translator;
  const { page, samples, turns } = model;
  const line = verdict(samples);
  const delay = percentile(samples.map(({ rttMs }) => rttMs), 0.5);
  const answer = percentile(turns.list.map(({ latencyMs }) => latencyMs), 0.5);
  const lost = samples.map(({ lossPercent }) => lossPercent ?? 0);
  const loss = lost.length ? lost.reduce((sum, each) => sum + each, 0) / lost.length : null;
  const [tokens, price] = usageOf(translator, model);
  return [
    [t('after.duration'), clock(((page.endedAt ?? 0) - (page.liveSince ?? 0)) / 1000)],
    ...(answer === null ? [] : [pair(t('after.answer'), millis(answer))]),
    ...(line ? [pair(t('after.quality'), t(`after.quality.${line}`))] : []),
    ...(delay === null ? [] : [pair(t('after.delay'), millis(delay))]),
    ...(loss === null ? [] : [pair(t('after.loss'), number(loss / 100, { style: 'percent', maximumFractionDigits: 1 }))]),
    ...(tokens ? [pair(t('after.usage'), tokens)] : []),
    ...(price ? [pair(t('after.cost'), price)] : []),
  ];
}

/**
 * Return a name with its value.
 * @param {string} name
 * @param {string} value
 * @returns {[string, string]}
 */
const pair = (name, value) => [name, value];

/**
 * Write the conversation as text.
 * @param {Translator} translator
 * @param {Model} model
 */
function textOf({ t, time }, { captions }) {
  const words = { you: t('call.you'), model: t('call.model'), cut: t('after.cut'), unclear: t('after.unclear'), time };
  return asText(captions.list, words);
}

/**
 * Write the conversation as JSON.
 * @param {Model} model
 */
const jsonOf = ({ captions, page }) =>
  asJson(captions.list, { callId: page.callId, started: page.liveSince, ended: page.endedAt });

/**
 * Return a file name that tells the time of the call.
 * @param {Model} model
 */
const nameOf = ({ page }) => `switchboard-${new Date(page.liveSince ?? 0).toISOString().slice(0, 16).replace(/[T:]/g, '-')}`;

/**
 * Save a text as a file.
 * @param {string} name the name of the file
 * @param {string} type its media type
 * @param {string} text
 */
function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  el('a', { href: url, download: name }).click();
  // When the next task runs, the browser has its own copy.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
