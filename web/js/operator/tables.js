/**
 * Make tables that become a list of cards on a narrow screen. They say by roles that they are tables, because a browser
 * takes a table that is displayed as something else for none.
 */

import { el } from '../ui/dom.js';

/**
 * @typedef {object} Column
 * @property {string} label
 * @property {boolean} [figure] whether its cells hold figures, which stand below each other at their right edge
 */

/**
 * Make a table without rows.
 * @param {Column[]} columns
 * @param {{ caption?: HTMLElement, kind?: string }} [options] `kind` is a class of the table
 */
export function table(columns, { caption, kind = 'cards' } = {}) {
  const head = el(
    'thead',
    { role: 'rowgroup' },
    el('tr', { role: 'row' }, ...columns.map(({ label, figure }) => el('th', { role: 'columnheader', scope: 'col', class: figure ? 'number' : undefined }, label))),
  );
  return el('table', { role: 'table', class: kind }, ...(caption ? [caption] : []), head);
}

/**
 * Make the cells of a row, each with the label of its column.
 * @param {Column[]} columns
 * @param {(Node | string)[]} contents
 */
export function cells(columns, contents) {
  return contents.map((content, index) =>
    el('td', { role: 'cell', 'data-label': columns[index].label, class: columns[index].figure ? 'number' : undefined }, content),
  );
}

/**
 * Make a row.
 * @param {Column[]} columns
 * @param {(Node | string)[]} contents
 */
export function row(columns, contents) {
  return el('tr', { role: 'row' }, ...cells(columns, contents));
}

/**
 * Make a group of rows.
 * @param {...Node} rows
 */
export function group(...rows) {
  return el('tbody', { role: 'rowgroup' }, ...rows);
}
