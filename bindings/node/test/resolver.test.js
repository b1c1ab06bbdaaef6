// A host's own resolver.
import assert from 'node:assert/strict';
import dns from 'node:dns/promises';
import os from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'node:test';

import { collected, face, gc, http, resultOf, run, until } from './support.js';

const { port, hostname } = new URL(http);
/** The test server under another name; each call makes a connection. */
const at = (host) => `http://${host}:${port}/close/1`;
/** Longer than any test: what waits that long has not been given up. */
const VERY_LONG_MS = 60_000;

const newClient = (resolver, settings = {}) =>
  new face.GadgetClient({ connectTimeoutMs: VERY_LONG_MS, ...settings }, { resolver });

/** A resolver that answers when it is told to, and notes the names that it is asked for. */
function holding() {
  const asked = [];
  const answers = [];
  const resolver = (host) => {
    asked.push(host);
    return new Promise((resolve) => answers.push(resolve));
  };
  const answer = (addresses) => answers.splice(0).forEach((resolve) => resolve(addresses));
  return { asked, resolver, answer };
}

function assertFail({ trace, ...res }, errno, detail, message) {
  const errString = face.ERRNO.get(errno);
  assert.deepEqual(res, { errMsg: `request:fail ${detail}`, errno, errString }, message);
  assert.match(trace, /^02\w{51}$/);
}
const assertNotResolved = (res, message) => assertFail(res, 305, 'name not resolved', message);
const assertOk = (res) => assert.equal(res.errMsg, 'request:ok');

