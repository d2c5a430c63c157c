/**
 * Show the state in words, and the buttons that go with it.
 */

import { inCall, microphoneOpen } from '../state.js';
import { floorOf, noTurns } from '../conversation/turns.js';
import { TRIES } from '../call/recovery.js';
import { shortage } from '../call/room.js';
import { nextDay } from '../problems.js';
import { setText, toggle } from './dom.js';

/** @import { Translator } from '../i18n/index.js' */
/** @import { Model } from '../model.js' */

/**
 * @typedef {object} StageElements
 * @property {HTMLElement} state says the state in a few words
 * @property {HTMLElement} more explains it
 * @property {HTMLElement} announcer has screen readers read out the state, but not who has the floor, which is heard anyway
 * @property {Element} board the drawing, whose attributes tell the state
 * @property {HTMLButtonElement} start
 * @property {HTMLButtonElement} goOn
 * @property {HTMLElement} signIn
 * @property {HTMLButtonElement} hangUp
 * @property {HTMLButtonElement} mute
 * @property {HTMLButtonElement} hold
 * @property {HTMLElement} holdKeys
 * @property {HTMLButtonElement} tap
 * @property {HTMLInputElement} message
 * @property {HTMLButtonElement} send
 */

/**
 * Show the state.
 * @param {StageElements} elements
 * @param {Translator} translator
 * @param {Model} model
 * @param {{ consented: boolean }} rest whether the visitor has agreed to what is kept
 */
export function renderStage(elements, translator, model, { consented }) {
  const { page, config, visitor } = model;
  const { t } = translator;
  const { line, more } = sentence(model, translator);
  setText(elements.state, line);
  setText(elements.more, more);
  setText(elements.announcer, sentence({ ...model, turns: noTurns }, translator).line);
  elements.board.setAttribute('data-floor', lampOf(model));
  elements.board.setAttribute('data-phase', page.phase);

  const calling = inCall(page);
  const live = page.phase === 'live' || page.phase === 'wavering';
  const mustSignIn = Boolean(config?.sign_in_required && !visitor);
  const startWords = !consented ? 'call.start.agree' : page.phase === 'ended' ? 'call.start.again' : 'call.start';
  setText(elements.start, t(startWords));
  // Before the gateway has answered, nobody knows what there is to agree to.
  elements.start.disabled = !config && !model.gateway;
  toggle(elements.start, !calling && !mustSignIn, elements.hangUp);
  toggle(elements.hangUp, calling, elements.start);
  elements.signIn.hidden = calling || !mustSignIn;
  elements.tap.hidden = !(live && page.soundBlocked);
  elements.mute.hidden = !calling || page.pushToTalk;
  elements.mute.setAttribute('aria-pressed', String(page.muted));
  elements.hold.hidden = !live || !page.pushToTalk;
  elements.hold.setAttribute('aria-pressed', String(page.holding));
  elements.holdKeys.hidden = elements.hold.hidden;
  elements.message.disabled = elements.send.disabled = !live;
}

/**
 * Put the state into words.
 * @param {Model} model
 * @param {Translator} translator
 * @returns {{ line: string, more: string }}
 */
function sentence({ page, turns, config, gateway }, { t, clock, moment }) {
  const missing = shortage(config);
  const why = missing && t(`state.${missing}.more`, moment(nextDay(Date.now()), Date.now()));
  switch (page.phase) {
    case 'idle':
      if (page.problem ?? gateway) return { line: t('state.blocked'), more: '' };
      if (missing && why) return { line: t(`state.${missing}`), more: why };
      return { line: t('state.idle'), more: t(config ? 'state.idle.more' : 'state.loading.more') };
    case 'starting':
      return page.step === 'microphone'
        ? { line: t('state.microphone'), more: t('state.microphone.more') }
        : { line: t(page.step === 'gateway' ? 'state.gateway' : 'state.media'), more: '' };
    case 'wavering':
      return { line: t('state.wavering'), more: t('state.wavering.more') };
    case 'retrying':
      return {
        line: t('state.retrying', { n: page.tries, of: TRIES }),
        more: t(config?.continue_seconds ? 'state.retrying.more' : 'state.retrying.new'),
      };
    case 'closing':
      return { line: t('state.closing'), more: t('state.closing.more') };
    case 'ended': {
      if (!page.liveSince) return { line: t('state.blocked'), more: '' };
      const seconds = ((page.endedAt ?? 0) - page.liveSince) / 1000;
      const more = [t('state.ended.more', { time: clock(seconds) }), ...(why && !page.problem ? [why] : [])].join(' ');
      return { line: t('state.ended'), more };
    }
    case 'live':
      break;
  }
  const floor = floorOf(turns);
  if (page.soundBlocked) return { line: t(`state.${floor}`), more: t('call.tap.why') };
  if (floor === 'listening' && !microphoneOpen(page)) {
    const key = page.pushToTalk ? 'state.held' : 'state.muted';
    return { line: t(key), more: t(`${key}.more`) };
  }
  const words = { listening: t('state.listening.more'), speaking: t('state.speaking.more'), hearing: '', thinking: '' };
  return { line: t(`state.${floor}`), more: words[floor] };
}

/**
 * Choose the lamp and the colour of the drawing.
 * @param {Model} model
 */
function lampOf({ page, turns }) {
  if (page.phase !== 'live') return page.phase;
  const floor = floorOf(turns);
  return floor === 'listening' && !microphoneOpen(page) ? 'muted' : floor;
}
