import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { asJson, asText } from '../../web/js/conversation/exporting.js';
import { chooseLanguage, createTranslator, LANGUAGES, loadTranslator } from '../../web/js/i18n/index.js';
import { en } from '../../web/js/i18n/en.js';
import { es } from '../../web/js/i18n/es.js';
import { pt } from '../../web/js/i18n/pt.js';
import { tr } from '../../web/js/i18n/tr.js';

const WEB = new URL('../../web/', import.meta.url);
const OTHERS = { es, pt, tr };
const placeholders = (text) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

async function sources() {
  const names = (await readdir(new URL('js/', WEB), { recursive: true })).filter((name) => name.endsWith('.js') && !name.startsWith('i18n/'));
  return (await Promise.all(names.map((name) => readFile(new URL(`js/${name}`, WEB), 'utf8')))).join('\n');
}

for (const [language, messages] of Object.entries(OTHERS)) {
  test(`${language} has every key, every placeholder, and no English left`, () => {
    assert.deepEqual(Object.keys(messages).sort(), Object.keys(en).sort());
    for (const key of Object.keys(en)) assert.deepEqual(placeholders(messages[key]), placeholders(en[key]), key);
    const same = Object.keys(en).filter((key) => messages[key] === en[key]);
    // These words are the same in two languages, or consist of nothing but placeholders.
    const sameInBoth = ['gauge.of', 'gauge.tokens', 'engineer.events.shown', 'call.model', 'check.gateway', 'sound.volume'];
    assert.deepEqual(same.filter((key) => !sameInBoth.includes(key)), []);
  });
}

test('the words in index.html are the English ones', async () => {
  const html = await readFile(new URL('index.html', WEB), 'utf8');
  const found = [...html.matchAll(/data-t="([^"]+)"[^>]*>([^<]*)</g)];
  assert.ok(found.length > 15);
  for (const [, key, text] of found) assert.equal(text, en[key], key);
  for (const [, text, key] of html.matchAll(/placeholder="([^"]+)" data-t-placeholder="([^"]+)"/g)) assert.equal(text, en[key]);
});

test('every key is used somewhere', async () => {
  const used = (await sources()) + (await readFile(new URL('index.html', WEB), 'utf8'));
  // These keys are made from a name: problem.<code>.what, state.<floor>, check.<name> and so on.
  const built = /^(problem\..+\.(what|do)|state\.|check\.|engineer\.mark\.|after\.quality\.|talk\.note\.)/;
  assert.deepEqual(Object.keys(en).filter((key) => !built.test(key) && !used.includes(`'${key}'`) && !used.includes(`"${key}"`)), []);
});

test('every problem has words for what happened and what to do', async () => {
  const codes = [...(await readFile(new URL('js/problems.js', WEB), 'utf8')).matchAll(/'([a-z]+(?:-[a-z]+)+)'/g)].map(([, code]) => code);
  for (const code of codes) assert.ok(en[`problem.${code}.what`] && en[`problem.${code}.do`], code);
});

test('the visitor’s choice counts first, then the browser’s, then English', () => {
  assert.equal(chooseLanguage('tr', ['es']), 'tr');
  assert.equal(chooseLanguage('', ['de-DE', 'pt-BR', 'en']), 'pt');
  assert.equal(chooseLanguage('', ['ja']), 'en');
  assert.equal(chooseLanguage('toString', []), 'en');
});

test('figures are written in the form of the language', async () => {
  const spanish = await loadTranslator('es');
  assert.equal(spanish.days(30), '30 días');
  assert.equal(spanish.t('consent.words', { days: '30 días' }), 'La conversación se transcribe y se guarda durante 30 días.');
  const english = createTranslator('en', en);
  assert.equal(english.clock(65), '1:05');
  assert.equal(english.clock(3661), '1:01:01');
  assert.equal(english.duration(90), '90 seconds');
  assert.equal(english.duration(1800), '30 minutes');
  assert.equal(english.duration(1), '1 second');
  assert.equal(english.money(0.0123, 'USD'), '$0.0123');
  assert.deepEqual(Object.keys(LANGUAGES), ['en', 'es', 'pt', 'tr']);
});

test('a moment is written as a day and a time, where the visitor is', (t) => {
  const before = process.env.TZ;
  t.after(() => (before === undefined ? delete process.env.TZ : (process.env.TZ = before)));
  const midnight = Date.UTC(2026, 10, 22);
  const now = midnight - 3_600_000;
  const written = (zone, language, words) => {
    process.env.TZ = zone;
    return Object.values(createTranslator(language, words).moment(midnight, now));
  };
  assert.deepEqual(written('Europe/Madrid', 'es', es), ['hoy', '1:00']);
  assert.deepEqual(written('America/Los_Angeles', 'en', en).map((text) => text.replace(/\s/, ' ')), ['today', '4:00 PM']);
  assert.deepEqual(written('UTC', 'tr', tr), ['yarın', '00:00']);
  process.env.TZ = 'Europe/Madrid';
  assert.equal(createTranslator('pt', pt).moment(midnight, midnight - 7_200_000).day, 'amanhã');
});

const caption = (fields) => ({ id: 'x', role: 'user', status: 'done', text: 'Hello there', heard: 11, by: 'voice', at: 0, ...fields });

test('an exported conversation contains only what was heard, and says where it was cut', () => {
  const list = [
    caption({}),
    caption({ id: 'y', role: 'assistant', status: 'cut', text: 'Good morning to you', heard: 12 }),
    caption({ id: 'z', status: 'unclear', text: '' }),
    caption({ id: 'n', role: 'note', text: 'The line was lost.' }),
    caption({ id: 'd', role: 'divider', text: 'A new call.' }),
  ];
  const words = { you: 'You', model: 'Model', cut: '[interrupted]', unclear: '[not made out]', time: () => '10:00' };
  assert.equal(
    asText(list, words),
    '10:00  You: Hello there\n\n10:00  Model: Good morning [interrupted]\n\n10:00  You: [not made out]\n\n(The line was lost.)\n\n(A new call.)\n',
  );
  const { items, started } = JSON.parse(asJson(list, { callId: 'rtc_1', started: 0, ended: null }));
  assert.deepEqual(items.map(({ text, interrupted }) => [text, interrupted]), [['Hello there', false], ['Good morning', true], [null, false]]);
  assert.equal(started, null);
});
