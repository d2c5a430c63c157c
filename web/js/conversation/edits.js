/**
 * Write captions: never in place, and not at all where nothing differs.
 *
 * @import { Caption, Captions } from './captions.js'
 */

/**
 * Return a caption without any words.
 * @param {string} id
 * @param {Caption['role']} role
 * @param {Caption['status']} status
 * @param {number} at
 * @returns {Caption}
 */
export const blank = (id, role, status, at) => ({ id, role, status, text: '', heard: 0, by: 'voice', at });

/**
 * Write the caption with this id, which may be new.
 * @param {Captions} state
 * @param {string} id
 * @param {(old: Caption | undefined) => Caption} write returns the new caption, or the old one where nothing differs
 * @returns {Captions}
 */
export function upsert(state, id, write) {
  const index = state.list.findIndex((caption) => caption.id === id);
  const caption = write(state.list[index]);
  if (index >= 0) return caption === state.list[index] ? state : { ...state, list: state.list.with(index, caption) };
  return { ...state, list: [...state.list, caption] };
}

/**
 * Change some fields of a caption, if there is one with this id.
 * @param {Captions} state
 * @param {string} id
 * @param {Partial<Caption>} fields
 * @param {Caption['status'][]} [only] captions of any other status are left alone
 */
export function change(state, id, fields, only) {
  const old = state.list.find((caption) => caption.id === id);
  return old && (!only || only.includes(old.status)) ? upsert(state, id, () => ({ ...old, ...fields })) : state;
}

/**
 * Return the words of an item's content.
 * @param {{ type?: string, text?: string, transcript?: string }[] | undefined} content
 */
export function contentText(content) {
  return (content ?? []).map((part) => part.text ?? part.transcript ?? '').join('').trim();
}
