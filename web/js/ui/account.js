/**
 * Show who is signed in, and the way in or out. Where nobody can or need sign in, show nothing.
 */

import { setText } from './dom.js';
import { SIGN_IN, SIGN_OUT } from './problem.js';

/** @import { Translator } from '../i18n/index.js' */
/** @import { Model } from '../model.js' */

/**
 * Show the account.
 * @param {{ place: HTMLElement, name: HTMLElement, link: HTMLAnchorElement }} elements
 * @param {Translator} translator
 * @param {Model} model
 */
export function renderAccount({ place, name, link }, { t }, { visitor, config }) {
  place.hidden = !visitor && !config?.sign_in_required;
  setText(name, visitor ? t('account.who', { name: visitor.userDetails }) : '');
  setText(link, t(visitor ? 'account.out' : 'account.in'));
  link.href = visitor ? SIGN_OUT : SIGN_IN;
}
