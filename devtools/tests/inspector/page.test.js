// The inspector's page in Chromium: what it shows of real calls, and how it is used.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { batch, called, http, open, running } from './support.js';

const options = (path, more = {}) => ({ options: { url: `${http}${path}`, ...more } });

test('the list shows the calls of a client with their values', async () => {
  const { page, config } = await open();
  batch(config, [
    options('/status/404'),
    options('/echo', { method: 'POST', data: { id: 7 } }),
    { options: { url: 'ftp://nowhere' } },
    options('/fault/half-body'),
  ]);
  await page.until(() => document.querySelectorAll('#rows .running').length === 0 &&
    document.querySelector('#count').textContent === '4 calls');
  const rows = await page.rows();
  assert.deepEqual(rows.map((row) => row.method), ['GET', 'POST', 'GET', 'GET']);
  assert.deepEqual(rows.map((row) => row.result), ['404', '200', 'error 104', 'error 305']);
  assert.deepEqual(rows.map((row) => row.protocol), ['http1.1', 'http1.1', '', 'http1.1']);
  assert.equal(rows[0].url, `${http}/status/404`);
  assert.equal(rows[0].app, 'cli_9dff7f6ae02ad104');
  assert.match(rows[0].time, /^\d\d:\d\d:\d\d\.\d{3}$/);
  assert.match(rows[0].duration, /^[\d.]+\s(ms|s)$/);
  assert.match(rows[0].size, /^[\d.]+\sk?B$/);
  assert.match(await page.text('#gates'), /cli_9dff7f6ae02ad104/);
  assert.deepEqual(page.complaints, []);
});

test('the pane of a call says what was sent, what came, and what its error means', async () => {
  const { page, config } = await open();
  batch(config, [
    options('/echo', { method: 'POST', data: { id: 7 }, header: { authorization: 'Bearer x' } }),
    options('/redirect/302/1'),
    options('/fault/half-body'),
  ]);
  await page.untilCalls(3);
  const openCall = async (url) => {
    await page.evaluate((it) => {
      [...document.querySelectorAll('#rows .row')].find((row) => row.call.url.endsWith(it)).click();
    }, url);
    return page.text('#detail');
  };
  const posted = await openCall('/echo');
  for (const needed of [
    'Status 200', 'POST http', '{\n  "id": 7\n}', 'authorization\n[redacted]',
    'Wait for the server', 'The whole call', '"errMsg": "request:ok"', 'dispatched',
    'new, http1.1, 127.0.0.1, port',
  ]) assert.ok(posted.includes(needed), `${needed} in ${posted}`);
  const redirected = await openCall('/redirect/302/1');
  assert.match(redirected, /Request 1 of 2, as sent[^]*Redirects to http[^]*Request 2 of 2/);
  const failed = await openCall('/fault/half-body');
  assert.match(failed, /Error 305, Network failure: body cut short/);
  assert.match(failed, /When\nthe connection ended before the body did/);
  assert.match(failed, /What to do\nlook at the server and the network/);
  await page.press('Escape');
  await page.until(() => document.querySelector('#detail').hidden);
});

test('the search and the kinds choose calls', async () => {
  const { page, post } = await open();
  await post([
    { client: { appId: 'cli_a' } },
    ...called('1', 1000, 'http://a.test/apples'),
    ...called('2', 2000, 'http://a.test/pears', { statusCode: 500 }),
    ...called('3', 3000, 'http://b.test/apples', { header: { 'x-kind': 'Russet' } }),
    { call: '4', at: 4000, event: 'start', method: 'POST', url: 'http://b.test/plums' },
  ]);
  await page.untilCalls(4);
  const finds = async (query, expected, kind = 'all') => {
    await page.evaluate((words, value) => {
      for (const [id, text] of [['search', words], ['kind', value]]) {
        const input = document.getElementById(id);
        input.value = text;
        input.dispatchEvent(new Event('input', { bubbles: true }));
      }
    }, query, kind);
    await page.until((paths) => {
      const rows = [...document.querySelectorAll('#rows .row')].filter((row) => !row.hidden);
      return rows.map((row) => new URL(row.call.url).pathname).join(' ') === paths;
    }, expected);
  };
  await finds('apples', '/apples /apples');
  await finds('APPLES a.test', '/apples');
  await finds('apples -a.test', '/apples');
  await finds('russet', '/apples');
  await finds('post', '/plums');
  await finds('500', '/pears');
  await finds('nothing', '');
  assert.match(await page.text('#empty'), /No call is like that/);
  await finds('', '/plums', 'running');
  await finds('', '/pears', 'bad');
  await finds('', '/apples /apples', 'ok');
  await finds('', '', 'fail');
});

