/**
 * Let the visitor choose who answers, where there is more than one assistant. It is a list of the browser's own, so the
 * keyboard and screen readers handle it as they handle every list.
 */

import { answering } from '../assistants.js';
import { inCall } from '../state.js';
import { choose, setText } from './dom.js';

/** @import { Translator } from '../i18n/index.js' */
/** @import { Model } from '../model.js' */

/**
 * Show the choice, and what the chosen assistant is for.
 * @param {{ place: HTMLElement, select: HTMLSelectElement, more: HTMLElement }} elements
 * @param {Translator} translator
 * @param {Model} model
 */
export function renderAssistants({ place, select, more }, { t }, { config, assistant: chosen, page }) {
  const offered = config?.assistants ?? [];
  const shown = answering(config, chosen);
  const missing = Boolean(shown && chosen && shown.name !== chosen);
  place.hidden = offered.length < 2 && !missing;
  if (place.hidden || !shown) return;
  choose(select, offered.map(({ name, title }) => ({ value: name, text: title })), shown.name);
  // A call keeps the assistant with which it began, and nobody has to read about it any more.
  const calling = inCall(page);
  select.disabled = calling;
  setText(more, calling ? '' : missing ? t('assistant.missing') : shown.description);
}
