// Many calls, aborts and reloads: one outcome for each call of the living page, none for the dead,
// and nothing is left behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gc, http, name, native, open, pageUrl, until } from './support.js';

const PAGES = 5;
/** Of each page: as many calls end while it lives as die with it. */
const CALLS = 1000;
/** What the page's objects may take more than after the first page. */
const SLACK = 300_000;

/** In a page: makes its calls, and resolves to how many of them have not ended exactly once. */
const live = `async (http, count) => {
  const outcomes = Array(count).fill(0);
  for (let wave = 0; wave < 2; wave++) {
    const ends = [];
    for (let i = wave * count / 2; i < (wave + 1) * count / 2; i++) {
      ends.push(new Promise((resolve) => {
        const task = tt.request({ url: http + '/status/200', complete() {
          outcomes[i]++;
          resolve();
        } });
        if (Math.random() < 0.5) setTimeout(() => task.abort(), Math.random() * 50);
      }));
    }
    await Promise.all(ends);
  }
  return outcomes.filter((it) => it !== 1).length;
}`;

/** In a page: starts calls that it leaves. */
const leave = `(http, count) => {
  window.dead = [];
  for (let i = 0; i < count; i++) {
    tt.request({ url: http + '/delay/60000', complete: () => dead.push(i) });
  }
}`;

/** What the engine's shim holds, after a collection of garbage. */
const liveObjects = () => {
  gc();
  return native.liveObjects();
};

test(`${name}: ten thousand calls, random aborts, five reloads: one outcome each`, async () => {
  const { client, evaluate, view } = await open();
  const heaps = [];
  const objects = liveObjects();
  for (let page = 0; page < PAGES; page++) {
    if (page > 0) await view.load(pageUrl(String(page)));
    assert.equal(await evaluate(live, http, CALLS), 0, 'each call has one outcome');
    heaps.push(await view.heap?.());
    await evaluate(leave, http, CALLS);
    assert.equal(await evaluate('() => dead.length'), 0);
  }
  await view.load(pageUrl('end'));
  await until(() => client.inFlight === 0 && client.queued === 0);
  await until(() => liveObjects() <= objects);
  const [first, ...others] = heaps;
  for (const heap of others) assert.ok(!(heap > first + SLACK), `heaps: ${heaps}`);
  await view.close();
});

test(`${name}: a page has 1010 calls at most, and one more is a 111`, async () => {
  const { client, evaluate, view } = await open();
  const errnos = await evaluate(`async (url) => {
    const tasks = [];
    const ends = Array.from({ length: 1011 }, () => new Promise((complete) => {
      tasks.push(tt.request({ url, complete }));
    }));
    const { errno } = await ends.pop();
    for (const task of tasks) task.abort();
    const aborted = await Promise.all(ends);
    return [errno, ...new Set(aborted.map((it) => it.errno))];
  }`, `${http}/delay/60000`);
  assert.deepEqual(errnos, [111, 301]);
  await until(() => client.inFlight === 0 && client.queued === 0);
  await view.close();
});

test(`${name}: a page that makes calls one after the other keeps none of them`, async () => {
  const { evaluate, view } = await open();
  const objects = liveObjects();
  const heaps = [];
  for (let round = 0; round < 4; round++) {
    assert.equal(await evaluate(live, http, CALLS), 0);
    heaps.push(await view.heap?.());
  }
  await until(() => liveObjects() <= objects);
  assert.ok(!(heaps.at(-1) > heaps[0] + SLACK), `heaps: ${heaps}`);
  await view.close();
});
