/**
 * Show the calls that a tool has handed over, above all others, and have screen readers say so at once.
 *
 * @import { CallRow } from './api.js'
 * @import { Words } from './words.js'
 */

import { button, el, setText } from '../ui/dom.js';

/**
 * Make the place of the calls that wait for a person.
 * @param {Words} words
 * @param {(id: string) => void} onGo is told to which call the operator wants to go
 */
export function createWaiting({ t }, onGo) {
  // A live region must be in the document before something is written into it. Only what is new is read out.
  const element = el('div', { class: 'waiting', role: 'alert', 'aria-atomic': 'false' });
  /** @type {Map<string, HTMLElement>} the place of each call's reason */
  const shown = new Map();
  return {
    element,
    /**
     * Show these calls and no others.
     * @param {CallRow[]} calls
     * @returns {boolean} whether there is one among them that was not there before
     */
    show(calls) {
      const ids = new Set(calls.map(({ call_id }) => call_id));
      for (const [id, reason] of shown) {
        if (ids.has(id)) continue;
        reason.parentElement?.remove();
        shown.delete(id);
      }
      let news = false;
      for (const call of calls) {
        let reason = shown.get(call.call_id);
        if (!reason) {
          news = true;
          reason = el('span');
          shown.set(call.call_id, reason);
          const caller = call.caller.name || call.caller.id;
          element.append(el('p', { 'data-waiting': call.call_id }, el('strong', {}, t('waiting', { caller })), ' ', reason, ' ', button(t('goThere'), () => onGo(call.call_id))));
        }
        setText(reason, call.hand_over_reason ?? t('noReason'));
      }
      return news;
    },
  };
}
