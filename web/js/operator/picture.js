/**
 * Draw the timeline of a call: who spoke when, how long answers took, what went wrong, and how the connection was, all on
 * one axis. For assistive technology the picture is a slider that moves through the conversation.
 *
 * @import { Call } from './api.js'
 * @import { Mark, Reading } from './timeline.js'
 * @import { Words } from './words.js'
 */

import { el } from '../ui/dom.js';
import { svg } from './drawing.js';
import { LANES, moved, stops, ticks, timeline } from './timeline.js';

const LANE = 28;
const NETWORK = 48;
const AXIS = 22;
const PAD = 10;
/** A minute takes at least this many pixels; a longer call scrolls. */
const MINUTE = 240;
const WIDEST = 24_000;
/** A round trip and a loss below these look small. */
const RTT_FLOOR_MS = 100;
const LOSS_FLOOR_PERCENT = 2;

/**
 * Make the picture of a call.
 * @param {Call} call
 * @param {Words} words
 * @param {{ signal: AbortSignal, onMove: (seconds: number) => void, describe: (seconds: number) => string }} options
 *   `onMove` is told the moment that was clicked or moved to; `describe` says what is there
 */
export function createPicture(call, words, { signal, onMove, describe }) {
  const { t, clock } = words;
  const { length, marks, readings } = timeline(call);
  const moments = stops(call, marks);
  const lanes = laneNames(words);
  const used = LANES.filter((kind) => kind === 'user' || kind === 'assistant' || marks.some((mark) => mark.kind === kind));
  const height = used.length * LANE + (readings.length ? 2 * NETWORK : 0) + AXIS;
  const slider = el('div', {
    class: 'picture-scroll',
    role: 'slider',
    tabindex: 0,
    'aria-label': t('timeline'),
    'aria-valuemin': 0,
    'aria-valuemax': Math.round(length),
    'aria-valuenow': 0,
    'aria-valuetext': clock(0),
  });
  const labels = el(
    'div',
    { class: 'picture-lanes', 'aria-hidden': 'true' },
    ...used.map((kind) => el('div', { class: `lane lane-${kind}` }, lanes[kind])),
    ...(readings.length ? networkLabels(readings, words) : []),
  );
  let now = 0;
  let drawn = 0;
  let chosen = -1;
  const x = (/** @type {number} */ seconds) => PAD + (seconds / length) * (drawn - 2 * PAD);

  /** Draw everything anew in the width that there is. */
  function draw() {
    drawn = Math.min(WIDEST, Math.max(slider.clientWidth, (length / 60) * MINUTE, 280));
    const picture = svg('svg', { class: 'picture-drawing', viewBox: `0 0 ${drawn} ${height}`, width: drawn, height });
    for (const second of ticks(length, drawn / 90)) {
      picture.append(
        svg('line', { class: 'grid', x1: x(second), x2: x(second), y1: 0, y2: height - AXIS }),
        svg('text', { x: x(second), y: height - 6, 'text-anchor': x(second) > drawn - 24 ? 'end' : second ? 'middle' : 'start' }, clock(second)),
      );
    }
    used.forEach((kind, index) => {
      const own = marks.filter((mark) => mark.kind === kind);
      own.forEach((mark, place) => picture.append(...drawMark(mark, index * LANE, own[place + 1])));
    });
    if (readings.length) picture.append(...drawNetwork(readings, used.length * LANE, x));
    picture.append(svg('line', { class: 'playhead', x1: x(now), x2: x(now), y1: 0, y2: height - AXIS }));
    slider.replaceChildren(picture);
    mark();
  }

  /**
   * Draw one mark.
   * @param {Mark} mark
   * @param {number} top
   * @param {Mark | undefined} next the one after it in its lane
   */
  function drawMark({ kind, from, to, said, cut, name, outcome }, top, next) {
    const wide = Math.max(3, x(to) - x(from));
    const title = [lanes[kind], name, outcome && words.outcome(outcome), `${clock(from)}–${clock(to)}`, cut ? t('interrupted') : ''];
    const shape = svg(
      'rect',
      { class: `mark ${kind}`, x: x(from), y: top + 6, width: wide, height: LANE - 12, rx: 2, 'data-said': said },
      svg('title', {}, title.filter(Boolean).join(' · ')),
    );
    const parts = [shape];
    if (cut) parts.push(svg('rect', { class: 'cut', x: x(from) + wide - 3, y: top + 3, width: 4, height: LANE - 6 }));
    const label = kind === 'latency' ? words.millis((to - from) * 1000) : name;
    const room = (next ? x(next.from) : drawn) - x(from) - wide - 8;
    if (label && room > label.length * 7) parts.push(svg('text', { x: x(from) + wide + 4, y: top + LANE / 2 + 4 }, label));
    return parts;
  }

  /** Show which utterance is chosen, and the moment. */
  function mark() {
    for (const shape of slider.querySelectorAll('[data-said]')) {
      shape.classList.toggle('chosen', chosen >= 0 && shape.getAttribute('data-said') === String(chosen));
    }
    const head = slider.querySelector('.playhead');
    head?.setAttribute('x1', String(x(now)));
    head?.setAttribute('x2', String(x(now)));
    slider.setAttribute('aria-valuenow', String(Math.round(now)));
    slider.setAttribute('aria-valuetext', describe(now));
  }

  slider.addEventListener('click', ({ clientX }) => {
    const left = slider.firstElementChild?.getBoundingClientRect().left ?? 0;
    onMove(Math.min(length, Math.max(0, ((clientX - left - PAD) / (drawn - 2 * PAD)) * length)));
  });
  slider.addEventListener('keydown', (event) => {
    const to = moved(event.key, now, moments);
    if (to === null) return;
    event.preventDefault();
    onMove(to);
  });
  // Drawing in the observer's own turn may change the size again, which a browser reports as an error of the page.
  const watch = new ResizeObserver(() =>
    requestAnimationFrame(() => {
      if (!drawn || Math.abs(slider.clientWidth - drawn) > 1) draw();
    }),
  );
  watch.observe(slider);
  signal.addEventListener('abort', () => watch.disconnect());

  return {
    element: el('div', { class: 'picture' }, labels, slider),
    marks,
    readings,
    /**
     * Show a moment, and the utterance that is under way then.
     * @param {number} seconds
     * @param {number} utterance its index, or -1
     */
    show(seconds, utterance) {
      now = seconds;
      chosen = utterance;
      mark();
      const half = slider.clientWidth / 2;
      if (x(now) < slider.scrollLeft + PAD || x(now) > slider.scrollLeft + slider.clientWidth - PAD) slider.scrollLeft = x(now) - half;
    },
  };
}

