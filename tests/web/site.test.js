import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const WEB = new URL('../../web/', import.meta.url);
const read = (path) => readFile(new URL(path, WEB), 'utf8');

/** Return every module that the page imports when it starts, by following the imports. */
async function modules(path, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  for (const [, name] of (await read(path.slice(1))).matchAll(/^(?:import|} from) [^;]*?'(\.[^']+)';/gm)) {
    await modules(new URL(name, new URL(path, 'file:///')).pathname, found);
  }
  return found;
}

test('index.html preloads every module that the page imports, and no other', async () => {
  const html = await read('index.html');
  const preloaded = [...html.matchAll(/modulepreload" href="([^"]+)"/g)].map(([, path]) => path);
  const needed = [...(await modules('/js/main.js'))].filter((path) => path !== '/js/main.js');
  assert.deepEqual(preloaded.sort(), needed.sort());
});

test('every module is used', async () => {
  const all = (await readdir(new URL('js/', WEB), { recursive: true })).filter((name) => name.endsWith('.js')).map((name) => `/js/${name}`);
  const lazy = ['es', 'pt', 'tr'].flatMap((name) => [`/js/i18n/${name}.js`, `/js/operator/i18n/${name}.js`]);
  const used = new Set([...(await modules('/js/main.js')), ...(await modules('/js/operator/main.js'))]);
  assert.deepEqual(all.filter((name) => !used.has(name) && !lazy.includes(name)), []);
});

test('the comment on every function and class begins with a sentence', async () => {
  const names = (await readdir(new URL('js/', WEB), { recursive: true })).filter((name) => name.endsWith('.js'));
  const commented = /^ *\/\*\*((?:(?!\*\/)[^])*)\*\/\n *(?:export )?(?:async )?(?:function|class) (\w+)/gm;
  const found = [];
  for (const name of names) {
    for (const [, comment, what] of (await read(`js/${name}`)).matchAll(commented)) found.push([`${name} ${what}`, comment]);
  }
  assert.ok(found.length > 100);
  const bad = found.filter(([, comment]) => !/^[\s*]*[A-Z][^@]*[.:]\s/.test(comment)).map(([what]) => what);
  assert.deepEqual(bad, []);
});

test('the page loads nothing from any other site', async () => {
  const names = (await readdir(WEB, { recursive: true })).filter((name) => /\.(js|css|html)$/.test(name));
  for (const name of names) {
    const text = (await read(name)).replaceAll('http://www.w3.org/2000/svg', '');
    const foreign = [...text.matchAll(/(?:src|href|import|url)\s*[=(]?\s*['"(]?https?:[^\s'")]+/g)].map(([found]) => found);
    assert.deepEqual(foreign, [], name);
    assert.ok(!/\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval)\b/.test(text), `${name} writes markup`);
    assert.ok(!/<[^>]+\s(?:style|on\w+)=/.test(text), `${name} has an inline style or handler, which the policy forbids`);
  }
});

test('the modules that make a call find no element, no storage and no address by themselves', async () => {
  const names = (await readdir(new URL('js/call/', WEB))).filter((name) => name.endsWith('.js'));
  assert.ok(names.length > 10);
  for (const name of names) {
    const code = (await read(`js/call/${name}`)).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    const found = code.match(/\bdocument\b|getElementById|querySelector|(?:local|session)Storage|\blocation\b|['"`]\/(?:api|\.auth)/g);
    assert.equal(found, null, name);
  }
});

test('the security policy allows little, and requests to the gateway alone', async () => {
  const { globalHeaders, navigationFallback, responseOverrides, routes } = JSON.parse(await read('staticwebapp.config.json'));
  const policy = Object.fromEntries(
    globalHeaders['Content-Security-Policy'].split(';').map((part) => part.trim().split(/\s+(.*)/).slice(0, 2)),
  );
  assert.equal(policy['default-src'], "'none'");
  assert.equal(policy['script-src'], "'self'");
  assert.equal(policy['connect-src'], "'self'");
  assert.equal(policy['frame-ancestors'], "'none'");
  assert.match(globalHeaders['Permissions-Policy'], /microphone=\(self\)/);
  assert.ok(routes.some(({ route, allowedRoles }) => route === '/operator.html' && String(allowedRoles) === 'operator'));
  // If there were a redirect to the sign-in page, fetch would get that page with status 200.
  assert.equal(responseOverrides, undefined);
  for (const kept of ['/api/*', '/.auth/*', '/js/*', '/styles/*']) assert.ok(navigationFallback.exclude.includes(kept), kept);
  for (const provider of ['github', 'twitter', 'google', 'facebook', 'apple']) {
    assert.ok(routes.some(({ route, statusCode }) => route === `/.auth/login/${provider}` && statusCode === 404), provider);
  }
});
