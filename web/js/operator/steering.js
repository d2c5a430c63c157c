/**
 * Make what an operator can do with a live call: hang up, have the model say something, change its instructions.
 *
 * @import { Api } from './api.js'
 * @import { Words } from './words.js'
 */

import { button, el, setText } from '../ui/dom.js';
import { Refusal } from './api.js';

/**
 * Make the buttons and forms for a call, and the place where the service's answers appear.
 * @param {string} id of the call
 * @param {Api} api
 * @param {Words} words
 * @param {string} caller the name by which the buttons tell the calls apart
 */
export function steering(id, api, { t, refusal }, caller) {
  const answer = el('p', { role: 'status' });
  /** @param {() => Promise<string>} work */
  const attempt = async (work) => {
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

  const hangUp = button(
    t('hangUp'),
    () =>
      void attempt(async () => {
        await api.hangUp(id);
        return t('down');
      }),
    { 'aria-label': t('hangUpWho', { caller }) },
  );
  const forms = el(
    'div',
    { hidden: true },
    form(t('say'), t('send'), (text) => send({ type: 'response.create', response: { instructions: text } })),
    form(t('instructions'), t('change'), (text) => send({ type: 'session.update', session: { type: 'realtime', instructions: text } })),
  );
  const toggle = button(
    t('steer'),
    () => {
      forms.hidden = !forms.hidden;
      toggle.setAttribute('aria-expanded', String(!forms.hidden));
    },
    { 'aria-expanded': 'false', 'aria-label': t('steerWho', { caller }) },
  );
  return { hangUp, toggle, forms, answer };
}

/**
 * Make a form of one line.
 * @param {string} label
 * @param {string} action what the button says
 * @param {(text: string) => void} onSend
 */
function form(label, action, onSend) {
  const input = el('input', { required: true, maxlength: 4000, autocomplete: 'off' });
  const made = el('form', {}, el('label', {}, label, input), el('button', { class: 'link' }, action));
  made.addEventListener('submit', (event) => {
    event.preventDefault();
    onSend(input.value);
    input.value = '';
  });
  return made;
}
