// What a page hears of its calls while they run, over each channel.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { channels, http, name, open } from './support.js';

/** In a page: makes a call with listeners; resolves to what came of it, with lengths of chunks. */
const heard = `(options, abortsAt) => new Promise((resolve) => {
  const events = [];
  const task = tt.request(Object.assign({
    success: (res) => events.push(['success', res]),
    fail: (res) => events.push(['fail', res]),
    complete: () => resolve(events),
  }, options));
  task.onHeadersReceived((res) => events.push(['headers', res]));
  task.onChunkReceived(({ data }) => {
    events.push(['chunk', data instanceof ArrayBuffer && data.byteLength]);
    if (events.length === abortsAt) task.abort();
  });
  task.onChunkReceived(null);
})`;

const lengthOf = (events) =>
  events.reduce((sum, [kind, length]) => sum + (kind === 'chunk' ? length : 0), 0);

for (const channel of channels) {
  test(`${name}, ${channel}: the head and the chunks come in order before the result`, async () => {
    const { evaluate, view } = await open({ channel });
    for (const path of ['/bytes/300000', '/coded/gzip?zeros=300000', '/redirect/302/3']) {
      const events = await evaluate(heard, { url: http + path, enableChunked: true });
      const [first, ...rest] = events.map(([kind]) => kind);
      assert.equal(first, 'headers', path);
      assert.equal(rest.pop(), 'success', path);
      assert.ok(rest.every((kind) => kind === 'chunk') && rest.length > 0, path);
      const [, { data, statusCode, header, cookies }] = events.at(-1);
      assert.equal(data, '');
      assert.deepEqual(events[0][1], { statusCode, header, cookies });
      if (!path.startsWith('/redirect')) assert.equal(lengthOf(events), 300000, path);
    }
    const plain = await evaluate(heard, { url: `${http}/bytes/10` });
    assert.deepEqual(plain.map(([kind]) => kind), ['headers', 'success']);
    await view.close();
  });

  test(`${name}, ${channel}: after an abort no event comes, and a fail is the last`, async () => {
    const { evaluate, view } = await open({ channel });
    const url = `${http}/chunks/100?size=1000`;
    const events = await evaluate(heard, { url, enableChunked: true }, 2);
    assert.deepEqual(events.map(([kind]) => kind), ['headers', 'chunk', 'fail']);
    assert.equal(events[2][1].errno, 301);
    const wrong = await evaluate(heard, { url, enableChunked: 1 });
    assert.deepEqual(wrong.map(([kind]) => kind), ['fail']);
    assert.equal(wrong[0][1].errno, 104);
    await view.close();
  });
}

test(`${name}: a head comes while its body is still on the way`, async () => {
  const { evaluate, view } = await open();
  const status = await evaluate(`(url) => new Promise((resolve) => {
    const task = tt.request({ url });
    task.onHeadersReceived(({ statusCode }) => { task.abort(); resolve(statusCode); });
  })`, `${http}/fault/silence-in-body`);
  assert.equal(status, 200);
  await view.close();
});

test(`${name}: what a listener throws, or a patched prototype, harms nothing`, async () => {
  const { evaluate, view } = await open();
  const [length, calls] = await evaluate(`(url) => new Promise((complete) => {
    Object.defineProperty(Array.prototype, 0, { set() { throw new Error('patched'); } });
    Object.defineProperty(Object.prototype, 'hasHead', { value: true, configurable: true });
    window.onerror = () => true;
    let length = 0;
    const calls = [];
    const task = tt.request({ url, enableChunked: true, complete: () => {
      delete Array.prototype[0];
      delete Object.prototype.hasHead;
      complete([length, calls.join()]);
    } });
    const gone = () => calls.push('gone');
    task.onHeadersReceived(gone);
    task.offHeadersReceived(gone);
    task.onHeadersReceived(() => { throw new Error('on purpose'); });
    task.onChunkReceived(gone);
    task.offChunkReceived();
    task.onChunkReceived(({ data }) => { length += data.byteLength; });
  })`, `${http}/bytes/100000`);
  assert.deepEqual([length, calls], [100000, '']);
  await view.close();
});
