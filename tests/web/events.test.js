import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEPT, filterEvents, noEvents, redact, reduceEvents } from '../../web/js/measure/events.js';

const log = (...events) => events.reduce((state, event) => reduceEvents(state, { type: 'server', event, at: 0 }), noEvents);

test('secrets are removed by the names of their fields, at any depth', () => {
  const event = {
    session: {
      instructions: 'the prompt',
      client_secret: { value: 'ek_abc', expires_at: 1 },
      tools: [{ name: 'x' }],
      nested: [{ Authorization: 'Bearer x', 'api-key': '123' }],
    },
    sdp: 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\na=ice-pwd:x',
  };
  const text = JSON.stringify(redact(event));
  for (const secret of ['prompt', 'ek_abc', 'Bearer', '123', 'ice-pwd', '"x"']) assert.ok(!text.includes(secret), `${secret} in ${text}`);
});

test('secrets are recognised by their form in fields with harmless names', () => {
  const text = JSON.stringify(redact({ message: 'key ek_68af296e8e408 and eyJhbGciOi.eyJzdWIi.sig, Bearer abc.def', text: 'v=0\r\no=- 1\r\na=ice-ufrag:abcd' }));
  for (const secret of ['ek_68', 'eyJ', 'abc.def', 'ufrag']) assert.ok(!text.includes(secret), `${secret} in ${text}`);
});

test('counts of tokens are not secret', () => {
  const usage = { total_tokens: 5, input_token_details: { text_tokens: 3, cached_tokens_details: { text_tokens: 1 } } };
  assert.deepEqual(redact({ usage }), { usage });
});

test('a long text is shortened', () => {
  assert.ok(String(redact('x'.repeat(100_000))).length < 500);
});

test('the log keeps the last events and goes on counting', () => {
  const state = log(...Array.from({ length: KEPT + 20 }, (_, n) => ({ type: 'x', n })));
  assert.equal(state.entries.length, KEPT);
  assert.equal(state.entries.at(-1)?.n, KEPT + 20);
  assert.deepEqual(reduceEvents(state, { type: 'log-cleared' }).entries, []);
});

test('the filter finds words in types and fields, and hides partial words unless they are wanted', () => {
  const { entries } = log({ type: 'response.output_text.delta', delta: 'blue' }, { type: 'response.done', status: 'failed' }, { type: 'error' });
  assert.deepEqual(filterEvents(entries, '', false).map(({ type }) => type), ['response.done', 'error']);
  assert.deepEqual(filterEvents(entries, 'BLUE', true).length, 1);
  assert.deepEqual(filterEvents(entries, 'response failed', false).length, 1);
});
