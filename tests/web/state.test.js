import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inCall, initialPage, microphoneOpen, reducePage } from '../../web/js/state.js';

/**
 * Return the state after these actions.
 * @param {...object} actions
 */
const after = (...actions) => actions.reduce(reducePage, initialPage);

const LIVE = [
  { type: 'start' },
  { type: 'microphone-open' },
  { type: 'answered', callId: 'rtc_1' },
  { type: 'channel-open', at: 1000 },
];

test('a call goes from click to open channel, step by step', () => {
  const steps = LIVE.map((_, index) => after(...LIVE.slice(0, index + 1))).map(({ phase, step }) => [phase, step]);
  assert.deepEqual(steps, [
    ['starting', 'microphone'],
    ['starting', 'gateway'],
    ['starting', 'media'],
    ['live', 'media'],
  ]);
  assert.equal(after(...LIVE).callId, 'rtc_1');
});

test('a visitor who has already granted the microphone is not told to wait for it', () => {
  const granted = after({ type: 'start', granted: true });
  assert.equal(granted.step, 'gateway');
  assert.equal(after({ type: 'start', granted: true }, LIVE[2], LIVE[1]).step, 'media', 'nor later');
});

test('a second click does not start a second call', () => {
  const live = after(...LIVE);
  assert.equal(reducePage(live, { type: 'start' }), live);
});

test('late actions of a call that was given up change nothing', () => {
  const ended = after({ type: 'start' }, { type: 'ended', at: 5, problem: null });
  for (const late of LIVE.slice(1)) assert.equal(reducePage(ended, late), ended);
});

test('a connection that recovers leaves no trace in the state', () => {
  assert.deepEqual(after(...LIVE, { type: 'wavering' }, { type: 'steady' }), after(...LIVE));
});

test('a lost call is begun anew with another id, and mute stays as it was', () => {
  const muted = [...LIVE, { type: 'muted', value: true }];
  const retrying = after(...muted, { type: 'retrying', tries: 2 });
  assert.deepEqual([retrying.phase, retrying.tries, retrying.callId, retrying.muted], ['retrying', 2, null, true]);
  const again = reducePage(reducePage(retrying, { type: 'answered', callId: 'rtc_2' }), { type: 'channel-open', at: 9 });
  assert.deepEqual([again.phase, again.callId, again.tries, again.muted], ['live', 'rtc_2', 0, true]);
});

test('an ended call keeps its id and its times for the report', () => {
  const problem = { code: 'limit-time' };
  const ended = after(...LIVE, { type: 'closing' }, { type: 'ended', at: 9000, problem });
  assert.deepEqual([ended.callId, ended.liveSince, ended.endedAt, ended.problem], ['rtc_1', 1000, 9000, problem]);
  assert.equal(inCall(ended), false);
});

test('a call that has not begun cannot end', () => {
  assert.equal(after({ type: 'ended', at: 1, problem: null }), initialPage);
});

test('the microphone is open only in a call, unmuted, or while push to talk is held', () => {
  assert.equal(microphoneOpen(after({ type: 'start' })), false);
  assert.equal(microphoneOpen(after(...LIVE)), true);
  assert.equal(microphoneOpen(after(...LIVE, { type: 'muted', value: true })), false);
  const held = [...LIVE, { type: 'push-to-talk', value: true }];
  assert.equal(microphoneOpen(after(...held)), false);
  assert.equal(microphoneOpen(after(...held, { type: 'holding', value: true })), true);
  assert.equal(microphoneOpen(after(...held, { type: 'holding', value: true }, { type: 'closing' })), false);
});

test('holding changes nothing without push to talk', () => {
  assert.equal(after(...LIVE, { type: 'holding', value: true }).holding, false);
});

const ENDED = [...LIVE, { type: 'ended', at: 9000, problem: { code: 'limit-time' } }];

test('a lost call is the one that the next try goes on with, until another one was answered', () => {
  const lost = after(...LIVE, { type: 'retrying', tries: 1 });
  assert.deepEqual([lost.callId, lost.continues], [null, 'rtc_1']);
  assert.equal(reducePage(lost, { type: 'retrying', tries: 2 }).continues, 'rtc_1', 'nobody answered the first try');
  const again = after(...LIVE, { type: 'retrying', tries: 1 }, { type: 'answered', callId: 'rtc_2' }, { type: 'retrying', tries: 2 });
  assert.equal(again.continues, 'rtc_2');
});

test('the visitor may go on after a limit or a fault, but not after a call that somebody ended on purpose', () => {
  assert.equal(after(...ENDED).mayGoOn, true);
  const ending = (problem) => after(...LIVE, { type: 'ended', at: 9000, problem }).mayGoOn;
  assert.equal(ending(null), false, 'the visitor hung up');
  for (const code of ['ended-by-operator', 'limit-budget', 'observer-failed']) assert.equal(ending({ code }), false, code);
  for (const code of ['limit-service', 'limit-idle', 'connection-lost', 'ended-unknown']) assert.equal(ending({ code }), true, code);
  assert.equal(after({ type: 'start' }, { type: 'ended', at: 1, problem: { code: 'media-blocked' } }).mayGoOn, false);
});

test('whoever goes on does so with the last call, also after a start that failed, and its end counts', () => {
  const started = after(...ENDED, { type: 'start', goOn: true });
  assert.deepEqual([started.phase, started.continues, started.callId], ['starting', 'rtc_1', null]);
  const refused = reducePage(started, { type: 'ended', at: 60_000, problem: { code: 'gateway-full' } });
  assert.deepEqual([refused.mayGoOn, refused.endedAt, refused.liveSince], [true, 9000, null]);
  assert.equal(reducePage(refused, { type: 'start', goOn: true }).continues, 'rtc_1');
  assert.equal(reducePage(refused, { type: 'start' }).continues, null);
});
