/**
 * Make what an operator can do with a live call: hang up, have the model say something, change its instructions.
 *
 * @import { Api } from './api.js'
 * @import { Words } from './words.js'
 */

import { button, el, setText } from '../ui/dom.js';
import { Refusal } from './api.js';
import { twice } from './twice.js';

/**
 * Make the buttons and forms for a call, and the place where the service's answers appear.
 * @param {string} id of the call
 * @param {Api} api
 * @param {Words} words
 * @param {string} caller the name by which the buttons tell the calls apart
 */
export function steering(id, api, { t, refusal }, caller) {
  const answer = el('p', { role: 'status', class: 'answer' });
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
  /**
   * Send a client event and say what the service answered.
   * @param {object} event
   */
  const send = (event) => attempt(async () => t('answered', { type: (await api.steer(id, event)).type }));

  const hangUp = twice(
    t('hangUp'),
    t('hangUpSure'),
    () =>
      void attempt(async () => {
        await api.hangUp(id);
        return t('down');
      }),
    { name: t('hangUpWho', { caller }), sureName: t('hangUpSureWho', { caller }) },
  );
  hangUp.classList.add('dangerous');
  const forms = el(
    'div',
    { class: 'forms', hidden: true },
    form(el('input', { required: true, maxlength: 4000, autocomplete: 'off' }), t('say'), t('send'), (text) =>
      send({ type: 'response.create', response: { instructions: text } }),
    ),
    form(el('textarea', { required: true, maxlength: 4000, rows: 2 }), t('instructions'), t('change'), (text) =>
      send({ type: 'session.update', session: { type: 'realtime', instructions: text } }),
    ),
  );
  const toggle = button(
    t('steer'),
    () => {
      forms.hidden = !forms.hidden;
      toggle.setAttribute('aria-expanded', String(!forms.hidden));
      if (!forms.hidden) forms.querySelector('input')?.focus();
    },
    { 'aria-expanded': 'false', 'aria-label': t('steerWho', { caller }) },
  );
  return { hangUp, toggle, forms, answer };
}

/**
 * Make a form of one field.
 * @param {HTMLInputElement | HTMLTextAreaElement} field
 * @param {string} label
 * @param {string} action what the button says
 * @param {(text: string) => void} onSend
 */
function form(field, label, action, onSend) {
  const made = el('form', {}, el('label', {}, label, field), el('button', { class: 'action' }, action));
  made.addEventListener('submit', (event) => {
    event.preventDefault();
    onSend(field.value);
    field.value = '';
  });
  return made;
}
