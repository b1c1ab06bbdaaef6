// The hosts that the host app allows, and the headers that it sends to them.
import assert from 'node:assert/strict';
import test from 'node:test';

import { assertFail, config, face, http, resultOf } from './support.js';

const { port, hostname } = new URL(http);
/** The test server, by the name of its certificate. It redirects to any URL. */
const https = 'https://www.toutiao.com';
const { roots_pem: rootsPem, resolve } = JSON.parse(config);

const newClient = (settings) =>
  new face.GadgetClient({
    rootsPem,
    resolve: [...resolve, `a.example:80:${hostname}:${port}`, `b.a.example:80:${hostname}:${port}`],
    ...settings,
  });
const redirect = (origin, to) => `${origin}/redirect/302?to=${encodeURIComponent(to)}`;
const headersOf = (res) => Object.fromEntries(res.data.headers);

async function assertReaches(client, url, detail) {
  const res = await resultOf(client, { url });
  if (detail) assertFail(res, 110, detail, url);
  else assert.equal(res.statusCode, 200, `${url} ${res.errMsg}`);
}

test('only allowedHosts are reached, in redirects too', async () => {
  const not = 'host not allowed';
  for (const [allowedHosts, url, detail] of [
    [undefined, 'http://a.example', undefined],
    [null, 'http://a.example', undefined],
    [[], 'http://a.example', not],
    [['a.example'], 'http://A.example', undefined],
    [['a.example'], 'http://b.a.example', not],
    [['*.a.example'], 'http://b.a.example', undefined],
    [['*.a.example'], 'http://a.example', not],
    [['a.example:80'], 'http://a.example', undefined],
    [['a.example:443'], 'http://a.example', not],
    [[hostname], http, undefined],
    [['a.example'], http, not],
    [['a.example', hostname], redirect('http://a.example', http), undefined],
    [['a.example'], redirect('http://a.example', http), not],
  ]) {
    await assertReaches(newClient({ allowedHosts }), url, detail);
  }
});

test('without allowCleartext only https is reached, in redirects too', async () => {
  const client = newClient({ allowCleartext: false });
  await assertReaches(client, https, undefined);
  await assertReaches(client, http, 'cleartext not allowed');
  await assertReaches(client, redirect(https, http), 'cleartext not allowed');
  await assertReaches(newClient({ allowCleartext: true }), redirect(https, http), undefined);
});

test('without allowPrivateAddresses only allowedPrivateNetworks are reached', async () => {
  const not = 'private address not allowed';
  const settings = { allowPrivateAddresses: false };
  for (const url of [http, `http://localhost:${port}`, `http://0x7f.1:${port}`, 'http://a.example'])
    await assertReaches(newClient(settings), url, not);
  for (const network of [hostname, `${hostname}/32`, '127.0.0.0/8']) {
    const client = newClient({ ...settings, allowedPrivateNetworks: ['10.0.0.0/8', network] });
    await assertReaches(client, http, undefined);
    await assertReaches(client, 'http://a.example', undefined);
    await assertReaches(client, redirect(http, 'http://192.168.0.1'), not);
  }
  const other = newClient({ ...settings, allowedPrivateNetworks: ['10.0.0.0/8'] });
  await assertReaches(other, http, not);
});

test('a call that is not allowed is a 110, later, and takes no place', async () => {
  const client = newClient({ allowedHosts: [], maxQueued: 0 });
  let returned = false;
  const all = Array.from({ length: 20 }, async () => {
    assertFail(await resultOf(client, { url: http }), 110, 'host not allowed');
    assert.ok(returned);
  });
  assert.deepEqual([client.inFlight, client.queued], [0, 0]);
  returned = true;
  await Promise.all(all);
});

test('at most maxRedirects redirects are followed', async () => {
  for (const [maxRedirects, count, isReached] of [
    [undefined, 20, true],
    [undefined, 21, false],
    [2, 2, true],
    [2, 3, false],
    [0, 1, false],
    [30, 30, true],
  ]) {
    const url = `${http}/redirect/302/${count}`;
    const res = await resultOf(newClient({ maxRedirects }), { url });
    if (isReached) assert.equal(res.data.target, '/echo');
    else assertFail(res, 305, 'too many redirects', `${maxRedirects}, ${count}`);
  }
});

