import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Microphone } from '../../web/js/call/microphone.js';
import { microphoneMemory } from '../../web/js/preferences.js';

const NOBODY = { onEnded: () => {}, onTaken: () => {} };

/**
 * Make a microphone in a browser that answers as the test says. The browser is the test's own; there is no device.
 * @param {import('node:test').TestContext} t
 * @param {object} [options]
 * @param {string} [options.state] of the permission
 * @param {() => Storage} [options.storage]
 */
async function browser(t, { state = 'granted', storage = storageOf(new Map()) } = {}) {
  const answers = { failure: /** @type {string | null} */ (null) };
  const getUserMedia = async () => {
    if (answers.failure) throw new DOMException('refused', answers.failure);
    return { getAudioTracks: () => [{ stop() {} }] };
  };
  const permissions = { query: async () => Object.assign(new EventTarget(), { state }) };
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { mediaDevices: { getUserMedia }, permissions } });
  t.after(() => before && Object.defineProperty(globalThis, 'navigator', before));
  const load = async () => {
    const microphone = new Microphone(NOBODY, microphoneMemory(storage));
    await new Promise((resolve) => setTimeout(resolve));
    return microphone;
  };
  return { answers, load };
}

/** @param {Map<string, string>} kept */
const storageOf = (kept) => () =>
  /** @type {any} */ ({
    getItem: (/** @type {string} */ name) => kept.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => kept.set(name, value),
    removeItem: (/** @type {string} */ name) => kept.delete(name),
  });

test('a microphone is proven when it has opened, also on the next visit, until it fails', async (t) => {
  const { answers, load } = await browser(t);
  const first = await load();
  assert.equal(first.proven, false, 'granted is not enough');
  await first.open();
  const next = await load();
  assert.deepEqual([first.proven, next.proven], [true, true]);
  answers.failure = 'NotAllowedError';
  await assert.rejects(next.open());
  assert.deepEqual([next.proven, (await load()).proven], [false, false]);
  answers.failure = null;
  await next.change(undefined, async () => {});
  assert.equal(next.proven, true);
});

test('a microphone that the browser will ask for is not proven', async (t) => {
  const { load } = await browser(t, { state: 'prompt' });
  const microphone = await load();
  await microphone.open();
  assert.equal(microphone.proven, false);
});

test('where the visitor forbids storage, no microphone is proven, and it opens all the same', async (t) => {
  const storage = () => {
    throw new DOMException('forbidden', 'SecurityError');
  };
  const { load } = await browser(t, { storage });
  const microphone = await load();
  assert.ok(await microphone.open());
  assert.equal(microphone.proven, false);
});
