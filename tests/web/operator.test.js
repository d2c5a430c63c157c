import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { placeLink, readPlace } from '../../web/js/operator/address.js';
import { createApi, Refusal } from '../../web/js/operator/api.js';
import { series } from '../../web/js/measure/series.js';
import { browserName } from '../../web/js/operator/call.js';
import { createChime } from '../../web/js/operator/chime.js';
import { OUTCOMES, REASONS } from '../../web/js/operator/codes.js';
import { bars, roundUp } from '../../web/js/operator/drawing.js';
import { en } from '../../web/js/operator/i18n/en.js';
import { es } from '../../web/js/operator/i18n/es.js';
import { pt } from '../../web/js/operator/i18n/pt.js';
import { tr } from '../../web/js/operator/i18n/tr.js';
import { asText } from '../../web/js/operator/said.js';
import { moved, stops, ticks, timeline, utteranceAt } from '../../web/js/operator/timeline.js';
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
    { item_id: 'i2', role: 'assistant', text: null, at: at(4.4), interrupted: true },
    { item_id: 'i3', role: 'assistant', text: 'Still here.', at: at(7.8), interrupted: false },
  ],
  turns: [
    { item_id: 'i1', speech_started: at(2), speech_stopped: at(4), audio_started: at(4.5), audio_stopped: at(30), response_latency_ms: 500, interrupted: true },
    { item_id: null, speech_started: null, speech_stopped: null, audio_started: at(8), audio_stopped: null, response_latency_ms: null, interrupted: false },
  ],
  gaps: [{ from: at(-3), to: at(1), seconds: 4 }],
  errors: [{ at: at(9), source: 'service', code: null, message: null }],
  tools: [
    { name: 'count_days', at: at(5), ms: 1500, outcome: 'completed' },
    { name: 'slow', at: at(6), ms: null, outcome: null },
  ],
  steering: [{ at: at(7), operator: 'olga', event: 'response.create', outcome: 'answered' }],
  hand_overs: [],
  reports: [],
};

test('everything on the timeline lies within the call, and belongs to what was said', () => {
  const { length, marks, readings } = timeline(CALL);
  assert.equal(length, 20);
  assert.deepEqual(marks.map(({ kind, from, to, cut, said }) => [kind, from, to, cut, said]), [
    ['user', 2, 4, false, 0],
    ['assistant', 4.5, 20, true, 1],
    ['latency', 4, 4.5, false, 1],
    ['assistant', 8, 8, false, 2],
    ['tool', 5, 6.5, false, -1],
    ['tool', 6, 6, false, -1],
    ['operator', 7, 7, false, -1],
    ['gap', 0, 1, false, -1],
    ['error', 9, 9, false, -1],
  ]);
  assert.deepEqual(marks.filter(({ name }) => name).map(({ name, outcome }) => [name, outcome]), [
    ['count_days', 'completed'], ['slow', ''], ['response.create', 'answered'], ['service', ''],
  ]);
  assert.deepEqual(readings, []);
  assert.equal(timeline({ ...CALL, duration_seconds: 0 }).length, 1);
});

test('the connection stands on the same axis, from the latest report that has it, whatever a page sends', () => {
  const figures = (series) => ({ network: { series } });
  const good = { step_s: 5, ends_before_s: 1, rtt_ms: [50, null, 70], loss_percent: [0, 2.5, 'much'] };
  const wrong = [
    null, undefined, 'x', { network: 7 }, figures(null), figures({ ...good, rtt_ms: 'none' }), figures({ ...good, loss_percent: [1] }),
    figures({ ...good, step_s: 0 }), figures({ ...good, ends_before_s: -1 }), figures({ ...good, rtt_ms: Array(2000).fill(1), loss_percent: Array(2000).fill(1) }),
  ].map((sent) => ({ at: at(21), figures: sent }));
  const { readings } = timeline({ ...CALL, reports: [{ at: at(16), figures: figures(good) }, ...wrong] });
  assert.deepEqual(readings, [
    { from: 0, to: 5, rttMs: 50, lossPercent: 0 },
    { from: 5, to: 10, rttMs: null, lossPercent: 2.5 },
    { from: 10, to: 15, rttMs: 70, lossPercent: null },
  ]);
  assert.deepEqual(timeline({ ...CALL, reports: wrong }).readings, []);
});

test('what the page reports comes back at the time at which it was measured', () => {
  const began = Date.parse(at(0));
  const samples = Array.from({ length: 600 }, (_, second) => ({ at: began + (second + 1) * 1000, rttMs: second < 300 ? 40 : 80, lossPercent: second === 599 ? 10 : null }));
  const reported = series(samples, began + 602_000);
  assert.equal(reported.rtt_ms.length, 120);
  assert.deepEqual([reported.step_s, reported.ends_before_s, reported.loss_percent[0], reported.loss_percent[119]], [5, 2, null, 10]);
  const { readings } = timeline({ ...CALL, duration_seconds: 610, reports: [{ at: at(602), figures: { network: { series: reported } } }] });
  assert.deepEqual([readings[0].from, readings[119].to], [0, 600]);
  assert.deepEqual([readings.find(({ rttMs }) => rttMs > 60).from, readings[119].lossPercent], [300, 10]);
  assert.equal(series([], began), null);
  assert.deepEqual(series(samples.slice(0, 1), began - 5000), { step_s: 1, ends_before_s: 0, rtt_ms: [40], loss_percent: [null] });
});

