import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordWatch } from '../../web/js/call/record.js';

globalThis.window ??= globalThis;

/**
 * Follow a call with a gateway that gives these answers, one after the other: a record, null for one in which nothing has
 * happened, or an error. Returns the times of the questions in seconds, the records that were told, and how to let time pass.
 */
function follow(t, ...answers) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now * 1000);
  const asked = [];
  const told = [];
  const records = new RecordWatch(
    {
      record: async () => {
        asked.push(now);
        const answer = answers.shift() ?? null;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    (record) => told.push(record),
  );
  let over = 0;
  records.follow('rtc_1', () => (over += 1));
  const pass = async (seconds) => {
    for (let second = 0; second < seconds; second += 1) {
      now += 1;
      t.mock.timers.tick(1000);
      for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
    }
  };
  return { asked, told, records, pass, over: () => over };
}

const live = (seconds) => ({ state: 'live', end_reason: null, ask_again_seconds: seconds });

test('the page asks as often as the gateway says, and goes on so while nothing has happened', async (t) => {
  const { asked, told, pass } = follow(t, live(30), null, null, live(10));
  await pass(115);
  assert.deepEqual(asked, [10, 40, 70, 100, 110]);
  assert.equal(told.length, 2);
});

test('when an answer is missing, or says nothing of the next question, the page asks again after ten seconds', async (t) => {
  const { asked, pass } = follow(t, live(30), new Error('away'), new Error('away'), { state: 'live', end_reason: null });
  await pass(75);
  assert.deepEqual(asked, [10, 40, 50, 60, 70]);
});

test('after a turn the page asks soon, and further turns do not put that off', async (t) => {
  const { asked, records, pass } = follow(t, live(30));
  await pass(12);
  records.turnDone();
  await pass(4);
  records.turnDone();
  await pass(8);
  assert.deepEqual(asked, [10, 19]);
});

test('a question that is due sooner stays', async (t) => {
  const { asked, records, pass } = follow(t);
  await pass(8);
  records.turnDone();
  await pass(5);
  assert.deepEqual(asked, [10]);
});

test('the page is told of the end once, and asks no more', async (t) => {
  const { asked, pass, over } = follow(t, { state: 'ended', end_reason: 'max_call_seconds' });
  await pass(60);
  assert.deepEqual([asked, over()], [[10], 1]);
});
