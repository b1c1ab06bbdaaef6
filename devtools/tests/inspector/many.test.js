// Ten thousand calls: the list stays small and quick. And how the page looks.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { batch, called, http, open, running } from './support.js';

const CALLS = 10_000;
/** Rows in sight of the largest window here, with the spare ones. */
const MAX_ROWS = 50;
/** What browsers call a long task, in milliseconds: who scrolls or types feels it. */
const LONG_TASK = 50;
/** The same for a search, which asks calls a slice at a time: twice as long as it takes here. */
const LONG_SLICE = 25;
/** Two frames of a screen with 60 each second: four times as long as a scroll takes here. */
const MAX_SCROLL = 2000 / 60;
/** Four times as long as loading takes here, in milliseconds of the page's thread. */
const MAX_LOAD = 2000;
/** How often the list is scrolled on, and how far each time: five rows, a quick turn of a wheel. */
const SCROLLS = 200;
const STEP = 140;
/** The header of a usual response. */
const header = Object.fromEntries(Array.from({ length: 15 }, (_, i) =>
  [`x-name-${i}`, `a value that is as long as most are, ${i}`]));

test('ten thousand calls load at once, scroll and are searched without a long task', async () => {
  const { page, post, url } = await open();
  await page.record();
  await page.load(url); // what begins late in it is recorded for sure
  const sent = await page.part('send', async () => {
    for (let first = 0; first < CALLS; first += 1000) {
      await post(Array.from({ length: 1000 }, (_, i) => called(
        `${first + i}`, 1_700_000_000_000 + (first + i) * 40, `http://a.test/items/${first + i}`,
        { header },
      )).flat());
    }
    await page.untilCalls(CALLS);
  });
  const loaded = await page.part('load', async () => {
    await page.load(url);
    await page.untilCalls(CALLS);
  });
  await page.evaluate(() => {
    window.longTasks = 0;
    new PerformanceObserver((list) => {
      window.longTasks += list.getEntries().length;
    }).observe({ type: 'longtask' });
  });
  await page.part('scroll', () => page.evaluate(async (scrolls, step) => {
    const grid = document.querySelector('#grid');
    grid.scrollTop = 0;
    for (let i = 0; i < scrolls; i++) {
      grid.scrollTop += step;
      await new Promise(requestAnimationFrame);
    }
  }, SCROLLS, STEP));
  const { rows, seen } = await page.evaluate(async (scrolls) => {
    const grid = document.querySelector('#grid');
    let rows = 0;
    const seen = new Set();
    for (let step = 0; step <= scrolls; step++) {
      grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * (step / scrolls);
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      const made = [...document.querySelectorAll('#rows .row')];
      rows = Math.max(rows, made.length);
      for (const row of made) seen.add(row.call.number);
    }
    return { rows, seen: seen.size };
  }, SCROLLS);
  await page.part('search', () => page.evaluate(async () => {
    const search = document.querySelector('#search');
    search.value = 'items/99 -items/990';
    search.dispatchEvent(new Event('input', { bubbles: true }));
    while (document.querySelector('#grid').getAttribute('aria-rowcount') !== '100') {
      await new Promise(requestAnimationFrame);
    }
  }));
  const longTasks = await page.evaluate(() => window.longTasks);
  const tasksOf = await page.recorded();
  const [send, load, scroll, search] = ['send', 'load', 'scroll', 'search'].map((part) => {
    const tasks = tasksOf(part);
    return { sum: tasks.reduce((all, it) => all + it, 0), longest: Math.max(...tasks) };
  });
  const work = ({ sum, longest }) =>
    `${sum.toFixed()} ms, the longest task ${longest.toFixed()} ms`;
  console.log(`by the clock: sent and shown in ${sent.toFixed(1)} s, loaded again in \
${loaded.toFixed(1)} s; ${longTasks} long tasks while it was scrolled and searched
by the processor: sent and shown ${work(send)}
  loaded again ${work(load)}
  ${SCROLLS} scrolls ${work(scroll)}
  a search ${work(search)}`);
  assert.ok(rows <= MAX_ROWS, `${rows} rows`);
  assert.ok(seen > 4000, `${seen} calls were in sight`);
  for (const part of [send, load]) assert.ok(part.sum < MAX_LOAD, work(part));
  assert.ok(scroll.sum / SCROLLS < MAX_SCROLL && scroll.longest < LONG_TASK, work(scroll));
  assert.ok(search.longest < LONG_SLICE, work(search));
});

test('it looks as in the docs, dark and light', async () => {
  const { page, config } = await open();
  const call = (path, more = {}) => ({ options: { url: `${http}${path}`, ...more } });
  const hold = `inspector-look-${process.pid}`;
  batch(config, [
    call('/echo', { method: 'POST', data: { sku: 'A-17', amount: 2 } }),
    call('/status/404'),
    call('/delay/120'),
    call('/redirect/302/2'),
    call('/bytes/90000'),
    call('/fault/half-body'),
    { options: { url: 'http://', method: 'GET' } },
    call(`/echo?counter=${hold}`, { header: { authorization: 'Bearer x' } }),
    ...Array.from({ length: 12 }, (_, i) => call(`/delay/${20 + i * 10}?page=${i}`)),
  ]);
  const client = running(config.replace('9dff7f6ae02ad104', 'a1c07be2'));
  const waits = JSON.stringify(call(`/hold/${hold}`));
  client.stdin.write(`${waits}\n`.repeat(12));
  await page.untilCalls(32);
  await page.until(() => document.querySelectorAll('#rows .running').length === 12 &&
    document.querySelector('#gates').innerText.includes('2 queued'));
  await page.picture('list', 'light');
  await page.picture('list', 'dark');
  await page.evaluate(() => {
    document.querySelector('#grid').scrollTop = 0;
    return new Promise(requestAnimationFrame);
  });
  await page.until(() => [...document.querySelectorAll('#rows .row')]
    .some((row) => row.call.method === 'POST'));
  await page.evaluate(() => {
    [...document.querySelectorAll('#rows .row')].find((it) => it.call.method === 'POST').click();
  });
  await page.until(() => !document.querySelector('#detail').hidden);
  await page.picture('call', 'light');
  await page.picture('call', 'light', 'webp'); // docs/images/inspector.webp is this one
  await page.picture('call', 'dark');
  await page.evaluate(() => {
    [...document.querySelectorAll('#rows .row')].find((it) => it.call.url.includes('half')).click();
  });
  await page.until(() => document.querySelector('#detail').innerText.includes('cut short'));
  await page.picture('error', 'light');
  await page.picture('error', 'dark');
  assert.deepEqual(page.complaints, []);
});