/**
 * Name the lanes.
 * @param {Words} words
 * @returns {Record<Mark['kind'], string>}
 */
export const laneNames = ({ t }) => ({
  user: t('you'),
  assistant: t('model'),
  latency: t('latency'),
  tool: t('tool'),
  operator: t('operatorDid'),
  gap: t('gap'),
  error: t('errors'),
});

/**
 * Return the largest figure of the connection, or the floor if it is smaller.
 * @param {Reading[]} readings
 * @param {'rttMs' | 'lossPercent'} what
 * @param {number} floor
 */
const top = (readings, what, floor) => Math.max(floor, ...readings.map((reading) => reading[what] ?? 0));

/**
 * Name the lanes of the connection, with the figure at their top.
 * @param {Reading[]} readings
 * @param {Words} words
 */
function networkLabels(readings, { t, millis, number }) {
  const scale = (/** @type {string} */ text) => el('small', {}, `↑ ${text}`);
  return [
    el('div', { class: 'lane lane-rtt' }, t('rtt'), scale(millis(top(readings, 'rttMs', RTT_FLOOR_MS)))),
    el('div', { class: 'lane lane-loss' }, t('loss'), scale(number(top(readings, 'lossPercent', LOSS_FLOOR_PERCENT) / 100, { style: 'percent', maximumFractionDigits: 1 }))),
  ];
}

/**
 * Draw the round trip as a line and the loss as bars.
 * @param {Reading[]} readings
 * @param {number} from the top of the first of both lanes
 * @param {(seconds: number) => number} x
 */
function drawNetwork(readings, from, x) {
  const bottom = from + NETWORK - 6;
  const tall = NETWORK - 12;
  const rtt = top(readings, 'rttMs', RTT_FLOOR_MS);
  const loss = top(readings, 'lossPercent', LOSS_FLOOR_PERCENT);
  let pen = 'M';
  const path = readings.flatMap(({ from: begin, to, rttMs }) => {
    if (rttMs === null) {
      pen = 'M';
      return [];
    }
    const point = `${pen}${x((begin + to) / 2).toFixed(1)} ${(bottom - (rttMs / rtt) * tall).toFixed(1)}`;
    pen = 'L';
    return [point];
  });
  const bars = readings
    .filter(({ lossPercent }) => lossPercent)
    .map(({ from: begin, to, lossPercent }) => {
      const height = (Number(lossPercent) / loss) * tall;
      return svg('rect', { class: 'loss', x: x(begin), y: bottom + NETWORK - height, width: Math.max(1, x(to) - x(begin) - 1), height });
    });
  const base = (/** @type {number} */ y) => svg('line', { class: 'base', x1: x(readings[0].from), x2: x(readings.at(-1)?.to ?? 0), y1: y, y2: y });
  return [base(bottom), base(bottom + NETWORK), svg('path', { class: 'rtt', d: path.join('') }), ...bars];
}
