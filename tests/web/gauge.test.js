import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTranslator } from '../../web/js/i18n/index.js';
import { en } from '../../web/js/i18n/en.js';
import { initialModel } from '../../web/js/model.js';
import { renderGauge } from '../../web/js/ui/gauge.js';

const LIVE_SINCE = 1_000_000;
const LIMITS = { max_call_seconds: 1800, max_idle_seconds: 300, max_calls_per_caller: 2 };

/** Return what a visitor reads so many seconds after the call began. */
function read(seconds, { limits = LIMITS, record = null } = {}) {
  const model = initialModel({ talk: '' });
  const shown = {
    ...model,
    page: { ...model.page, phase: 'live', liveSince: LIVE_SINCE },
    config: { limits, prices: null },
    record: record && { record, at: LIVE_SINCE + record.taken * 1000 },
  };
  const elements = { gauge: { textContent: '', hidden: true }, warning: { textContent: '' } };
  renderGauge(elements, createTranslator('en', en), shown, LIVE_SINCE + seconds * 1000);
  return [elements.gauge.textContent, elements.warning.textContent];
}

test('time passes without a warning until the last minute', () => {
  assert.deepEqual(read(65), ['1:05 of 30:00', '']);
  assert.deepEqual(read(1741), ['29:01 of 30:00', 'This call ends in 60 seconds.']);
});

test('a warning changes by tens of seconds, so that it is not read out every second', () => {
  assert.equal(new Set([1741, 1743, 1748].map((seconds) => read(seconds)[1])).size, 1);
  assert.equal(read(1785)[1], 'This call ends in 15 seconds.');
});

test('the gateway knows better than the page how much time is left', () => {
  const record = { taken: 10, limits: { seconds_left: 50, idle_seconds_left: null } };
  assert.equal(read(20, { record })[1], 'This call ends in 40 seconds.');
});

test('a call that has to end early is announced, whatever time it had left', () => {
  const early = { taken: 120, limits: { seconds_left: 28, idle_seconds_left: 290 } };
  assert.equal(read(119, { record: { ...early, limits: { seconds_left: 1680, idle_seconds_left: 290 } } })[1], '');
  assert.equal(read(121, { record: early })[1], 'This call ends in 30 seconds.');
});

test('a warning comes before silence ends the call', () => {
  const record = { taken: 100, limits: { seconds_left: 1700, idle_seconds_left: 45 } };
  assert.equal(read(105, { record })[1], 'This call ends in 40 seconds unless somebody speaks.');
  const speaking = { taken: 100, limits: { seconds_left: 1700, idle_seconds_left: null } };
  assert.equal(read(105, { record: speaking })[1], '');
});

test('in a short call, the warning comes in its last fifth', () => {
  const limits = { ...LIMITS, max_call_seconds: 20 };
  assert.equal(read(15, { limits })[1], '');
  assert.equal(read(16.5, { limits })[1], 'This call ends in 5 seconds.');
});

test('the usage stands beside the time', () => {
  const usage = { responses: 1, total: 1234, input: {}, output: {}, transcription: {} };
  assert.equal(read(1, { record: { taken: 1, usage } })[0], '0:01 of 30:00 · 1,234 tokens');
});

test('a call that goes on with another one shows the time that it has itself', () => {
  const record = { taken: 2, limits: { seconds_left: 118, idle_seconds_left: null } };
  assert.equal(read(10, { record })[0], '0:10 of 2:00');
  assert.equal(read(10, { record: { ...record, limits: { seconds_left: 1797, idle_seconds_left: null } } })[0], '0:10 of 30:00');
  assert.equal(read(10, { record: { ...record, taken: -5 } })[0], '0:10 of 30:00', 'the record is that of the lost call');
});
