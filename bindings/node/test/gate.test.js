// Ten calls at a time, the others in the queue; none while the host app says so.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test from 'node:test';

import { LIMIT, fullClient, hold, newName, waiting } from './places.js';
import { assertFail, assertOk, counter, face, http, release, resultOf, until } from './support.js';

const newClient = (settings = {}) => new face.GadgetClient(settings);

async function assertAllOk(calls) {
  for (const call of calls) assertOk(await call.result);
}

async function assertAllFail(calls, errno, detail) {
  for (const call of calls) assertFail(await call.result, errno, detail);
}

test('of a hundred calls ten are in flight, and each is sent once', async () => {
  const [client, name] = [newClient(), newName()];
  const calls = Array.from({ length: 100 }, () => hold(client, name));
  assert.deepEqual(waiting(client), [LIMIT, 90]);
  await until(async () => (await counter(name)).in_flight === LIMIT);
  await release(name, 100);
  await assertAllOk(calls);
  assert.deepEqual(waiting(client), [0, 0]);
  const { in_flight, max_in_flight, total } = await counter(name);
  assert.deepEqual([in_flight, max_in_flight, total], [0, LIMIT, 100]);
});

test('the eleventh call waits, and is sent when one of the ten is answered', async () => {
  const { client, name, held } = await fullClient();
  const eleventh = hold(client, name);
  assert.deepEqual(waiting(client), [LIMIT, 1]);
  await release(name);
  assertOk(await Promise.race(held.map((call) => call.result)));
  await until(async () => (await counter(name)).total === LIMIT + 1);
  assert.deepEqual(waiting(client), [LIMIT, 0]);
  await release(name, LIMIT);
  await assertAllOk([...held, eleventh]);
  assert.equal((await counter(name)).max_in_flight, LIMIT);
});

test('queued calls are sent in the order in which they were made', async () => {
  const { client, held } = await fullClient();
  const name = newName();
  const order = [];
  const calls = Array.from({ length: 5 }, async (_, number) => {
    assertOk(await hold(client, name).result);
    order.push(number);
  });
  held[3].abort(); // the only free place
  for (const call of calls) {
    await release(name);
    await call;
  }
  assert.deepEqual(order, [0, 1, 2, 3, 4]);
  assert.equal((await counter(name)).max_in_flight, 1);
  client.shutdown();
});

test('one call more than maxQueued is a 111, later and never from within', async () => {
  for (const maxQueued of [0, 1]) {
    const { client, name, held } = await fullClient({ maxQueued });
    const queued = Array.from({ length: maxQueued }, () => hold(client, name));
    let returned = false;
    const refused = hold(client, name).result.then((res) => {
      assert.ok(returned);
      assertFail(res, 111, 'too many requests');
    });
    returned = true;
    assert.deepEqual(waiting(client), [LIMIT, maxQueued]);
    await refused;
    await release(name, LIMIT + maxQueued);
    await assertAllOk([...held, ...queued]);
    assert.equal((await counter(name)).total, LIMIT + maxQueued);
  }
});

test('a call that follows an abort at once is never refused', async () => {
  for (const maxQueued of [0, 1]) {
    const { client, name, held } = await fullClient({ maxQueued });
    const calls = [...held, ...Array.from({ length: maxQueued }, () => hold(client, name))];
    const aborted = [];
    const replace = (index) => {
      const [call] = calls.splice(index, 1);
      call.abort();
      calls.push(hold(client, name));
      aborted.push(call);
    };
    for (let round = 0; round < 100; round++) {
      replace(round % calls.length);
      if (round % 3 === 0) await aborted.at(-1).result; // the others are aborted in the same tick
    }
    await assertAllFail(aborted, 301, 'abort');
    await until(async () => (await counter(name)).in_flight === LIMIT);
    await release(name, 1000); // the server releases aborted ones too
    await assertAllOk(calls);
  }
});

test('abort takes a queued call from the queue at once, and it is never sent', async () => {
  const { client, name, held } = await fullClient();
  const never = newName();
  const waits = Array.from({ length: 3 }, () => hold(client, never));
  waits.forEach((call, i) => {
    assert.deepEqual(waiting(client), [LIMIT, 3 - i]);
    call.abort();
    call.abort();
  });
  assert.deepEqual(waiting(client), [LIMIT, 0]);
  await assertAllFail(waits, 301, 'abort');
  const last = hold(client, name);
  await release(name, LIMIT + 1);
  await assertAllOk([...held, last]);
  assert.equal((await counter(never)).total, 0);
});

test('abort of a call in flight gives up its place at once', async () => {
  const { client, name, held } = await fullClient();
  held[4].abort();
  assert.deepEqual(waiting(client), [LIMIT - 1, 0]);
  assertFail(await held[4].result, 301, 'abort');
  await until(async () => (await counter(name)).in_flight === LIMIT - 1);
  client.shutdown();
});

test('offline fails queued calls and new calls, and calls in flight continue', async () => {
  const { client, name, held } = await fullClient();
  const waits = [hold(client, name), hold(client, name)];
  client.setOnline(false);
  assert.deepEqual(waiting(client), [LIMIT, 0]);
  await assertAllFail([...waits, hold(client, name)], 303, 'offline');
  await release(name, LIMIT);
  await assertAllOk(held);
  assertFail(await resultOf(client, { url: `${http}/echo` }), 303, 'offline');
  client.setOnline(true);
  assertOk(await resultOf(client, { url: `${http}/echo` }));
  assert.equal((await counter(name)).total, LIMIT);
});

test('setOnline without a boolean is a TypeError that names it, and has no effect', async () => {
  const client = newClient();
  for (const online of [undefined, null, 0, 'false', {}, [], 1n, Symbol('x'), new Boolean(false)]) {
    assert.throws(() => client.setOnline(online), {
      name: 'TypeError',
      message: 'online: must be a boolean',
    });
  }
  assertOk(await resultOf(client, { url: `${http}/echo` }));
});

