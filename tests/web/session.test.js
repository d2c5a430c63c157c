import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pass } from 'node:timers/promises';
import { TRIES } from '../../web/js/call/recovery.js';
import { Session } from '../../web/js/call/session.js';
import { initialModel, reduce } from '../../web/js/model.js';
import { CallFailure } from '../../web/js/problems.js';
import { createStore } from '../../web/js/store.js';

globalThis.window ??= /** @type {any} */ (globalThis);
globalThis.navigator ??= /** @type {any} */ ({ userAgent: 'Node' });

const REFUSED = new CallFailure({ code: 'gateway-failed', detail: 'continuing_unavailable' });
const AWAY = new CallFailure({ code: 'gateway-unreachable', detail: 'http_502' });

/**
 * Make a page whose connections are the test's own. The channel of a call opens when the SDP answer is accepted, unless the test says
 * that there is no way for the media; the pauses between the tries take no time.
 * @param {object} options
 * @param {number} [options.seconds] for how long the gateway lets calls be continued
 * @param {boolean} [options.proven] whether the microphone opened the last time
 * @param {boolean} [options.named] whether the browser tells the name of a microphone
 * @param {(Error | 'up' | 'blocked')[]} [options.fates] what happens to the requests for a call, one after the other; afterwards all succeed
 */
function page({ seconds = 600, proven = false, named = false, fates = [] } = {}) {
  const asked = [];
  const transports = [];
  const unlocked = [];
  const nothing = () => {};
  const store = createStore(initialModel({ talk: '', microphone: '' }), reduce);
  store.dispatch({ type: 'config', config: { signalling: 'proxy', continue_seconds: seconds, session: {}, limits: {}, left: {} } });
  store.dispatch({ type: 'devices', devices: { microphones: [], speakers: [], named } });
  const api = {
    async connect(_offer, continues) {
      asked.push(continues ?? '');
      const fate = fates.shift();
      if (fate instanceof Error) throw fate;
      transports.at(-1).blocked = fate === 'blocked';
      return { answer: 'v=0', callId: `rtc_${asked.length}` };
    },
    report: async () => {},
    hangUp: async () => {},
  };
  const session = new Session({
    api,
    store,
    microphone: { granted: true, proven, track: {}, release: nothing },
    speaker: { attach: nothing, release: nothing },
    levels: { unlock: () => unlocked.push('unlocked'), listen: nothing, release: nothing, running: true, level: () => 1 },
    records: { follow: nothing, stop: nothing, turnDone: nothing, ending: async () => null },
    words: (note) => note,
    onCall: nothing,
  });
  session.warmup = {
    take() {
      const transport = {
        handlers: /** @type {any} */ (null),
        blocked: false,
        send: async () => {},
        async accept() {
          if (transport.blocked) setTimeout(() => transport.handlers.onState('failed'), 1);
          else transport.handlers.onOpen();
        },
        close: nothing,
      };
      transports.push(transport);
      return { transport, offer: Promise.resolve('v=0') };
    },
  };
  const { recovery } = session;
  const next = recovery.next.bind(recovery);
  recovery.next = () => {
    const planned = next();
    return planned && { ...planned, delay: 0 };
  };
  return {
    asked,
    unlocked,
    session,
    store,
    lose: async () => {
      transports.at(-1).handlers.onState('failed');
      await pass(30);
    },
    dividers: () => store.get().captions.list.filter(({ role }) => role === 'divider').map(({ text }) => text),
  };
}

/** Begin a call and wait until it is up. */
async function begin(options) {
  const made = page(options);
  made.session.start();
  await pass(20);
  return made;
}

test('a lost call is taken up again, and so is the one that took it up', async () => {
  const { asked, lose, dividers, store } = await begin();
  await lose();
  await lose();
  assert.deepEqual(asked, ['', 'rtc_1', 'rtc_2']);
  assert.deepEqual(dividers(), ['taken-up', 'taken-up']);
  assert.equal(store.get().page.phase, 'live');
});

test('a call that nobody was ever in has no divider', async () => {
  const { dividers } = await begin();
  assert.deepEqual(dividers(), []);
});

test('where calls cannot be continued, the page does not ask for it and says that the memory is new', async () => {
  const { asked, lose, dividers } = await begin({ seconds: 0 });
  await lose();
  assert.deepEqual([asked, dividers()], [['', ''], ['memory-new']]);
});

test('a refusal is followed by a new call at once, and does not count as a try', async () => {
  const { asked, lose, dividers, store } = await begin({ fates: ['up', REFUSED] });
  await lose();
  assert.deepEqual([asked, dividers()], [['', 'rtc_1', ''], ['memory-new']]);
  assert.equal(store.get().page.phase, 'live');
});

test('a call that remembers only one that remembered nothing is not said to remember', async () => {
  const { asked, lose, dividers } = await begin({ fates: ['up', REFUSED, 'blocked'] });
  await lose();
  await pass(30);
  assert.deepEqual(asked, ['', 'rtc_1', '', 'rtc_3']);
  assert.deepEqual(dividers(), ['memory-new']);
  await lose();
  assert.deepEqual([asked.at(-1), dividers().at(-1)], ['rtc_4', 'taken-up'], 'what was said since then is remembered');
});

test('when all tries have failed, the visitor can go on with the call that was lost', async () => {
  const { asked, lose, session, store, dividers } = await begin({ fates: ['up', AWAY, AWAY, AWAY] });
  await lose();
  await pass(60);
  assert.equal(asked.length, 1 + TRIES);
  const { page: ended } = store.get();
  assert.deepEqual([ended.phase, ended.mayGoOn, ended.problem?.code], ['ended', true, 'connection-lost']);
  session.start({ goOn: true });
  await pass(20);
  assert.equal(asked.at(-1), 'rtc_1');
  assert.deepEqual(dividers(), ['taken-up']);
  session.hangUp();
  session.start();
  await pass(20);
  assert.equal(asked.at(-1), '');
  assert.deepEqual(dividers(), [], 'another call has captions of its own');
});

test('only a microphone that opened the last time, and is plugged in, is not waited for', async () => {
  for (const proven of [true, false]) {
    for (const named of [true, false]) {
      const { asked, session } = page({ proven, named });
      Object.assign(session.dependencies.microphone, { track: null, open: () => pass(5, {}) });
      session.start();
      for (let promise = 0; promise < 50; promise += 1) await null;
      assert.equal(asked.length, proven && named ? 1 : 0);
      await pass(20);
      assert.equal(asked.length, 1);
    }
  }
});

test('the page listens to voices only while there is a call', async () => {
  const { session, unlocked } = page();
  session.listen();
  assert.deepEqual(unlocked, []);
  session.start();
  session.listen();
  assert.deepEqual(unlocked, ['unlocked']);
  await pass(20);
});
