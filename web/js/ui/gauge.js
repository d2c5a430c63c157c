/**
 * How long, how much, and how much longer: one line, and a warning before the end.
 */

import { cost } from '../measure/cost.js';
import { inCall } from '../state.js';
import { setText } from './dom.js';

/** @import { Model } from '../model.js' */
/** @import { Translator } from '../i18n/index.js' */

/** A call of half an hour warns a minute before its end, a short one in its last fifth. */
const WARN_SECONDS = 60;
const WARN_SHARE = 0.2;

/**
 * @param {{ gauge: HTMLElement, warning: HTMLElement }} elements
 * @param {Translator} translator
 * @param {Model} model
 * @param {number} now epoch milliseconds
 */
export function renderGauge({ gauge, warning }, translator, model, now) {
  const { page } = model;
  gauge.hidden = !page.liveSince || !inCall(page);
  setText(warning, gauge.hidden ? '' : warningOf(translator, model, now));
  if (gauge.hidden || !page.liveSince) return;

  const { t, clock } = translator;
  const elapsed = clock((now - page.liveSince) / 1000);
  const limit = model.config?.limits.max_call_seconds;
  const time = limit ? t('gauge.of', { elapsed, limit: clock(limit) }) : elapsed;
  setText(gauge, [time, ...usageOf(translator, model)].join(' · '));
}

/**
 * @param {Translator} translator
 * @param {Model} model
 * @returns {string[]} tokens and cost, as far as they are known
 */
export function usageOf({ t, number, money }, { record, config }) {
  const usage = record?.record.usage;
  if (!usage?.total) return [];
  const price = cost(usage, config?.prices);
  const amount = price && t(price.complete ? 'gauge.cost' : 'gauge.cost.least', { amount: money(price.amount, price.currency) });
  return [t('gauge.tokens', { n: number(usage.total) }), ...(amount ? [amount] : [])];
}

/**
 * @param {Translator} translator
 * @param {Model} model
 * @param {number} now
 * @returns {string} changes seldom: a status that counts down would be read out every second
 */
function warningOf({ t, duration }, { page, record, config }, now) {
  const limits = config?.limits;
  if (!limits || !page.liveSince || page.phase !== 'live') return '';
  const since = (now - (record?.at ?? now)) / 1000;
  const known = record?.record.limits;
  const left = (known?.seconds_left ?? limits.max_call_seconds - ((record?.at ?? now) - page.liveSince) / 1000) - since;
  if (left <= Math.min(WARN_SECONDS, limits.max_call_seconds * WARN_SHARE)) {
    return t('gauge.ending', { time: duration(steps(left)) });
  }
  const idle = known?.idle_seconds_left === null || known?.idle_seconds_left === undefined ? null : known.idle_seconds_left - since;
  if (idle !== null && idle <= Math.min(WARN_SECONDS, limits.max_idle_seconds * WARN_SHARE)) {
    return t('gauge.idle', { time: duration(steps(idle)) });
  }
  return '';
}

/** @param {number} seconds rounded up to a multiple of ten, of five near the end */
const steps = (seconds) => Math.max(5, seconds > 20 ? Math.ceil(seconds / 10) * 10 : Math.ceil(seconds / 5) * 5);
