/**
 * Show the steps from click to voice as bars: steps that ran side by side stand side by side.
 */

import { MARKS } from '../measure/timeline.js';
import { el } from './dom.js';

/** @import { Translator } from '../i18n/index.js' */
/** @import { Mark, Timings } from '../measure/timeline.js' */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Show how long each step took.
 * @param {HTMLElement} place
 * @param {Translator} translator
 * @param {Timings} timings
 */
export function renderWaterfall(place, { t, millis }, timings) {
  // The first sound comes only after the visitor has said something. Its time is shown, but it is no step of the start.
  const { audio, ...steps } = timings;
  const whole = Math.max(1, ...Object.values(steps));
  place.replaceChildren(
    ...MARKS.map((mark) => {
      const end = timings[mark];
      const span = end === undefined || mark === 'audio' ? null : { start: startOf(mark, timings), end };
      return el(
        'div',
        { class: 'fall-row' },
        el('dt', {}, t(`engineer.mark.${mark}`)),
        el('dd', { class: 'fall-track' }, bar(span, whole)),
        el('dd', { class: 'fall-value' }, end === undefined ? '–' : millis(end)),
      );
    }),
  );
}

/**
 * Say when a step could begin.
 * @param {Mark} mark
 * @param {Timings} timings
 * @returns {number} milliseconds since the click
 */
function startOf(mark, timings) {
  const { posted = 0, answer = 0, connected = 0 } = timings;
  if (mark === 'answer') return posted;
  if (mark === 'connected') return answer;
  return mark === 'channel' ? connected : 0;
}

/**
 * Draw the bar of a step.
 * @param {{ start: number, end: number } | null} span milliseconds since the click; null draws nothing
 * @param {number} whole the length of the whole start, in milliseconds
 */
function bar(span, whole) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'fall-bar');
  svg.setAttribute('viewBox', '0 0 100 1');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  if (span) {
    const rect = document.createElementNS(SVG, 'rect');
    rect.setAttribute('x', ((span.start / whole) * 100).toFixed(2));
    rect.setAttribute('width', Math.max(0.5, ((span.end - span.start) / whole) * 100).toFixed(2));
    rect.setAttribute('height', '1');
    svg.append(rect);
  }
  return svg;
}
