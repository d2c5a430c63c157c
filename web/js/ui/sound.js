/**
 * Let the visitor choose devices, volume and voice, and how to talk. The controls are made once, and later only what has
 * changed is written, so that no list closes under a finger.
 */

import { choose, el, setText } from './dom.js';

/** @import { Device } from '../call/devices.js' */
/** @import { Translator } from '../i18n/index.js' */
/** @import { Model } from '../model.js' */
/** @import { Actions } from './controls.js' */

/**
 * Make the controls.
 * @param {HTMLElement} place
 * @param {Actions} actions
 * @param {{ adjustable: boolean, selectable: boolean }} speaker what this browser lets a page do
 */
export function createSound(place, actions, { adjustable, selectable }) {
  const microphone = field('select', 'microphone');
  const speaker = field('select', 'speaker');
  const volume = field('input', 'volume', { type: 'range', min: 0, max: 1, step: 0.05 });
  const voice = field('select', 'voice');
  const hold = /** @type {HTMLInputElement} */ (el('input', { type: 'checkbox', id: 'hold-mode' }));
  const holdLabel = el('label', { for: 'hold-mode' });
  const holdMore = el('p', { class: 'quiet' });
  const changed = el('p', { class: 'quiet', role: 'status' });
  const headphones = el('p', { class: 'quiet' });

  microphone.control.addEventListener('change', () => {
    actions.prefer('microphone', microphone.control.value);
    actions.chooseMicrophone(microphone.control.value);
  });
  speaker.control.addEventListener('change', () => {
    actions.prefer('speaker', speaker.control.value);
    actions.chooseSpeaker(speaker.control.value);
  });
  volume.control.addEventListener('input', () => {
    actions.prefer('volume', volume.control.value);
    actions.setVolume(Number(volume.control.value));
  });
  voice.control.addEventListener('change', () => actions.prefer('voice', voice.control.value));
  hold.addEventListener('change', () => actions.setPushToTalk(hold.checked));

  place.append(
    microphone.box,
    ...(selectable ? [speaker.box] : []),
    ...(adjustable ? [volume.box] : []),
    voice.box,
    el('div', { class: 'switch' }, hold, el('div', {}, holdLabel, holdMore)),
    headphones,
    changed,
  );

  /** @type {string | undefined} */
  let using;
  return {
    /**
     * Show what there is to choose and what is chosen.
     * @param {Translator} translator
     * @param {Model} model
     * @param {string} inUse the name of the microphone that is open now
     */
    render({ t }, { devices, preferences, config, page }, inUse) {
      setText(microphone.label, t('sound.microphone'));
      setText(speaker.label, t('sound.speaker'));
      setText(volume.label, t('sound.volume'));
      setText(voice.label, t('sound.voice'));
      setText(holdLabel, t('sound.hold'));
      setText(holdMore, t('sound.hold.more'));
      setText(headphones, t('sound.headphones'));
      const named = (/** @type {Device} */ device, /** @type {number} */ index) => ({
        value: device.id,
        text: device.label || t('sound.unnamed', { n: index + 1 }),
      });
      const none = { value: '', text: t('sound.default') };
      // Some browsers list the default device a second time, under this id.
      const real = (/** @type {Device[]} */ list) => list.filter(({ id }) => id !== 'default').map(named);
      choose(microphone.control, [none, ...real(devices.microphones)], preferences.microphone);
      choose(speaker.control, [none, ...real(devices.speakers)], preferences.speaker);
      const voices = (config?.session.voices ?? []).map((name) => ({ value: name, text: name }));
      choose(voice.control, voices, preferences.voice || (config?.session.voice ?? ''));
      volume.control.value = preferences.volume;
      hold.checked = page.pushToTalk;
      if (inUse && using && inUse !== using) setText(changed, t('sound.changed', { name: inUse }));
      using = inUse || using;
    },
  };
}

/**
 * Make a control with its label.
 * @template {'select' | 'input'} K
 * @param {K} tag
 * @param {string} name
 * @param {Record<string, string | number>} [attributes]
 */
function field(tag, name, attributes = {}) {
  const id = `sound-${name}`;
  const control = el(tag, { id, ...attributes });
  const label = el('label', { for: id });
  return { control, label, box: el('div', { class: 'field' }, label, control) };
}
