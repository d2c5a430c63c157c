import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortage, watchRoom } from '../../web/js/call/room.js';
import { initialModel, reduce } from '../../web/js/model.js';
import { createStore } from '../../web/js/store.js';

/** Return what the gateway says of itself when this is left. */
const saying = (calls, budget = null) => ({ left: { calls, budget } });

test('there is no room when a limit has nothing left, and nothing is said of what runs low or is not known', () => {
  assert.equal(shortage(null), null);
  assert.equal(shortage(saying(null)), null);
  assert.equal(shortage(saying(1, 0.01)), null);
  assert.equal(shortage(saying(0, 0.5)), 'full');
  assert.equal(shortage(saying(3, 0)), 'spent');
  assert.equal(shortage(saying(0, 0)), 'spent', 'the one that lasts longer');
});

/** Return a page that asks a gateway with these answers, the actions that happen to it, and the pauses that it made. */
function page(...answers) {
  const store = createStore(initialModel({ talk: '' }), reduce);
  const pauses = [];
  const waiting = [];
  let hidden = false;
  let asked = 0;
  let now = 0;
  const room = watchRoom({
    store,
    ask: async () => {
      asked += 1;
      const answer = answers.shift();
      if (!answer) throw new Error('The gateway is away.');
      return answer;
    },
    hidden: () => hidden,
    later: (work, ms) => {
      pauses.push(ms);
      waiting.push(work);
    },
    clock: () => now,
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
  return {
    store,
    pauses,
    asked: () => asked,
    hide: (value) => (hidden = value),
    async refresh(ms) {
      now += ms;
      room.refresh();
      await settle();
    },
    async load(config) {
      store.dispatch({ type: 'config', config });
      await settle();
    },
    async pass() {
      for (const work of waiting.splice(0)) work();
      await settle();
    },
  };
}

test('while all lines are busy the page asks again, until one is free', async () => {
  const { store, pauses, load, pass } = page(saying(0), saying(2));
  await load(saying(0));
  await pass();
  assert.equal(shortage(store.get().config), 'full');
  await pass();
  assert.equal(shortage(store.get().config), null);
  await pass();
  assert.deepEqual(pauses, [10_000, 10_000]);
});

test('a gateway that does not know yet is asked once more, soon', async () => {
  const { store, pauses, load, pass } = page(saying(null), saying(null));
  await load(saying(null));
  await pass();
  await pass();
  assert.deepEqual(pauses, [2_000]);
  assert.deepEqual(store.get().config, saying(null));
});

test('a gateway that knew before and does not know now is asked again', async () => {
  const { store, pauses, load, pass } = page(saying(null), saying(0));
  await load(saying(0));
  await pass();
  await pass();
  assert.deepEqual(pauses, [10_000, 2_000, 10_000]);
  assert.equal(shortage(store.get().config), 'full');
});

test('a visitor who is about to click, or comes back, is told what is left now', async () => {
  const { store, asked, load, pass, refresh } = page(saying(null), saying(0));
  await refresh(60_000);
  assert.equal(asked(), 0, 'the page is still loading');
  await load(saying(5));
  await refresh(4_000);
  assert.equal(asked(), 0, 'the answer is still fresh');
  await refresh(2_000);
  await pass();
  assert.equal(asked(), 2);
  assert.equal(shortage(store.get().config), 'full');
});

test('nobody is asked in a call, on a hidden page, and a gateway that is away is no new problem', async () => {
  const { store, asked, hide, load, pass } = page();
  await load(saying(0));
  hide(true);
  await pass();
  assert.equal(asked(), 0);
  hide(false);
  await pass();
  assert.equal(asked(), 1);
  assert.equal(store.get().gateway, null);
  store.dispatch({ type: 'start' });
  await pass();
  assert.equal(asked(), 1);
});
