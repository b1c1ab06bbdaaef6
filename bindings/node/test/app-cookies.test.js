// Cookies as the host app sees and changes them.
import assert from 'node:assert/strict';
import test from 'node:test';

import { HOUR, clientWith, cookie, host, names, newClient, newFolder, sent, set } from './jar.js';

test('list shows the cookies of responses with all members, the oldest first', async () => {
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

test('list for a URL shows the cookies that a request to it sends, in that order', () => {
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

test('set takes one cookie or several, and absent members have their defaults', async () => {
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

test('set replaces the same cookie, and an expired one deletes it', () => {
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

test('the cookies of list can be set in another jar', () => {
  const [from, to] = [clientWith('a@.example.com', 'b@example.com'), newClient()];
  from.cookies.set(cookie('c', '3', { expires: Date.now() + HOUR, sameSite: 'lax' }));
  to.cookies.set(from.cookies.list());
  assert.equal(to.cookies.list().length, 3);
  assert.deepEqual(to.cookies.list(), from.cookies.list());
});

test('delete deletes one cookie, and returns true if it was in the jar', () => {
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

test('clear deletes all cookies, or the cookies of a domain and of all hosts below it', () => {
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

test('setLine handles a line like one of a response, and returns true if a cookie changed', () => {
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

test('importJson takes what exportJson returns', () => {
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

test('any text reaches the server and comes back unchanged', async () => {
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

test('clients that share a jar see what the host app sets, even after shutdown', (t) => {
  const cookieDir = newFolder(t);
  const [one, other] = [newClient({ cookieDir }), newClient({ cookieDir })];
  one.shutdown();
  one.cookies.set(cookie('a', '1'));
  assert.equal(names(other.cookies.list()), 'a');
  assert.equal(other.cookies.delete('a', host, '/'), true);
  assert.deepEqual(one.cookies.list(), []);
});
