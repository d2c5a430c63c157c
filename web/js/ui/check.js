/**
 * Show the panel that checks a visitor's setup before a call.
 */

import { check, checkMedia, FREE_CHECKS } from '../call/preflight.js';
import { signallerFor } from '../call/signalling.js';
import { el } from './dom.js';
import { problemWords } from './problem.js';

/** @import { Api } from '../api.js' */
/** @import { CheckName, Finding } from '../call/preflight.js' */
/** @import { MessageKey, Translator } from '../i18n/index.js' */
/** @import { PageStore } from '../model.js' */

/**
 * Make the panel.
 * @param {HTMLDialogElement} dialog
 * @param {{ store: PageStore, api: Api, translator: () => Translator }} dependencies
 */
export function createCheck(dialog, { store, api, translator }) {
  /** @type {Map<CheckName, Finding | 'running'>} */
  const findings = new Map();
  let busy = false;

  const place = (/** @type {string} */ key, /** @type {() => void} */ onClick) => {
    const { t } = translator();
    const element = el('button', { type: 'button', class: 'button', 'data-key': key }, t(/** @type {MessageKey} */ (key)));
    element.disabled = busy && key !== 'check.close';
    element.addEventListener('click', onClick);
    return element;
  };

  /** Show all checks with what they found so far. */
  function render() {
    const { t } = translator();
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.key;
    const names = /** @type {CheckName[]} */ ([...FREE_CHECKS, 'media']);
    dialog.replaceChildren(
      el('h2', { id: 'check-heading', class: 'check-heading' }, t('check.heading')),
      el('ul', { class: 'check-list' }, ...names.map(row)),
      el(
        'div',
        { class: 'check-actions' },
        place('check.media.run', () => void run(['media'])),
        place('check.again', () => void run(FREE_CHECKS)),
        place('check.close', () => dialog.close()),
      ),
    );
    if (focused) /** @type {HTMLElement | null} */ (dialog.querySelector(`[data-key="${focused}"]:enabled`))?.focus();
  }

  /**
   * Make the line of one check.
   * @param {CheckName} name
   */
  function row(name) {
    const { t } = translator();
    const finding = findings.get(name);
    const result = finding === 'running' ? 'running' : (finding?.result ?? 'waiting');
    const detail = finding && finding !== 'running' ? detailOf(finding) : name === 'media' ? t('check.media.ask') : '';
    return el(
      'li',
      { class: 'check-item', 'data-check': name, 'data-result': result },
      el('span', { class: 'check-lamp' }),
      el('span', {}, t(`check.${name}`)),
      el('span', { class: 'check-result', role: 'status' }, t(`check.${result}`)),
      ...(detail ? [el('span', { class: 'check-detail' }, detail)] : []),
    );
  }

  /**
   * Put into words what a check found.
   * @param {Finding} finding
   */
  function detailOf({ key, values = {}, problem }) {
    const { t, millis } = translator();
    if (problem) return problemWords(problem, translator(), store.get().config).join('. ');
    const { ms, ...rest } = values;
    return key ? t(key, { ...rest, ...(ms !== undefined && { time: millis(ms) }) }) : '';
  }

  /**
   * Run checks one after the other.
   * @param {CheckName[]} names
   */
  async function run(names) {
    if (busy) return;
    busy = true;
    for (const name of names) {
      findings.set(name, 'running');
      render();
      findings.set(name, await one(name));
    }
    busy = false;
    if (dialog.open) render();
  }

  /**
   * Run one check.
   * @param {CheckName} name
   */
  function one(name) {
    const { config, preferences } = store.get();
    if (name !== 'media') return check(name, { api, deviceId: preferences.microphone });
    return checkMedia(signallerFor(config?.signalling ?? 'proxy', api), (callId) => api.hangUp(callId));
  }

  return {
    open() {
      render();
      dialog.showModal();
      void run(FREE_CHECKS);
    },
    render: () => dialog.open && render(),
  };
}
