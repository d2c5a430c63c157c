/**
 * Finds the page's elements, shows the state in them and turns what the visitor does into actions.
 */

import { LANGUAGES } from '../i18n/index.js';
import { inCall } from '../state.js';
import { renderAccount } from './account.js';
import { createAnnouncer } from './announcer.js';
import { createBoard } from './board.js';
import { noticeOf, renderConsent } from './consent.js';
import { byId, el } from './dom.js';
import { renderGauge } from './gauge.js';
import { renderProblem } from './problem.js';
import { renderStage } from './stage.js';
import { renderStatic } from './static.js';
import { renderTranscript } from './transcript.js';

/** @import { Api } from '../api.js' */
/** @import { Levels } from '../call/levels.js' */
/** @import { MessageKey, Translator } from '../i18n/index.js' */
/** @import { Model, PageStore } from '../model.js' */
/** @import { Preferences } from '../preferences.js' */
/** @import { Problem } from '../problems.js' */

/**
 * @typedef {object} Actions
 * @property {() => void} start
 * @property {() => void} hangUp
 * @property {(text: string) => void} say
 * @property {() => void} hear
 * @property {(volume: number) => void} setVolume
 * @property {(deviceId: string) => void} chooseMicrophone
 * @property {(deviceId: string) => void} chooseSpeaker
 * @property {(name: keyof Preferences, value: string) => void} prefer
 * @property {(language: string) => void} changeLanguage
 * @property {() => void} loadConfig
 *
 * @typedef {object} Rooms
 * @property {PageStore} store
 * @property {Api} api
 * @property {Levels} levels
 * @property {Translator} translator
 * @property {Actions} actions
 */

/** @param {Rooms} rooms */
export function mount({ store, levels, translator: first, actions }) {
  let translator = first;
  const svg = (/** @type {string} */ id) => byId(id, SVGElement);
  const html = (/** @type {string} */ id) => byId(id, HTMLElement);
  const push = (/** @type {string} */ id) => byId(id, HTMLButtonElement);
  const board = svg('board');
  const stage = {
    state: html('state'),
    more: html('state-more'),
    board,
    start: push('start'),
    signIn: html('sign-in'),
    hangUp: push('hang-up'),
    mute: push('mute'),
    hold: push('hold'),
    holdKeys: html('hold-keys'),
    tap: push('tap'),
    message: byId('message', HTMLInputElement),
    send: push('send'),
  };
  const transcript = { list: html('caption-list'), scroller: html('captions'), empty: html('talk-empty') };
  const account = { place: html('account'), name: html('account-name'), link: byId('account-link', HTMLAnchorElement) };
  const gauge = { gauge: html('gauge'), warning: html('limit-warning') };
  const announcer = createAnnouncer(html('announcer'));
  const drawing = createBoard(
    {
      board,
      cord: byId('cord', SVGPathElement),
      shadow: byId('cord-shadow', SVGPathElement),
      plug: byId('plug', SVGGElement),
      rings: {
        you: /** @type {SVGElement} */ (board.querySelector('.jack-you .jack-level')),
        model: /** @type {SVGElement} */ (board.querySelector('.jack-model .jack-level')),
      },
    },
    levels,
  );

  /** @param {Model} model */
  const consented = ({ config, preferences }) => !noticeOf(config) || preferences.consent === noticeOf(config);

  /** @param {Model} model */
  function showCall(model) {
    renderStage(stage, translator, model, { consented: consented(model) });
    renderConsent(html('consent'), translator, model.config, !consented(model) && !inCall(model.page));
    renderAccount(account, translator, model);
    drawing.update();
  }

  /** @param {Model} model */
  function showProblem(model) {
    const problem = problemOf(model);
    renderProblem(html('problem'), translator, problem, {
      config: model.config,
      onDismiss: () => {
        store.dispatch({ type: 'problem', problem: null });
        if (model.gateway) actions.loadConfig();
        stage.start.focus();
      },
    });
  }

  /** @param {Model} model */
  function showTalk(model) {
    renderTranscript(transcript, translator, model.captions.list);
    announcer.announce(translator, model.captions.list);
  }

  const showGauge = () => renderGauge(gauge, translator, store.get(), Date.now());

  function showAll() {
    renderStatic(translator);
    const model = store.get();
    for (const show of [showCall, showProblem, showTalk]) show(model);
    showGauge();
  }

  const language = byId('language', HTMLSelectElement);
  language.append(...Object.entries(LANGUAGES).map(([tag, name]) => el('option', { value: tag, lang: tag }, name)));
  language.value = translator.language;
  language.addEventListener('change', () => {
    actions.prefer('language', language.value);
    actions.changeLanguage(language.value);
  });
  const theme = byId('theme', HTMLSelectElement);
  theme.value = store.get().preferences.theme;
  theme.addEventListener('change', () => actions.prefer('theme', theme.value));
  store.watch(({ preferences }) => preferences.theme, (name) => {
    if (name) document.documentElement.dataset.theme = name;
    else delete document.documentElement.dataset.theme;
  });

  stage.start.addEventListener('click', actions.start);
  stage.hangUp.addEventListener('click', actions.hangUp);
  stage.tap.addEventListener('click', actions.hear);
  stage.mute.addEventListener('click', () => store.dispatch({ type: 'muted', value: !store.get().page.muted }));
  byId('composer', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    const text = stage.message.value.trim();
    if (!text) return;
    actions.say(text);
    stage.message.value = '';
  });

  renderStatic(translator);
  for (const part of /** @type {const} */ (['page', 'turns', 'config', 'gateway', 'visitor', 'preferences'])) {
    store.watch((model) => model[part], (_, model) => showCall(model));
  }
  store.watch(problemOf, (_, model) => showProblem(model));
  store.watch(({ captions }) => captions.list, (list, model) => {
    if (!list.length) announcer.reset();
    showTalk(model);
  });
  store.watch(({ page }) => page.phase, showGauge);
  store.watch(({ record }) => record, showGauge);
  setInterval(showGauge, 1_000);

  return {
    /** @param {Translator} next */
    translate(next) {
      translator = next;
      showAll();
    },
    /** @param {MessageKey} key */
    words: (key) => translator.t(key),
  };
}

/** @type {Problem} */
const TAKEN = { code: 'microphone-taken' };

/**
 * @param {Model} model
 * @returns {Problem | null} the one that matters most
 */
function problemOf({ page, gateway }) {
  if (page.problem) return page.problem;
  if (page.microphoneTaken) return TAKEN;
  return inCall(page) ? null : gateway;
}
