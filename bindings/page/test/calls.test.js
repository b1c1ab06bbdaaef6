// docs/contract.md#13-a-page-in-a-webview: what a page gets, in a browser, from the real engine.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { assertFail, assertOk, channels, http, invoke, name, open, until } from './support.js';

/** The example of the published page. */
const example = readFileSync(
  new URL('../../node/test/fixtures/seed.js', import.meta.url), 'utf8');

for (const channel of channels) {
  test(`${name}, ${channel}: a call has its result, then complete with the same`, async () => {
    const { evaluate, view } = await open({ channel });
    const { names, res } = await evaluate(invoke, { url: `${http}/status/404` });
    assert.deepEqual(names, ['success', 'complete']);
    assert.equal(res.statusCode, 404);
    assertOk(res);
    const failed = await evaluate(invoke, { url: 7 });
    assert.deepEqual(failed.names, ['fail', 'complete']);
    assertFail(failed.res, 104, 'invalid url: a number');
    await view.close();
  });

  test(`${name}, ${channel}: an abort works in every state`, async () => {
    const { client, evaluate, view } = await open({ channel });
    const group = `abort-${name}-${channel}`;
    const results = await evaluate(`async (url) => {
      const ends = [];
      const start = () => {
        let task;
        const end = new Promise((resolve) => {
          task = tt.request({
            url,
            fail: (res) => resolve(res.errMsg),
            success: () => resolve('ok'),
          });
        });
        ends.push(end);
        return task;
      };
      const tasks = Array.from({ length: 12 }, start);
      tasks[11].abort(); // in the queue
      tasks[0].abort(); // just started
      tasks[0].abort(); // twice
      const first = [await ends[11], await ends[0]];
      for (const task of tasks) task.abort();
      const all = await Promise.all(ends);
      tasks[3].abort(); // long after
      return [first, all];
    }`, `${http}/hold/${group}?counter=${group}`);
    const aborted = 'request:fail abort';
    assert.deepEqual(results, [[aborted, aborted], Array(12).fill(aborted)]);
    await until(() => client.inFlight === 0 && client.queued === 0);
    await view.close();
  });
}

test(`${name}: the example of the published page runs as it stands`, async () => {
  const { evaluate, view } = await open();
  const printed = await evaluate(`() => new Promise((resolve) => {
    const console = { log: resolve };
    ${example}
  })`);
  const { data, errMsg } = JSON.parse(printed);
  assert.equal(errMsg, 'request:ok');
  assert.match(data.target, /^\/\?noncestr=\d+$/);
  await view.close();
});

test(`${name}: callbacks may throw, abort and start others`, async () => {
  const { evaluate, view } = await open();
  const order = await evaluate(`(http) => new Promise((resolve) => {
    const order = [];
    let isInside = true;
    const task = tt.request({
      url: http + '/status/200',
      success() {
        order.push(isInside ? 'inside' : 'later', 'success');
        task.abort();
        tt.request({ url: 'nowhere', complete: (res) => {
          order.push(String(res.errno));
          resolve(order);
        } });
        throw new Error('on purpose');
      },
      complete() {
        order.push('complete');
        throw new Error('on purpose, too');
      },
    });
    isInside = false;
  })`, http);
  assert.deepEqual(order, ['later', 'success', 'complete', '104']);
  await until(() => view.errors.length === 2);
  assert.match(view.errors.join(), /on purpose.*on purpose, too/s);
  await view.close();
});

test(`${name}: wrong options fail later, from nowhere within the call`, async () => {
  const { evaluate, view } = await open();
  const order = await evaluate(`() => new Promise((resolve) => {
    const order = [];
    const task = tt.request({ url: '', fail: () => order.push('fail'), complete() {
      order.push('complete');
      resolve(order);
    } });
    order.push('returned', typeof task.abort);
  })`);
  assert.deepEqual(order, ['returned', 'function', 'fail', 'complete']);
  await view.close();
});

test(`${name}: the page sees the API and nothing else of the script`, async () => {
  const { evaluate, view } = await open({ name: 'my' });
  const seen = await evaluate(`() => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const usual = new Set(Object.getOwnPropertyNames(frame.contentWindow));
    frame.remove();
    usual.delete('my'); // frames have it as well
    return {
      names: Object.getOwnPropertyNames(window).filter((it) => !usual.has(it) && it !== '0'),
      members: Object.keys(my),
      tt: typeof tt,
      source: String(my.request).includes('settings'),
      symbols: Object.getOwnPropertySymbols(window).filter((it) => Symbol.keyFor(it)).length,
    };
  }`);
  const channel = ['fromHost', 'gadgetRequest', 'toHost'];
  assert.deepEqual(seen.names.filter((it) => !channel.includes(it)), ['my']);
  assert.deepEqual(seen.members, ['request']);
  assert.deepEqual([seen.tt, seen.source, seen.symbols], ['undefined', false, 1]);
  await view.close();
});

test(`${name}: an object under the global is kept, another value is replaced`, async () => {
  const { bridge, evaluate, view } = await open({ name: 'my', load: false });
  await view.load('about:blank');
  const results = await evaluate(`(script) => {
    const run = (name, value) => {
      window[name] = value;
      (0, eval)(script.replace(/"name":"my"/, '"name":"' + name + '"'));
      return [typeof window[name].request, window[name] === value];
    };
    return [run('one', { other: 1 }), run('two', () => {}), run('three', 3), run('four', null)];
  }`, bridge.script);
  const kept = ['function', true];
  const replaced = ['function', false];
  assert.deepEqual(results, [kept, kept, replaced, replaced]);
  await view.close();
});
