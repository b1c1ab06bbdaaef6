// The events of a task: the head of a response and the pieces of its body, before its result.
import assert from 'node:assert/strict';
import test from 'node:test';

import { config, face, gc, http, resultOf, run } from './support.js';

const client = new face.GadgetClient(config);

/** Makes a call with listeners; resolves with what came of it, in its order. */
function heard(options, during = () => {}) {
  return new Promise((resolve) => {
    const events = [];
    const task = client.request({
      ...options,
      success: (res) => events.push(['success', res]),
      fail: (res) => events.push(['fail', res]),
      complete: () => resolve(events),
    });
    task.onHeadersReceived((res) => events.push(['headers', res]));
    task.onChunkReceived((res) => {
      events.push(['chunk', res]);
      during(task, events);
    });
  });
}

const names = (events) => events.map(([name]) => name);
const bytesOf = (events) =>
  Buffer.concat(
    events.filter(([name]) => name === 'chunk').map(([, { data }]) => Buffer.from(data)),
  );

test('the head comes once, before the result, and is the one of the result', async () => {
  for (const path of ['/headers?x-a=1&x-a=2&set-cookie=a=1', '/redirect/302/3', '/status/404']) {
    const events = await heard({ url: http + path });
    assert.deepEqual(names(events), ['headers', 'success'], path);
    const [[, head], [, { statusCode, header, cookies }]] = events;
    assert.deepEqual(head, { statusCode, header, cookies }, path);
  }
});

test('the head comes as soon as it is there', async () => {
  const head = await new Promise((resolve) => {
    const task = client.request({ url: `${http}/fault/silence-in-body` });
    task.onHeadersReceived((res) => {
      task.abort();
      resolve(res);
    });
  });
  assert.equal(head.statusCode, 200);
});

test('with enableChunked the body comes in chunks, decoded and in order', async () => {
  for (const path of ['/bytes/300000', '/coded/gzip,br?zeros=300000', '/chunks/300?size=1000']) {
    const whole = await resultOf(client, { url: http + path, responseType: 'arraybuffer' });
    const events = await heard({ url: http + path, enableChunked: true });
    const [first, ...rest] = names(events);
    assert.equal(first, 'headers');
    assert.equal(rest.pop(), 'success');
    assert.ok(rest.every((name) => name === 'chunk') && rest.length > 0);
    assert.ok(bytesOf(events).equals(Buffer.from(whole.data)), path);
    assert.equal(events.at(-1)[1].data, '');
    assert.ok(events.every(([name, { data }]) => name !== 'chunk' || data.byteLength > 0));
  }
  const url = `${http}/bytes/10`;
  const bytes = await heard({ url, enableChunked: true, responseType: 'arraybuffer' });
  assert.equal(bytes.at(-1)[1].data.byteLength, 0);
  const plain = await heard({ url });
  assert.deepEqual(names(plain), ['headers', 'success']);
});

test('enableChunked of a wrong type is a 104, and nothing comes before it', async () => {
  for (const wrong of [1, 'true', {}]) {
    const events = await heard({ url: http, enableChunked: wrong });
    assert.deepEqual(names(events), ['fail']);
    assert.match(events[0][1].errMsg, /^request:fail invalid options: /);
  }
});

test('after an abort no event comes, not even one that was on its way', async () => {
  const url = `${http}/chunks/100?size=1000`;
  const events = await heard({ url, enableChunked: true }, (task) => task.abort());
  assert.deepEqual(names(events), ['headers', 'chunk', 'fail']);
  assert.equal(events[2][1].errno, 301);
});

test('what a listener throws is an uncaught exception, and stops nothing', () => {
  const { status, stdout } = run('hears');
  const lines = stdout.split('\n');
  assert.equal(lines.filter((line) => line === 'uncaught from headers').length, 1);
  assert.ok(lines.filter((line) => line === 'uncaught from chunk').length > 1);
  assert.equal(lines.at(-1), '5000 bytes, request:ok');
  assert.equal(status, 0);
});

test('a removed listener hears nothing, and a value that is no function is ignored', async () => {
  const calls = [];
  const [gone, stays] = [() => calls.push('gone'), () => calls.push('stays')];
  await new Promise((complete) => {
    const url = `${http}/bytes/10`;
    const task = client.request({ url, enableChunked: true, complete });
    for (const nothing of [undefined, null, 5, 'x', {}]) {
      task.onHeadersReceived(nothing);
      task.onChunkReceived(nothing);
    }
    task.onHeadersReceived(gone);
    task.onHeadersReceived(stays);
    task.offHeadersReceived(gone);
    task.onChunkReceived(gone);
    task.onChunkReceived(gone);
    task.offChunkReceived();
    task.onChunkReceived(stays);
  });
  assert.deepEqual(calls, ['stays', 'stays']);
});

test('a thread that is busy slows the server down, and loses nothing', async () => {
  const url = `${http}/bytes/100000000`;
  let most = 0;
  const events = await heard({ url, enableChunked: true }, (task, soFar) => {
    const until = Date.now() + 20;
    while (Date.now() < until);
    most = Math.max(most, process.memoryUsage().arrayBuffers);
    if (soFar.length > 20) task.abort();
  });
  assert.equal(events.at(-1)[1].errno, 301);
  assert.ok(most < 32 << 20, `${most} bytes`);
});

test('a listener that comes too late for the engine gets the head before the result', async () => {
  const order = [];
  await new Promise((complete) => {
    const task = client.request({ url: http, success: () => order.push('success'), complete });
    const until = Date.now() + 300; // the engine has settled the call by then
    while (Date.now() < until);
    task.onHeadersReceived(({ statusCode }) => order.push(statusCode));
  });
  assert.deepEqual(order, [200, 'success']);
});

test('a call whose task nobody keeps gets all its chunks', async () => {
  let bytes = 0;
  const done = new Promise((complete) => {
    const url = `${http}/chunks/200?size=10000`;
    const task = client.request({ url, enableChunked: true, complete });
    task.onChunkReceived(({ data }) => {
      bytes += data.byteLength;
      gc();
    });
  });
  await done;
  assert.equal(bytes, 2_000_000);
});
