import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noCaptions, reduceCaptions } from '../../web/js/conversation/captions.js';

/**
 * Return the captions after these steps.
 * @param {...([number, object] | object)} steps server events, or pairs of a time and an event
 */
function after(...steps) {
  return steps.reduce((state, step) => {
    const [at, event] = Array.isArray(step) ? step : [0, step];
    return reduceCaptions(state, event.type.includes('.') ? { type: event.client ? 'client' : 'server', event, at } : { at, ...event });
  }, noCaptions);
}

const user = (id, previous, text) => ({
  type: 'conversation.item.added',
  previous_item_id: previous,
  item: { id, type: 'message', role: 'user', content: text ? [{ type: 'input_text', text }] : [{ type: 'input_audio' }] },
});
const assistant = (id, previous) => ({
  type: 'conversation.item.added',
  previous_item_id: previous,
  item: { id, type: 'message', role: 'assistant', content: [] },
});
const heard = (id, transcript) => ({ type: 'conversation.item.input_audio_transcription.completed', item_id: id, transcript });
const delta = (id, text, response = 'r1') => ({ type: 'response.output_audio_transcript.delta', item_id: id, response_id: response, delta: text });
const done = (id, text, response = 'r1') => ({ type: 'response.output_audio_transcript.done', item_id: id, response_id: response, transcript: text });
const words = ({ list }) => list.map(({ text }) => text);

test('words appear as they come and are complete when they are done', () => {
  const state = after(assistant('a'), delta('a', 'Good '), delta('a', 'mor'));
  assert.deepEqual([state.list[0].text, state.list[0].status], ['Good mor', 'growing']);
  const complete = after(assistant('a'), delta('a', 'Good mor'), done('a', 'Good morning.'));
  assert.deepEqual([complete.list[0].text, complete.list[0].status], ['Good morning.', 'done']);
});

test('a transcript that arrives after its answer stands before it', () => {
  const state = after(
    { type: 'input_audio_buffer.speech_started', item_id: 'u' },
    { type: 'input_audio_buffer.speech_stopped', item_id: 'u' },
    user('u', null),
    assistant('a', 'u'),
    delta('a', 'Yes.'),
    heard('u', 'Really?'),
  );
  assert.deepEqual(words(state), ['Really?', 'Yes.']);
});

test('items stand in the order of the conversation, in whatever order they arrive', () => {
  const events = [user('1', null, 'one'), assistant('2', '1'), user('3', '2', 'three'), assistant('4', '3'), user('5', '4', 'five')];
  const orders = [[4, 3, 2, 1, 0], [2, 0, 4, 1, 3], [1, 3, 0, 2, 4], [3, 4, 1, 2, 0]];
  for (const order of orders) {
    const state = after(...order.map((index) => events[index]));
    assert.deepEqual(state.list.map(({ id }) => id), ['1', '2', '3', '4', '5'], order.join());
  }
});

test('a visitor who speaks twice before the answer gets two lines', () => {
  const state = after(user('u1', null), user('u2', 'u1'), heard('u2', 'Second.'), heard('u1', 'First.'));
  assert.deepEqual(words(state), ['First.', 'Second.']);
});

test('an interrupted answer ends at the word that was being spoken', () => {
  const text = 'One two three four five six seven eight nine ten.';
  const state = after(
    assistant('a'),
    delta('a', text),
    done('a', text),
    [1000, { type: 'output_audio_buffer.started', response_id: 'r1' }],
    [2000, { type: 'input_audio_buffer.speech_started', item_id: 'u' }],
  );
  const [caption] = state.list;
  assert.equal(caption.status, 'cut');
  assert.equal(caption.text.slice(0, caption.heard), 'One two three');
});

test('without the filter, the service says exactly how much was heard', () => {
  const text = 'One two three four five six seven eight nine ten.';
  const state = after(
    assistant('a'),
    done('a', text),
    [1000, { type: 'output_audio_buffer.started', response_id: 'r1' }],
    [1400, { type: 'input_audio_buffer.speech_started', item_id: 'u' }],
    [1500, { type: 'conversation.item.truncated', item_id: 'a', audio_end_ms: 2000 }],
  );
  assert.equal(state.list[0].text.slice(0, state.list[0].heard), 'One two three four five six');
});

