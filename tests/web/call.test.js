import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pass } from 'node:timers/promises';
import { Call } from '../../web/js/call/call.js';
import { CallFailure } from '../../web/js/problems.js';

globalThis.window ??= /** @type {any} */ (globalThis);

/**
 * Begin a call whose microphone and connection are the test's own: there is no media, and the channel opens when the SDP
 * answer is accepted.
 * @param {boolean} granted whether nobody has to be asked for the microphone
 * @param {boolean} [certain] whether it is also expected to open
 */
function begin(granted, certain = false) {
  /** @type {string[]} what happened, in order */
  const steps = [];
  /** @type {{ open: (track: object) => void, refuse: (error: Error) => void }} */
  const visitor = /** @type {any} */ ({});
  const asked = new Promise((resolve, reject) => Object.assign(visitor, { open: resolve, refuse: reject }));
  const transport = {
    handlers: /** @type {any} */ (null),
    send: async () => steps.push('track'),
    accept: async () => transport.handlers.onOpen(),
    heard: async () => true,
    close: () => {},
  };
  const signaller = {
    prepare: async () => {},
    exchange: async () => {
      steps.push('offer');
      return { answer: 'v=0', callId: 'rtc_1' };
    },
  };
  const nothing = () => {};
  const dependencies = {
    signaller,
    microphone: { granted, track: null, open: () => asked },
    speaker: { attach: nothing },
    levels: { listen: nothing, running: false, level: () => 0 },
    warmup: { take: () => ({ transport, offer: Promise.resolve('v=0') }) },
    abandon: nothing,
    certain,
  };
  const handlers = { onMark: nothing, onEvent: nothing, onLive: nothing, onSteady: nothing, onLost: nothing, onClosed: nothing };
  const call = new Call(/** @type {any} */ (dependencies), handlers);
  return { call, steps, visitor, opened: call.open() };
}

test('where the microphone is granted, the offer goes out first, and the track follows when it opens', async () => {
  const { call, steps, visitor, opened } = begin(true);
  await pass(5);
  assert.deepEqual(steps, ['offer']);
  visitor.open({});
  await opened;
  assert.deepEqual(steps, ['offer', 'track']);
  assert.equal(call.callId, 'rtc_1');
  call.close();
});

test('where the visitor is asked, the offer waits for the answer', async () => {
  const { call, steps, visitor, opened } = begin(false);
  await pass(5);
  assert.deepEqual(steps, []);
  visitor.open({});
  await opened;
  assert.deepEqual(steps, ['track', 'offer']);
  call.close();
});

for (const granted of [false, true]) {
  test(`a microphone that is refused at once costs no call (${granted ? 'granted before' : 'asked for'})`, async () => {
    const { call, steps, visitor, opened } = begin(granted);
    visitor.refuse(new CallFailure({ code: 'microphone-denied' }));
    await assert.rejects(opened, CallFailure);
    await pass(5);
    assert.deepEqual(steps, []);
    assert.equal(call.callId, null);
    call.close();
  });
}

test('a refusal that passes through many promises is one at once, too', async () => {
  const { call, steps, visitor, opened } = begin(true);
  for (let promise = 0; promise < 50; promise += 1) await null;
  visitor.refuse(new CallFailure({ code: 'microphone-denied' }));
  await assert.rejects(opened, CallFailure);
  assert.deepEqual(steps, []);
  call.close();
});

test('where the microphone is certain, the offer goes out in the click itself', async () => {
  for (const certain of [true, false]) {
    const { call, steps, visitor, opened } = begin(true, certain);
    for (let promise = 0; promise < 50; promise += 1) await null;
    assert.deepEqual(steps, certain ? ['offer'] : [], 'no task of the browser has passed');
    visitor.open({});
    await opened;
    assert.deepEqual(steps.toSorted(), ['offer', 'track']);
    call.close();
  }
});

test('a granted microphone that fails after the offer ends the start of a call whose id is known', async () => {
  const { call, steps, visitor, opened } = begin(true);
  await pass(5);
  visitor.refuse(new CallFailure({ code: 'microphone-denied' }));
  await assert.rejects(opened, CallFailure);
  assert.deepEqual(steps, ['offer']);
  assert.equal(call.callId, 'rtc_1', 'so that the page can hang it up');
  call.close();
});
