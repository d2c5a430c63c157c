import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noCaptions, reduceCaptions } from '../../web/js/conversation/captions.js';
import { inGaWords } from '../../web/js/conversation/preview.js';
import { noTurns, reduceTurns } from '../../web/js/conversation/turns.js';

/** These are the events of one turn in the preview protocol. */
const TURN = [
  { type: 'input_audio_buffer.speech_started', item_id: 'u' },
  { type: 'input_audio_buffer.speech_stopped', item_id: 'u' },
  { type: 'conversation.item.created', previous_item_id: null, item: { id: 'u', type: 'message', role: 'user', content: [{ type: 'input_audio', transcript: null }] } },
  { type: 'conversation.item.created', previous_item_id: 'u', item: { id: 'a', type: 'message', role: 'assistant', content: [] } },
  { type: 'response.audio_transcript.delta', item_id: 'a', response_id: 'r', delta: 'At ' },
  { type: 'output_audio_buffer.started', response_id: 'r' },
  { type: 'response.audio_transcript.delta', item_id: 'a', response_id: 'r', delta: 'noon.' },
  { type: 'conversation.item.input_audio_transcription.completed', item_id: 'u', transcript: 'When?' },
  { type: 'response.audio_transcript.done', item_id: 'a', response_id: 'r', transcript: 'At noon.' },
  { type: 'output_audio_buffer.stopped', response_id: 'r' },
];

/** Return the state after the turn, with an event every 100 ms. */
const after = (reduce, state, events) =>
  events.map(inGaWords).reduce((last, event, index) => reduce(last, { type: 'server', event, at: index * 100 }), state);

test('a spoken turn of the preview protocol makes the same captions as one of GA', () => {
  const { list } = after(reduceCaptions, noCaptions, TURN);
  assert.deepEqual(list.map(({ role, text, status }) => [role, text, status]), [
    ['user', 'When?', 'done'],
    ['assistant', 'At noon.', 'done'],
  ]);
});

test('a spoken turn of the preview protocol has the same latency as one of GA', () => {
  const { list, playing } = after(reduceTurns, noTurns, TURN);
  assert.deepEqual([list.length, list[0].latencyMs, playing], [1, 400, null]);
});

test('a written answer of the preview protocol makes a caption', () => {
  const { list } = after(reduceCaptions, noCaptions, [
    { type: 'response.text.delta', item_id: 'a', response_id: 'r', delta: 'No' },
    { type: 'response.text.done', item_id: 'a', response_id: 'r', text: 'Noon.' },
  ]);
  assert.deepEqual([list[0].text, list[0].by, list[0].status], ['Noon.', 'text', 'done']);
});

test('events of GA and unknown events stay as they are', () => {
  for (const type of ['conversation.item.added', 'response.output_text.delta', 'response.done', 'some.future.event']) {
    const event = { type, item_id: 'a' };
    assert.equal(inGaWords(event), event);
  }
});

test('nothing changes but the name of the event', () => {
  assert.deepEqual(inGaWords({ type: 'response.text.delta', event_id: 'e', delta: 'x' }), {
    type: 'response.output_text.delta',
    event_id: 'e',
    delta: 'x',
  });
});
