// A resolver of the host app: timeouts, aborts, and the end of clients, workers and the process.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'node:test';

import { assertNotResolved, at, holding, newClient } from './resolving.js';
import {
  SLOWNESS, assertFail, assertOk, collected, face, gc, http, resultOf, run, until,
} from './support.js';

const { hostname } = new URL(http);

test('a question ends by the connect timeout, and a late answer is ignored', async () => {
  const { asked, resolver, answer } = holding();
  // As long as the second call needs on a busy machine.
  const client = newClient(resolver, { connectTimeoutMs: 2000 });
  const begun = Date.now();
  assertFail(await resultOf(client, { url: at('a.example') }), 302, 'timeout');
  assert.ok(Date.now() - begun >= 1999);
  answer([hostname]);
  const next = resultOf(client, { url: at('b.example') });
  await until(() => asked.length === 2);
  answer([hostname]);
  assertOk(await next);
});

test('promises that never settle block no other call', async () => {
  const held = [];
  const promise = () => held[held.push(new Promise(() => {})) - 1];
  const client = newClient(promise, { connectTimeoutMs: 100 });
  // More than the threads of the engine that can wait.
  const calls = Array.from({ length: 80 }, () => resultOf(client, { url: at('a.example') }));
  for (const call of calls) assertFail(await call, 302, 'timeout');
  assertOk(await resultOf(newClient(() => [hostname]), { url: at('a.example') }));
  held.length = 0;
});

test('the timeouts of a JSON document are used too', async () => {
  for (const [document, ms] of [
    ['{"connect_timeout_ms":50}', 50],
    ['{"connect_timeout_ms":50,"timeout_ms":20}', 20],
  ]) {
    const begun = Date.now();
    let never = new Promise(() => {}); // held: one that is collected is an answer
    let client = new face.GadgetClient(document, { resolver: () => never });
    assertFail(await resultOf(client, { url: at('a.example') }), 302, 'timeout');
    assert.ok(Date.now() - begun >= ms - 1);
    client = never = undefined;
    await collected();
    assert.ok(Date.now() - begun < 5000);
  }
});

test('many names are asked at once, and each gets its own answer', async () => {
  const { asked, resolver, answer } = holding();
  const calls = [];
  for (let i = 0; i < 3; i++) { // in a process the engine asks 32 at a time
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

test('an abort ends a call while its name is resolved', async () => {
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

test('shutdown ends calls while their names are resolved, and releases their threads', async () => {
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

test('a client without references is collected although its aborted calls ask', async () => {
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

test('a client without references has its resolver while calls are pending', async () => {
  const ask = () => resultOf(newClient(() => pause(100, [hostname])), { url: at('a.example') });
  const pending = ask();
  for (let i = 0; i < 5; i++) gc();
  assertOk(await pending);
  await collected();
});

test('300 clients leave nothing behind, even if resolvers refer to them', async () => {
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

test('a resolver may use its client, and may even end it', async () => {
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

test('a busy thread only delays questions', async () => {
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

test('a question without an answer does not keep the process alive', () => {
  const { status, stdout, stderr } = run('resolves', 'ends');
  assert.deepEqual(stdout.split('\n'), ['asked', 'request:fail abort', 'exit'], stderr);
  assert.equal(status, 0);
});

test('a pending call keeps the process alive until it is answered', () => {
  const { status, stdout, stderr } = run('resolves', 'answers');
  assert.deepEqual(stdout.split('\n'), ['asked', 'request:ok', 'exit'], stderr);
  assert.equal(status, 0);
});

test('an exit while names are resolved does not crash', () => {
  for (let i = 0; i < 10; i++) {
    const begun = Date.now();
    assert.equal(run('resolves', 'exits', String(i)).status, 7);
    assert.ok(Date.now() - begun < 10_000 * SLOWNESS);
  }
});

test('a worker may end, be terminated or exit while its names are resolved', () => {
  const { status, stdout, stderr } = run('resolves', 'workers');
  assert.equal(stderr, '');
  assert.equal(stdout, 'all is well');
  assert.equal(status, 0);
});