test('it is used by keys alone', async () => {
  const { page, post } = await open();
  await post(Array.from({ length: 100 }, (_, i) =>
    called(`${i}`, i * 10, `http://a.test/${i}`)).flat());
  await page.untilCalls(100);
  const active = () => page.evaluate(() => {
    const id = document.querySelector('#grid').getAttribute('aria-activedescendant');
    const row = id && document.getElementById(id);
    return row && [row.getAttribute('aria-rowindex'), row.getAttribute('aria-selected')].join();
  });
  const focused = () => page.evaluate(() => document.activeElement.id);
  await page.press('/');
  assert.equal(await focused(), 'search');
  await page.type('test/9');
  await page.untilCalls(11);
  await page.press('Escape');
  await page.untilCalls(100);
  await page.press('Escape');
  assert.equal(await focused(), 'grid');
  await page.press('Home');
  assert.equal(await active(), '1,true');
  await page.press('ArrowDown');
  await page.press('ArrowDown');
  await page.press('ArrowUp');
  assert.equal(await active(), '2,true');
  await page.press('End');
  assert.equal(await active(), '100,true');
  await page.press('PageUp');
  await page.press('Enter');
  assert.equal(await focused(), 'detail');
  assert.match(await page.text('#detail h2'), /http:\/\/a.test\/\d+/);
  await page.press('Escape');
  await page.until(() => document.querySelector('#detail').hidden);
  assert.equal(await focused(), 'grid');
});

test('texts of servers and mini programs never become HTML', async () => {
  const { page, post } = await open();
  const evil = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>';
  await post([
    { client: { appId: evil, platform: evil, pid: evil } },
    ...called(evil, 1000, `http://a.test/${evil}`, { header: { [evil]: evil }, cookies: [evil] }),
    {
      call: '2', at: 1, event: 'start', method: { evil }, url: [evil],
    },
    { call: '2', at: evil, event: 'request', url: 7, header: [evil], body: { evil }, bytes: evil },
    { call: '2', at: null, event: 'head', statusCode: evil, header: evil, cookies: evil },
    {
      call: '2', event: 'end', outcome: 'fail', errno: evil, detail: [evil], profile: evil,
      result: { data: evil },
    },
    { call: { evil }, event: 'start' },
    { event: evil },
  ]);
  await page.untilCalls(2);
  for (const row of [0, 1]) {
    await page.evaluate((i) => document.querySelectorAll('#rows .row')[i].click(), row);
    await page.until(() => !document.querySelector('#detail').hidden);
    const found = 'img, script:not([src="/main.js"]), iframe, a:not(#har)';
    assert.equal(await page.evaluate((it) => document.querySelectorAll(it).length, found), 0);
  }
  assert.equal(await page.evaluate(() => window.broken), undefined);
  assert.deepEqual(page.complaints, []);
});

test('a pause keeps the list, and nothing is lost by it', async () => {
  const { page, post } = await open();
  await post(called('1', 1000, 'http://a.test/1'));
  await page.untilCalls(1);
  await page.click('#pause');
  await post(called('2', 2000, 'http://a.test/2'));
  await page.until(() => document.querySelector('#state').textContent === 'Paused');
  assert.equal((await page.rows()).length, 1);
  await page.click('#pause');
  await page.untilCalls(2);
  await page.click('#clear');
  await page.untilCalls(0);
  await post(called('3', 3000, 'http://a.test/3'));
  await page.untilCalls(1);
});

test('the gate shows who is in flight and who waits, and who was killed is gone', async () => {
  const { page, config } = await open();
  const client = running(config);
  const line = JSON.stringify(options(`/hold/inspector-${process.pid}`));
  client.stdin.write(`${line}\n`.repeat(13));
  await page.untilCalls(13);
  await page.until(() => document.querySelector('.gate .words')?.textContent ===
    '10 of 10 in flight, 3 queued');
  assert.equal(await page.evaluate(() => document.querySelectorAll('.taken').length), 10);
  client.kill('SIGKILL');
  await page.until(() => document.querySelector('.gate .words').textContent === 'gone');
  assert.equal((await page.rows())[0].result, 'lost');
});
