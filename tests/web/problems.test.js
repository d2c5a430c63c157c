import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { callIdOf } from '../../web/js/api.js';
import {
  CallFailure,
  ENDINGS,
  endingProblem,
  GATEWAY,
  gatewayProblem,
  lastsTheDay,
  microphoneFailure,
  nextDay,
  passing,
} from '../../web/js/problems.js';

test('each of the browser’s microphone errors becomes a problem', () => {
  const named = (name) => microphoneFailure(new DOMException('', name)).problem.code;
  assert.equal(named('NotAllowedError'), 'microphone-denied');
  assert.equal(named('NotFoundError'), 'microphone-missing');
  assert.equal(named('NotReadableError'), 'microphone-busy');
  assert.equal(named('SomethingNewError'), 'microphone-busy');
});

test('the gateway’s stable code decides, then the status', () => {
  const body = { code: 'upstream_throttled', hint: 'Wait.', request_id: 'abc' };
  assert.deepEqual(gatewayProblem(503, body, 7), {
    code: 'service-busy',
    detail: 'upstream_throttled',
    hint: 'Wait.',
    requestId: 'abc',
    retryAfter: 7,
  });
  const byStatus = [401, 403, 429, 500, 502, 503, 504, 418].map((status) => gatewayProblem(status, {}, null).code);
  assert.deepEqual(byStatus, [
    'sign-in-required',
    'not-allowed',
    'too-many-calls',
    'gateway-failed',
    'gateway-unreachable',
    'gateway-unreachable',
    'gateway-unreachable',
    'gateway-failed',
  ]);
});

test('the page has words for codes and ends of calls that the gateway knows, and for no others', () => {
  const { examples, schemas } = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')).components;
  const reasons = schemas.BriefStatus.properties.end_reason.anyOf.flatMap((one) => one.enum ?? []);
  assert.deepEqual(Object.keys(GATEWAY).filter((code) => !(code in examples)), []);
  assert.deepEqual(Object.keys(ENDINGS).filter((reason) => !reasons.includes(reason)), []);
});

test('every limit that the gateway refuses a call for has words of its own', () => {
  const { examples } = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')).components;
  const limits = Object.keys(examples).filter((code) => examples[code].value?.status === 429);
  assert.deepEqual(limits.filter((code) => !(code in GATEWAY)), []);
  assert.equal(new Set(limits.map((code) => GATEWAY[code])).size, limits.length);
  assert.ok(limits.length >= 5);
});

test('what is spent for the day comes back at midnight UTC', () => {
  assert.deepEqual(['budget_spent', 'daily_seconds_spent'].map((code) => lastsTheDay(gatewayProblem(429, { code }, 9).code)), [true, true]);
  assert.equal(lastsTheDay(endingProblem('budget_spent').code), true);
  assert.equal(lastsTheDay('gateway-full'), false);
  assert.equal(nextDay(Date.UTC(2026, 10, 21, 23, 59, 59)), Date.UTC(2026, 10, 22));
  assert.equal(nextDay(Date.UTC(2026, 10, 22)), Date.UTC(2026, 10, 23));
});

test('an answer in HTML or without sense becomes a problem too', () => {
  assert.deepEqual(gatewayProblem(502, { code: 7, hint: null }, null).detail, 'http_502');
});

test('a call that a limit has ended says which limit', () => {
  assert.equal(endingProblem('max_call_seconds').code, 'limit-time');
  assert.equal(endingProblem('max_idle_seconds').code, 'limit-idle');
  assert.equal(endingProblem('service_limit').code, 'limit-service');
  assert.equal(endingProblem('peer_left').code, 'ended-unknown');
  assert.equal(endingProblem(undefined).code, 'ended-unknown');
});

test('only problems that may pass by themselves are tried again', () => {
  assert.equal(passing('gateway-unreachable'), true);
  assert.equal(passing('too-many-calls'), false);
  assert.equal(passing('microphone-denied'), false);
});

test('the call’s id is the last part of its location, wherever the service puts it', () => {
  const at = (location) => callIdOf(new Response(null, { headers: location ? { Location: location } : {} }));
  assert.equal(at('/v1/realtime/calls/rtc_1'), 'rtc_1');
  assert.equal(at('https://example.openai.azure.com/openai/v1/realtime/calls/rtc_2?x=1'), 'rtc_2');
  assert.throws(() => at(null), CallFailure);
  assert.throws(() => at('/v1/realtime/calls/'), CallFailure);
});