test('the option redirect decides if a redirect is followed, is the result, or fails', async () => {
  const client = newClient({});
  for (const [how, check] of [
    ['follow', (res) => assert.equal(res.data.target, '/there?a=1')],
    [undefined, (res) => assert.equal(res.data.target, '/there?a=1')],
    ['manual', (res) => assert.equal(res.header.location, '/there?a=1')],
    ['error', (res) => assertFail(res, 305, 'redirect refused')],
  ]) {
    check(await resultOf(client, { url: redirect(http, '/there?a=1'), redirect: how }));
  }
  const post = { method: 'POST', data: { a: 1 } };
  for (const [status, method] of [
    [301, 'GET'],
    [302, 'GET'],
    [303, 'GET'],
    [307, 'POST'],
    [308, 'POST'],
  ]) {
    const { data } = await resultOf(client, { url: `${http}/redirect/${status}`, ...post });
    assert.equal(data.method, method, `${status}`);
  }
});

test('a redirect to a URL that cannot be requested is a 305', async () => {
  for (const to of ['ftp://a.example', 'http://', 'http://u:p@a.example', 'data:,x'])
    assertFail(await resultOf(newClient({}), { url: redirect(http, to) }), 305, 'bad redirect', to);
});

test('appHeaders are sent to their hosts only, and replace all others', async () => {
  const client = newClient({
    appHeaders: [
      { hosts: ['a.example', '*.a.example'], headers: { 'x-own': 'first', Referer: 'https://r' } },
      { hosts: ['b.a.example:80'], headers: { 'X-Own': 'second', 'user-agent': 'ua' } },
    ],
  });
  const headers = async (url) =>
    headersOf(await resultOf(client, { url, header: { 'X-OWN': 'caller', 'x-request-id': 'x' } }));
  const a = await headers('http://a.example/echo');
  assert.deepEqual([a['x-own'], a.referer], ['first', 'https://r']);
  const b = await headers('http://b.a.example/echo');
  assert.deepEqual([b['x-own'], b.referer, b['user-agent']], ['second', 'https://r', 'ua']);
  const other = await headers(`${http}/echo`);
  assert.equal(other['x-own'] ?? other['X-OWN'], 'caller');
  assert.match(other.referer, /^https:\/\/tmaservice/);
  const there = await headers(redirect('http://a.example', `${http}/echo`));
  assert.equal(there['x-own'] ?? there['X-OWN'], 'caller');
});

test('invalid settings of the policy are errors that name the field', () => {
  const named = (headers) => [{ hosts: ['a.example'], headers }];
  for (const [settings, message] of [
    [{ allowedHosts: 'a.example' }, /^allowed_hosts: /],
    [{ allowedHosts: [5] }, /^allowed_hosts\[0\]: /],
    [{ allowedHosts: ['a.example', 'http://a.example'] }, /^allowed_hosts\[1\]: not HOST/],
    [{ allowedHosts: ['*'] }, /^allowed_hosts\[0\]: not HOST/],
    [{ allowedHosts: [undefined] }, /^allowed_hosts\[0\]: /],
    [{ allowCleartext: 'no' }, /^allow_cleartext: /],
    [{ allowCleartext: null }, /^allow_cleartext: /],
    [{ allowCleartext: NaN }, /^allow_cleartext: /],
    [{ allowPrivateAddresses: 0 }, /^allow_private_addresses: /],
    [{ allowedPrivateNetworks: ['10.0.0.0/33'] }, /^allowed_private_networks\[0\]: not ADDRESS/],
    [{ allowedPrivateNetworks: '10.0.0.0/8' }, /^allowed_private_networks: /],
    [{ maxRedirects: -1 }, /^max_redirects: /],
    [{ maxRedirects: 1.5 }, /^max_redirects: /],
    [{ maxRedirects: NaN }, /^max_redirects: /],
    [{ maxRedirects: Infinity }, /^max_redirects: /],
    [{ appHeaders: {} }, /^app_headers: /],
    [{ appHeaders: [{ hosts: ['a.example'] }] }, /^app_headers\[0\]: missing field `headers`/],
    [{ appHeaders: [{ headers: {} }] }, /^app_headers\[0\]: missing field `hosts`/],
    [{ appHeaders: [{ hosts: [''], headers: {} }] }, /^app_headers\[0\]\.hosts\[0\]: not HOST/],
    [{ appHeaders: [{ ...named({})[0], x: 1 }] }, /^app_headers\[0\]\.x: unknown field/],
    [{ appHeaders: named({ Cookie: 'a=1' }) }, /^app_headers\[0\]\.headers: Cookie: /],
    [{ appHeaders: named({ host: 'b' }) }, /^app_headers\[0\]\.headers: host: /],
    [{ appHeaders: named({ 'a b': 'c' }) }, /^app_headers\[0\]\.headers: a name is no/],
    [{ appHeaders: named({ a: '\n' }) }, /^app_headers\[0\]\.headers: a: /],
    [{ appHeaders: named({ a: 5 }) }, /^app_headers\[0\]\.headers\.a: /],
  ]) {
    const isIt = { name: 'Error', message };
    assert.throws(() => new face.GadgetClient(settings), isIt, JSON.stringify(settings));
  }
});
