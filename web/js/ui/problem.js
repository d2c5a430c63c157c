/**
 * Show what went wrong and what to do about it, in one box for all problems.
 */

import { lastsTheDay, nextDay } from '../problems.js';
import { button, el } from './dom.js';

/** @import { Config } from '../api.js' */
/** @import { MessageKey, Translator } from '../i18n/index.js' */
/** @import { Problem } from '../problems.js' */

/**
 * Show a problem, or nothing.
 * @param {HTMLElement} place
 * @param {Translator} translator
 * @param {Problem | null} problem
 * @param {{ config: Config | null, onDismiss: () => void }} rest
 */
export function renderProblem(place, translator, problem, { config, onDismiss }) {
  const { t, duration } = translator;
  const [what, todo] = problem ? problemWords(problem, translator, config) : ['', ''];
  // An alert that is written again is read out again, so only a new one is written.
  const shown = problem ? JSON.stringify([problem, what, todo, t('problem.dismiss')]) : '';
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  if (!problem) {
    place.replaceChildren();
    return;
  }
  const { code, hint, retryAfter, requestId, detail } = problem;
  // The page's own words say when the next day begins, so the seconds until then and the hint about them add nothing.
  const [wait, advice] = lastsTheDay(code) ? [] : [retryAfter, hint];
  const small = [detail, requestId && t('problem.request', { id: requestId })].filter(Boolean).join(' · ');
  place.replaceChildren(
    el('p', { class: 'problem-what' }, what),
    el('p', {}, todo),
    ...(wait === undefined ? [] : [el('p', {}, t('problem.retry-after', { time: duration(wait) }))]),
    // The gateway writes its hint in English, whatever the language of the page.
    ...(advice ? [el('p', { class: 'problem-hint' }, `${t('problem.hint')} `, el('span', { lang: 'en' }, advice))] : []),
    ...(small ? [el('p', { class: 'problem-detail', translate: 'no' }, small)] : []),
    el(
      'p',
      { class: 'problem-actions' },
      ...(code === 'sign-in-required' ? [el('a', { href: SIGN_IN }, t('account.in'))] : []),
      button(t('problem.dismiss'), onDismiss),
    ),
  );
}

/** These addresses sign the visitor in or out, and return to this page. */
export const SIGN_IN = '/.auth/login/aad?post_login_redirect_uri=/';
export const SIGN_OUT = '/.auth/logout?post_logout_redirect_uri=/';

/**
 * Put a problem into words.
 * @param {Problem} problem
 * @param {Pick<Translator, 't' | 'duration' | 'moment'>} translator
 * @param {Config | null} config
 * @returns {[string, string]} what happened, without a full stop, and what to do, in full sentences
 */
export function problemWords({ code }, translator, config) {
  const { t } = translator;
  const values = valuesOf(code, translator, config);
  const words = (/** @type {'what' | 'do'} */ part) => t(/** @type {MessageKey} */ (`problem.${code}.${part}`), values);
  return [words('what'), words('do')];
}

/**
 * Return what the placeholders in a problem's words stand for.
 * @param {Problem['code']} code
 * @param {Pick<Translator, 't' | 'duration' | 'moment'>} translator
 * @param {Config | null} config
 * @returns {Record<string, string | number>}
 */
function valuesOf(code, { t, duration, moment }, config) {
  if (lastsTheDay(code)) return moment(nextDay(Date.now()), Date.now());
  if (code === 'limit-time') return { limit: duration(config?.limits.max_call_seconds ?? 0) };
  if (code === 'limit-idle') return { limit: duration(config?.limits.max_idle_seconds ?? 0) };
  const firewall = config?.firewall;
  return {
    port: firewall?.port ?? 3478,
    protocols: (firewall?.protocols ?? ['udp', 'tcp']).join('/').toUpperCase(),
    target: firewall?.service_tag ?? t('problem.media-blocked.target'),
  };
}
