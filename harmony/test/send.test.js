// `send` of ArkTS, whose second parameter gets the task.
import assert from 'node:assert/strict';
import test from 'node:test';

import { LIMIT, fullClient, held, newName, waiting } from '../../bindings/node/test/places.js';
import {
  assertRejects, collected, config, counter, face, http, release, run, until,
} from '../../bindings/node/test/support.js';

const client = new face.GadgetClient(config);

test('onStart gets the task once, before send returns', async () => {
  const tasks = [];
  const sent = client.send({ url: `${http}/echo` }, (task) => tasks.push(task));
  assert.equal(tasks.length, 1);
  assert.equal((await sent).statusCode, 200);
  assert.equal(tasks.length, 1);
  tasks[0].abort(); // after the outcome it has no effect
  assert.equal((await sent).statusCode, 200);
});

test('the task aborts a call in flight, and its promise rejects with a 301', async () => {
  const name = newName();
  let task;
  const sent = client.send({ url: held(name) }, (it) => (task = it));
  await until(async () => (await counter(name)).in_flight === 1);
  for (let i = 0; i < 3; i++) task.abort();
  assert.deepEqual(waiting(client), [0, 0]);
  await assertRejects(sent, 301, /^request:fail abort$/);
  await until(async () => (await counter(name)).in_flight === 0);
});

test('the task takes a queued call from the queue at once, and it is never sent', async () => {
  const { client: full, name, held: calls } = await fullClient();
  const never = newName();
  let task;
  const sent = full.send({ url: held(never) }, (it) => (task = it));
  assert.deepEqual(waiting(full), [LIMIT, 1]);
  task.abort();
  assert.deepEqual(waiting(full), [LIMIT, 0]);
  await assertRejects(sent, 301, /^request:fail abort$/);
  await release(name, LIMIT);
  for (const call of calls) await call.result;
  assert.equal((await counter(never)).total, 0);
});

test('onStart may abort the call', async () => {
  const sent = client.send({ url: `${http}/delay/60000` }, (task) => task.abort());
  await assertRejects(sent, 301, /^request:fail abort$/);
});

test('an onStart that is not a function is a TypeError, and nothing is sent', async () => {
  const name = newName();
  const url = `${http}/echo?counter=${name}`;
  for (const onStart of [5, 'x', {}, true]) {
    const isIt = { name: 'TypeError', message: 'onStart: must be a function' };
    await assert.rejects(client.send({ url }, onStart), isIt);
  }
  assert.equal((await counter(name)).total, 0);
  for (const absent of [undefined, null]) {
    assert.equal((await client.send({ url }, absent)).statusCode, 200);
  }
});

test('an error of onStart is an uncaught exception, and the call continues', () => {
  const { status, stdout } = run('sends', 'throws');
  assert.deepEqual(stdout.split('\n'), ['uncaught from onStart', '200', 'exit']);
  assert.equal(status, 0);
});

test('500 calls of which half are aborted leave nothing behind', async () => {
  const live = async (own) => {
    let settled = 0;
    const one = (i) => {
      const onStart = (task) => i % 2 && setTimeout(() => task.abort(), i % 10);
      const done = () => (settled += 1);
      return own.send({ url: `${http}/delay/${i % 7}` }, onStart).then(done, done);
    };
    await Promise.all(Array.from({ length: 500 }, (_, i) => one(i)));
    assert.equal(settled, 500);
  };
  await live(new face.GadgetClient(config));
  await collected(1); // the client that these tests share
});
