/**
 * Translate the server events of the deprecated preview protocol into those of GA, the only ones that the rest of the
 * page knows.
 *
 * None of these names means anything else in GA, so the page need not ask which protocol is spoken (Microsoft's guide to
 * migrating from preview to GA).
 *
 * @import { RealtimeEvent } from './captions.js'
 */

/** @type {Record<string, string>} the name in GA for each name that has changed */
const GA = {
  'conversation.item.created': 'conversation.item.added',
  'response.text.delta': 'response.output_text.delta',
  'response.text.done': 'response.output_text.done',
  'response.audio.delta': 'response.output_audio.delta',
  'response.audio.done': 'response.output_audio.done',
  'response.audio_transcript.delta': 'response.output_audio_transcript.delta',
  'response.audio_transcript.done': 'response.output_audio_transcript.done',
};

/**
 * Return the event under its name in GA.
 * @param {RealtimeEvent} event a server event of either protocol
 * @returns {RealtimeEvent} the same object, if its name is one of GA's already
 */
export function inGaWords(event) {
  const type = GA[event.type];
  return type ? { ...event, type } : event;
}
