// The proxy of the system's settings, on a stand-in of HarmonyOS's kit.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';

import { assertFail, assertOk, face, http, resultOf } from '../../bindings/node/test/support.js';

const kits = new URL('../../target/harmony/arkts/node_modules/', import.meta.url);
const { device } = createRequire(kits)('@kit.NetworkKit');
const { systemProxy } = face;

/** The proxy for an origin, with these settings of the system. */
async function proxyOf(settings, origin = 'https://a.example/') {
  const before = device.proxy;
  device.proxy = { host: '', port: 0, exclusionList: [], ...settings };
  try {
    return await systemProxy(origin);
  } finally {
    device.proxy = before;
  }
}

test('it is the one of the settings, with its credentials', async () => {
  assert.equal(await proxyOf({}), undefined);
  assert.equal(await proxyOf({ host: 'proxy', port: 8080 }), 'http://proxy:8080');
  assert.equal(await proxyOf({ host: '2001:db8::7', port: 80 }), 'http://[2001:db8::7]:80');
  const named = { host: 'proxy', port: 80, username: 'user@a', password: 'p/w' };
  assert.equal(await proxyOf(named), 'http://user%40a:p%2Fw@proxy:80');
  assert.equal(await proxyOf({ ...named, password: undefined }), 'http://user%40a:@proxy:80');
});

test('exceptions and loopback are reached directly', async () => {
  const settings = { host: 'proxy', port: 80 };
  for (const [exclusionList, origin, isDirect] of [
    [[], 'http://localhost:8080/', true],
    [[], 'http://127.0.0.1/', true],
    [[], 'https://[::1]:443/', true],
    [['a.example'], 'https://a.example:8443/', true],
    [['A.Example '], 'https://a.example/', true],
    [['a.example'], 'https://b.a.example/', false],
    [['*.example'], 'https://a.example/', true],
    [['*.example'], 'https://aexample/', false],
    [['192.168.*'], 'http://192.168.7.7/', true],
    [['', 'a.b'], 'http://a-b/', false],
    [['(', '['], 'http://a.example/', false],
  ]) {
    const proxy = await proxyOf({ ...settings, exclusionList }, origin);
    assert.equal(proxy === undefined, isDirect, `${exclusionList} ${origin}`);
  }
});

test('a client takes the proxy as it is at each request', async () => {
  const { hostname: host, port } = new URL(http);
  const client = new face.GadgetClient({}, { proxySelector: systemProxy });
  const there = { url: 'http://somewhere.invalid/' };
  assertFail(await resultOf(client, there), 305, 'name not resolved');
  const before = device.proxy;
  device.proxy = { host, port: Number(port), exclusionList: [] };
  assertOk(await resultOf(client, there));
  device.proxy = before;
  assertFail(await resultOf(client, there), 305, 'name not resolved');
  device.refusal = new Error('Permission denied.');
  assertFail(await resultOf(client, there), 305, 'proxy failed');
  device.refusal = undefined;
});
