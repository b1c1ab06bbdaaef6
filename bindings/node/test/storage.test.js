// A storage of the host app for cookies.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'node:test';

import { newClient, newFolder, sent, set } from './jar.js';
import { collected, http, resultOf, run, until } from './support.js';

const HOUR = 3_600_000;
const domain = new URL(http).hostname;
/** A cookie that is saved, unlike a session cookie. */
const cookie = (name, value = '1') => ({ name, value, domain, expires: Date.now() + HOUR });
const names = (client) => client.cookies.list().map(({ name }) => name).join();

/** A storage in memory that notes its calls. */
class Memory {
  calls = [];

  constructor(bytes = undefined) {
    this.bytes = bytes;
  }

  load() {
    this.calls.push('load');
    return this.bytes;
  }

  save(bytes) {
    this.calls.push('save');
    this.bytes = bytes;
  }

  setAside() {
    this.calls.push('setAside');
    this.bytes = undefined;
  }
}

/** The bytes that are saved for these cookies. */
function savedOf(...cookies) {
  const storage = new Memory();
  const client = newClient({}, storage);
  client.cookies.set(cookies);
  client.shutdown();
  return storage.bytes;
}

test('the next client has the cookies that a client saved', async () => {
  const storage = new Memory();
  const client = newClient({}, storage);
  await set(client, 'a=1; Path=/; Max-Age=1000', 'b=2; Path=/');
  client.shutdown();
  assert.deepEqual(storage.calls, ['load', 'save']);
  assert.ok(storage.bytes instanceof ArrayBuffer);
  const next = newClient({}, storage);
  assert.deepEqual(await sent(next), ['a=1']);
  assert.deepEqual(storage.calls, ['load', 'save', 'load']);
  next.shutdown();
  assert.deepEqual(storage.calls, ['load', 'save', 'load']);
});

test('load is called once, before the constructor of the client returns', () => {
  const storage = new Memory(savedOf(cookie('a')));
  const client = newClient({}, storage);
  assert.deepEqual(storage.calls, ['load']);
  assert.equal(names(client), 'a');
  client.shutdown();
  assert.deepEqual(storage.calls, ['load']);
});

test('changes are saved together, half a second later', async () => {
  const storage = new Memory();
  const client = newClient({}, storage);
  const begun = Date.now();
  client.cookies.set(cookie('a'));
  client.cookies.set(cookie('b'));
  await until(() => storage.calls.length > 1);
  assert.ok(Date.now() - begun >= 499);
  await pause(600);
  assert.deepEqual(storage.calls, ['load', 'save']);
  assert.equal(names(newClient({}, new Memory(storage.bytes))), 'a,b');
  client.shutdown();
});

test('save and shutdown save before they return, and only if something changed', () => {
  const storage = new Memory();
  const client = newClient({}, storage);
  for (const end of ['save', 'save', 'shutdown', 'shutdown']) {
    const before = storage.calls.length;
    const finish = () => (end === 'save' ? client.cookies.save() : client.shutdown());
    finish();
    assert.equal(storage.calls.length, before, end);
    client.cookies.set(cookie(`${end}${before}`));
    finish();
    assert.equal(storage.calls.length, before + 1, end);
    assert.equal(names(newClient({}, new Memory(storage.bytes))), names(client));
  }
  client.cookies.set({ ...cookie('session'), expires: undefined });
  client.cookies.save();
  assert.equal(storage.calls.length, 5);
});

test('if the thread was busy, only the latest bytes are saved', async () => {
  const storage = new Memory();
  const client = newClient({}, storage);
  const busy = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  for (const name of ['a', 'b']) {
    client.cookies.set(cookie(name));
    busy(900);
  }
  assert.deepEqual(storage.calls, ['load']);
  await until(() => storage.calls.length > 1);
  await pause(50);
  assert.deepEqual(storage.calls, ['load', 'save']);
  assert.equal(names(newClient({}, new Memory(storage.bytes))), 'a,b');
  client.shutdown();
});

test('loaded and saved bytes belong to the host app', () => {
  const bytes = new Uint8Array(savedOf(cookie('a')));
  const padded = new Uint8Array(bytes.length + 8);
  padded.set(bytes, 3);
  for (const given of [bytes, bytes.buffer, Buffer.from(bytes), padded.subarray(3, -5)]) {
    const storage = new Memory(given);
    const client = newClient({}, storage);
    const before = given.slice(0);
    new Uint8Array(given.buffer ?? given, given.byteOffset ?? 0, bytes.length).fill(0);
    assert.equal(names(client), 'a');
    new Uint8Array(given.buffer ?? given, given.byteOffset ?? 0, bytes.length).set(
      new Uint8Array(before),
    );
    client.cookies.set(cookie('b'));
    client.cookies.save();
    assert.equal(names(newClient({}, new Memory(storage.bytes.slice(0)))), 'a,b');
    new Uint8Array(storage.bytes).fill(0);
    client.cookies.set(cookie('c'));
    client.shutdown();
    assert.equal(names(newClient({}, storage)), 'a,b,c');
  }
});

test('if load throws, the jar is empty and the saved cookies are never overwritten', async () => {
  const storage = new Memory(savedOf(cookie('old')));
  const load = storage.load;
  storage.load = () => {
    storage.calls.push('throws');
    throw new Error('locked');
  };
  const client = newClient({}, storage);
  client.cookies.save(); // there is nothing to save yet
  assert.equal(names(client), '');
  await set(client, 'new=1; Path=/; Max-Age=1000');
  assert.deepEqual(await sent(client), ['new=1']);
  for (let i = 0; i < 2; i++) {
    const message = 'cookies could not be saved';
    assert.throws(() => client.cookies.save(), { name: 'Error', message });
  }
  await pause(600);
  client.shutdown();
  assert.deepEqual(storage.calls, ['throws']);
  storage.load = load;
  assert.equal(names(newClient({}, storage)), 'old');
});

