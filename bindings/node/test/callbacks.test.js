import assert from 'node:assert/strict';
import test from 'node:test';

import { config, counter, face, http, invoke, resultOf, until } from './support.js';

const client = new face.GadgetClient(config);

test('exactly one of success and fail is called, then complete with the same object', async () => {
  for (const [url, first] of [
    [`${http}/echo`, 'success'],
    [`${http}/status/404`, 'success'],
    [`${http}/fault/close-before-head`, 'fail'],
    ['ftp://example.com', 'fail'],
  ]) {
    const { names, same } = await invoke(client, { url });
    assert.deepEqual(names, [first, 'complete'], url);
    assert.ok(same, url);
  }
});

test('callbacks are asynchronous, even if an argument is wrong', async () => {
  for (const url of [`${http}/echo`, undefined]) {
    let returned = false;
    const early = [];
    await new Promise((resolve) => {
      const note = () => early.push(!returned);
      client.request({ url, success: note, fail: note, complete: resolve });
      returned = true;
    });
    assert.deepEqual(early, [false]);
  }
});

test('a callback that is not a function is ignored', async () => {
  for (const nothing of [undefined, null, 5, 'x', {}, [], true]) {
    await new Promise((resolve) => {
      client.request({ url: `${http}/echo`, success: nothing, fail: nothing, complete: resolve });
    });
    await new Promise((resolve) => {
      client.request({ url: `${http}/echo`, success: resolve, complete: nothing });
    });
    await new Promise((resolve) => {
      client.request({ fail: resolve, complete: nothing });
    });
  }
});

test('a callback that cannot be read is ignored', async () => {
  await new Promise((resolve) => {
    client.request({
      url: `${http}/echo`,
      get success() {
        throw new Error('no');
      },
      fail: resolve,
    });
  });
});

test('the callbacks are read when request is called', async () => {
  const seen = [];
  await new Promise((resolve) => {
    const options = { url: `${http}/echo` };
    options.complete = () => seen.push('first');
    client.request(options);
    options.complete = () => seen.push('second');
    client.request(options);
    delete options.complete;
    until(() => seen.length === 2).then(resolve);
  });
  assert.deepEqual(seen.sort(), ['first', 'second']);
});

test('abort leads to one fail with 301, later and never from within', async () => {
  const { res, names } = await new Promise((resolve) => {
    const names = [];
    const task = client.request({
      url: `${http}/delay/60000`,
      success: () => names.push('success'),
      fail: () => names.push('fail'),
      complete: (res) => resolve({ res, names: [...names, 'complete'] }),
    });
    for (let i = 0; i < 3; i++) task.abort();
    assert.deepEqual(names, []);
  });
  assert.deepEqual(names, ['fail', 'complete']);
  assert.deepEqual(res, {
    errMsg: 'request:fail abort',
    errno: 301,
    errString: 'Network request cancelled',
    trace: res.trace,
  });
});

test('abort after the outcome has no effect', async () => {
  const { task, names } = await invoke(client, { url: `${http}/echo` });
  task.abort();
  await new Promise((resolve) => setTimeout(resolve, 20));
  task.abort();
  assert.deepEqual(names, ['success', 'complete']);
});

test('abort and request work within a callback', async () => {
  let task;
  const slow = new Promise((resolve) => {
    task = client.request({ url: `${http}/delay/60000`, fail: resolve });
  });
  const nested = await new Promise((resolve) => {
    client.request({
      url: `${http}/echo`,
      success: () => {
        task.abort();
        client.request({ url: `${http}/status/204`, success: resolve });
      },
    });
  });
  assert.equal(nested.statusCode, 204);
  assert.equal((await slow).errno, 301);
});

test('an abort ends the request on the server', async () => {
  const done = new Promise((resolve) => {
    const task = client.request({ url: `${http}/delay/60000?counter=js-abort`, fail: resolve });
    until(async () => (await counter('js-abort')).in_flight === 1).then(() => task.abort());
  });
  assert.equal((await done).errMsg, 'request:fail abort');
  await until(async () => (await counter('js-abort')).in_flight === 0);
});

test('shutdown ends calls in flight, and every later call', async () => {
  const own = new face.GadgetClient(config);
  const running = resultOf(own, { url: `${http}/delay/60000` });
  own.shutdown();
  own.shutdown();
  for (const res of [await running, await resultOf(own, { url: `${http}/echo` })]) {
    assert.equal(res.errMsg, 'request:fail client closed');
    assert.equal(res.errno, 301);
  }
});