test('it is asked for names, in lower case and ASCII, at each new connection', async () => {
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

test('a connection that is used again asks nobody, a redirect elsewhere asks', async () => {
  const asked = [];
  const client = newClient((host) => asked.push(host) && [hostname]);
  const to = encodeURIComponent(`http://there.example:${port}/echo`);
  const first = `http://here.example:${port}`;
  assertOk(await resultOf(client, { url: `${first}/echo` }));
  assertOk(await resultOf(client, { url: `${first}/redirect/302?to=${to}` }));
  assert.deepEqual(asked, ['here.example', 'there.example']);
});

test('with a proxy, it is asked for the name of that alone', async () => {
  const asked = [];
  const resolver = (host) => asked.push(host) && [hostname];
  const client = newClient(resolver, { proxy: `http://proxy.example:${port}` });
  assertOk(await resultOf(client, { url: 'http://a.example/echo' }));
  assert.deepEqual(asked, ['proxy.example']);
});

test('what it answers may come later, as a promise or anything that has then', async () => {
  for (const answer of [
    [hostname],
    Promise.resolve([hostname]),
    pause(20, [hostname]),
    { then: (resolve) => setTimeout(resolve, 20, [hostname]) },
  ]) {
    assertOk(await resultOf(newClient(() => answer), { url: at('a.example') }));
  }
});

test('addresses are tried in their order', async () => {
  const client = newClient(() => ['127.0.0.2', hostname]); // nobody listens at the first
  assertOk(await resultOf(client, { url: at('a.example') }));
  const none = await resultOf(newClient(() => ['127.0.0.2']), { url: at('a.example') });
  assertFail(none, 305, 'connection failed');
});

test('where it throws, rejects, or answers no addresses, the name is not resolved', async () => {
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

test('where it has no addresses, the system is asked', async (t) => {
  const asked = [];
  const client = newClient((host) => asked.push(host) && []);
  assertNotResolved(await resultOf(client, { url: at('nowhere.invalid') }));
  assert.deepEqual(asked, ['nowhere.invalid']);
  const known = os.hostname();
  if (!(await dns.lookup(known).catch(() => undefined))) return t.skip('no name is known here');
  const { errMsg } = await resultOf(client, { url: at(known) });
  // The test server may listen elsewhere; the name is known.
  assert.match(errMsg, /:ok$|connection failed$/);
});

test('what it answers is judged as what the system answers', async () => {
  const settings = { allowPrivateAddresses: false };
  const client = newClient(() => [hostname, '::1'], settings);
  const res = await resultOf(client, { url: at('a.example') });
  assertFail(res, 110, 'private address not allowed');
});

test('a question unanswered is time to connect, and an answer too late is none', async () => {
  const { asked, resolver, answer } = holding();
  const client = newClient(resolver, { connectTimeoutMs: 100 });
  const begun = Date.now();
  assertFail(await resultOf(client, { url: at('a.example') }), 302, 'timeout');
  assert.ok(Date.now() - begun >= 99);
  answer([hostname]);
  const next = resultOf(client, { url: at('b.example') });
  await until(() => asked.length === 2);
  answer([hostname]);
  assertOk(await next);
});

test('nobody waits for long where a promise never settles', async () => {
  const held = [];
  const promise = () => held[held.push(new Promise(() => {})) - 1];
  const client = newClient(promise, { connectTimeoutMs: 100 });
  // More than the engine has threads to wait with.
  const calls = Array.from({ length: 80 }, () => resultOf(client, { url: at('a.example') }));
  for (const call of calls) assertFail(await call, 302, 'timeout');
  assertOk(await resultOf(newClient(() => [hostname]), { url: at('a.example') }));
  held.length = 0;
});

test('the timeouts of a JSON document count as well', async () => {
  for (const [document, ms] of [
    ['{"connect_timeout_ms":50}', 50],
    ['{"connect_timeout_ms":50,"timeout_ms":20}', 20],
  ]) {
    const begun = Date.now();
    let client = new face.GadgetClient(document, { resolver: () => new Promise(() => {}) });
    assertFail(await resultOf(client, { url: at('a.example') }), 302, 'timeout');
    assert.ok(Date.now() - begun >= ms - 1);
    client = undefined;
    await collected();
    assert.ok(Date.now() - begun < 5000);
  }
});

test('many are asked at once, and each gets its own answer', async () => {
  const { asked, resolver, answer } = holding();
  const calls = [];
  for (let i = 0; i < 3; i++) { // the engine asks 32 at a time, in the whole process
    const client = newClient(resolver);
    for (let j = 0; j < 10; j++) calls.push(resultOf(client, { url: at(`n${i}${j}.example`) }));
  }
  await until(() => asked.length === 30);
  assert.equal(new Set(asked).size, 30);
  answer([hostname]);
  for (const call of calls) assertOk(await call);
  const client = newClient(async (host) => {
    await pause(Math.random() * 20);
    return host.startsWith('bad') ? Promise.reject(host) : [hostname];
  });
  const names = Array.from({ length: 300 }, (_, i) => `${i % 3 ? 'good' : 'bad'}${i}.example`);
  const results = names.map((name) => resultOf(client, { url: at(name) }));
  for (const [i, result] of results.entries())
    (i % 3 ? assertOk : assertNotResolved)(await result);
});

test('an abort ends a call whose name is being resolved', async () => {
  const { asked, resolver, answer } = holding();
  const client = newClient(resolver);
  let task;
  const call = new Promise((complete) => {
    task = client.request({ url: at('a.example'), complete });
  });
  await until(() => asked.length === 1);
  task.abort();
  assertFail(await call, 301, 'abort');
  answer([hostname]);
});

test('shutdown ends calls whose names are being resolved, and the threads that wait', async () => {
  const { asked, resolver, answer } = holding();
  let client = newClient(resolver);
  const calls = Array.from({ length: 20 }, () => resultOf(client, { url: at('a.example') }));
  await until(() => asked.length === 10);
  client.shutdown();
  for (const call of calls) assertFail(await call, 301, 'client closed');
  assertFail(await resultOf(client, { url: at('a.example') }), 301, 'client closed');
  assert.equal(asked.length, 10);
  answer([hostname]);
  client = undefined;
  await collected();
});

test('a client that nobody holds gives up what its aborted calls ask', async () => {
  const live = async () => {
    let asked = 0;
    const client = newClient(() => new Promise(() => client && asked++)); // it refers to its client
    const tasks = Array.from({ length: 10 }, () => client.request({ url: at('a.example') }));
    await until(() => asked === 10);
    for (const task of tasks) task.abort();
    await until(() => client.inFlight === 0);
  };
  await live();
  await collected();
});

test('a client that nobody holds has its resolver while requests are pending', async () => {
  const ask = () => resultOf(newClient(() => pause(100, [hostname])), { url: at('a.example') });
  const pending = ask();
  for (let i = 0; i < 5; i++) gc();
  assertOk(await pending);
  await collected();
});

test('300 clients leave nothing behind, also where resolvers refer to them', async () => {
  const live = async (i) => {
    const client = newClient(async () => (i % 3 ? client && [hostname] : Promise.reject(client)));
    const res = await resultOf(client, { url: at('a.example') });
    if (i % 3) assertOk(res);
    else assertNotResolved(res);
    if (i % 2) client.shutdown();
  };
  for (let i = 0; i < 300; i++) await live(i);
  await collected();
});

test('a resolver may use its client, also to end it', async () => {
  const client = newClient(async () => {
    const { data } = await resultOf(client, { url: `${http}/echo?address=${hostname}` });
    return [new URL(data.target, http).searchParams.get('address')];
  });
  assertOk(await resultOf(client, { url: at('a.example') }));
  const ends = newClient(() => {
    ends.cookies.save();
    ends.shutdown();
    return [hostname];
  });
  assertFail(await resultOf(ends, { url: at('a.example') }), 301, 'client closed');
});

test('a busy thread only delays what is asked', async () => {
  const client = newClient(() => [hostname]);
  const call = resultOf(client, { url: at('a.example') });
  for (let i = 0; i < 10; i++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    client.cookies.list('http://a.example');
    client.setOnline(true);
    assert.equal(client.inFlight, 1);
  }
  assertOk(await call);
});

test('what is no service is a TypeError that names it, and no client is made', async () => {
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

test('an unanswered question does not keep the process alive', () => {
  const { status, stdout, stderr } = run('resolves', 'ends');
  assert.deepEqual(stdout.split('\n'), ['asked', 'request:fail abort', 'exit'], stderr);
  assert.equal(status, 0);
});

test('a pending request keeps the process alive until it is answered', () => {
  const { status, stdout, stderr } = run('resolves', 'answers');
  assert.deepEqual(stdout.split('\n'), ['asked', 'request:ok', 'exit'], stderr);
  assert.equal(status, 0);
});

test('an exit while names are being resolved does not crash', () => {
  for (let i = 0; i < 10; i++) {
    const begun = Date.now();
    assert.equal(run('resolves', 'exits', String(i)).status, 7);
    assert.ok(Date.now() - begun < 10_000);
  }
});

test('a worker may end, be terminated or exit while its names are being resolved', () => {
  const { status, stdout, stderr } = run('resolves', 'workers');
  assert.equal(stderr, '');
  assert.equal(stdout, 'all is well');
  assert.equal(status, 0);
});
