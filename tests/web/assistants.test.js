import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressFor, answering, chosenIn, configFor } from '../../web/js/assistants.js';
import { initialModel, reduce } from '../../web/js/model.js';

const entry = (name, seconds) => ({
  name,
  title: name.toUpperCase(),
  description: '',
  session: { voice: name, voices: [name], turn_detection: null },
  limits: { max_call_seconds: seconds, max_idle_seconds: 10, max_calls_per_caller: 1 },
});
const config = { ...entry('gateway', 1800), assistants: [entry('default', 900), entry('help', 60)] };

test('the chosen assistant answers, or else the first one that there is', () => {
  assert.equal(answering(config, 'help')?.name, 'help');
  assert.equal(answering(config, '')?.name, 'default');
  assert.equal(answering(config, 'for-others')?.name, 'default');
  assert.equal(answering({ ...config, assistants: [] }, 'help'), null);
  assert.equal(answering(null, 'help'), null);
});

test('the address chooses an assistant, and the default one needs no parameter', () => {
  const address = 'https://voice.example.com/?theme=dark#talk';
  const chosen = addressFor(address, 'help');
  assert.equal(chosen, 'https://voice.example.com/?theme=dark&assistant=help#talk');
  assert.equal(chosenIn(chosen), 'help');
  assert.equal(chosenIn(address), '');
  assert.equal(addressFor(chosen, 'default'), address);
});

test('the page works with the voices and the limits of whoever answers', () => {
  const arrived = reduce(initialModel({ talk: '' }, 'help'), { type: 'config', config });
  assert.equal(arrived.config?.limits.max_call_seconds, 60);
  assert.deepEqual(arrived.config?.session.voices, ['help']);
  const changed = reduce(arrived, { type: 'assistant', name: 'default' });
  assert.equal(changed.config?.limits.max_call_seconds, 900);
  assert.equal(changed.assistant, 'default');
  assert.equal(reduce(initialModel({ talk: '' }), { type: 'assistant', name: 'help' }).config, null);
});

test('a gateway that lists no assistants is taken as it is', () => {
  const old = { session: config.session, limits: config.limits };
  assert.equal(configFor(old, 'help'), old);
});
