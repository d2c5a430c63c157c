/**
 * Show the engineer's panel. It is closed until somebody opens it, and drawn only while it is open.
 */

import { percentile } from '../measure/latency.js';
import { el, setText } from './dom.js';
import { createEventLog } from './eventlog.js';
import { drawPlot } from './plot.js';
import { renderWaterfall } from './waterfall.js';

/** @import { MessageKey, Translator } from '../i18n/index.js' */
/** @import { Sample } from '../measure/stats.js' */
/** @import { Model } from '../model.js' */
/** @import { Series } from './plot.js' */

/**
 * @typedef {object} PlotSpec
 * @property {MessageKey} key chooses the title
 * @property {(samples: Sample[]) => Series[]} series returns what is drawn
 * @property {number} floor the scale reaches at least this far
 * @property {(sample: Sample, translator: Translator) => string} value returns the latest figure in words
 */

const none = '–';
/** Write milliseconds, or a dash where nothing was measured. */
const ms = (/** @type {number | null} */ value, /** @type {Translator} */ { millis }) => (value === null ? none : millis(value));
/** Write a percentage, or a dash where nothing was measured. */
const percent = (/** @type {number | null} */ value, /** @type {Translator} */ { number }) =>
  value === null ? none : number(value / 100, { style: 'percent', maximumFractionDigits: 1 });

/** @type {PlotSpec[]} of the figures that are measured once a second */
const PLOTS = [
  { key: 'engineer.rtt', floor: 50, series: (all) => [line(all, 'rttMs')], value: ({ rttMs }, t) => ms(rttMs, t) },
  { key: 'engineer.jitter', floor: 20, series: (all) => [line(all, 'jitterMs')], value: ({ jitterMs }, t) => ms(jitterMs, t) },
  { key: 'engineer.loss', floor: 5, series: (all) => [line(all, 'lossPercent')], value: ({ lossPercent }, t) => percent(lossPercent, t) },
  {
    key: 'engineer.concealed',
    floor: 5,
    series: (all) => [line(all, 'concealedPercent')],
    value: ({ concealedPercent }, t) => percent(concealedPercent, t),
  },
  {
    key: 'engineer.bitrate',
    floor: 40,
    series: (all) => [line(all, 'kbpsIn', '--model'), line(all, 'kbpsOut', '--you')],
    value: ({ kbpsIn, kbpsOut }, { number }) => `${number(Math.round(kbpsIn))} / ${number(Math.round(kbpsOut))} kbit/s`,
  },
];

/**
 * Return one figure of all samples as a line.
 * @param {Sample[]} samples
 * @param {'rttMs' | 'jitterMs' | 'lossPercent' | 'concealedPercent' | 'kbpsIn' | 'kbpsOut'} field
 * @param {string} [colour] names a custom property
 * @returns {Series}
 */
const line = (samples, field, colour = '--ink') => ({ values: samples.map((sample) => sample[field]), colour });

/**
 * Make the panel.
 * @param {{ panel: HTMLDetailsElement, body: HTMLElement, brief: HTMLElement }} elements
 * @param {{ onClear: () => void }} handlers
 */
export function createEngineer({ panel, body, brief }, handlers) {
  const plots = PLOTS.map((spec) => ({ spec, ...frame(spec.key) }));
  const latency = frame('engineer.latency');
  const fallHeading = el('h3', { class: 'engineer-heading' });
  const fall = el('dl', { class: 'fall' });
  const wire = el('dl', { class: 'wire' });
  const note = el('p', { class: 'quiet' });
  const logPlace = el('section', {});
  body.append(
    el('div', { class: 'plots' }, ...plots.map(({ box }) => box), latency.box),
    note,
    el('div', { class: 'engineer-columns' }, el('section', {}, fallHeading, fall, wire), logPlace),
  );
  const log = createEventLog(logPlace, handlers);

  /**
   * Show the latest figures.
   * @param {Translator} translator
   * @param {Model} model
   */
  function render(translator, model) {
    const { t, millis } = translator;
    const { samples, turns, timings, events, page } = model;
    const latest = samples.at(-1);
    setText(brief, latest ? `${t('engineer.rtt')} ${ms(latest.rttMs, translator)} · ${t('engineer.loss')} ${percent(latest.lossPercent, translator)}` : t('engineer.none'));
    if (!panel.open) return;

    for (const { spec, name, value, canvas } of plots) {
      const words = latest ? spec.value(latest, translator) : none;
      label(canvas, name, value, t(spec.key), words);
      drawPlot(canvas, spec.series(samples), { floor: spec.floor });
    }
    const latencies = turns.list.map(({ latencyMs }) => latencyMs);
    const median = percentile(latencies, 0.5);
    label(latency.canvas, latency.name, latency.value, t('engineer.latency'), median === null ? none : millis(median));
    drawPlot(latency.canvas, [{ values: latencies, colour: '--brass' }], { bars: true, floor: 500 });
    setText(note, t('engineer.latency.more'));

    setText(fallHeading, t('engineer.timings'));
    renderWaterfall(fall, translator, timings);
    const pair = latest?.pair;
    const tools = model.captions.list.filter(({ role }) => role === 'tool');
    const words = pair ? `${pair.protocol.toUpperCase()} · ${pair.local} → ${pair.remote} ${pair.address}` : none;
    wire.replaceChildren(
      el('dt', {}, t('engineer.pair')),
      el('dd', {}, words),
      el('dt', {}, t('engineer.call')),
      el('dd', {}, page.callId ?? none),
      el('dt', {}, t('engineer.tools')),
      el('dd', { 'data-tools': '' }, tools.map(({ text, ms: took }) => `${text} ${ms(took ?? null, translator)}`).join(', ') || none),
    );
    log.render(translator, events);
  }

  return { render };
}

/**
 * Make the box of one plot.
 * @param {string} key
 */
function frame(key) {
  const name = el('span', {});
  const value = el('span', { class: 'plot-value' });
  const canvas = el('canvas', { role: 'img' });
  return { name, value, canvas, box: el('div', { class: 'plot', 'data-plot': key }, el('div', { class: 'plot-head' }, name, value), canvas) };
}

/**
 * Write the title and the figure of a plot, also for screen readers.
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} name
 * @param {HTMLElement} value
 * @param {string} title
 * @param {string} words
 */
function label(canvas, name, value, title, words) {
  setText(name, title);
  setText(value, words);
  canvas.setAttribute('aria-label', `${title}: ${words}`);
}
