/**
 * Wires the rooms together. No rule of the conversation and no word of the page stands here.
 */

import { createApi } from './api.js';
import { Inputs } from './call/inputs.js';
import { Levels } from './call/levels.js';
import { RecordWatch } from './call/record.js';
import { Session } from './call/session.js';
import { Speaker } from './call/speaker.js';
import { WakeLock } from './call/wakelock.js';
import { answering, floorOf } from './conversation/turns.js';
import { chooseLanguage, loadTranslator } from './i18n/index.js';
import { StatsWatch } from './measure/watch.js';
import { initialModel, reduce } from './model.js';
import { callerId, loadPreferences, savePreference } from './preferences.js';
import { CallFailure } from './problems.js';
import { createStore } from './store.js';
import { noticeOf } from './ui/consent.js';
import { byId } from './ui/dom.js';
import { mount } from './ui/mount.js';

/** @import { PageStore } from './model.js' */
/** @import { Preferences } from './preferences.js' */

/** An answer that has not begun by now has failed where the filter hides it. */
const ANSWER_MS = 20_000;

/** The voice steps back while the service stops it; longer than this and it was not stopped. */
const DUCK_MS = 1_000;

const preferences = loadPreferences();
/** @type {PageStore} */
const store = createStore(initialModel(preferences), reduce);
const api = createApi({ caller: callerId(), voice: chosenVoice });
const speaker = new Speaker(byId('voice', HTMLAudioElement), {
  onBlocked: (value) => store.dispatch({ type: 'sound-blocked', value }),
});
speaker.setVolume(Number(preferences.volume) || 0);
void speaker.setDevice(preferences.speaker);
const levels = new Levels();
const records = new RecordWatch(api, (record) => store.dispatch({ type: 'record', record, at: Date.now() }));
const statistics = new StatsWatch((sample) => store.dispatch({ type: 'sample', sample }));
const wakeLock = new WakeLock();
const inputs = new Inputs(store, speaker);
const translator = await loadTranslator(chooseLanguage(preferences.language, navigator.languages));

const page = mount({
  store,
  api,
  levels,
  translator,
  actions: {
    start,
    hangUp: () => session.hangUp(),
    say: (text) => session.say(text),
    hear: () => void speaker.play(),
    setVolume: (value) => speaker.setVolume(value),
    chooseMicrophone: (id) => void inputs.chooseMicrophone(id),
    chooseSpeaker: (id) => void inputs.chooseSpeaker(id),
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

/** Runs in the visitor's click: once the gateway is known, nothing is awaited before the session has it. */
function start() {
  const { config, preferences: chosen } = store.get();
  if (!config) {
    void loadConfig().then(() => {
      const notice = noticeOf(store.get().config);
      // Whoever has not read what is kept has agreed to nothing yet: the page shows it now.
      if (store.get().config && (!notice || chosen.consent === notice)) session.start();
    });
    return;
  }
  const notice = noticeOf(config);
  if (notice && chosen.consent !== notice) prefer('consent', notice);
  session.start();
}

/**
 * @param {keyof Preferences} name
 * @param {string} value
 */
function prefer(name, value) {
  savePreference(name, value);
  store.dispatch({ type: 'preference', name, value });
}

/** @returns {string} empty for the operator's own choice; a voice remembered from another day may be on offer no more */
function chosenVoice() {
  const { config, preferences: chosen } = store.get();
  return config?.session.voices.includes(chosen.voice) ? chosen.voice : '';
}

/** Also wakes a gateway that has slept, before anybody waits for it. */
async function loadConfig() {
  try {
    store.dispatch({ type: 'config', config: await api.config() });
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    store.dispatch({ type: 'gateway-lost', problem: error.problem });
  }
}

/** @type {number | undefined} */
let patience;
store.watch(({ turns }) => floorOf(turns), (floor) => {
  clearTimeout(patience);
  if (floor === 'thinking') patience = window.setTimeout(() => store.dispatch({ type: 'answer-missing' }), ANSWER_MS);
});
store.watch(({ turns }) => answering(turns), (busy) => !busy && records.turnDone());

/** @type {number | undefined} */
let unduck;
store.watch(({ turns }) => turns.ducked, (ducked) => {
  clearTimeout(unduck);
  speaker.duck(ducked);
  if (ducked) unduck = window.setTimeout(() => speaker.duck(false), DUCK_MS);
});

// Not beforeunload or unload: on phones only pagehide is certain to come.
window.addEventListener('pagehide', () => session.leave());

if (!window.isSecureContext) store.dispatch({ type: 'problem', problem: { code: 'insecure-origin' } });
else if (!('RTCPeerConnection' in window)) store.dispatch({ type: 'problem', problem: { code: 'webrtc-missing' } });
void loadConfig();
void api.visitor().then((visitor) => store.dispatch({ type: 'visitor', visitor }));
