/**
 * The three things that every render function needs. Text enters the page as text: nothing here takes markup.
 */

/**
 * @template {Element} T
 * @param {Document | DocumentFragment} root where the page's elements are
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(root, id, type) {
  const found = root.getElementById(id);
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} #${id}`);
  return found;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | undefined>} [attributes] `true` sets, `false` and undefined leave out
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
 * Writes only what differs: a live region that is written again is read out again.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
