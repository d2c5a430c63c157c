/**
 * Reads completed turns to screen readers, each once. The captions themselves are no live region: half words are noise.
 */

import { el } from './dom.js';

/** @import { Caption } from '../conversation/captions.js' */
/** @import { Translator } from '../i18n/index.js' */

/** Old announcements are taken out of the document, not read again. */
const KEPT = 20;

/** @param {HTMLElement} place a live region */
export function createAnnouncer(place) {
  /** @type {Set<string>} */
  const said = new Set();

  return {
    /**
     * @param {Translator} translator
     * @param {Caption[]} captions
     */
    announce({ t }, captions) {
      for (const { id, role, status, text, heard } of captions) {
        if (said.has(id) || (status !== 'done' && status !== 'cut') || !text) continue;
        said.add(id);
        const words = status === 'cut' ? `${text.slice(0, heard)} (${t('talk.cut')})` : text;
        const name = role === 'note' ? '' : `${t(role === 'user' ? 'call.you' : 'call.model')}: `;
        place.append(el('p', {}, name + words));
        if (place.children.length > KEPT) place.firstElementChild?.remove();
      }
    },
    reset() {
      said.clear();
      place.replaceChildren();
    },
  };
}
