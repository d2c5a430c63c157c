/**
 * Save what is kept of a call and of its caller, and delete the record for a person who asks to be forgotten.
 *
 * @import { Api, Call } from './api.js'
 * @import { Words } from './words.js'
 */

import { button, el, setText } from '../ui/dom.js';
import { Refusal } from './api.js';
import { twice } from './twice.js';

/**
 * Have the browser save a file.
 * @param {string} name
 * @param {Blob} content
 */
export function download(name, content) {
  const href = URL.createObjectURL(content);
  el('a', { href, download: name }).click();
  // Firefox begins to read the file only after this task.
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

/**
 * Make the buttons that export everything of the caller and delete the record of the call.
 * @param {Call} call
 * @param {{ api: Api, words: Words, up: boolean }} options `up` says that the call has no record yet
 */
export function recordKeeping(call, { api, words, up }) {
  const { t, number, refusal } = words;
  const answer = el('p', { role: 'status' });
  /** @param {() => Promise<string>} work */
  const attempt = async (work) => {
    setText(answer, t('working'));
    try {
      setText(answer, await work());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      setText(answer, refusal(error));
    }
  };
  const save = async () => {
    let after = '';
    let saved = 0;
    do {
      const { archive, next } = await api.export(call.caller.id, after);
      saved += 1;
      download(`calls-${saved}.zip`, archive);
      after = next;
    } while (after);
    return t('exported', { n: number(saved) });
  };
  const erase = twice(t('erase'), t('eraseSure'), () =>
    void attempt(async () => {
      await api.erase(call.call_id);
      erase.disabled = true;
      return t('erased');
    }),
  );
  erase.classList.add('dangerous');
  return el('div', {}, el('p', { class: 'actions' }, button(t('export'), () => void attempt(save)), ...(up ? [] : [erase])), answer);
}
