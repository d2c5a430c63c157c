/**
 * Show a call in tables: what the picture shows, for whoever cannot see it, and what the call was billed for.
 *
 * @import { Call, Usage } from './api.js'
 * @import { Mark, Reading } from './timeline.js'
 * @import { Words } from './words.js'
 */

import { percentile } from '../measure/latency.js';
import { laneNames } from './picture.js';
import { group, row, table } from './tables.js';

/**
 * Make a table of everything on the picture, in the order of its times, and of the connection as a whole.
 * @param {Call} call
 * @param {{ marks: Mark[], readings: Reading[] }} picture
 * @param {Words} words
 */
export function timelineTable(call, { marks, readings }, words) {
  const { t, clock, number, millis } = words;
  const columns = [{ label: t('time') }, { label: t('what') }, { label: t('lasted') }, { label: t('details') }];
  const names = laneNames(words);
  const spoken = (/** @type {Mark} */ { said }) => (said < 0 ? '' : (call.transcript[said].text ?? t('notKept')));
  const told = (/** @type {Mark} */ mark) => {
    const own = mark.kind === 'user' || mark.kind === 'assistant' ? spoken(mark) : [mark.name, mark.outcome && words.outcome(mark.outcome)].filter(Boolean).join(': ');
    return [own, mark.cut ? `(${t('interrupted')})` : ''].filter(Boolean).join(' ');
  };
  const lasted = (/** @type {Mark} */ { kind, from, to }) =>
    to === from ? '' : kind === 'latency' || kind === 'tool' ? millis((to - from) * 1000) : t('seconds', { n: number(to - from, { maximumFractionDigits: 1 }) });
  const rows = marks.toSorted((a, b) => a.from - b.from).map((mark) => row(columns, [clock(mark.from), names[mark.kind], lasted(mark), told(mark)]));
  const percent = (/** @type {number} */ value) => number(value / 100, { style: 'percent', maximumFractionDigits: 1 });
  const overall = (/** @type {string} */ name, /** @type {(number | null)[]} */ values, /** @type {(value: number) => string} */ write) => {
    const [middle, most] = [percentile(values, 0.5), percentile(values, 1)];
    return middle === null || most === null ? [] : [row(columns, ['', name, '', `${write(middle)} · ${write(most)}`])];
  };
  const body = group(
    ...rows,
    ...overall(t('rtt'), readings.map(({ rttMs }) => rttMs), millis),
    ...overall(t('loss'), readings.map(({ lossPercent }) => lossPercent), percent),
  );
  const made = table(columns);
  made.append(body);
  return made;
}

/**
 * Make a table of what was billed, by kind. A kind that was not used has no row.
 * @param {Usage} usage
 * @param {Words} words
 */
export function usageTable({ input, output, transcription }, { t, number }) {
  const columns = [{ label: t('kind') }, { label: t('tokens'), figure: true }, { label: t('cachedIn'), figure: true }];
  /** @type {[string, string, number][]} */
  const kinds = [
    [t('textIn'), number(input.text), input.cached_text],
    [t('audioIn'), number(input.audio), input.cached_audio],
    [t('imageIn'), number(input.image), input.cached_image],
    [t('textOut'), number(output.text), 0],
    [t('audioOut'), number(output.audio), 0],
    [t('transcribed'), number(transcription.input_text + transcription.input_audio + transcription.output), 0],
    [t('transcribed'), transcription.seconds ? t('seconds', { n: number(transcription.seconds, { maximumFractionDigits: 1 }) }) : '0', 0],
  ];
  const made = table(columns, { kind: 'narrow' });
  made.append(group(...kinds.filter(([, used]) => used !== '0').map(([name, used, cached]) => row(columns, [name, used, cached ? number(cached) : ''])),));
  return made;
}
