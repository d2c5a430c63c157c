/**
 * Have screen readers read each completed turn, once. The captions themselves are no live region, because half words
 * would only disturb.
 */

import { el } from './dom.js';
import { toolWords } from './transcript.js';

/** @import { Caption } from '../conversation/captions.js' */
/** @import { Translator } from '../i18n/index.js' */

/** The page keeps this many announcements. Older ones are removed, which no screen reader reads out. */
const KEPT = 20;

/**
 * Make an announcer.
 * @param {HTMLElement} place a live region
 */
export function createAnnouncer(place) {
  /** @type {Set<string>} */
  const said = new Set();

  return {
    /**
     * Announce the turns that are complete and were not announced yet.
     * @param {Translator} translator
     * @param {Caption[]} captions
     */
    announce({ t }, captions) {
      for (const { id, role, status, text, heard } of captions) {
        if (said.has(id) || (status !== 'done' && status !== 'cut') || !text) continue;
        said.add(id);
        const words = role === 'tool' ? toolWords(t, { text, status }) : status === 'cut' ? `${text.slice(0, heard)} (${t('talk.cut')})` : text;
        const name = role === 'user' || role === 'assistant' ? `${t(role === 'user' ? 'call.you' : 'call.model')}: ` : '';
        place.append(el('p', {}, name + words));
        if (place.children.length > KEPT) place.firstElementChild?.remove();
      }
    },
    /** Forget everything, because another call begins. */
    reset() {
      said.clear();
      place.replaceChildren();
    },
  };
}
