/**
 * Make the operators' page: show what the address names, in the operator's language.
 */

import { chooseLanguage, LANGUAGES } from '../i18n/index.js';
import { callerId, loadPreferences, savePreference } from '../preferences.js';
import { byId, el, setText } from '../ui/dom.js';
import { readPlace } from './address.js';
import { createApi } from './api.js';
import { archiveView } from './archive.js';
import { callView } from './call.js';
import { createChime } from './chime.js';
import { figuresView } from './figures.js';
import { liveView } from './live.js';
import { loadWords } from './words.js';

/** @import { Refusal } from './api.js' */
/** @import { Key } from './words.js' */

/** A request may take this long: the site itself gives up after 45 seconds. */
const PATIENCE_MS = 40_000;

/** Return the storage for preferences. Where a visitor forbids storage, even this look at it throws an error. */
const remembered = () => localStorage;
const send = (/** @type {string} */ url, /** @type {RequestInit} */ init = {}) => fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), ...init });
const api = createApi(send, callerId(() => sessionStorage));
const view = byId(document, 'view', HTMLElement);
const problem = byId(document, 'problem', HTMLElement);
const select = byId(document, 'language', HTMLSelectElement);
const language = () => chooseLanguage(loadPreferences(remembered).language, navigator.languages);
let words = await loadWords(language());
let leave = new AbortController();
/** @type {import('../api.js').Prices | null} */
const prices = await send('/api/config')
  .then((response) => response.json())
  .then((config) => config.prices ?? null)
  .catch(() => null);
const chime = createChime(() => navigator.userActivation?.hasBeenActive ?? false, () => new AudioContext());
const sound = {
  on: () => loadPreferences(remembered).chime !== 'off',
  choose: (/** @type {boolean} */ on) => savePreference(remembered, 'chime', on ? '' : 'off'),
};

/** Show what the address names. */
function show() {
  leave.abort();
  leave = new AbortController();
  const { signal } = leave;
  const place = readPlace(location.hash);
  const failed = (/** @type {Refusal | null} */ refusal) => setText(problem, refusal ? words.refusal(refusal) : '');
  failed(null);
  const currency = prices?.currency ?? null;
  const options = { api, words, prices, currency, chime, sound, signal, failed, query: place.query, id: place.call };
  const views = { live: liveView, archive: archiveView, call: callView, figures: figuresView };
  view.replaceChildren(views[place.view](options));
  for (const link of document.querySelectorAll('.views a')) {
    if (link.getAttribute('href') === `#/${place.view}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

/** Write the words that stand in operator.html in the operator's language. */
function translate() {
  document.documentElement.lang = words.language;
  document.title = words.t('title');
  const key = (/** @type {string | null} */ name) => /** @type {Key} */ (name);
  for (const element of document.querySelectorAll('[data-t]')) setText(element, words.t(key(element.getAttribute('data-t'))));
  for (const element of document.querySelectorAll('[data-t-label]')) {
    element.setAttribute('aria-label', words.t(key(element.getAttribute('data-t-label'))));
  }
}

const { theme } = loadPreferences(remembered);
if (theme) document.documentElement.dataset.theme = theme;
select.append(...Object.entries(LANGUAGES).map(([tag, name]) => el('option', { value: tag, selected: tag === words.language }, name)));
select.addEventListener('change', async () => {
  savePreference(remembered, 'language', select.value);
  words = await loadWords(language());
  translate();
  show();
});
window.addEventListener('hashchange', () => {
  show();
  window.scrollTo(0, 0);
  // What had the focus may be gone. From here the Tab key leads into what is shown now.
  if (document.activeElement === document.body) byId(document, 'room', HTMLElement).focus({ preventScroll: true });
});
translate();
show();
