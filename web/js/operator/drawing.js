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
 * Return where the bars of a plot stand, in a plot of this size.
 * @param {(number | null)[]} values
 * @param {{ width: number, height: number }} size
 * @returns {{ x: number, y: number, width: number, height: number }[]} a value that is null has no height
 */
export function bars(values, { width, height }) {
  const top = Math.max(0, ...values.map((value) => value ?? 0)) || 1;
  const step = width / Math.max(1, values.length);
  return values.map((value, index) => {
    const tall = ((value ?? 0) / top) * height;
    return { x: index * step + step * 0.15, y: height - tall, width: step * 0.7, height: tall };
  });
}

/**
 * Draw one value for each day as bars. The table beside it says the same in words, so screen readers skip the plot.
 * @param {{ label: string, value: number | null, words: string }[]} days
 */
export function barPlot(days) {
  const size = { width: 560, height: 110 };
  const drawn = bars(days.map(({ value }) => value), size).flatMap((bar, index) => {
    const { label, value, words } = days[index];
    const middle = bar.x + bar.width / 2;
    return [
      svg('rect', { class: 'bar', ...bar }),
      svg('text', { x: middle, y: size.height + 14, 'text-anchor': 'middle' }, days.length <= 14 ? label : ''),
      svg('text', { x: middle, y: bar.y - 3, 'text-anchor': 'middle' }, value && days.length <= 14 ? words : ''),
    ];
  });
  const base = svg('line', { x1: 0, x2: size.width, y1: size.height, y2: size.height });
  return svg('svg', { class: 'drawing', viewBox: '0 -18 560 148', 'aria-hidden': 'true' }, ...drawn, base);
}