test('an answer that was written but never heard shows no word', () => {
  const state = after(assistant('a'), delta('a', 'Never '), { type: 'input_audio_buffer.speech_started', item_id: 'u' }, delta('a', 'heard.'));
  assert.deepEqual([state.list[0].status, state.list[0].heard], ['cut', 0]);
});

test('an answer that was heard to its end is whole, and shows how fast the voice speaks', () => {
  const text = 'This sentence has about fifty characters in it, so.';
  const state = after(
    assistant('a'),
    done('a', text),
    [0, { type: 'output_audio_buffer.started', response_id: 'r1' }],
    [5000, { type: 'output_audio_buffer.stopped', response_id: 'r1' }],
    [6000, { type: 'input_audio_buffer.speech_started', item_id: 'u' }],
  );
  assert.equal(state.list[0].status, 'done');
  assert.ok(state.pace < noCaptions.pace);
});

test('a typed message appears before the service has repeated it, and once only', () => {
  const item = { id: 'm', type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] };
  const state = after({ client: true, type: 'conversation.item.create', item }, user('m', null, 'Hello'));
  assert.deepEqual(words(state), ['Hello']);
  assert.equal(state.list[0].by, 'text');
});

test('a text message cuts a playing answer, and the echo of the cut does not cut the next one', () => {
  const state = after(
    assistant('a'),
    done('a', 'A rather long answer that goes on and on.'),
    [0, { type: 'output_audio_buffer.started', response_id: 'r1' }],
    [1000, { client: true, type: 'response.cancel' }],
    [1300, assistant('b', 'a')],
    [1300, done('b', 'Next.', 'r2')],
    [1400, { type: 'output_audio_buffer.started', response_id: 'r2' }],
    [1450, { type: 'output_audio_buffer.cleared', response_id: 'r1' }],
  );
  assert.deepEqual(state.list.map(({ status }) => status), ['cut', 'done']);
  assert.equal(state.playing?.response, 'r2');
});

test('speech that was not understood is shown as such, as soon as that is known and at the end of the call', () => {
  assert.equal(after(user('u', null), heard('u', '  ')).list[0].status, 'unclear');
  assert.equal(after(user('u', null), { type: 'ended', problem: null }).list[0].status, 'unclear');
  const answered = [
    user('u', null),
    assistant('a', 'u'),
    delta('a', 'Yes.'),
    { type: 'output_audio_buffer.started', response_id: 'r1' },
    { type: 'output_audio_buffer.stopped', response_id: 'r1' },
  ];
  assert.equal(after(...answered).list[0].status, 'unclear');
  assert.equal(after(...answered, heard('u', 'Late words.')).list[0].text, 'Late words.');
  const failed = after(user('u', null), { type: 'conversation.item.input_audio_transcription.failed', item_id: 'u' });
  assert.equal(failed.list[0].status, 'unclear');
});

test('a function call that cannot be told from others and system messages make no captions', () => {
  const call = { type: 'conversation.item.added', item: { id: 'f', type: 'function_call', name: 'x' } };
  const prompt = { type: 'conversation.item.added', item: { id: 's', type: 'message', role: 'system', content: [{ text: 'secret' }] } };
  assert.deepEqual(after(call, prompt).list, []);
});

test('unknown events and unknown fields change nothing', () => {
  const odd = { type: 'conversation.item.added', item: null };
  assert.equal(after({ type: 'some.future.event', x: 1 }, odd), noCaptions);
});

test('a note stands where the conversation was when it was made', () => {
  const state = after(user('u', null, 'Hi'), { type: 'note', note: 'The line was lost.' }, user('v', 'x', 'Again'));
  assert.deepEqual(words(state), ['Hi', 'The line was lost.', 'Again']);
});

