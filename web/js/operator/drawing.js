/**
 * Make drawings in SVG: they scale, print well, and need no style of their own.
 */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Make an element of a drawing.
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * Return a round number that is at least this value: one, two or five times a power of ten.
 * @param {number} value
 */
export function roundUp(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((factor) => factor * power >= value) ?? 10) * power;
}

/**
 * Return where the bars of some series stand, side by side at each label, in a plot of this size.
 * @param {(number | null)[][]} series
 * @param {{ width: number, height: number, top: number }} size `top` is the value at the upper edge
 * @returns {{ x: number, y: number, width: number, height: number }[][]} a value that is null has no height
 */
export function bars(series, { width, height, top }) {
  const step = width / Math.max(1, series[0]?.length ?? 0);
  const thick = Math.min(48, step * 0.7) / series.length;
  return series.map((values, place) =>
    values.map((value, index) => {
      const tall = ((value ?? 0) / top) * height;
      return { x: (index + 0.5) * step + (place - series.length / 2) * thick, y: height - tall, width: Math.max(0.5, thick - 1), height: tall };
    }),
  );
}

const PLOT = { width: 460, height: 130 };
const LEFT = 66;

/**
 * Draw values for each day as bars. The table beside it says the same in words, so screen readers skip the plot.
 * @param {string[]} labels of the days
 * @param {{ kind: string, values: (number | null)[] }[]} series `kind` holds the classes of the bars
 * @param {(value: number) => string} write
 */
export function barPlot(labels, series, write) {
  const top = roundUp(Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0))));
  const levels = [0, top / 2, top].flatMap((value) => {
    const y = PLOT.height * (1 - value / top);
    return [svg('line', { class: 'grid', x1: LEFT, x2: LEFT + PLOT.width, y1: y, y2: y }), svg('text', { x: LEFT - 6, y: y + 4, 'text-anchor': 'end' }, write(value))];
  });
  const drawn = bars(series.map(({ values }) => values), { ...PLOT, top }).flatMap((some, place) =>
    some.map((bar, index) => {
      const value = series[place].values[index];
      const title = svg('title', {}, `${labels[index]}: ${value === null ? '–' : write(value)}`);
      return svg('rect', { class: series[place].kind, ...bar, x: bar.x + LEFT }, title);
    }),
  );
  const every = Math.ceil(labels.length / 8);
  const step = PLOT.width / Math.max(1, labels.length);
  const names = labels.map((label, index) => (index % every ? '' : svg('text', { x: LEFT + (index + 0.5) * step, y: PLOT.height + 16, 'text-anchor': 'middle' }, label)));
  return svg('svg', { class: 'drawing', viewBox: `0 -12 ${LEFT + PLOT.width + 8} ${PLOT.height + 36}`, 'aria-hidden': 'true' }, ...levels, ...drawn, ...names.filter(Boolean));
}

/**
 * Draw a share of a whole as a bar.
 * @param {number} part from 0 to 1
 */
export function share(part) {
  return svg('svg', { class: 'share-bar', viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, svg('rect', { class: 'bar', width: Math.max(1, part * 100), height: 8 }));
}