test('damaged bytes are set aside later, and the jar starts empty', async () => {
  const damaged = new Uint8Array(savedOf(cookie('a')));
  damaged[damaged.length - 2] ^= 1;
  for (const bytes of [damaged, damaged.subarray(0, 50), Buffer.from('x'), new ArrayBuffer(0)]) {
    const storage = new Memory(bytes);
    const client = newClient({}, storage);
    assert.equal(names(client), '');
    assert.deepEqual(storage.calls, ['load']);
    await until(() => storage.calls.length > 1);
    client.cookies.set(cookie('b'));
    client.shutdown();
    assert.deepEqual(storage.calls, ['load', 'setAside', 'save']);
    assert.equal(names(newClient({}, new Memory(storage.bytes))), 'b');
  }
});

test('setAside comes before the next save, and may be absent', () => {
  const storage = new Memory(Buffer.from('x'));
  const client = newClient({}, storage);
  client.cookies.set(cookie('a'));
  client.shutdown();
  assert.deepEqual(storage.calls, ['load', 'setAside', 'save']);
  const saved = [];
  const plain = newClient({}, { load: () => Buffer.from('x'), save: (it) => saved.push(it) });
  plain.cookies.set(cookie('b'));
  plain.shutdown();
  assert.equal(saved.length, 1);
});

test('a storage replaces cookieDir', (t) => {
  const [cookieDir, storage] = [newFolder(t), new Memory()];
  const client = newClient({ cookieDir }, storage);
  client.cookies.set(cookie('a'));
  client.shutdown();
  assert.deepEqual(storage.calls, ['load', 'save']);
  assert.deepEqual(fs.readdirSync(cookieDir), []);
  assert.equal(names(newClient({ cookieDir })), '');
});

test('a storage may use its client from within save', () => {
  let client;
  const saved = [];
  const storage = {
    load: () => undefined,
    save: () => {
      saved.push(names(client));
      client.cookies.save();
      client.shutdown();
    },
  };
  client = newClient({}, storage);
  client.cookies.set(cookie('a'));
  client.cookies.save();
  assert.deepEqual(saved, ['a']);
});

test('an invalid storage is a TypeError, and no client is created', async () => {
  const good = { load: () => undefined, save: () => {} };
  for (const [storage, message] of [
    [null, 'cookieStorage: must be an object'],
    [5, 'cookieStorage: must be an object'],
    ['x', 'cookieStorage: must be an object'],
    [() => {}, 'cookieStorage: must be an object'],
    [{}, 'cookieStorage.load: must be a function'],
    [{ ...good, load: 5 }, 'cookieStorage.load: must be a function'],
    [{ load: good.load }, 'cookieStorage.save: must be a function'],
    [{ ...good, setAside: null }, 'cookieStorage.setAside: must be a function'],
    ...[null, 'x', 5, {}, [], Promise.resolve()].map((it) => [
      { ...good, load: () => it },
      'cookieStorage.load: must return bytes or undefined',
    ]),
  ]) {
    assert.throws(() => newClient({}, storage), { name: 'TypeError', message });
  }
  assert.throws(() => newClient({ timeout: 5 }, good), { name: 'Error', message: /^timeout/ });
  newClient({}, undefined);
  await collected();
});

test('a file keeps cookies from process to process, after shutdown and after exit', (t) => {
  const file = path.join(newFolder(t), 'kept');
  const stores = (how, name) => {
    const { status, stdout, stderr } = run('stores', file, how, name);
    assert.equal(status, 0, stderr);
    return stdout.split('\n');
  };
  assert.deepEqual(stores('shutdown', 'a'), ['load', 'has ', 'save', 'exit']);
  assert.deepEqual(stores('exit', 'b'), ['load', 'has a', 'save', 'exit']);
  assert.deepEqual(stores('beforeExit', 'c'), ['load', 'has a,b', 'save', 'exit']);
  assert.deepEqual(stores('waits', 'd'), ['load', 'has a,b,c', 'save', 'exit']);
  // A change of the last half second is lost: it does not keep the process alive.
  assert.deepEqual(stores('ends', 'e'), ['load', 'has a,b,c,d', 'exit']);
  assert.deepEqual(stores('throws', 'f'), [
    'load',
    'has a,b,c,d',
    'save',
    'uncaught from save',
    'exit',
  ]);
  fs.writeFileSync(file, 'damage');
  assert.deepEqual(stores('shutdown', 'g'), ['load', 'has ', 'setAside', 'save', 'exit']);
  assert.deepEqual(stores('shutdown', 'h'), ['load', 'has g', 'save', 'exit']);
});

test('a client without references saves when it is collected', async () => {
  const storage = new Memory();
  newClient({}, storage).cookies.set(cookie('a'));
  await collected();
  assert.deepEqual(storage.calls, ['load', 'save']);
  assert.equal(names(newClient({}, new Memory(storage.bytes))), 'a');
});

test('1,000 clients leave nothing behind, even if storages refer to them', async () => {
  let saved = 0;
  const live = async (i) => {
    const app = {};
    const save = () => (saved += app.client === undefined ? 0 : 1);
    app.client = newClient({}, { load: () => undefined, save });
    app.client.cookies.onChange(() => app.client);
    app.client.cookies.set(cookie('a'));
    if (i % 100 === 0) await resultOf(app.client, { url: `${http}/echo` });
    app.client.shutdown();
  };
  for (let i = 0; i < 1000; i++) await live(i);
  assert.equal(saved, 1000);
  await collected();
});
