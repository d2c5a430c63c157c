import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interruption, message, release } from '../../web/js/conversation/talk.js';
import { answering, floorOf, noTurns, reduceTurns } from '../../web/js/conversation/turns.js';

/**
 * Return the turns after these steps.
 * @param {...[number, string, object?]} steps time, type and fields of an event; a leading '>' marks one that the page sent
 */
function after(...steps) {
  return steps.reduce((state, [at, type, fields]) => {
    if (!type.includes('.')) return reduceTurns(state, { type, at });
    const event = { type: type.replace('>', ''), ...fields };
    return reduceTurns(state, { type: type.startsWith('>') ? 'client' : 'server', event, at });
  }, noTurns);
}

const ASKED = [
  [1000, 'input_audio_buffer.speech_started', { item_id: 'u' }],
  [2000, 'input_audio_buffer.speech_stopped', { item_id: 'u' }],
];
const ANSWERED = [...ASKED, [2340, 'output_audio_buffer.started', { response_id: 'r1' }]];

test('the floor goes round: listening, hearing, thinking, speaking, listening', () => {
  assert.equal(floorOf(noTurns), 'listening');
  assert.equal(floorOf(after(ASKED[0])), 'hearing');
  assert.equal(floorOf(after(...ASKED)), 'thinking');
  assert.equal(floorOf(after(...ANSWERED)), 'speaking');
  assert.equal(floorOf(after(...ANSWERED, [4000, 'output_audio_buffer.stopped', { response_id: 'r1' }])), 'listening');
});

test('response latency is from the end of speech to the first sound', () => {
  const [turn] = after(...ANSWERED).list;
  assert.deepEqual([turn.latencyMs, turn.by, turn.itemId, turn.responseId], [340, 'voice', 'u', 'r1']);
});

test('speech into an answer interrupts it, whether or not the service says so', () => {
  const state = after(...ANSWERED, [3000, 'input_audio_buffer.speech_started', { item_id: 'v' }]);
  assert.deepEqual(state.list.map(({ interrupted }) => interrupted), [true, false]);
  assert.equal(state.ducked, true);
  assert.equal(floorOf(state), 'hearing');
});

test('a late event of a stopped answer does not end the next answer', () => {
  const next = [...ANSWERED, ...ASKED.map(([at, ...rest]) => [at + 2000, ...rest]), [4500, 'output_audio_buffer.started', { response_id: 'r2' }]];
  const state = after(...next, [4600, 'output_audio_buffer.stopped', { response_id: 'r1' }]);
  assert.equal(state.playing, 'r2');
});

test('a text answer has a floor and a latency too', () => {
  const asked = [[1, '>conversation.item.create', { item: { id: 'm' } }], [1, '>response.create']];
  const state = after(...asked, [251, 'response.output_text.delta', { response_id: 'r', delta: 'A' }]);
  assert.deepEqual([state.list[0].by, state.list[0].latencyMs], ['text', 250]);
  assert.equal(floorOf(after(...asked, [250, 'response.output_text.delta', {}], [300, 'response.output_text.done', {}])), 'listening');
});

test('a held turn counts even if no detector has seen it', () => {
  const state = after([1, '>response.create'], [201, 'output_audio_buffer.started', { response_id: 'r' }]);
  assert.deepEqual(state.list.map(({ by, latencyMs }) => [by, latencyMs]), [['voice', 200]]);
});

test('after an answer that fails or never comes, the page no longer shows that the model thinks', () => {
  assert.equal(floorOf(after(...ASKED, [9000, 'answer-missing'])), 'listening');
  assert.equal(floorOf(after(...ASKED, [2100, 'response.done', { response: { status: 'failed' } }])), 'listening');
  assert.equal(floorOf(after(...ASKED, [2100, 'response.done', { response: { status: 'completed' } }])), 'thinking');
});

test('a message cancels an answer only if there is one', () => {
  assert.deepEqual(message('Hi', noTurns).map(({ type }) => type), ['conversation.item.create', 'response.create']);
  const busy = after(...ANSWERED);
  assert.equal(answering(busy), true);
  assert.deepEqual(message('Hi', busy).map(({ type }) => type), [
    'response.cancel',
    'output_audio_buffer.clear',
    'conversation.item.create',
    'response.create',
  ]);
  assert.ok(message('Hi', noTurns)[0].item.id.length <= 32);
});

test('after a cancelled answer the page waits for the new one, whatever events of the old one still come', () => {
  const state = after(
    ...ANSWERED,
    ...interruption().map(({ type }) => [3000, `>${type}`]),
    [3000, '>conversation.item.create', { item: { id: 'm' } }],
    [3000, '>response.create'],
    [3050, 'output_audio_buffer.cleared', { response_id: 'r1' }],
    [3060, 'response.done', { response: { id: 'r1', status: 'cancelled' } }],
  );
  assert.equal(floorOf(state), 'thinking');
  assert.deepEqual(state.list.map(({ interrupted }) => interrupted), [true, false]);
});

test('push to talk ends a turn itself only where no detector does', () => {
  assert.deepEqual(release(true), []);
  assert.deepEqual(release(false).map(({ type }) => type), ['input_audio_buffer.commit', 'response.create']);
});

test('a lost connection keeps the turns and forgets the floor', () => {
  const state = after(...ANSWERED, [3000, 'retrying']);
  assert.equal(floorOf(state), 'listening');
  assert.equal(state.list.length, 1);
});
