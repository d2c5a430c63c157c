import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offerOf } from '../../web/js/call/offer.js';
import { proxySignaller, tokenSignaller } from '../../web/js/call/signalling.js';
import { ofTheMemory } from '../../web/js/conversation/memory.js';
import { CallFailure } from '../../web/js/problems.js';

/** Return the failure of a request that the gateway answers with this code. */
const refusal = (detail) => new CallFailure({ code: 'gateway-failed', detail });

/**
 * Make a gateway that notes what it is asked, and that fails as it is told.
 * @param {Record<string, Error>} failures by the name of what is asked, for requests that name an earlier call
 */
function gateway(failures = {}) {
  const asked = [];
  const answer = (name, continues, given) => {
    asked.push(continues ? `${name} ${continues}` : name);
    if (continues && failures[name]) throw failures[name];
    return given;
  };
  return {
    asked,
    connect: async (_offer, continues) => answer('connect', continues, { answer: 'v=0', callId: 'rtc_2' }),
    token: async (continues) => answer('token', continues, { token: 'x', expires_at: 9e9, calls_url: 'data:,v=0', endpoint: 'e', call_id: 'rtc_2' }),
    register: async (_id, _endpoint, continues) => answer('register', continues, null),
  };
}

test('the gateway is asked to go on with the earlier call', async () => {
  const api = gateway();
  assert.deepEqual(await proxySignaller(api, 'rtc_1').exchange('v=0'), { answer: 'v=0', callId: 'rtc_2', continued: true });
  assert.equal((await proxySignaller(api).exchange('v=0')).continued, false);
  assert.deepEqual(api.asked, ['connect rtc_1', 'connect']);
});

for (const code of ['continuing_unavailable', 'call_not_found', 'not_your_call']) {
  test(`a refusal to go on (${code}) is followed by one new call`, async () => {
    const api = gateway({ connect: refusal(code) });
    assert.equal((await proxySignaller(api, 'rtc_1').exchange('v=0')).continued, false);
    assert.deepEqual(api.asked, ['connect rtc_1', 'connect']);
  });
}

test('any other failure is not hidden by a new call', async () => {
  const api = gateway({ connect: refusal('too_many_calls') });
  await assert.rejects(proxySignaller(api, 'rtc_1').exchange('v=0'), CallFailure);
  assert.deepEqual(api.asked, ['connect rtc_1']);
});

/** Exchange an offer by token. The service is not there: the platform's fetch cannot post to a data URL, so this one answers. */
async function byToken(t, api) {
  t.mock.method(globalThis, 'fetch', async () => new Response('v=0'));
  const signaller = tokenSignaller(api, 'rtc_1');
  await signaller.prepare();
  return (await signaller.exchange('v=0')).continued;
}

test('with a token, both requests name the earlier call', async (t) => {
  const api = gateway();
  assert.equal(await byToken(t, api), true);
  assert.deepEqual(api.asked, ['token rtc_1', 'register rtc_1']);
});

test('a token for a call that cannot go on is for a new one', async (t) => {
  const api = gateway({ token: refusal('continuing_unavailable') });
  assert.equal(await byToken(t, api), false);
  assert.deepEqual(api.asked, ['token rtc_1', 'token', 'register']);
});

test('a call that is up already is registered as a new one if its time to go on has passed', async (t) => {
  const api = gateway({ register: refusal('continuing_unavailable') });
  assert.equal(await byToken(t, api), false);
  assert.deepEqual(api.asked, ['token rtc_1', 'register rtc_1', 'register']);
});

test('the events that give the model its memory are known by their ids', () => {
  assert.ok(ofTheMemory({ type: 'conversation.item.added', item: { id: 'seed_1' } }));
  assert.ok(ofTheMemory({ type: 'conversation.item.done', item: { id: 'seed_1' } }));
  assert.ok(ofTheMemory({ type: 'error', error: { event_id: 'switchboard_seed_1' } }));
  assert.ok(!ofTheMemory({ type: 'conversation.item.added', previous_item_id: 'seed_1', item: { id: 'item_1' } }));
  assert.ok(!ofTheMemory({ type: 'error', error: { event_id: null } }));
  assert.ok(!ofTheMemory({ type: 'response.done', response: {} }));
});

const ENDED = { phase: 'ended', mayGoOn: true, endedAt: 1_000_000 };
const SAID = { list: [{ role: 'user' }] };
const GATEWAY = { continue_seconds: 600, left: { calls: 3, budget: null } };

/** Return the offer so many seconds after the end of a call. */
function offered(seconds, { page = ENDED, config = GATEWAY, captions = SAID, record = null } = {}) {
  return offerOf({ page, config, captions, record }, page.endedAt + seconds * 1000);
}

test('the offer lasts as long as the gateway says', () => {
  assert.deepEqual(offered(0), { until: 1_600_000, lack: null });
  assert.ok(offered(599));
  assert.equal(offered(600), null);
  assert.equal(offered(0, { config: { ...GATEWAY, continue_seconds: 0 } }), null);
  assert.equal(offered(0, { config: null }), null);
});

test('there is no offer where there is nothing to go on with', () => {
  assert.equal(offered(0, { page: { ...ENDED, phase: 'starting' } }), null);
  assert.equal(offered(0, { page: { ...ENDED, mayGoOn: false } }), null);
  assert.equal(offered(0, { captions: { list: [{ role: 'note' }] } }), null, 'nobody has said anything');
  assert.equal(offered(0, { record: { record: { end_reason: 'ended_by_assistant' } } }), null);
});

test('the offer says what is lacking', () => {
  assert.equal(offered(0, { config: { ...GATEWAY, left: { calls: 0, budget: null } } }).lack, 'full');
  assert.equal(offered(0, { config: { ...GATEWAY, left: { calls: 3, budget: 0 } } }).lack, 'spent');
});
