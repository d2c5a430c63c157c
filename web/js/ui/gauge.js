/**
 * Show in one line how long the call lasts and what it uses, and warn before it ends.
 */

import { cost } from '../measure/cost.js';
import { inCall } from '../state.js';
import { setText } from './dom.js';

/** @import { Model } from '../model.js' */
/** @import { Translator } from '../i18n/index.js' */

/** The warning comes a minute before the end, but never before the last fifth of the time. */
const WARN_SECONDS = 60;
const WARN_SHARE = 0.2;

/**
 * Show the line and the warning.
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
  const limit = limitOf(model);
  const time = limit ? t('gauge.of', { elapsed, limit: clock(limit) }) : elapsed;
  setText(gauge, [time, ...usageOf(translator, model)].join(' · '));
}

/**
 * Return the record, if it is of this call. After a reconnection the page still has that of the lost call.
 * @param {Model['record']} record
 * @param {number} since when this call came up, in epoch milliseconds
 */
const ofThisCall = (record, since) => (record && record.at > since ? record.record : null);

/** A call that has less time than others by so few seconds only took a moment to begin. */
const BEGINNING_SECONDS = 5;

/**
 * Return how long this call may last, in seconds. One that goes on with another one may have less time than a new one.
 * @param {Model} model
 * @returns {number | undefined} undefined as long as nothing is known
 */
function limitOf({ page, record, config }) {
  const left = ofThisCall(record, page.liveSince ?? 0)?.limits?.seconds_left;
  const most = config?.limits.max_call_seconds;
  if (typeof left !== 'number' || !most || !record || !page.liveSince) return most;
  const own = Math.round(left + (record.at - page.liveSince) / 1000);
  return most - own > BEGINNING_SECONDS ? own : most;
}

/**
 * Write the tokens and the cost so far.
 * @param {Translator} translator
 * @param {Model} model
 * @returns {string[]} none as long as nothing is known
 */
export function usageOf({ t, number, money }, { record, config }) {
  const usage = record?.record.usage;
  if (!usage?.total) return [];
  const price = cost(usage, config?.prices);
  const amount = price && t(price.complete ? 'gauge.cost' : 'gauge.cost.least', { amount: money(price.amount, price.currency) });
  return [t('gauge.tokens', { n: number(usage.total) }), ...(amount ? [amount] : [])];
}

/**
 * Write the warning, if one is due.
 * @param {Translator} translator
 * @param {Model} model
 * @param {number} now epoch milliseconds
 * @returns {string} changes seldom, because screen readers would read out a countdown every second
 */
function warningOf({ t, duration }, { page, record, config }, now) {
  const limits = config?.limits;
  if (!limits || !page.liveSince || page.phase !== 'live') return '';
  const since = (now - (record?.at ?? now)) / 1000;
  const known = ofThisCall(record, page.liveSince)?.limits;
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

/**
 * Round seconds up to a multiple of ten, or of five near the end.
 * @param {number} seconds
 */
const steps = (seconds) => Math.max(5, seconds > 20 ? Math.ceil(seconds / 10) * 10 : Math.ceil(seconds / 5) * 5);
