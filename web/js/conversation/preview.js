/**
 * The deprecated preview protocol's server events under the names that GA gave them. The page knows GA's alone.
 *
 * None of these names means anything else in GA, so nobody needs to ask which protocol is spoken
 * (Microsoft's guide to migrating from preview to GA).
 *
 * @import { RealtimeEvent } from './captions.js'
 */

/** @type {Record<string, string>} */
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
 * @param {RealtimeEvent} event a server event of either protocol
 * @returns {RealtimeEvent} the same event where it has a name of GA's already
 */
export function inGaWords(event) {
  const type = GA[event.type];
  return type ? { ...event, type } : event;
}
