/**
 * Make the parts of the page and connect them. This module knows no rule of the conversation and no word of the page.
 */

import { createApi } from './api.js';
import { addressFor, answering, chosenIn, DEFAULT } from './assistants.js';
import { attend } from './call/attention.js';
import { Inputs } from './call/inputs.js';
import { Levels } from './call/levels.js';
import { RecordWatch } from './call/record.js';
import { watchRoom } from './call/room.js';
import { Session } from './call/session.js';
import { Speaker } from './call/speaker.js';
import { hasWebRtc } from './call/transport.js';
import { WakeLock } from './call/wakelock.js';
import { chooseLanguage, loadTranslator } from './i18n/index.js';
import { StatsWatch } from './measure/watch.js';
import { initialModel, reduce } from './model.js';
import { callerId, loadPreferences, microphoneMemory, savePreference } from './preferences.js';
import { CallFailure } from './problems.js';
import { createStore } from './store.js';
import { noticeOf } from './ui/consent.js';
import { byId } from './ui/dom.js';
import { mount } from './ui/mount.js';

/** @import { PageStore } from './model.js' */
/** @import { Preferences } from './preferences.js' */
/** @import { Problem } from './problems.js' */

const obstacle = obstacleOf();
/** Return the storage for preferences. Where a visitor forbids storage, even this look at it throws an error. */
const remembered = () => localStorage;
const preferences = loadPreferences(remembered);
/** @type {PageStore} */
const store = createStore(initialModel(preferences, chosenIn(location.href)), reduce);
const api = createApi({ base: '', caller: callerId(() => sessionStorage), voice: chosenVoice, assistant: chosenAssistant });
const speaker = new Speaker(byId(document, 'voice', HTMLAudioElement), {
  onBlocked: (value) => store.dispatch({ type: 'sound-blocked', value }),
});
speaker.setVolume(Number(preferences.volume) || 0);
void speaker.setDevice(preferences.speaker);
const levels = new Levels();
const records = new RecordWatch(api, (record) => store.dispatch({ type: 'record', record, at: Date.now() }));
const statistics = new StatsWatch((sample) => store.dispatch({ type: 'sample', sample }));
const wakeLock = new WakeLock(document);
const room = watchRoom({ store, ask: api.config, hidden: () => document.hidden });
const inputs = new Inputs({ root: document, store, speaker, memory: microphoneMemory(remembered) });
const translator = await loadTranslator(chooseLanguage(preferences.language, navigator.languages));

const page = mount({
  root: document,
  store,
  api,
  levels,
  speaker: { adjustable: speaker.volumeAdjustable, selectable: speaker.selectable },
  microphoneName: () => inputs.microphone.label,
  translator,
  actions: {
    start: () => start(),
    goOn: () => start({ goOn: true }),
    listen: () => session.listen(),
    warmUp() {
      if (obstacle) return;
      session.warmUp();
      void api.wake();
      room.refresh();
    },
    hangUp: () => session.hangUp(),
    say: (text) => session.say(text),
    hear: () => void speaker.play(),
    setVolume: (value) => speaker.setVolume(value),
    setPushToTalk(value) {
      prefer('talk', value ? 'hold' : '');
      store.dispatch({ type: 'push-to-talk', value });
    },
    chooseMicrophone: (id) => void inputs.chooseMicrophone(id),
    chooseSpeaker: (id) => void inputs.chooseSpeaker(id),
    chooseAssistant(name) {
      history.replaceState(null, '', addressFor(location.href, name));
      store.dispatch({ type: 'assistant', name });
    },
    prefer,
    changeLanguage: async (language) => page.translate(await loadTranslator(chooseLanguage(language, navigator.languages))),
    loadConfig,
  },
});

const session = new Session({
  api,
  store,
  microphone: inputs.microphone,
  speaker,
  levels,
  records,
  words: (note) => page.words(`talk.note.${note}`),
  onCall(call) {
    if (call) {
      statistics.follow(call.transport);
      wakeLock.acquire();
      void inputs.lookForDevices();
    } else {
      statistics.stop();
      wakeLock.release();
    }
  },
});
inputs.session = session;

/**
 * Begin a call, in the visitor's click. Once the gateway is known, nothing is awaited before the session begins.
 * @param {{ goOn?: boolean }} [how] `goOn`: whether the call goes on with the last one
 */
function start(how) {
  if (obstacle) {
    store.dispatch({ type: 'problem', problem: obstacle });
    return;
  }
  const { config, preferences: chosen } = store.get();
  if (!config) {
    void loadConfig().then(() => {
      const notice = noticeOf(store.get().config);
      // A visitor who has not yet read what is kept has not agreed to it. The page shows it now.
      if (store.get().config && (!notice || chosen.consent === notice)) {
        session.start();
        session.listen();
      }
    });
    return;
  }
  const notice = noticeOf(config);
  if (notice && chosen.consent !== notice) prefer('consent', notice);
  session.start(how);
}

/**
 * Remember a preference and show it.
 * @param {keyof Preferences} name
 * @param {string} value
 */
function prefer(name, value) {
  savePreference(remembered, name, value);
  store.dispatch({ type: 'preference', name, value });
}

/**
 * Return the voice that the visitor chose, unless it was on another day and is no longer offered.
 * @returns {string} empty for the operator's own choice
 */
function chosenVoice() {
  const { config, preferences: chosen } = store.get();
  return config?.session.voices.includes(chosen.voice) ? chosen.voice : '';
}

/**
 * Return the assistant that answers the next call.
 * @returns {string} empty for the default one
 */
function chosenAssistant() {
  const { config, assistant } = store.get();
  const name = answering(config, assistant)?.name ?? assistant;
  return name === DEFAULT ? '' : name;
}

/**
 * Return the problem that no click can solve, if there is one.
 * @returns {Problem | null}
 */
function obstacleOf() {
  if (!window.isSecureContext) return { code: 'insecure-origin' };
  return hasWebRtc() ? null : { code: 'webrtc-missing' };
}

/** Ask the gateway for its config. This also wakes it up before anybody waits for it. */
async function loadConfig() {
  try {
    store.dispatch({ type: 'config', config: await api.config() });
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    store.dispatch({ type: 'gateway-lost', problem: error.problem });
  }
}

attend({ store, speaker, records, told: (message) => page.words('talk.note.error', { message }) });

document.addEventListener('visibilitychange', () => room.refresh());
// What is left has changed during the call.
store.watch(({ page }) => page.mayGoOn, (mayGoOn) => mayGoOn && room.refresh());

// On phones, neither beforeunload nor unload is certain to come; pagehide is.
window.addEventListener('pagehide', () => session.leave());

if (obstacle) store.dispatch({ type: 'problem', problem: obstacle });
void loadConfig();
void api.visitor().then((visitor) => store.dispatch({ type: 'visitor', visitor }));
