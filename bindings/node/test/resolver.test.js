// A resolver of the host app: when it is asked, and what it answers.
import assert from 'node:assert/strict';
import dns from 'node:dns/promises';
import os from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'node:test';

import { assertNotResolved, at, newClient } from './resolving.js';
import { assertFail, assertOk, collected, face, http, resultOf } from './support.js';

const { port, hostname } = new URL(http);

test('it is asked for names in lower case and ASCII, for each new connection', async () => {
  const asked = [];
  const settings = { resolve: [`fixed.example:80:${hostname}:${port}`] };
  const client = newClient((...names) => asked.push(names) && [hostname], settings);
  for (const host of ['known.example', 'KNOWN.Example', 'bücher.example', 'known.example.'])
    assertOk(await resultOf(client, { url: at(host) }));
  for (const url of [at(hostname), at('localhost'), at('a.localhost'), 'http://fixed.example/'])
    assertOk(await resultOf(client, { url }));
  const names = ['known.example', 'known.example', 'xn--bcher-kva.example', 'known.example'];
  assert.deepEqual(
    asked,
    names.map((name) => [name]),
  );
});

test('a connection that is reused needs no resolver, a redirect to another host does', async () => {
  const asked = [];
  const client = newClient((host) => asked.push(host) && [hostname]);
  const to = encodeURIComponent(`http://there.example:${port}/echo`);
  const first = `http://here.example:${port}`;
  assertOk(await resultOf(client, { url: `${first}/echo` }));
  assertOk(await resultOf(client, { url: `${first}/redirect/302?to=${to}` }));
  assert.deepEqual(asked, ['here.example', 'there.example']);
});

test('with a proxy, it is asked for the name of the proxy only', async () => {
  const asked = [];
  const resolver = (host) => asked.push(host) && [hostname];
  const client = newClient(resolver, { proxy: `http://proxy.example:${port}` });
  assertOk(await resultOf(client, { url: 'http://a.example/echo' }));
  assert.deepEqual(asked, ['proxy.example']);
});

test('its answer may come later, as a promise or another thenable', async () => {
  for (const answer of [
    [hostname],
    Promise.resolve([hostname]),
    pause(20, [hostname]),
    { then: (resolve) => setTimeout(resolve, 20, [hostname]) },
  ]) {
    assertOk(await resultOf(newClient(() => answer), { url: at('a.example') }));
  }
});

test('addresses are tried in order', async () => {
  const client = newClient(() => ['127.0.0.2', hostname]); // no server listens on the first
  assertOk(await resultOf(client, { url: at('a.example') }));
  const none = await resultOf(newClient(() => ['127.0.0.2']), { url: at('a.example') });
  assertFail(none, 305, 'connection failed');
});

test('if it throws, rejects, or answers no addresses, the name is not resolved', async () => {
  const error = new Error('from a resolver');
  for (const resolver of [
    () => {
      throw error;
    },
    () => Promise.reject(error),
    async () => Promise.reject(undefined),
    () => ({ then: (_, reject) => setTimeout(reject, 5, error) }),
    () => undefined,
    () => null,
    () => hostname,
    () => ({ length: 1, 0: hostname }),
    () => [5],
    () => [null],
    () => [[hostname]],
    () => [hostname, undefined],
    () => new Array(1),
    () => [''],
    () => ['a.example'],
    () => [`${hostname}:80`],
    () => [`${hostname}/8`],
    () => [` ${hostname}`],
    () => [hostname, 'x'],
    () => ['[::1]'],
    () => ['\ud800'],
    () => new Proxy([hostname], { get: () => assert.fail('cannot be read') }),
  ]) {
    assertNotResolved(await resultOf(newClient(resolver), { url: at('a.example') }), `${resolver}`);
  }
});

test('if it has no addresses, the system is asked', async (t) => {
  const asked = [];
  const client = newClient((host) => asked.push(host) && []);
  assertNotResolved(await resultOf(client, { url: at('nowhere.invalid') }));
  assert.deepEqual(asked, ['nowhere.invalid']);
  const known = os.hostname();
  if (!(await dns.lookup(known).catch(() => undefined))) return t.skip('no name is known here');
  const { errMsg } = await resultOf(client, { url: at(known) });
  // The test server may listen on another address; the name is resolved.
  assert.match(errMsg, /:ok$|connection failed$/);
});

test('its addresses are checked like addresses from the system', async () => {
  const settings = { allowPrivateAddresses: false };
  const client = newClient(() => [hostname, '::1'], settings);
  const res = await resultOf(client, { url: at('a.example') });
  assertFail(res, 110, 'private address not allowed');
});

test('an invalid service is a TypeError that names it, and no client is created', async () => {
  for (const [services, message] of [
    [null, 'services: must be an object'],
    [5, 'services: must be an object'],
    [() => [], 'services: must be an object'],
    [{ resolver: null }, 'resolver: must be a function'],
    [{ resolver: {} }, 'resolver: must be a function'],
    [{ resolver: 'a' }, 'resolver: must be a function'],
    [{ resolve: () => [] }, 'resolve: no such service'],
  ]) {
    const isIt = { name: 'TypeError', message };
    assert.throws(() => new face.GadgetClient({}, services), isIt, message);
  }
  for (const config of [{ connectTimeoutMs: NaN }, { connectTimeoutMs: -1 }, '{"a":1}', '', '[5]'])
    assert.throws(() => new face.GadgetClient(config, { resolver: () => [] }), { name: 'Error' });
  new face.GadgetClient({}, undefined);
  new face.GadgetClient({}, { resolver: undefined, cookieStorage: undefined });
  await collected();
});
