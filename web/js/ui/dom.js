/**
 * Find, make and write elements. Text enters the page as text: nothing here takes markup.
 */

/**
 * Find an element by its id.
 * @template {Element} T
 * @param {Document | DocumentFragment} root holds the page's elements
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 * @throws {Error} when there is none of this type: index.html and the code do not fit together
 */
export function byId(root, id, type) {
  const found = root.getElementById(id);
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} #${id}`);
  return found;
}

/**
 * Make an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | undefined>} [attributes] `true` sets one without a value, `false` none
 * @param {...(Node | string)} children strings become text nodes
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * Make a button that looks like a link.
 * @param {string} text
 * @param {() => void} onClick
 * @param {Record<string, string | number | boolean | undefined>} [attributes]
 */
export function button(text, onClick, attributes = {}) {
  const element = el('button', { type: 'button', class: 'link', ...attributes }, text);
  element.addEventListener('click', onClick);
  return element;
}

/**
 * Write a text, if it differs from what is there: a live region that is written again is read out again.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Show or hide a button. When a hidden button had the focus, its counterpart gets it, so that the keyboard is not lost.
 * @param {HTMLElement} element the button
 * @param {boolean} shown whether it is to be seen
 * @param {HTMLElement} other its counterpart
 */
export function toggle(element, shown, other) {
  if (element.hidden !== shown) return;
  const focused = document.activeElement === element;
  element.hidden = !shown;
  if (!shown && focused) {
    other.hidden = false;
    other.focus();
  }
}

/**
 * Show these options, and the one that is chosen.
 * @param {HTMLSelectElement} select
 * @param {{ value: string, text: string }[]} options
 * @param {string} chosen the value of one of them; if there is none such, the first is chosen
 */
export function choose(select, options, chosen) {
  const before = [...select.options].map(({ value, text }) => `${value}\n${text}`).join('\n');
  if (before !== options.map(({ value, text }) => `${value}\n${text}`).join('\n')) {
    select.replaceChildren(...options.map(({ value, text }) => el('option', { value }, text)));
  }
  const known = options.some(({ value }) => value === chosen);
  select.value = known ? chosen : (options[0]?.value ?? '');
}
