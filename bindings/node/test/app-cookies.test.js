// Cookies as the host sees and changes them.
import assert from 'node:assert/strict';
import test from 'node:test';

import { newClient, newFolder, sent, set } from './jar.js';
import { http } from './support.js';

const HOUR = 3_600_000;
const host = new URL(http).hostname;
/** A cookie for the test server, as `list` shows it. */
const cookie = (name, value, more = {}) => ({
  name,
  value,
  domain: host,
  path: '/',
  secure: false,
  httpOnly: false,
  ...more,
});
/** What an action throws. */
function caught(action) {
  try {
    action();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing is thrown');
}
const names = (cookies) => cookies.map(({ name }) => name).join();

/** A client that has these cookies, each `NAME@DOMAIN`. */
function clientWith(...cookies) {
  const client = newClient();
  client.cookies.set(
    cookies.map((it) => {
      const [name, domain] = it.split('@');
      return { name, value: '1', domain };
    }),
  );
  return client;
}

test('list shows what responses set, with all of its members, the oldest first', async () => {
  const client = newClient({ cookiePolicy: { setCookie: 'hidden' } });
  assert.deepEqual(client.cookies.list(), []);
  const before = Date.now();
  await set(client, 'a=1', 'b=2; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600');
  const [a, { expires, ...b }, ...more] = client.cookies.list();
  assert.deepEqual(a, cookie('a', '1', { path: '/cookies' }));
  assert.deepEqual(b, cookie('b', '2', { httpOnly: true, sameSite: 'lax' }));
  assert.ok(expires >= before + HOUR && expires <= Date.now() + HOUR);
  assert.deepEqual(more, []);
});

test('list for a URL shows what a request to it takes along, in that order', () => {
  const client = clientWith(
    'a@.example.com',
    'b@www.example.com',
    'c@example.com',
    'd@example.org',
  );
  client.cookies.set({ name: 'e', value: '1', domain: '.example.com', path: '/deep' });
  client.cookies.set({ name: 'f', value: '1', domain: '.example.com', secure: true });
  for (const [url, expected] of [
    ['http://www.example.com', 'a,b'],
    ['https://www.example.com/', 'a,b,f'],
    ['http://www.example.com/deep/er', 'e,a,b'],
    ['http://example.com/', 'a,c'],
    ['http://other.example.com/', 'a'],
    ['http://example.net/', ''],
    ['no URL', ''],
    ['', ''],
    [undefined, 'a,b,c,d,e,f'],
  ]) {
    assert.equal(names(client.cookies.list(url)), expected, url);
  }
});

test('set takes one cookie or several, with the defaults of what is absent', async () => {
  const client = newClient();
  client.cookies.set({ name: 'a', value: '1', domain: host });
  client.cookies.set([
    { name: 'b', value: '', domain: host, path: undefined, expires: undefined },
    { name: '', value: 'c', domain: host, sameSite: 'strict' },
  ]);
  client.cookies.set([]);
  assert.deepEqual(client.cookies.list(), [
    cookie('a', '1'),
    cookie('b', ''),
    cookie('', 'c', { sameSite: 'strict' }),
  ]);
  assert.deepEqual(await sent(client), ['a=1; b=; c']);
});

test('set takes the place of the same cookie, and one that is over removes it', () => {
  const { cookies } = newClient();
  const expires = Date.now() + HOUR;
  cookies.set(cookie('a', '1'));
  cookies.set(cookie('a', '2', { path: '/other' }));
  cookies.set(cookie('a', '3', { expires, httpOnly: true, sameSite: 'none', secure: true }));
  assert.deepEqual(cookies.list(), [
    cookie('a', '3', { expires, httpOnly: true, sameSite: 'none', secure: true }),
    cookie('a', '2', { path: '/other' }),
  ]);
  cookies.set(cookie('a', '3', { expires: Date.now() - 1, secure: true }));
  cookies.set(cookie('a', '3', { path: '/other', expires: 0 }));
  assert.deepEqual(cookies.list(), []);
});

test('what list shows can be set again, in another jar', () => {
  const [from, to] = [clientWith('a@.example.com', 'b@example.com'), newClient()];
  from.cookies.set(cookie('c', '3', { expires: Date.now() + HOUR, sameSite: 'lax' }));
  to.cookies.set(from.cookies.list());
  assert.equal(to.cookies.list().length, 3);
  assert.deepEqual(to.cookies.list(), from.cookies.list());
});

test('delete removes one cookie, and tells whether it was there', () => {
  const { cookies } = clientWith('a@.example.com', 'a@example.com', 'b@example.com');
  for (const wrong of [
    ['x', 'example.com', '/'],
    ['a', 'www.example.com', '/'],
    ['a', 'example.com', '/x'],
    ['a', 'example.com ', '/'],
    ['', '', ''],
  ]) {
    assert.equal(cookies.delete(...wrong), false, wrong);
  }
  assert.equal(cookies.delete('a', '.example.com', '/'), true);
  assert.equal(cookies.delete('a', '.example.com', '/'), false);
  cookies.set({ name: 'c', value: '1', domain: '.bücher.example' });
  assert.equal(cookies.list().at(-1).domain, '.xn--bcher-kva.example');
  assert.equal(cookies.delete('c', '.BÜCHER.Example', '/'), true);
  assert.deepEqual(
    cookies.list().map(({ name, domain }) => `${name}@${domain}`),
    ['a@example.com', 'b@example.com'],
  );
});

test('clear removes all cookies, or those of a domain and of what is below it', () => {
  const { cookies } = clientWith(
    'a@.example.com',
    'b@www.example.com',
    'c@example.com',
    'd@myexample.com',
    'e@example.org',
  );
  cookies.clear('nowhere.example');
  cookies.clear('');
  assert.equal(names(cookies.list()), 'a,b,c,d,e');
  cookies.clear('WWW.example.com');
  assert.equal(names(cookies.list()), 'a,c,d,e');
  cookies.clear('.Example.com');
  assert.equal(names(cookies.list()), 'd,e');
  cookies.clear();
  assert.deepEqual(cookies.list(), []);
  cookies.clear();
});

test('setLine takes a line as a response’s, and tells whether it changed anything', () => {
  const { cookies } = newClient();
  const url = 'http://www.example.com/deep/er';
  assert.equal(cookies.setLine(url, 'a=1; Domain=example.com; HttpOnly; SameSite=Lax'), true);
  assert.equal(cookies.setLine(url, 'b=ü'), true);
  const shown = { path: '/deep', secure: false };
  assert.deepEqual(cookies.list(), [
    { name: 'a', value: '1', domain: '.example.com', ...shown, httpOnly: true, sameSite: 'lax' },
    { name: 'b', value: 'ü', domain: 'www.example.com', ...shown, httpOnly: false },
  ]);
  for (const [at, line] of [
    [url, 'c=1; Domain=example.org'],
    [url, 'c=1; Secure'],
    [url, 'c=1; Max-Age=0'],
    [url, 'c=\n'],
    [url, ''],
    ['data:,x', 'c=1'],
    ['no URL', 'c=1'],
    ['', 'c=1'],
  ]) {
    assert.equal(cookies.setLine(at, line), false, `${at} ${line}`);
  }
  assert.equal(cookies.setLine(url, 'a=; Domain=example.com; Max-Age=0'), true);
  assert.equal(names(cookies.list()), 'b');
});

test('what exportJson gives importJson takes', () => {
  const [from, to] = [clientWith('a@.example.com'), clientWith('b@example.org')];
  assert.equal(newClient().cookies.exportJson(), '[]');
  from.cookies.set(cookie('c', '"\\', { expires: 4_000_000_000_000 }));
  const json = from.cookies.exportJson();
  assert.deepEqual(JSON.parse(json), from.cookies.list());
  to.cookies.importJson(json);
  to.cookies.importJson(' [] ');
  assert.equal(names(to.cookies.list()), 'b,a,c');
  assert.deepEqual(to.cookies.list().slice(1), from.cookies.list());
});

test('any text comes through, to the server and back', async () => {
  const client = newClient();
  const values = ['grün', '应用', '😀', '\u0080\u0085\u009f', '\u00a0', '"quoted"', 'a=b=c', '\ufeff'];
  for (const value of values) {
    client.cookies.set(cookie('ü名', value));
    assert.deepEqual(client.cookies.list(), [cookie('ü名', value)]);
    assert.deepEqual(JSON.parse(client.cookies.exportJson())[0].value, value);
    assert.deepEqual(await sent(client), [`ü名=${value}`]);
    assert.equal(client.cookies.delete('ü名', host, '/'), true);
    await set(client, `ü名=${value}; Path=/`);
    assert.deepEqual(client.cookies.list(), [cookie('ü名', value)]);
    client.cookies.clear();
  }
});

test('a cookie that cannot be is an error that names the member, and none is set', () => {
  const { cookies } = newClient();
  for (const [wrong, message] of [
    [{ name: 'a;b' }, /^name: /],
    [{ name: 'a=b' }, /^name: /],
    [{ name: '__Host-a' }, /^name: its prefix/],
    [{ name: '', value: '' }, /^name: neither/],
    [{ value: 'a\n' }, /^value: /],
    [{ value: ' a' }, /^value: /],
    [{ value: 'x'.repeat(4096) }, /^value: over 4096 bytes/],
    [{ domain: '.co.uk' }, /^domain: a public suffix$/],
    [{ domain: '' }, /^domain: /],
    [{ domain: 'a b' }, /^domain: /],
    [{ path: 'a' }, /^path: /],
    [{ sameSite: 'none' }, /^sameSite: none is for secure/],
    [{ name: 5 }, /^name: /],
    [{ value: undefined }, /^missing field `value`$/],
    [{ domain: null }, /^domain: /],
    [{ path: null }, /^path: /],
    [{ expires: NaN }, /^expires: /],
    [{ expires: Infinity }, /^expires: /],
    [{ expires: -1 }, /^expires: /],
    [{ expires: 0.5 }, /^expires: /],
    [{ expires: new Date(0) }, /^expires: /],
    [{ secure: 1 }, /^secure: /],
    [{ httpOnly: 'yes' }, /^httpOnly: /],
    [{ sameSite: 'Lax' }, /^sameSite: /],
    [{ maxAge: 5 }, /maxAge/],
  ]) {
    const it = cookie('a', 'secret', wrong);
    const errorOf = (action) => {
      const error = caught(action);
      assert.equal(error.name, 'Error', JSON.stringify(wrong));
      assert.ok(!error.message.includes('secret'));
      return error.message;
    };
    const one = errorOf(() => cookies.set(it));
    assert.match(one, message);
    assert.equal(errorOf(() => cookies.set([it])), one);
    const several = errorOf(() => cookies.set([cookie('good', '1'), it]));
    assert.ok([`[1].${one}`, `[1]: ${one}`].includes(several), several);
    const isJson = !Object.values(wrong).some((it) => typeof it === 'number' && !isFinite(it));
    const json = JSON.stringify([cookie('good', '1'), it]);
    if (isJson) assert.equal(errorOf(() => cookies.importJson(json)), several);
  }
  assert.throws(() => cookies.set(cookie('a', '1', { expires: 5n })), TypeError);
  assert.deepEqual(cookies.list(), []);
});

test('a text that is no array of cookies is an error', () => {
  const { cookies } = newClient();
  for (const json of ['', 'x', '{}', 'null', '[', '[[]]', '[5]', '[{}]', '[] []', '\ud800']) {
    assert.throws(() => cookies.importJson(json), { name: 'Error', message: /./ }, json);
  }
  assert.deepEqual(cookies.list(), []);
});

test('an argument of a wrong type is a TypeError that names it, and changes nothing', () => {
  const { cookies } = clientWith('a@example.com');
  for (const wrong of [null, 5, true, {}, [], Symbol('x'), () => {}]) {
    const throwsFor = (name, action) =>
      assert.throws(action, { name: 'TypeError', message: `${name}: must be a string` });
    throwsFor('url', () => cookies.list(wrong));
    throwsFor('json', () => cookies.importJson(wrong));
    throwsFor('name', () => cookies.delete(wrong, 'example.com', '/'));
    throwsFor('domain', () => cookies.delete('a', wrong, '/'));
    throwsFor('path', () => cookies.delete('a', 'example.com', wrong));
    throwsFor('domain', () => cookies.clear(wrong));
    throwsFor('url', () => cookies.setLine(wrong, 'b=1'));
    throwsFor('line', () => cookies.setLine('http://example.com', wrong));
  }
  for (const nothing of [undefined, null, 5, 'a=1', true, () => {}]) {
    assert.throws(() => cookies.set(nothing), { name: 'TypeError', message: /^cookies: must be/ });
  }
  for (const nothing of [undefined, null, 5, 'x', {}, []]) {
    const message = 'listener: must be a function';
    assert.throws(() => cookies.onChange(nothing), { name: 'TypeError', message });
  }
  assert.throws(() => cookies.importJson(), { name: 'TypeError' });
  assert.throws(() => cookies.delete(), { name: 'TypeError' });
  assert.equal(names(cookies.list()), 'a');
});

test('clients that share a jar see what the host sets, also after shutdown', (t) => {
  const cookieDir = newFolder(t);
  const [one, other] = [newClient({ cookieDir }), newClient({ cookieDir })];
  one.shutdown();
  one.cookies.set(cookie('a', '1'));
  assert.equal(names(other.cookies.list()), 'a');
  assert.equal(other.cookies.delete('a', host, '/'), true);
  assert.deepEqual(one.cookies.list(), []);
});
