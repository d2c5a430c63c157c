import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { placeLink, readPlace } from '../../web/js/operator/address.js';
import { createApi, Refusal } from '../../web/js/operator/api.js';
import { asText } from '../../web/js/operator/call.js';
import { bars } from '../../web/js/operator/drawing.js';
import { en } from '../../web/js/operator/i18n/en.js';
import { es } from '../../web/js/operator/i18n/es.js';
import { pt } from '../../web/js/operator/i18n/pt.js';
import { tr } from '../../web/js/operator/i18n/tr.js';
import { ticks, timeline, utteranceAt } from '../../web/js/operator/timeline.js';
import { loadWords } from '../../web/js/operator/words.js';

const WEB = new URL('../../web/', import.meta.url);
const placeholders = (text) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

for (const [language, messages] of Object.entries({ es, pt, tr })) {
  test(`the operators' ${language} has every key, every placeholder, and no English left`, () => {
    assert.deepEqual(Object.keys(messages).sort(), Object.keys(en).sort());
    for (const key of Object.keys(en)) assert.deepEqual(placeholders(messages[key]), placeholders(en[key]), key);
    assert.deepEqual(Object.keys(en).filter((key) => messages[key] === en[key]), []);
  });
}

test('the words in operator.html are the English ones, and every key is used', async () => {
  const html = await readFile(new URL('operator.html', WEB), 'utf8');
  for (const [, key, text] of html.matchAll(/data-t="([^"]+)"[^>]*>([^<]*)</g)) assert.equal(text, en[key], key);
  const names = (await readdir(new URL('js/operator/', WEB))).filter((name) => name.endsWith('.js'));
  const sources = (await Promise.all(names.map((name) => readFile(new URL(`js/operator/${name}`, WEB), 'utf8')))).join('\n') + html;
  assert.deepEqual(Object.keys(en).filter((key) => !sources.includes(`'${key}'`) && !sources.includes(`"${key}"`)), []);
});

test('the address says what is shown, and a link leads back to it', () => {
  assert.deepEqual(readPlace(''), { view: 'live', call: '', query: {} });
  assert.deepEqual(readPlace('#/nowhere'), { view: 'live', call: '', query: {} });
  const query = { caller: 'aad:ada', words: 'one & two?' };
  assert.deepEqual(readPlace(placeLink('archive', { ...query, from: '' })), { view: 'archive', call: '', query });
  assert.deepEqual(readPlace(placeLink('call', {}, 'rtc_1')), { view: 'call', call: 'rtc_1', query: {} });
  assert.equal(readPlace('#/call/..%2Fconfig').view, 'live');
  assert.deepEqual(readPlace('#/archive?state=live&limit=9').query, {});
  assert.equal(placeLink('figures'), '#/figures');
});

const at = (seconds) => new Date(Date.UTC(2026, 10, 21) + seconds * 1000).toISOString();
const CALL = {
  call_id: 'rtc_1', started: at(0), ended: at(20), duration_seconds: 20,
  transcript: [
    { item_id: 'i1', role: 'user', text: 'Hello?', at: at(2), interrupted: false },
    { item_id: 'i2', role: 'assistant', text: null, at: at(5), interrupted: true },
  ],
  turns: [
    { item_id: 'i1', speech_started: at(2), speech_stopped: at(4), audio_started: at(4.5), audio_stopped: at(30), response_latency_ms: 500, interrupted: true },
    { item_id: null, speech_started: null, speech_stopped: null, audio_started: at(8), audio_stopped: null, response_latency_ms: null, interrupted: false },
  ],
  gaps: [{ from: at(-3), to: at(1), seconds: 4 }],
  errors: [{ at: at(9), source: 'service', code: null, message: null }],
};

test('everything on the timeline lies within the call', () => {
  const { length, marks } = timeline(CALL);
  assert.equal(length, 20);
  assert.deepEqual(marks.map(({ kind, from, to, cut }) => [kind, from, to, cut]), [
    ['user', 2, 4, false],
    ['assistant', 4.5, 20, true],
    ['latency', 4, 4.5, false],
    ['assistant', 8, 8, false],
    ['gap', 0, 1, false],
    ['error', 9, 9, false],
  ]);
  assert.equal(timeline({ ...CALL, duration_seconds: 0 }).length, 1);
});

test('a moment on the timeline has its utterance', () => {
  assert.deepEqual([0, 2, 4.9, 5, 99].map((seconds) => utteranceAt(CALL, seconds)), [-1, 0, 0, 1, 1]);
  assert.deepEqual(ticks(20), [0, 5, 10, 15, 20]);
  for (const length of [1, 60, 3600, 20_000]) assert.ok(ticks(length).length <= 13, String(length));
});

test('bars are as tall as their values', () => {
  const [one, two, none] = bars([5, 10, null], { width: 300, height: 100 });
  assert.deepEqual([one.height, two.height, none.height], [50, 100, 0]);
  assert.equal(two.y, 0);
  assert.ok(one.x + one.width < two.x);
  assert.equal(bars([0], { width: 10, height: 10 })[0].height, 0);
});

test('the transcript as text says who said what', () => {
  assert.equal(asText(CALL, 'Caller', 'Model'), `${at(2)}  Caller: Hello?\n\n${at(5)}  Model: —\n`);
});

test('requests go to the gateway, and refusals come back as its own problems', async () => {
  const seen = [];
  const answers = [
    Response.json({ calls: [], next: null }),
    new Response(null, { status: 204 }),
    Response.json({ type: 'response.created' }),
    Response.json({ code: 'operators_only', title: 'Only operators may do this', hint: 'Sign in.' }, { status: 403 }),
    new Response('Bad Gateway', { status: 502 }),
  ];
  const api = createApi(async (url, init) => {
    seen.push([init.method ?? 'GET', url]);
    const answer = answers.shift();
    if (!answer) throw new TypeError('no network');
    return answer;
  }, 'tab');
  assert.deepEqual(await api.calls({ words: 'a b' }), { calls: [], next: null });
  await api.hangUp('rtc_1');
  assert.equal((await api.steer('rtc_1', { type: 'response.create' })).type, 'response.created');
  const words = await loadWords('en');
  const refused = async (work) => words.refusal(await work.then(assert.fail, (error) => (assert.ok(error instanceof Refusal), error)));
  assert.equal(await refused(api.usage({})), 'Refused: Only operators may do this. Sign in.');
  assert.match(await refused(api.call('rtc_1')), /502/);
  assert.equal(await refused(api.call('rtc_1')), 'The gateway cannot be reached.');
  assert.deepEqual(seen.slice(0, 3), [['GET', '/api/calls?words=a+b'], ['DELETE', '/api/calls/rtc_1'], ['POST', '/api/calls/rtc_1/events']]);
});
