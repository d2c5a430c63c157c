/**
 * Show one call: its timeline as a picture, the transcript beside it in step with it, its usage and its downloads.
 *
 * @import { Api, Call } from './api.js'
 * @import { Words } from './words.js'
 */

import { button, el } from '../ui/dom.js';
import { Refusal } from './api.js';
import { svg } from './drawing.js';
import { LANES, ticks, timeline, utteranceAt } from './timeline.js';

const WIDTH = 900;
const LEFT = 110;
const LANE = 26;

/**
 * Show a call.
 * @param {{ api: Api, words: Words, id: string, signal: AbortSignal, failed: (refusal: Refusal | null) => void }} options
 */
export function callView({ api, words, id, signal, failed }) {
  const section = el('section', { 'aria-labelledby': 'heading' }, el('h2', { id: 'heading' }, id));
  api.call(id).then(
    (call) => {
      if (!signal.aborted) section.replaceChildren(...parts(call, words));
    },
    (error) => {
      if (!(error instanceof Refusal)) throw error;
      if (!signal.aborted) failed(error);
    },
  );
  return section;
}

/**
 * Make everything that is shown of a call.
 * @param {Call} call
 * @param {Words} words
 */
function parts(call, words) {
  const { t, number, clock, when } = words;
  const { input, output } = call.usage;
  const fact = (/** @type {string} */ name, /** @type {string} */ value) => el('div', {}, el('dt', {}, name), el('dd', {}, value));
  const said = el('ol', { class: 'said' });
  const picture = draw(call, words, (seconds) => choose(utteranceAt(call, seconds)));
  /**
   * Mark an utterance, in the transcript and in the picture.
   * @param {number} index
   */
  function choose(index) {
    [...said.children].forEach((item, position) => item.firstElementChild?.setAttribute('aria-current', String(position === index)));
    said.children[index]?.scrollIntoView({ block: 'nearest' });
    for (const mark of picture.querySelectorAll('[data-item]')) {
      mark.classList.toggle('chosen', mark.getAttribute('data-item') === call.transcript[index]?.item_id);
    }
  }
  said.append(
    ...call.transcript.map((one, index) => {
      const who = `${clock((Date.parse(one.at) - Date.parse(call.started)) / 1000)} ${one.role === 'user' ? t('you') : t('model')}: `;
      const line = el('button', { type: 'button', 'aria-current': 'false' }, who, one.text ?? t('notKept'));
      line.addEventListener('click', () => choose(index));
      return el('li', {}, line);
    }),
  );
  return [
    el('h2', { id: 'heading' }, t('call', { caller: call.caller.name || call.caller.id })),
    el(
      'dl',
      { class: 'facts' },
      fact(t('started'), when(call.started)),
      fact(t('lasted'), clock(call.duration_seconds)),
      fact(t('reason'), call.end_reason ?? ''),
      fact(t('tokens'), number(call.usage.total)),
      fact(t('usage'), t('input', { text: number(input.text), audio: number(input.audio), cached: number(input.cached_text + input.cached_audio) })),
      fact(t('usage'), t('output', { text: number(output.text), audio: number(output.audio) })),
    ),
    el(
      'div',
      { class: 'together' },
      el('div', {}, el('h3', {}, t('timeline')), picture),
      el('div', {}, el('h3', {}, t('transcript')), said),
    ),
    el(
      'p',
      {},
      button(t('json'), () => download(`${call.call_id}.json`, JSON.stringify(call, null, 2), 'application/json')),
      ' ',
      button(t('text'), () => download(`${call.call_id}.txt`, asText(call, t('you'), t('model')), 'text/plain')),
    ),
  ];
}

/**
 * Draw who spoke when, how long answers took, and what went wrong. The transcript says the same in words.
 * @param {Call} call
 * @param {Words} words
 * @param {(seconds: number) => void} onChoose with the moment that was clicked
 */
function draw(call, { t, clock }, onChoose) {
  const { length, marks } = timeline(call);
  const x = (/** @type {number} */ seconds) => LEFT + (seconds / length) * (WIDTH - LEFT - 10);
  const names = { user: t('you'), assistant: t('model'), latency: t('latency'), gap: t('gap'), error: t('errors') };
  const height = LANES.length * LANE + 24;
  const picture = svg('svg', { class: 'drawing', viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': t('timeline') });
  for (const second of ticks(length)) {
    picture.append(
      svg('line', { x1: x(second), x2: x(second), y1: 0, y2: height - 18 }),
      svg('text', { x: x(second), y: height - 5, 'text-anchor': 'middle' }, clock(second)),
    );
  }
  LANES.forEach((lane, index) => picture.append(svg('text', { x: 6, y: index * LANE + 18 }, names[lane])));
  for (const { kind, from, to, item, cut } of marks) {
    const mark = svg(
      'rect',
      { class: kind, x: x(from), y: LANES.indexOf(kind) * LANE + 5, width: Math.max(2, x(to) - x(from)), height: LANE - 10, 'data-item': item },
      svg('title', {}, `${names[kind]}: ${clock(from)}–${clock(to)}`),
    );
    if (cut) picture.append(svg('rect', { class: 'error', x: x(to) - 2, y: LANE + 2, width: 3, height: LANE - 4 }));
    picture.append(mark);
  }
  picture.addEventListener('click', ({ clientX }) => {
    const { left, width } = picture.getBoundingClientRect();
    const at = ((clientX - left) / width) * WIDTH;
    onChoose(((at - LEFT) / (WIDTH - LEFT - 10)) * length);
  });
  return picture;
}

/**
 * Return the transcript as text, a line for each utterance.
 * @param {Call} call
 * @param {string} you
 * @param {string} model
 */
export function asText(call, you, model) {
  return call.transcript.map(({ at, role, text }) => `${at}  ${role === 'user' ? you : model}: ${text ?? '—'}\n`).join('\n');
}

/**
 * Have the browser save a file.
 * @param {string} name
 * @param {string} content
 * @param {string} type
 */
function download(name, content, type) {
  const href = URL.createObjectURL(new Blob([content], { type }));
  el('a', { href, download: name }).click();
  URL.revokeObjectURL(href);
}