test('a moment on the timeline has its utterance', () => {
  assert.deepEqual([0, 2, 4.3, 5, 99].map((seconds) => utteranceAt(CALL, seconds)), [-1, 0, 0, 1, 2]);
  assert.deepEqual(ticks(20), [0, 5, 10, 15, 20]);
  for (const length of [1, 60, 3600, 20_000]) assert.ok(ticks(length).length <= 13, String(length));
});

test('keys move from utterance to utterance, and from speech to speech where no words are known', () => {
  const { marks } = timeline(CALL);
  assert.deepEqual(stops(CALL, marks), [2, 4.4, 7.8]);
  assert.deepEqual(stops({ ...CALL, transcript: [] }, marks), [2, 4.5, 8]);
  const moments = [2, 4.4, 7.8];
  assert.deepEqual(['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp', 'Home', 'End', 'a'].map((key) => moved(key, 4.4, moments)), [7.8, 7.8, 2, 2, 2, 7.8, null]);
  assert.deepEqual([moved('ArrowLeft', 2, moments), moved('ArrowRight', 7.8, moments), moved('Home', 1, []), moved('End', 1, [])], [null, null, null, null]);
});

test('bars are as tall as their values, and stand side by side', () => {
  const [[one, two, none]] = bars([[5, 10, null]], { width: 300, height: 100, top: 10 });
  assert.deepEqual([one.height, two.height, none.height], [50, 100, 0]);
  assert.equal(two.y, 0);
  assert.ok(one.x + one.width < two.x);
  const [[left], [right]] = bars([[1], [1]], { width: 100, height: 10, top: 1 });
  assert.ok(left.x + left.width <= right.x);
  assert.deepEqual(bars([[]], { width: 10, height: 10, top: 1 }), [[]]);
  assert.deepEqual([0, 0.03, 1, 3, 7, 2100].map(roundUp), [1, 0.05, 1, 5, 10, 5000]);
});

test('the transcript as text says who said what', () => {
  assert.equal(asText({ transcript: CALL.transcript.slice(0, 2) }, 'Caller', 'Model'), `${at(2)}  Caller: Hello?\n\n${at(4.4)}  Model: —\n`);
});

test('every end that a record may hold has its words, in every language', async () => {
  const { components } = JSON.parse(await readFile(new URL('../docs/openapi.json', WEB), 'utf8'));
  const ends = components.schemas.CallRow.properties.end_reason.anyOf.flatMap((one) => one.enum ?? []);
  assert.ok(ends.length > 5);
  assert.deepEqual(Object.keys(REASONS).sort(), ends.sort());
  for (const language of ['en', 'es', 'pt', 'tr']) {
    const words = await loadWords(language);
    assert.equal(new Set(ends.map(words.reason)).size, ends.length, language);
    for (const outcome of Object.keys(OUTCOMES)) assert.ok(words.outcome(outcome).length > 3, outcome);
  }
  const words = await loadWords('en');
  assert.deepEqual([words.reason('peer_left'), words.reason('of_the_future'), words.reason(null)], ['Browser left', 'of_the_future', '']);
  assert.deepEqual([words.outcome('timed_out'), words.outcome('new')], ['took too long', 'new']);
  assert.equal(words.day('2026-11-21'), 'Nov 21');
});

test('the sound waits for the first gesture, and opens nothing before', () => {
  let gesture = false;
  let opened = 0;
  const started = [];
  const parameter = { value: 0, setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
  const node = () => ({ frequency: parameter, gain: parameter, connect: (to) => to, start: (when) => started.push(when), stop() {} });
  const chime = createChime(
    () => gesture,
    () => ({ currentTime: (opened += 1), destination: {}, resume: async () => {}, createOscillator: node, createGain: node }),
  );
  chime.play();
  assert.deepEqual([chime.ready(), opened, started], [false, 0, []]);
  gesture = true;
  chime.play();
  chime.play();
  assert.deepEqual([chime.ready(), opened, started.length], [true, 1, 4]);
});

test('a browser is named by the part of its name that tells people most', () => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
  assert.equal(browserName(chrome), 'Chrome 141');
  assert.equal(browserName(`${chrome} Edg/141.0`), 'Edge 141');
  assert.equal(browserName('Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0'), 'Firefox 153');
  assert.equal(browserName('x'.repeat(100)).length, 40);
});

test('requests go to the gateway, and refusals come back as its own problems', async () => {
  const seen = [];
  const answers = [
    Response.json({ calls: [], next: null }),
    new Response(null, { status: 204 }),
    Response.json({ type: 'response.created' }),
    new Response('PK', { headers: { 'X-Next': 'abc' } }),
    new Response('PK', { headers: { 'X-Next': 'none' } }),
    new Response(null, { status: 204 }),
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
  assert.equal((await api.export('aad:ada', '')).next, 'abc');
  assert.equal((await api.export('aad:ada', 'abc')).next, '');
  await api.erase('rtc_1');
  const words = await loadWords('en');
  const refused = async (work) => words.refusal(await work.then(assert.fail, (error) => (assert.ok(error instanceof Refusal), error)));
  assert.equal(await refused(api.usage({})), 'Refused: Only operators may do this. Sign in.');
  assert.match(await refused(api.call('rtc_1')), /502/);
  assert.equal(await refused(api.call('rtc_1')), 'The gateway cannot be reached.');
  assert.deepEqual(seen.slice(0, 6), [
    ['GET', '/api/calls?words=a+b'],
    ['DELETE', '/api/calls/rtc_1'],
    ['POST', '/api/calls/rtc_1/events'],
    ['GET', '/api/export?caller=aad%3Aada'],
    ['GET', '/api/export?caller=aad%3Aada&after=abc'],
    ['DELETE', '/api/calls/rtc_1/record'],
  ]);
});
