import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { createApi } from '../../web/js/api.js';
import { callerId, loadPreferences, savePreference } from '../../web/js/preferences.js';

/** Serve a gateway that answers everything with the request it got, until the test ends; return its address. */
async function echo(t) {
  const server = createServer(({ url, method, headers }, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ url, method, caller: headers['x-switchboard-caller'], traceparent: headers.traceparent, clientPrincipal: { userId: url } }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

test('every request goes to the address that the page was given, and says who calls', async (t) => {
  let assistant = '';
  const api = createApi({ base: await echo(t), caller: 'abc', voice: () => 'ash', assistant: () => assistant });
  assert.deepEqual(await api.config(), { url: '/api/config', method: 'GET', caller: 'abc', clientPrincipal: { userId: '/api/config' } });
  assert.equal((await api.token()).url, '/api/token?voice=ash');
  assistant = 'help-desk';
  assert.equal((await api.token()).url, '/api/token?voice=ash&assistant=help-desk');
  assert.equal((await api.record('rtc_1/x')).url, '/api/calls/rtc_1%2Fx/status');
  assert.equal((await (await api.hangUp('rtc_1')).json()).method, 'DELETE');
  assert.equal((await api.visitor()).userId, '/.auth/me');
});

test('all requests of a call are in one trace, and another call is in another', async (t) => {
  const api = createApi({ base: await echo(t), caller: 'abc', voice: () => '', assistant: () => '' });
  assert.equal((await api.config()).traceparent, undefined, 'before a call there is nothing to follow');
  const token = (await api.token()).traceparent;
  const record = (await api.record('rtc_1')).traceparent;
  const again = (await api.token()).traceparent;

  for (const parent of [token, record, again]) assert.match(parent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  assert.equal(token.slice(0, 35), record.slice(0, 35));
  assert.notEqual(token, record);
  assert.notEqual(token.slice(0, 35), again.slice(0, 35));
});

test('the page names the version that it knows of a call, and is told when nothing has happened', async (t) => {
  const versions = [];
  const server = createServer((request, response) => {
    versions.push([request.url, request.headers['if-none-match']]);
    const known = request.headers['if-none-match'] === 'W/"1"';
    response.writeHead(known ? 304 : 200, { ETag: 'W/"1"', 'Content-Type': 'application/json' }).end(known ? undefined : '{"state":"live"}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => server.close());
  const api = createApi({ base: `http://127.0.0.1:${server.address().port}`, caller: 'abc', voice: () => '', assistant: () => '' });

  assert.deepEqual(await api.record('rtc_1'), { state: 'live' });
  assert.equal(await api.record('rtc_1'), null);
  assert.deepEqual(await api.record('rtc_2'), { state: 'live' });
  assert.deepEqual(versions, [
    ['/api/calls/rtc_1/status', undefined],
    ['/api/calls/rtc_1/status', 'W/"1"'],
    ['/api/calls/rtc_2/status', undefined],
  ]);
});

/** Return a storage like the browser's own, which is empty. */
function memory() {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
}

test('preferences are remembered in the storage that the page was given', () => {
  const storage = memory();
  savePreference(() => storage, 'theme', 'dark');
  assert.equal(loadPreferences(() => storage).theme, 'dark');
  assert.equal(loadPreferences(memory).theme, '');
});

test('a caller keeps one id as long as the storage keeps it', () => {
  const storage = memory();
  assert.match(callerId(() => storage), /^[0-9a-f]{32}$/);
  assert.equal(callerId(() => storage), callerId(() => storage));
  assert.notEqual(callerId(memory), callerId(memory));
});

test('where storage is forbidden, the page forgets and still works', () => {
  const forbidden = () => {
    throw new DOMException('', 'SecurityError');
  };
  savePreference(forbidden, 'theme', 'dark');
  assert.equal(loadPreferences(forbidden).theme, '');
  assert.match(callerId(forbidden), /^[0-9a-f]{32}$/);
});