const called = (id, previous, name = 'count_days') => ({
  type: 'conversation.item.added',
  previous_item_id: previous,
  item: { id, type: 'function_call', status: 'in_progress', name, call_id: `call_${id}`, arguments: '{"secret": 1}' },
});
const output = (id) => ({
  type: 'conversation.item.added',
  item: { id: `o_${id}`, type: 'function_call_output', call_id: `call_${id}`, output: 'secret' },
});

test('a tool stands in the conversation with its name and its state, and nothing of what it was asked or answered', () => {
  const running = after([1000, user('u', null, 'How long?')], [2000, called('f', 'u')]);
  assert.deepEqual(words(running), ['How long?', 'count days']);
  assert.deepEqual([running.list[1].role, running.list[1].status], ['tool', 'growing']);
  const state = after([1000, user('u', null, 'How long?')], [2000, called('f', 'u')], [2250, output('f')]);
  assert.deepEqual([state.list[1].status, state.list[1].ms], ['done', 250]);
  assert.ok(!JSON.stringify(state).includes('secret'));
});

test('a tool goes on while the visitor speaks, and is cut by the end of the call', () => {
  const speaking = after(called('f', null), { type: 'input_audio_buffer.speech_started', item_id: 'u' });
  assert.equal(speaking.list[0].status, 'growing');
  assert.equal(after(called('f', null), { type: 'ended' }).list[0].status, 'cut');
});

test('an answer of a tool that the page has not seen begin changes nothing', () => {
  assert.equal(after(output('f')), noCaptions);
});

test('a call that goes on with another one keeps its captions, and a divider stands between them', () => {
  const first = [user('1', null, 'one'), assistant('2', '1'), delta('2', 'Two.'), done('2', 'Two.')];
  const gone = after(...first, { type: 'ended' }, { type: 'start', goOn: true }, { type: 'note', note: 'Here.', divider: true }, user('3', 'seed_x', 'three'));
  assert.deepEqual(gone.list.map(({ role, text }) => [role, text]), [['user', 'one'], ['assistant', 'Two.'], ['divider', 'Here.'], ['user', 'three']]);
  assert.equal(after(...first, { type: 'ended' }, { type: 'start' }).list.length, 0);
});

const remote = (id, type = 'mcp_call', more = {}) => ({
  type: 'conversation.item.added',
  previous_item_id: null,
  item: { id, type, name: 'find_order', server_label: 'orders', arguments: '{"secret": 1}', ...more },
});
const tools = (state) => state.list.filter(({ role }) => role === 'tool').map(({ text, status }) => [text, status]);

test('a tool of an MCP server stands there too, and ends as the service says', () => {
  assert.deepEqual(tools(after(remote('m'))), [['find order', 'growing']]);
  for (const [end, status] of [['completed', 'done'], ['failed', 'cut']]) {
    const state = after([1000, remote('m')], [1250, { type: `response.mcp_call.${end}`, item_id: 'm' }]);
    assert.deepEqual([state.list[0].status, state.list[0].ms], [status, 250]);
    assert.ok(!JSON.stringify(state).includes('secret'));
  }
});

test('behind the filter, a tool of an MCP server has ended when the model speaks again', () => {
  const answer = { type: 'conversation.item.added', previous_item_id: 'm', item: { id: 'a', type: 'message', role: 'assistant' } };
  assert.deepEqual(tools(after(remote('m'), called('f', null), answer)), [['find order', 'done'], ['count days', 'growing']]);
});

test('a tool that needs approval waits, and runs or does not', () => {
  const asked = remote('r', 'mcp_approval_request');
  const answered = (approve) => remote('x', 'mcp_approval_response', { approval_request_id: 'r', approve });
  assert.deepEqual(tools(after(asked)), [['find order', 'growing']]);
  assert.deepEqual(tools(after(asked, answered(false))), [['find order', 'cut']]);
  const allowed = after(asked, answered(true), remote('m', 'mcp_call', { approval_request_id: 'r' }));
  assert.deepEqual(tools(allowed), [['find order', 'growing']]);
  assert.deepEqual(tools(after(remote('l', 'mcp_list_tools'), remote('n', 'mcp_call', { name: '' }))), []);
});
