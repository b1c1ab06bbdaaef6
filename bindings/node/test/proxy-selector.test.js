// A proxy selector of the host app, and another proxy for a living client. The test server answers
// for any host, if it is the proxy.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'node:test';

import {
  assertFail, assertOk, collected, counter, face, faceName, http, resultOf,
} from './support.js';

const there = { url: 'http://somewhere.invalid/secret?path' };
const selecting = (proxySelector, settings = {}) =>
  new face.GadgetClient(settings, { proxySelector });
const assertFailed = (res, message) => assertFail(res, 305, 'proxy failed', message);
const assertDirect = (res) => assertFail(res, 305, 'name not resolved');

test('it is asked for each request by its origin, and its proxy is used', async () => {
  const asked = [];
  const client = selecting((...origins) => {
    asked.push(origins);
    return origins[0].includes('somewhere') ? http : null;
  });
  const name = `selected-${faceName}`;
  const url = `http://somewhere.invalid/echo?counter=${name}`;
  for (let i = 0; i < 2; i++) assertOk(await resultOf(client, { url }));
  assertOk(await resultOf(client, { url: `${http}/status/204` }));
  assert.equal((await counter(name)).total, 2);
  const origins = ['http://somewhere.invalid/', 'http://somewhere.invalid/', `${http}/`];
  assert.deepEqual(
    asked,
    origins.map((origin) => [origin]),
  );
});

test('its answer may come later, and there may be none', async () => {
  for (const answer of [http, Promise.resolve(http), pause(20, http)])
    assertOk(await resultOf(selecting(() => answer), there));
  for (const answer of [undefined, null, pause(20)])
    assertDirect(await resultOf(selecting(() => answer), there));
});

test('if it throws, rejects, or answers no proxy, the call fails and nothing is sent', async () => {
  const error = new Error('from a selector');
  for (const selector of [
    () => {
      throw error;
    },
    () => Promise.reject(error),
    () => '',
    () => 'garbage',
    () => 'ftp://127.0.0.1',
    () => 5,
    () => [http],
    () => ({ proxy: http }),
    () => 'http://\ud800',
  ]) {
    const client = selecting(selector);
    assertFailed(await resultOf(client, there), `${selector}`);
    assertFailed(await resultOf(client, { url: `${http}/echo?counter=never` }), `${selector}`);
  }
  assert.equal((await counter('never')).total, 0);
});

test('if it never answers, the call fails in time, and another takes its place', async () => {
  const client = selecting(() => new Promise(() => {}), { connectTimeoutMs: 100 });
  assertFail(await resultOf(client, there), 302, 'timeout');
  client.setProxySelector(() => http);
  assertOk(await resultOf(client, there));
});

test('a call that waits for a selector is asked anew after a change', async () => {
  let wasAsked;
  const isAsked = new Promise((resolve) => (wasAsked = resolve));
  const client = selecting(() => new Promise(wasAsked));
  const result = resultOf(client, there);
  await isAsked;
  client.setProxy(http);
  assertOk(await result);
});

test('a living client takes another proxy, and none again', async () => {
  const client = new face.GadgetClient();
  assertDirect(await resultOf(client, there));
  client.setProxy(http);
  assertOk(await resultOf(client, there));
  for (const [proxy, bypass, message] of [
    ['ftp://127.0.0.1', [], /^proxy: not an http, https, socks5 or socks5h URL/],
    [5, [], /^proxy: /],
    [http, ['a b'], /^proxy_bypass/],
    [http, 'a', /^proxy_bypass/],
  ]) {
    assert.throws(() => client.setProxy(proxy, bypass), { name: 'Error', message });
  }
  assertOk(await resultOf(client, there));
  client.setProxy(http, ['*.invalid']);
  assertDirect(await resultOf(client, there));
  for (const none of [null, undefined]) {
    client.setProxySelector(() => http);
    assertOk(await resultOf(client, there));
    client.setProxy(none);
    assertDirect(await resultOf(client, there));
  }
});

test('it is not asked for the hosts of the settings, unless others are given', async () => {
  const selector = () => assert.fail('on purpose');
  const client = selecting(selector, { proxyBypass: ['somewhere.invalid'] });
  assertDirect(await resultOf(client, there));
  client.setProxySelector(selector);
  assertDirect(await resultOf(client, there));
  client.setProxySelector(selector, []);
  assertFailed(await resultOf(client, there));
  const isIt = { name: 'Error', message: /^proxy_bypass/ };
  assert.throws(() => client.setProxySelector(selector, ['a b']), isIt);
  assertFailed(await resultOf(client, there), 'the client keeps its selector');
});

test('a selector that is no function is a TypeError', async () => {
  const client = new face.GadgetClient();
  const isIt = { name: 'TypeError', message: 'proxySelector: must be a function' };
  for (const selector of [null, {}, http]) {
    assert.throws(() => selecting(selector), isIt);
    assert.throws(() => client.setProxySelector(selector), isIt);
  }
  assert.throws(() => client.setProxySelector(), isIt);
  new face.GadgetClient({}, { proxySelector: undefined });
});

test('selectors are freed with their clients, or when others take their place', async () => {
  await collected();
  const use = async () => {
    const client = selecting(() => http);
    assertOk(await resultOf(client, there));
    for (let i = 0; i < 10; i++) client.setProxySelector(() => http);
    assertOk(await resultOf(client, there));
    client.setProxy(http);
    assertOk(await resultOf(client, there));
    client.shutdown();
    client.setProxySelector(() => http);
    client.setProxy(null);
  };
  await use();
  await collected();
});
