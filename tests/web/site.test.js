import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const WEB = new URL('../../web/', import.meta.url);
const read = (path) => readFile(new URL(path, WEB), 'utf8');

/** Every module that the page imports when it starts, by following the imports. */
async function modules(path, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  for (const [, name] of (await read(path.slice(1))).matchAll(/^(?:import|} from) [^;]*?'(\.[^']+)';/gm)) {
    await modules(new URL(name, new URL(path, 'file:///')).pathname, found);
  }
  return found;
}

test('index.html fetches every module at once, and none that is not there', async () => {
  const html = await read('index.html');
  const preloaded = [...html.matchAll(/modulepreload" href="([^"]+)"/g)].map(([, path]) => path);
  const needed = [...(await modules('/js/main.js'))].filter((path) => path !== '/js/main.js');
  assert.deepEqual(preloaded.sort(), needed.sort());
});

test('no module is left over', async () => {
  const all = (await readdir(new URL('js/', WEB), { recursive: true })).filter((name) => name.endsWith('.js')).map((name) => `/js/${name}`);
  const lazy = ['/js/i18n/es.js', '/js/i18n/pt.js', '/js/i18n/tr.js'];
  const used = await modules('/js/main.js');
  assert.deepEqual(all.filter((name) => !used.has(name) && !lazy.includes(name)), []);
});

test('the page needs nobody but its own site', async () => {
  const names = (await readdir(WEB, { recursive: true })).filter((name) => /\.(js|css|html)$/.test(name));
  for (const name of names) {
    const text = (await read(name)).replaceAll('http://www.w3.org/2000/svg', '');
    const foreign = [...text.matchAll(/(?:src|href|import|url)\s*[=(]?\s*['"(]?https?:[^\s'")]+/g)].map(([found]) => found);
    assert.deepEqual(foreign, [], name);
    assert.ok(!/\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval)\b/.test(text), `${name} writes markup`);
    assert.ok(!/<[^>]+\s(?:style|on\w+)=/.test(text), `${name} has an inline style or handler, which the policy forbids`);
  }
});

test('a call is made of what it is given: it finds no element, no storage and no address by itself', async () => {
  const names = (await readdir(new URL('js/call/', WEB))).filter((name) => name.endsWith('.js'));
  assert.ok(names.length > 10);
  for (const name of names) {
    const code = (await read(`js/call/${name}`)).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    const found = code.match(/\bdocument\b|getElementById|querySelector|(?:local|session)Storage|\blocation\b|['"`]\/(?:api|\.auth)/g);
    assert.equal(found, null, name);
  }
});

test('what the site may do is little, and calls go to the gateway alone', async () => {
  const { globalHeaders, navigationFallback, responseOverrides, routes } = JSON.parse(await read('staticwebapp.config.json'));
  const policy = Object.fromEntries(
    globalHeaders['Content-Security-Policy'].split(';').map((part) => part.trim().split(/\s+(.*)/).slice(0, 2)),
  );
  assert.equal(policy['default-src'], "'none'");
  assert.equal(policy['script-src'], "'self'");
  assert.equal(policy['connect-src'], "'self'");
  assert.equal(policy['frame-ancestors'], "'none'");
  assert.match(globalHeaders['Permissions-Policy'], /microphone=\(self\)/);
  // A redirect to the sign-in page would reach fetch as a page with status 200.
  assert.equal(responseOverrides, undefined);
  for (const kept of ['/api/*', '/.auth/*', '/js/*', '/styles/*']) assert.ok(navigationFallback.exclude.includes(kept), kept);
  for (const provider of ['github', 'twitter', 'google', 'facebook', 'apple']) {
    assert.ok(routes.some(({ route, statusCode }) => route === `/.auth/login/${provider}` && statusCode === 404), provider);
  }
});
