/**
 * Draw a small plot of one or two series on a canvas, in the page's colours, and sharp on every screen.
 */

/** A plot shows this many values: two minutes at one sample a second. */
export const SHOWN = 120;

/**
 * @typedef {object} Series
 * @property {(number | null)[]} values the latest at the end; null makes a gap
 * @property {string} colour the name of a custom property
 */

/**
 * Draw a plot.
 * @param {HTMLCanvasElement} canvas
 * @param {Series[]} series
 * @param {{ bars?: boolean, floor?: number }} [options] `floor`: the scale reaches at least this far, so that small values look small
 */
export function drawPlot(canvas, series, { bars = false, floor = 0 } = {}) {
  const context = canvas.getContext('2d');
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!context || !width) return;
  const ratio = window.devicePixelRatio || 1;
  // Setting the size also clears the canvas.
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.scale(ratio, ratio);

  const style = getComputedStyle(canvas);
  const top = Math.max(floor, ...series.flatMap(({ values }) => values.map((value) => value ?? 0))) * 1.15 || 1;
  const y = (/** @type {number} */ value) => height - 1.5 - (value / top) * (height - 4);

  context.strokeStyle = style.getPropertyValue('--line');
  context.lineWidth = 1;
  context.beginPath();
  for (const share of [0, 0.5]) {
    context.moveTo(0, Math.round(y(top * share)) + 0.5);
    context.lineTo(width, Math.round(y(top * share)) + 0.5);
  }
  context.stroke();

  for (const { values, colour } of series) {
    context.strokeStyle = context.fillStyle = style.getPropertyValue(colour);
    const shown = values.slice(-SHOWN);
    if (bars) drawBars(context, shown, width, y);
    else drawLine(context, shown, width, y);
  }
}

/**
 * Draw a series as a line that ends at the right edge.
 * @param {CanvasRenderingContext2D} context
 * @param {(number | null)[]} values
 * @param {number} width
 * @param {(value: number) => number} y
 */
function drawLine(context, values, width, y) {
  const step = width / (SHOWN - 1);
  const start = width - (values.length - 1) * step;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.beginPath();
  let drawing = false;
  values.forEach((value, index) => {
    if (value === null) {
      drawing = false;
      return;
    }
    if (drawing) context.lineTo(start + index * step, y(value));
    else context.moveTo(start + index * step, y(value));
    drawing = true;
  });
  context.stroke();
}

/**
 * Draw a series as bars.
 * @param {CanvasRenderingContext2D} context
 * @param {(number | null)[]} values
 * @param {number} width
 * @param {(value: number) => number} y
 */
function drawBars(context, values, width, y) {
  const step = Math.min(18, width / Math.max(1, values.length));
  const base = y(0);
  values.forEach((value, index) => {
    if (value !== null) context.fillRect(index * step + 1, y(value), Math.max(1, step - 3), base - y(value));
  });
}
