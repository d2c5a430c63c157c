/**
 * Turn what the visitor does into actions.
 */

import { LANGUAGES } from '../i18n/index.js';
import { inCall } from '../state.js';
import { byId, el } from './dom.js';
import { watchHolding } from './holding.js';

/** @import { PageStore } from '../model.js' */
/** @import { Preferences } from '../preferences.js' */
/** @import { StageElements } from './stage.js' */

/**
 * @typedef {object} Actions
 * @property {() => void} start begins a call; runs in the visitor's click
 * @property {() => void} goOn begins a call that goes on with the last one; runs in the visitor's click
 * @property {() => void} listen has the page hear the voices; runs in the visitor's click too, when the call has begun
 * @property {() => void} warmUp prepares a call, because the visitor is about to click
 * @property {() => void} hangUp ends the call
 * @property {(text: string) => void} say sends a typed message
 * @property {() => void} hear plays the sound that the browser has blocked
 * @property {(volume: number) => void} setVolume sets the volume, from 0 to 1
 * @property {(on: boolean) => void} setPushToTalk
 * @property {(deviceId: string) => void} chooseMicrophone takes an empty id for the default microphone
 * @property {(deviceId: string) => void} chooseSpeaker takes an empty id for the default speaker
 * @property {(name: string) => void} chooseAssistant chooses who answers the next call
 * @property {(name: keyof Preferences, value: string) => void} prefer remembers a preference
 * @property {(language: string) => void} changeLanguage shows the page in another language
 * @property {() => void} loadConfig asks the gateway for its config again
 */

/**
 * Listen to every control of the page.
 * @param {object} dependencies
 * @param {Document} dependencies.root
 * @param {PageStore} dependencies.store
 * @param {StageElements} dependencies.stage
 * @param {Actions} dependencies.actions
 * @param {{ open: () => void }} dependencies.check
 * @param {string} dependencies.language the tag of the language that the page shows
 */
export function bindControls({ root, store, stage, actions, check, language: current }) {
  stage.start.addEventListener('click', actions.start);
  stage.goOn.addEventListener('click', actions.goOn);
  for (const button of [stage.start, stage.goOn]) button.addEventListener('click', actions.listen);
  // A mouse comes near before it clicks. A finger does not, and a keyboard has no pointer at all.
  for (const button of [stage.start, stage.goOn]) {
    for (const near of ['pointerenter', 'pointerdown', 'focus']) button.addEventListener(near, actions.warmUp);
  }
  stage.hangUp.addEventListener('click', actions.hangUp);
  stage.tap.addEventListener('click', actions.hear);
  stage.mute.addEventListener('click', () => store.dispatch({ type: 'muted', value: !store.get().page.muted }));
  watchHolding(stage.hold, {
    active: () => store.get().page.pushToTalk && inCall(store.get().page),
    onHold: (value) => store.dispatch({ type: 'holding', value }),
  });

  byId(root, 'composer', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    const text = stage.message.value.trim();
    if (!text) return;
    actions.say(text);
    stage.message.value = '';
  });

  const assistant = byId(root, 'assistant', HTMLSelectElement);
  assistant.addEventListener('change', () => actions.chooseAssistant(assistant.value));

  root.addEventListener('click', ({ target }) => returnHere(target instanceof Element ? target.closest('a') : null));

  byId(root, 'check-open', HTMLButtonElement).addEventListener('click', () => check.open());

  const language = byId(root, 'language', HTMLSelectElement);
  language.append(...Object.entries(LANGUAGES).map(([tag, name]) => el('option', { value: tag, lang: tag }, name)));
  language.value = current;
  language.addEventListener('change', () => {
    actions.prefer('language', language.value);
    actions.changeLanguage(language.value);
  });

  const theme = byId(root, 'theme', HTMLSelectElement);
  theme.value = store.get().preferences.theme;
  theme.addEventListener('change', () => actions.prefer('theme', theme.value));
  store.watch(({ preferences }) => preferences.theme, (name) => {
    if (name) root.documentElement.dataset.theme = name;
    else delete root.documentElement.dataset.theme;
  });
}

/**
 * Have a link to the sign-in lead back to the address that the page has now, with the assistant that it names.
 * @param {HTMLAnchorElement | null} link
 */
function returnHere(link) {
  if (!link?.pathname.startsWith('/.auth/login/')) return;
  link.search = `?${new URLSearchParams({ post_login_redirect_uri: location.pathname + location.search })}`;
}
