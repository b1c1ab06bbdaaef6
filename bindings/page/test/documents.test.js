// Documents that begin, end and come back, and which of them may use the API.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  ORIGIN, OTHER_ORIGIN, assertFail, assertOk, counter, http, invoke, name, open, pageUrl, release,
  until,
} from './support.js';

const aborted = 'request:fail abort';
const refusal = 'tt.request is not offered to this page: ' +
  'its origin is not among those that the app allows';

test(`${name}: another page gets nothing of the calls before, which are aborted`, async () => {
  const { client, evaluate, view } = await open();
  const group = `left-${name}`;
  const url = `${http}/hold/${group}?counter=${group}`;
  await evaluate('(url) => { for (let i = 0; i < 20; i++) tt.request({ url }); }', url);
  await until(async () => (await counter(group)).in_flight === 10);
  await view.load(pageUrl('<p>next</p>'));
  await until(() => client.inFlight === 0 && client.queued === 0);
  await release(group, 20);
  const { names, res } = await evaluate(invoke, { url: `${http}/status/200` });
  assert.deepEqual(names, ['success', 'complete']);
  assertOk(res);
  await view.close();
});

test(`${name}: a page that the app took for ended says hello again`, async () => {
  const { bridge, evaluate, view } = await open();
  const other = JSON.stringify({ page: '0'.repeat(32), hello: true });
  assert.equal(await bridge.receive(other, ORIGIN, true), undefined);
  const url = `${http}/status/200`;
  const [first, second] = [await evaluate(invoke, { url }), await evaluate(invoke, { url })];
  assert.equal(first.res.errMsg, aborted);
  assertOk(second.res);
  await view.close();
});

test(`${name}: calls of a page that is left for one without the API are aborted too`, async () => {
  const { client, evaluate, view } = await open();
  for (const url of ['about:blank', pageUrl('', OTHER_ORIGIN)]) {
    await view.load(pageUrl());
    await evaluate('(url) => { for (let i = 0; i < 20; i++) tt.request({ url }); }',
      `${http}/delay/60000`);
    await until(() => client.inFlight === 10);
    await view.load(url);
    await until(() => client.inFlight === 0 && client.queued === 0);
  }
  await view.close();
});

test(`${name}: a page that comes back from the cache fails what it left, once`, async () => {
  const { client, view } = await open();
  // All states: settled, in flight, in the queue, aborted on the way out.
  await view.evaluateNow(`
    var results = [];
    var tasks = [];
    var wasCached = [];
    const start = (url) => {
      const number = tasks.length;
      const complete = ({ errMsg }) => { results.push(number + ' ' + errMsg); };
      tasks.push(tt.request({ url, complete }));
    };
    start('${http}/status/200');
    for (let i = 0; i < 12; i++) start('${http}/delay/60000');
    addEventListener('pagehide', () => { tasks[1].abort(); tasks[12].abort(); });
    addEventListener('pageshow', ({ persisted }) => { wasCached.push(persisted); });
    'started'`);
  await until(async () => (await view.evaluateNow('String(results)')) === '0 request:ok');
  await until(() => client.inFlight === 10 && client.queued === 2);
  await view.load(pageUrl('<p>next</p>'));
  await until(() => client.inFlight === 0 && client.queued === 0);
  await view.evaluateNow(`history.back(); 'back'`);
  const count = () => view.evaluateNow('String(window.results && results.length)');
  await until(async () => (await count()) === '13');
  assert.equal(await view.evaluateNow('String(wasCached)'), 'true');
  await view.evaluateNow('for (const task of tasks) task.abort();');
  await view.evaluateNow(`start('${http}/status/200'); 'started'`);
  await until(async () => (await count()) === '14');
  const results = (await view.evaluateNow('results.join()')).split(',').sort();
  const expected = Array.from({ length: 14 }, (_, i) =>
    `${i} ${i === 0 || i === 13 ? 'request:ok' : aborted}`);
  assert.deepEqual(results, expected.sort());
  await view.close();
});

test(`${name}: pages of other origins and without one are refused, and hear it once`, async () => {
  const { client, evaluate, view } = await open({ load: false });
  for (const url of [pageUrl('', OTHER_ORIGIN), 'about:blank', 'data:text/html,<p>page</p>']) {
    view.console.length = 0;
    await view.load(url);
    for (let i = 0; i < 2; i++) {
      const { names, res } = await evaluate(invoke, { url: `${http}/counters/refused-${name}` });
      assertFail(res, 103, 'feature not supported', url);
      assert.deepEqual(names, ['fail', 'complete']);
    }
    await until(() => view.console.length > 0);
    assert.deepEqual(view.console, [refusal], url);
  }
  assert.equal(client.inFlight, 0);
  await view.close();
});

test(`${name}: pages of other origins and without one work if they are allowed`, async () => {
  const allowed = [OTHER_ORIGIN, 'null'];
  const { evaluate, view } = await open({ load: false, origins: allowed });
  for (const url of [pageUrl('', OTHER_ORIGIN), 'about:blank', 'data:text/html,<p>page</p>']) {
    await view.load(url);
    const { res } = await evaluate(invoke, { url: `${http}/status/200` });
    assertOk(res);
  }
  await view.load(pageUrl());
  assertFail((await evaluate(invoke, { url: http })).res, 103, 'feature not supported');
  assert.equal(view.console.length, 1);
  await view.close();
});

for (const [origin, isAllowed] of [[ORIGIN, true], [OTHER_ORIGIN, false]]) {
  const words = isAllowed ? 'may use the API' : 'is refused';
  test(`${name}: a blob: page of an origin that ${words} ${words} as well`, async () => {
    const { evaluate, view } = await open({ load: false });
    await view.load(pageUrl('', origin));
    await view.evaluateNow(`
      location = URL.createObjectURL(new Blob(['<p>blob</p>'], { type: 'text/html' }));
      'on the way'`);
    const text = () => view.evaluateNow('String(document.body && document.body.textContent)');
    await until(async () => (await text()) === 'blob');
    const { res } = await evaluate(invoke, { url: `${http}/status/200` });
    if (isAllowed) assertOk(res);
    else assertFail(res, 103, 'feature not supported');
    await view.close();
  });
}