test('after networkChanged calls open new connections, and calls in flight continue', async () => {
  const held = [];
  const server = createServer((request, response) => {
    if (request.url === '/hold') held.push(response);
    else response.end('ok');
  });
  const open = new Set();
  server.on('connection', (socket) => open.add(socket.on('close', () => open.delete(socket))));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const client = newClient();
  const inFlight = resultOf(client, { url: `${url}/hold` });
  await until(() => held.length === 1);
  const [first] = open;
  assertOk(await resultOf(client, { url }));
  const idle = [...open].filter((socket) => socket !== first);
  assert.equal(idle.length, 1);
  client.networkChanged();
  await until(() => open.size === 1);
  assert.ok(open.has(first));
  assertOk(await resultOf(client, { url }));
  assert.equal(open.size, 2);
  held[0].end('ok');
  assertOk(await inFlight);
  await until(() => !open.has(first));
  client.shutdown();
  server.close();
});

test('without a grace period, the background changes nothing', async () => {
  for (const settings of [{}, { backgroundGraceMs: undefined }, { backgroundGraceMs: null }]) {
    const { client, name, held } = await fullClient(settings);
    const waits = hold(client, name);
    client.enterBackground();
    assert.deepEqual(waiting(client), [LIMIT, 1]);
    await release(name, LIMIT + 1);
    await assertAllOk([...held, waits]);
    assertOk(await resultOf(client, { url: `${http}/echo` }));
  }
});

test('with a grace period of 0, the background fails all calls until foreground', async () => {
  const { client, name, held } = await fullClient({ backgroundGraceMs: 0 });
  const waits = hold(client, name);
  client.enterBackground();
  client.enterBackground();
  assert.deepEqual(waiting(client), [0, 0]);
  await assertAllFail([...held, waits, hold(client, name)], 112, 'app in background');
  await until(async () => (await counter(name)).in_flight === 0);
  client.enterForeground();
  assertOk(await resultOf(client, { url: `${http}/echo` }));
  assert.equal((await counter(name)).total, LIMIT);
});

test('the background fails calls when the grace period ends', async () => {
  const { client, held } = await fullClient({ backgroundGraceMs: 100 });
  const since = Date.now();
  client.enterBackground();
  assert.deepEqual(waiting(client), [LIMIT, 0]);
  await assertAllFail(held, 112, 'app in background');
  assert.ok(Date.now() - since >= 99, `${Date.now() - since} ms`);
  assertFail(await resultOf(client, { url: `${http}/echo` }), 112, 'app in background');
});

test('calls are sent within the grace period, and foreground ends it', async () => {
  const client = newClient({ backgroundGraceMs: 60_000 });
  client.enterBackground();
  assertOk(await resultOf(client, { url: `${http}/echo` }));
  client.enterForeground();
  assertOk(await resultOf(client, { url: `${http}/echo` }));
});

test('a call that waits for queueTimeoutMs is a 302, and calls in flight continue', async () => {
  const { client, name, held } = await fullClient({ queueTimeoutMs: 50 });
  const waits = hold(client, name);
  assert.deepEqual(waiting(client), [LIMIT, 1]);
  assertFail(await waits.result, 302, 'timeout');
  assert.deepEqual(waiting(client), [LIMIT, 0]);
  await release(name, LIMIT);
  await assertAllOk(held);
  assert.equal((await counter(name)).total, LIMIT);
});

test('shutdown fails all calls, and every method can be called afterwards', async () => {
  const { client, name, held } = await fullClient({ backgroundGraceMs: 0 });
  const waits = hold(client, name);
  client.shutdown();
  assert.deepEqual(waiting(client), [0, 0]);
  client.enterBackground();
  client.enterForeground();
  client.setOnline(false);
  client.setOnline(true);
  client.networkChanged();
  waits.abort();
  await assertAllFail([...held, waits, hold(client, name)], 301, 'client closed');
  assert.deepEqual(waiting(client), [0, 0]);
});

test('inFlight and queued cannot be set', () => {
  const client = newClient();
  for (const name of ['inFlight', 'queued']) {
    assert.throws(() => {
      client[name] = 5;
    }, TypeError);
    assert.equal(client[name], 0);
  }
});

test('invalid settings of the queue are errors that name the field', () => {
  for (const [config, message] of [
    [{ maxQueued: -1 }, /^max_queued: /],
    [{ maxQueued: 1.5 }, /^max_queued: /],
    [{ maxQueued: '5' }, /^max_queued: /],
    [{ maxQueued: null }, /^max_queued: /],
    [{ maxQueued: NaN }, /^max_queued: /],
    [{ queueTimeoutMs: 0 }, /^queue_timeout_ms: must be at least 1/],
    [{ queueTimeoutMs: -1 }, /^queue_timeout_ms: /],
    [{ queueTimeoutMs: true }, /^queue_timeout_ms: /],
    [{ queueTimeoutMs: NaN }, /^queue_timeout_ms: /],
    [{ queueTimeoutMs: Infinity }, /^queue_timeout_ms: /],
    [{ queueTimeoutMs: 2 ** 32 }, /^queue_timeout_ms: /],
    [{ backgroundGraceMs: -1 }, /^background_grace_ms: /],
    [{ backgroundGraceMs: 0.5 }, /^background_grace_ms: /],
    [{ backgroundGraceMs: '0' }, /^background_grace_ms: /],
    [{ backgroundGraceMs: NaN }, /^background_grace_ms: /],
  ]) {
    assert.throws(() => newClient(config), { name: 'Error', message }, JSON.stringify(config));
  }
});
