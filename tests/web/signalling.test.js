import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokenSignaller } from '../../web/js/call/signalling.js';

/**
 * Exchange an offer by token, and return how many tokens were taken. The service is not there: the test answers for it.
 * @param {import('node:test').TestContext} t
 * @param {number} seconds for how long a token lives
 */
async function taken(t, seconds) {
  t.mock.method(globalThis, 'fetch', async () => new Response('v=0'));
  let tokens = 0;
  const api = {
    async token() {
      tokens += 1;
      return { token: 'x', expires_at: Date.now() / 1000 + seconds, calls_url: 'data:,', endpoint: 'e', call_id: 'rtc_1' };
    },
    register: async () => {},
  };
  const signaller = tokenSignaller(/** @type {any} */ (api));
  await signaller.prepare();
  await signaller.exchange('v=0');
  return tokens;
}

test('one token is enough for a call, even if it lives for ten seconds only', async (t) => {
  assert.equal(await taken(t, 10), 1);
});

test('a token that is about to expire is not used', async (t) => {
  assert.equal(await taken(t, 2), 2);
});
