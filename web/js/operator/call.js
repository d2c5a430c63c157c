/**
 * Show one call: its timeline as a picture, the transcript beside it in step with it, its usage and its downloads.
 *
 * @import { Prices } from '../api.js'
 * @import { Api, Call } from './api.js'
 * @import { Words } from './words.js'
 */

import { cost } from '../measure/cost.js';
import { percentile } from '../measure/latency.js';
import { button, el } from '../ui/dom.js';
import { Refusal } from './api.js';
import { placeLink } from './address.js';
import { createPicture } from './picture.js';
import { asText, createTranscript, secondsOf } from './said.js';
import { download, recordKeeping } from './saving.js';
import { steering } from './steering.js';
import { timelineTable, usageTable } from './calltables.js';
import { utteranceAt } from './timeline.js';

/**
 * Show a call.
 * @param {{ api: Api, words: Words, prices: Prices | null, id: string, signal: AbortSignal, failed: (refusal: Refusal | null) => void }} options
 */
export function callView({ api, words, prices, id, signal, failed }) {
  const { t } = words;
  const section = el('section', { 'aria-labelledby': 'heading' }, el('h2', { id: 'heading' }, id), el('p', { class: 'empty' }, t('reading')));

  /** Read the call and show it. */
  async function read() {
    try {
      const call = await api.call(id);
      if (signal.aborted) return;
      failed(null);
      section.replaceChildren(...parts(call, { api, words, prices, signal, read }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!signal.aborted) failed(error);
    }
  }

  void read();
  return section;
}

/**
 * Make everything that is shown of a call.
 * @param {Call} call
 * @param {{ api: Api, words: Words, prices: Prices | null, signal: AbortSignal, read: () => Promise<void> }} options
 */
function parts(call, { api, words, prices, signal, read }) {
  const { t, clock } = words;
  const caller = call.caller.name || call.caller.id;
  const transcript = createTranscript(call, words, (index) => choose(secondsOf(call, index), index));
  const picture = createPicture(call, words, {
    signal,
    onMove: (seconds) => choose(seconds, utteranceAt(call, seconds)),
    describe: (seconds) => {
      const one = call.transcript[utteranceAt(call, seconds)];
      return one ? `${clock(seconds)} ${one.role === 'user' ? t('you') : t('model')}: ${one.text ?? t('notKept')}` : clock(seconds);
    },
  });
  /** @type {(seconds: number, index: number) => void} shows the moment in the picture and the utterance in the transcript */
  const choose = (seconds, index) => {
    picture.show(seconds, index);
    transcript.choose(index);
  };
  const up = call.state !== undefined && call.state !== 'ended';
  return [
    el('h2', { id: 'heading' }, t('call', { caller })),
    ...(up ? [liveControls(call, { api, words, caller, read })] : []),
    facts(call, words, prices),
    el(
      'div',
      { class: 'together' },
      el(
        'div',
        {},
        el('h3', {}, t('timeline')),
        picture.element,
        el('p', { class: 'hint' }, t('howTo'), ' ', ...(call.interruptions ? [t('cutMark'), ' '] : []), ...(picture.readings.length ? [] : [t('noNetwork')])),
        el('details', { class: 'more' }, el('summary', {}, t('asTable')), el('div', { class: 'wide' }, timelineTable(call, picture, words))),
      ),
      el('div', { class: 'beside' }, el('h3', {}, t('transcript')), transcript.element),
      el('div', {}, el('h3', {}, t('usage')), usageTable(call.usage, words)),
    ),
    el(
      'p',
      { class: 'actions' },
      button(t('json'), () => download(`${call.call_id}.json`, new Blob([JSON.stringify(call, null, 2)], { type: 'application/json' }))),
      button(t('text'), () => download(`${call.call_id}.txt`, new Blob([asText(call, t('you'), t('model'))], { type: 'text/plain' }))),
      el('a', { href: placeLink('archive', { caller: call.caller.id }) }, t('allOfCaller')),
    ),
    recordKeeping(call, { api, words, up }),
  ];
}

/**
 * Make what an operator can do with a call that is still up.
 * @param {Call} call
 * @param {{ api: Api, words: Words, caller: string, read: () => Promise<void> }} options
 */
function liveControls(call, { api, words, caller, read }) {
  const { t } = words;
  const { hangUp, toggle, forms, answer } = steering(call.call_id, api, words, caller);
  const actions = el('p', { class: 'actions' }, t('stillUp'), button(t('refresh'), () => void read()), toggle, hangUp);
  return el('div', { class: 'notice steer' }, actions, forms, answer);
}

/**
 * List what is known of the call as a whole.
 * @param {Call} call
 * @param {Words} words
 * @param {Prices | null} prices
 */
function facts(call, words, prices) {
  const { t, number, clock, when, millis, money } = words;
  const latencies = call.turns.map(({ response_latency_ms }) => response_latency_ms);
  const [median, slowest] = [percentile(latencies, 0.5), percentile(latencies, 1)];
  const spent = cost(call.usage, prices);
  const amount = spent ? money(spent.amount, spent.currency) : '';
  const browser = call.reports.at(-1)?.figures?.browser;
  const other = (/** @type {string | null} */ id, /** @type {'earlier' | 'later'} */ name) => id && el('a', { href: placeLink('call', {}, id) }, t(name));
  /** @type {[string, Node | string | null][]} */
  const known = [
    [t('caller'), call.caller.name || call.caller.id],
    [t('assistant'), call.assistant],
    [t('started'), when(call.started)],
    [t('lasted'), clock(call.duration_seconds)],
    [t('reason'), call.end_reason === null ? t('notOver') : words.reason(call.end_reason)],
    [t('turns'), number(call.turns.length)],
    [t('interruptions'), number(call.interruptions)],
    [t('medianLatency'), median === null || slowest === null ? null : `${millis(median)} · ${millis(slowest)}`],
    [t('tokens'), number(call.usage.total)],
    [t('cost'), spent && !spent.complete ? t('atLeast', { cost: amount }) : amount],
    [t('continues'), other(call.continues, 'earlier')],
    [t('continuedBy'), other(call.continued_by, 'later')],
    [t('browser'), typeof browser === 'string' ? browserName(browser) : null],
    [t('callId'), el('code', {}, call.call_id)],
  ];
  const handed = call.hand_overs.map(({ at, reason }) => el('p', {}, el('strong', {}, `${t('handOver')} (${clock((Date.parse(at) - Date.parse(call.started)) / 1000)}): `), reason ?? t('noReason')));
  const list = el('dl', { class: 'facts' }, ...known.filter(([, value]) => value).map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value ?? ''))));
  return el('div', {}, ...(handed.length ? [el('div', { class: 'notice handed-over' }, ...handed)] : []), list);
}

/**
 * Return the part of a browser's name for itself that tells people most.
 * @param {string} agent
 */
export function browserName(agent) {
  const found = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari'].find((name) => agent.includes(`${name}/`));
  const version = found && agent.match(new RegExp(`${found}/(\\d+)`))?.[1];
  return found && version ? `${{ Edg: 'Edge', OPR: 'Opera' }[found] ?? found} ${version}` : agent.slice(0, 40);
}
