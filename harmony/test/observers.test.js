// What tells clients about the network and the foreground, on stand-ins of HarmonyOS's kits.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

import {
  assertFail, assertOk, collected, config, face, http as origin, resultOf,
} from '../../bindings/node/test/support.js';

const kits = new URL('../../target/harmony/arkts/node_modules/', import.meta.url);
const { device } = createRequire(kits)('@kit.NetworkKit');
const { ForegroundObserver, NetworkObserver } = face;

/** A client, and a server that counts its connections. */
async function served() {
  let connections = 0;
  const server = http.createServer((_, response) => response.end('{}'));
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new face.GadgetClient(config);
  const url = `http://127.0.0.1:${server.address().port}/`;
  return {
    client,
    /** Makes a call; returns the number of connections so far. */
    connections: async () => {
      assertOk(await resultOf(client, { url }));
      return connections;
    },
    close: () => {
      client.shutdown();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The detail of a fail, or undefined for a success. */
async function detailOf(client) {
  const { errMsg } = await resultOf(client, { url: `${origin}/status/200` });
  return errMsg.replace('request:ok', '').replace('request:fail ', '') || undefined;
}

function networkIs(id, before = device.network) {
  device.network = id;
  if (id !== 0) device.tell('netAvailable', { netId: id });
  if (before !== 0) device.tell('netLost', { netId: before });
}

const addressesAre = (id, ...addresses) =>
  device.tell('netConnectionPropertiesChange', {
    netHandle: { netId: id },
    connectionProperties: {
      linkAddresses: addresses.map((address) => ({ address: { address }, prefixLength: 24 })),
    },
  });
const blockedIs = (id, blocked) =>
  device.tell('netBlockStatusChange', { netHandle: { netId: id }, blocked });

test('a client is offline while there is no network, from the moment it is added', async () => {
  networkIs(0);
  const observer = NetworkObserver.register();
  const client = new face.GadgetClient(config);
  observer.add(client);
  assert.equal(await detailOf(client), 'offline');
  networkIs(101);
  assert.equal(await detailOf(client), undefined);
  networkIs(0);
  assert.equal(await detailOf(client), 'offline');
  observer.close();
  assert.equal(await detailOf(client), undefined);
  client.shutdown();
  networkIs(100);
});

test('a client is offline while the system blocks the network for the app', async () => {
  const observer = NetworkObserver.register();
  const client = new face.GadgetClient(config);
  observer.add(client);
  blockedIs(99, true); // another network
  assert.equal(await detailOf(client), undefined);
  blockedIs(100, true);
  assert.equal(await detailOf(client), 'offline');
  blockedIs(100, false);
  assert.equal(await detailOf(client), undefined);
  observer.close();
  client.shutdown();
});

test('another network closes idle connections, whichever is reported first', async () => {
  const observer = NetworkObserver.register();
  const { client, connections, close } = await served();
  observer.add(client);
  assert.equal(await connections(), 1);
  assert.equal(await connections(), 1);
  networkIs(101); // the new one is there before the old one is lost
  assert.equal(await connections(), 2);
  device.network = 102;
  device.tell('netLost', { netId: 101 }); // the old one is lost before the new one is reported
  device.tell('netAvailable', { netId: 102 });
  assert.equal(await connections(), 3);
  device.tell('netAvailable', { netId: 102 });
  device.tell('netLost', { netId: 101 });
  assert.equal(await connections(), 3, 'nothing has changed');
  observer.close();
  close();
  networkIs(100);
});

test('a lost address of the device closes idle connections, a new one does not', async () => {
  const observer = NetworkObserver.register();
  const { client, connections, close } = await served();
  observer.add(client);
  addressesAre(100, '192.0.2.7');
  assert.equal(await connections(), 1);
  addressesAre(100, '192.0.2.7', '2001:db8::7');
  addressesAre(99, '198.51.100.1');
  assert.equal(await connections(), 1);
  addressesAre(100, '2001:db8::7');
  assert.equal(await connections(), 2);
  observer.close();
  close();
});

test('without the permission a warning says so, and clients count as online', async (t) => {
  const { mock } = t.mock.method(console, 'warn', () => {});
  device.refusal = new Error('Permission denied.');
  const observer = NetworkObserver.register();
  device.refusal = undefined;
  const client = new face.GadgetClient(config);
  observer.add(client);
  assert.equal(await detailOf(client), undefined);
  assert.deepEqual(mock.calls.map((it) => it.arguments), [[
    'NetworkObserver does not know the network, clients count as online: Permission denied.; ' +
      'it needs ohos.permission.GET_NETWORK_INFO',
  ]]);
  observer.close();
  client.shutdown();
});

test('a removed client, and all after close, are told nothing more', async () => {
  const observer = NetworkObserver.register();
  const [removed, added] = [1, 2].map(() => new face.GadgetClient(config));
  for (const client of [removed, added, added]) observer.add(client);
  observer.remove(removed);
  networkIs(0);
  assert.deepEqual([await detailOf(removed), await detailOf(added)], [undefined, 'offline']);
  observer.close();
  observer.close();
  assert.equal(device.observers, 0);
  networkIs(100);
  for (const client of [removed, added]) client.shutdown();
});

test('only a GadgetClient can be added', () => {
  const observer = NetworkObserver.register();
  for (const it of [undefined, null, {}, 5]) {
    const isIt = { name: 'TypeError', message: 'client: must be a GadgetClient' };
    assert.throws(() => observer.add(it), isIt);
  }
  observer.close();
});

/** Stands for a `common.Context`. */
class FakeContext {
  listeners = new Set();
  getApplicationContext = () => this;
  on = (_, listener) => this.listeners.add(listener);
  off = (_, listener) => this.listeners.delete(listener);
  enter = (where) => this.listeners.forEach((it) => it[`onApplication${where}`]());
}

test('an app in the background ends calls after the grace period, until it is back', async () => {
  const context = new FakeContext();
  const observer = ForegroundObserver.register(context);
  const client = new face.GadgetClient({ ...JSON.parse(config), backgroundGraceMs: 0 });
  observer.add(client);
  const pending = resultOf(client, { url: `${origin}/delay/60000` });
  context.enter('Background');
  assertFail(await pending, 112, 'app in background');
  assert.equal(await detailOf(client), 'app in background');
  context.enter('Foreground');
  assert.equal(await detailOf(client), undefined);
  context.enter('Background');
  observer.close();
  observer.close();
  assert.equal(await detailOf(client), undefined, 'after close');
  assert.equal(context.listeners.size, 0);
  client.shutdown();
});

test('cookies are saved when the app goes to the background', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cookies-'));
  const context = new FakeContext();
  const observer = ForegroundObserver.register(context);
  const client = new face.GadgetClient({ cookieDir: folder });
  observer.add(client);
  client.cookies.set({ name: 'a', value: '1', domain: 'example.com', expires: Date.now() + 1e6 });
  context.enter('Background');
  assert.equal(fs.readdirSync(folder).filter((it) => it.endsWith('.txt')).length, 1);
  observer.close();
  client.shutdown();
  fs.rmSync(folder, { recursive: true });
});

test('cookies that cannot be saved are a warning', (t) => {
  const { mock } = t.mock.method(console, 'warn', () => {});
  const context = new FakeContext();
  const observer = ForegroundObserver.register(context);
  const load = () => {
    throw new Error('locked');
  };
  const client = new face.GadgetClient({}, { cookieStorage: { load, save() {} } });
  observer.add(client);
  client.cookies.set({ name: 'a', value: '1', domain: 'example.com', expires: Date.now() + 1e6 });
  context.enter('Background');
  assert.equal(mock.calls.length, 1);
  assert.match(mock.calls[0].arguments[0], /^cookies were not saved when the app went to the back/);
  observer.close();
  client.shutdown();
});

test('observers keep no client alive', async () => {
  const network = NetworkObserver.register();
  const foreground = ForegroundObserver.register(new FakeContext());
  const add = () => {
    const client = new face.GadgetClient(config);
    network.add(client);
    foreground.add(client);
  };
  add();
  await collected();
  networkIs(101);
  network.close();
  foreground.close();
});
