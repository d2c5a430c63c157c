/**
 * Offer to go on with the conversation of a call that was ended by a limit or by a fault.
 */

import { offerOf } from '../call/offer.js';
import { inCall } from '../state.js';
import { setText, toggle } from './dom.js';

/** @import { Translator } from '../i18n/index.js' */
/** @import { Model } from '../model.js' */

/**
 * Show the offer, or nothing. The text is a live region: a screen reader reads it out when it comes.
 * @param {{ goOn: HTMLButtonElement, goOnMore: HTMLElement, start: HTMLElement, hangUp: HTMLElement }} elements
 * @param {Translator} translator
 * @param {Model} model
 * @param {number} now epoch milliseconds
 */
export function renderOffer({ goOn, goOnMore, start, hangUp }, { t, shortTime }, model, now) {
  const offer = offerOf(model, now);
  const time = offer ? shortTime(offer.until) : '';
  // When nothing is left for today, the page says so elsewhere, and when there is something again.
  const words = { full: t('call.goon.full', { time }), spent: '' };
  setText(goOnMore, !offer ? '' : offer.lack ? words[offer.lack] : t('call.goon.more', { time }));
  toggle(goOn, offer !== null && !offer.lack, inCall(model.page) ? hangUp : start);
}
