/**
 * Find the page's elements and show the state in them. There is one watcher for each part, called only when its part of
 * the state has changed.
 */

import { inCall } from '../state.js';
import { renderAccount } from './account.js';
import { renderAfter } from './after.js';
import { createAnnouncer } from './announcer.js';
import { renderAssistants } from './assistants.js';
import { createBoard } from './board.js';
import { createCheck } from './check.js';
import { noticeOf, renderConsent } from './consent.js';
import { bindControls } from './controls.js';
import { byId } from './dom.js';
import { createEngineer } from './engineer.js';
import { renderGauge } from './gauge.js';
import { renderOffer } from './offer.js';
import { renderProblem } from './problem.js';
import { createSound } from './sound.js';
import { renderStage } from './stage.js';
import { renderStatic } from './static.js';
import { renderTranscript } from './transcript.js';

/** @import { Api } from '../api.js' */
/** @import { Levels } from '../call/levels.js' */
/** @import { MessageKey, Translator } from '../i18n/index.js' */
/** @import { Model, PageStore } from '../model.js' */
/** @import { Problem } from '../problems.js' */
/** @import { Actions } from './controls.js' */

/**
 * @typedef {object} PageDependencies
 * @property {Document} root holds the page's elements
 * @property {PageStore} store
 * @property {Api} api
 * @property {Levels} levels
 * @property {{ adjustable: boolean, selectable: boolean }} speaker whether the page can set the volume and choose the speaker
 * @property {() => string} microphoneName returns the name of the microphone that is open
 * @property {Translator} translator for the language that the page shows first
 * @property {Actions} actions what the visitor can do
 */

/**
 * Show the page, and follow the state from now on.
 * @param {PageDependencies} dependencies
 */
export function mount({ root, store, api, levels, speaker, microphoneName, translator: first, actions }) {
  let translator = first;
  const html = (/** @type {string} */ id) => byId(root, id, HTMLElement);
  const push = (/** @type {string} */ id) => byId(root, id, HTMLButtonElement);
  const board = byId(root, 'board', SVGElement);
  const stage = {
    state: html('state'),
    more: html('state-more'),
    announcer: html('state-announcer'),
    board,
    start: push('start'),
    goOn: push('go-on'),
    goOnMore: html('go-on-more'),
    signIn: html('sign-in'),
    hangUp: push('hang-up'),
    mute: push('mute'),
    hold: push('hold'),
    holdKeys: html('hold-keys'),
    tap: push('tap'),
    message: byId(root, 'message', HTMLInputElement),
    send: push('send'),
  };
  const transcript = { list: html('caption-list'), scroller: html('captions'), empty: html('talk-empty') };
  const account = { place: html('account'), name: html('account-name'), link: byId(root, 'account-link', HTMLAnchorElement) };
  const assistants = { place: html('assistants'), select: byId(root, 'assistant', HTMLSelectElement), more: html('assistant-more') };
  const gauge = { gauge: html('gauge'), warning: html('limit-warning') };
  const panel = byId(root, 'engineer', HTMLDetailsElement);
  const announcer = createAnnouncer(html('announcer'));
  const drawing = createBoard(board, levels);
  const sound = createSound(html('sound-body'), actions, speaker);
  const check = createCheck(byId(root, 'check', HTMLDialogElement), { store, api, translator: () => translator });
  const engineer = createEngineer(
    { panel, body: html('engineer-body'), brief: html('engineer-brief') },
    { onClear: () => store.dispatch({ type: 'log-cleared' }) },
  );

  /**
   * Say whether the visitor has agreed to what is kept.
   * @param {Model} model
   */
  const consented = ({ config, preferences }) => !noticeOf(config) || preferences.consent === noticeOf(config);

  const parts = {
    /** @param {Model} model */
    call(model) {
      renderStage(stage, translator, model, { consented: consented(model) });
      renderConsent(html('consent'), translator, model.config, !consented(model) && !inCall(model.page));
      renderAccount(account, translator, model);
      drawing.update();
    },
    /** @param {Model} model */
    assistants: (model) => renderAssistants(assistants, translator, model),
    /** @param {Model} model */
    problem(model) {
      const { config, gateway } = model;
      const onDismiss = () => {
        store.dispatch({ type: 'problem', problem: null });
        if (gateway) actions.loadConfig();
        stage.start.focus();
      };
      renderProblem(html('problem'), translator, problemOf(model), { config, onDismiss });
    },
    /** @param {Model} model */
    talk({ captions }) {
      if (!captions.list.length) announcer.reset();
      renderTranscript(transcript, translator, captions.list);
      announcer.announce(translator, captions.list);
    },
    /** @param {Model} model */
    sound: (model) => sound.render(translator, model, microphoneName()),
    after: () => renderAfter(html('after'), translator, store.get),
    /** @param {Model} model */
    engineer: (model) => engineer.render(translator, model),
    /** @param {Model} model */
    gauge: (model) => renderGauge(gauge, translator, model, Date.now()),
    /** @param {Model} model */
    offer: (model) => renderOffer(stage, translator, model, Date.now()),
  };

  renderStatic(root, translator);
  /** @type {[keyof typeof parts, (keyof Model)[]][]} */
  const wiring = [
    ['call', ['page', 'turns', 'config', 'gateway', 'visitor', 'preferences']],
    ['assistants', ['config', 'assistant', 'page']],
    ['problem', ['page', 'gateway', 'config']],
    ['talk', ['captions']],
    ['sound', ['devices', 'preferences', 'config', 'page']],
    ['after', ['page', 'record']],
    // The preferences include the theme: a canvas does not change its colours by itself.
    ['engineer', ['samples', 'turns', 'timings', 'events', 'page', 'preferences']],
    ['gauge', ['page', 'record', 'config']],
    ['offer', ['page', 'record', 'config', 'captions']],
  ];
  for (const [part, slices] of wiring) {
    store.watchAny(slices, (model) => parts[part](model));
  }
  setInterval(() => {
    parts.gauge(store.get());
    parts.offer(store.get());
  }, 1_000);
  panel.addEventListener('toggle', () => parts.engineer(store.get()));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => parts.engineer(store.get()));
  bindControls({ root, store, stage, actions, check, language: translator.language });

  return {
    /**
     * Show the page in another language.
     * @param {Translator} next
     */
    translate(next) {
      translator = next;
      renderStatic(root, translator);
      for (const part of Object.values(parts)) part(store.get());
      check.render();
    },
    /**
     * Return the words for a key in the page's language.
     * @param {MessageKey} key
     * @param {Record<string, string>} [values]
     */
    words: (key, values) => translator.t(key, values),
  };
}

/** @type {Problem} is shown while the system has the microphone */
const TAKEN = { code: 'microphone-taken' };

/**
 * Choose the problem that matters most.
 * @param {Model} model
 * @returns {Problem | null} the one that matters most
 */
function problemOf({ page, gateway }) {
  if (page.problem) return page.problem;
  if (page.microphoneTaken) return TAKEN;
  return inCall(page) ? null : gateway;
}
