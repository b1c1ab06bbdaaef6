// `send` with an AbortSignal, which ArkTS does not have.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import every from 'node:test';

import { LIMIT, fullClient, held, newName, waiting } from './places.js';
import {
  assertRejects, collected, config, counter, face, faceName, http, release, until,
} from './support.js';

const client = new face.GadgetClient(config);
const test = (name, run) => every(name, { skip: faceName !== 'node' }, run);
const listeners = (signal) => getEventListeners(signal, 'abort').length;

test('an abort of the signal ends a call in flight with a 301', async () => {
  const [name, controller] = [newName(), new AbortController()];
  const sent = client.send({ url: held(name), signal: controller.signal });
  await until(async () => (await counter(name)).in_flight === 1);
  controller.abort();
  assert.deepEqual(waiting(client), [0, 0]);
  await assertRejects(sent, 301, /^request:fail abort$/);
  await until(async () => (await counter(name)).in_flight === 0);
});

test('an abort takes a queued call from the queue at once, and it is never sent', async () => {
  const { client: full, name, held: calls } = await fullClient();
  const [never, controller] = [newName(), new AbortController()];
  const sent = full.send({ url: held(never), signal: controller.signal });
  assert.deepEqual(waiting(full), [LIMIT, 1]);
  controller.abort();
  assert.deepEqual(waiting(full), [LIMIT, 0]);
  await assertRejects(sent, 301, /^request:fail abort$/);
  await release(name, LIMIT);
  for (const call of calls) await call.result;
  assert.equal((await counter(never)).total, 0);
});

test('if the signal was aborted before, the promise rejects and nothing is sent', async () => {
  const name = newName();
  const signal = AbortSignal.abort(new Error('a reason, which is not used'));
  const sent = client.send({ url: held(name), signal });
  assert.deepEqual(waiting(client), [0, 0]);
  await assertRejects(sent, 301, /^request:fail abort$/, /^$/);
  assert.equal((await counter(name)).total, 0);
});

test('an abort while the options are read aborts the call', async () => {
  const controller = new AbortController();
  const data = {
    toJSON() {
      controller.abort();
      return {};
    },
  };
  const options = { url: `${http}/delay/60000`, method: 'POST', data };
  const sent = client.send({ ...options, signal: controller.signal });
  await assertRejects(sent, 301, /^request:fail abort$/);
});

test('options with a getter that throws are a 104, with a signal and without', async () => {
  for (const signal of [undefined, new AbortController().signal]) {
    for (const name of ['url', 'data', 'success']) {
      const options = { url: 7, signal };
      Object.defineProperty(options, name, {
        enumerable: true,
        get() {
          throw new RangeError('on purpose');
        },
      });
      await assertRejects(client.send(options), 104, /^request:fail invalid (options|url)/);
    }
  }
});

test('an abort after the outcome has no effect', async () => {
  for (const path of ['/echo', '/fault/close-before-head']) {
    const controller = new AbortController();
    const outcome = client
      .send({ url: http + path, signal: controller.signal })
      .then((res) => res.statusCode, (error) => error.errno);
    const first = await outcome;
    controller.abort();
    assert.equal(await outcome, first);
    assert.equal(first, path === '/echo' ? 200 : 305);
  }
});

test('when the promise has settled, the client has no listener on the signal', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  for (const options of [
    { url: `${http}/echo` },
    { url: `${http}/fault/close-before-head` },
    { url: '' },
    { url: `${http}/echo`, success() {} },
  ]) {
    await client.send({ ...options, signal }).catch(() => {});
    assert.equal(listeners(signal), 0);
  }
  const sent = client.send({ url: `${http}/delay/60000`, signal });
  assert.equal(listeners(signal), 1);
  controller.abort();
  await assert.rejects(sent);
  assert.equal(listeners(signal), 0);
  await assert.rejects(client.send({ url: `${http}/echo`, signal }));
  assert.equal(listeners(signal), 0);
});

test('one signal aborts all of its calls, and no others', async () => {
  const [name, controller] = [newName(), new AbortController()];
  const other = client.send({ url: held(name) });
  const all = Array.from({ length: 10 }, () => {
    const sent = client.send({ url: held(name), signal: controller.signal });
    return assertRejects(sent, 301, /^request:fail abort$/);
  });
  controller.abort();
  await Promise.all(all);
  await until(async () => (await counter(name)).in_flight === 1);
  await release(name, 100); // some go to calls whose end the server does not know yet
  assert.equal((await other).statusCode, 200);
});

test('signals that end by time, and signals of several, abort as well', async () => {
  for (const make of [
    () => AbortSignal.timeout(50),
    () => AbortSignal.any([AbortSignal.timeout(50), new AbortController().signal]),
  ]) {
    const sent = client.send({ url: `${http}/delay/60000`, signal: make() });
    await assertRejects(sent, 301, /^request:fail abort$/);
  }
});

test('the other options are as without a signal', async () => {
  const { signal } = new AbortController();
  const options = Object.freeze({
    url: `${http}/echo`,
    method: 'PUT',
    data: Uint8Array.from([1, 2]),
    signal,
  });
  const { data } = await client.send(options);
  assert.equal(data.method, 'PUT');
  assert.deepEqual([...Buffer.from(data.body_base64, 'base64')], [1, 2]);
});

test('a signal that is not an AbortSignal is a TypeError, and nothing is sent', async () => {
  const name = newName();
  const url = `${http}/echo?counter=${name}`;
  const isIt = { name: 'TypeError', message: 'signal: must be an AbortSignal' };
  for (const signal of [0, '', false, 5, 'x', {}, { aborted: true }, new EventTarget(), () => {}]) {
    await assert.rejects(client.send({ url, signal }), isIt);
  }
  assert.equal((await counter(name)).total, 0);
  for (const signal of [undefined, null]) {
    assert.equal((await client.send({ url, signal })).statusCode, 200);
  }
});

test('calls that end beside an abort settle once, and nothing is left behind', async () => {
  const { signal: lasting } = new AbortController();
  const live = async (own) => {
    const outcomes = [];
    const one = async (i) => {
      const signal = AbortSignal.any([lasting, AbortSignal.timeout(1 + (i % 10))]);
      const sent = own.send({ url: `${http}/delay/${i % 7}`, signal });
      await sent.then(() => outcomes.push(200), ({ errno }) => outcomes.push(errno));
      assert.equal(listeners(signal), 0);
    };
    for (let i = 0; i < 500; i += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, j) => one(i + j)));
    }
    assert.equal(outcomes.length, 500);
    assert.deepEqual([...new Set(outcomes)].sort(), [200, 301]);
  };
  await live(new face.GadgetClient(config));
  await collected(1); // the client that these tests share
});
