// The HARs of real calls, as Chromium's network panel imports and shows them.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { imported } from './panel.js';
import { batch, http, open } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'har-'));
after(() => rmSync(folder, { recursive: true }));

const H1 = 'http/1.1';
const https = 'https://www.toutiao.com';
const call = (url, more) => ({ options: { url, ...more } });
const BATCH = [
  call(`${http}/delay/120`),
  call(`${http}/gzip?body=${'a'.repeat(2000)}&a=1`),
  call(`${http}/echo?post`, { method: 'POST', data: { a: '中' } }),
  { ...call(`${http}/echo?bytes`, { method: 'PUT' }), bytes_base64: '//79' },
  call(`${http}/redirect/302/1?to=/status/404`),
  call(`${http}/fault/half-body`),
  call(`${http}/fault/garbage`),
  call('http://127.0.0.1:1/'),
  call('ftp://a.test/'),
  call(`${https}/echo?h2`),
];

/** What the panel shows, in the order of URLs: URL, method, status and its text, protocol. */
const SHOWN = [
  ['ftp://a.test/', 'GET', 'invalid parameter', '', ''],
  ['http://127.0.0.1:1/', 'GET', 'Network failure', '', ''],
  [`${http}/delay/120`, 'GET', '200', 'OK', H1],
  [`${http}/echo?bytes`, 'PUT', '200', 'OK', H1],
  [`${http}/echo?post`, 'POST', '200', 'OK', H1],
  [`${http}/fault/garbage`, 'GET', 'Network failure', '', H1],
  [`${http}/fault/half-body`, 'GET', '200', 'Network failure', H1],
  [`${http}/gzip?body=${'a'.repeat(2000)}&a=1`, 'GET', '200', 'OK', H1],
  [`${http}/redirect/302/1?to=/status/404`, 'GET', '302', 'Found', H1],
  [`${http}/status/404`, 'GET', '404', 'Not Found', H1],
  [`${https}/echo?h2`, 'GET', '200', 'OK', 'h2'],
];

/** The requests in the order of their URLs. */
const sorted = (requests) => requests.sort((a, b) => (a.url < b.url ? -1 : 1));

/** Makes the calls with an inspector attached, and gives the files of both HARs. */
async function written() {
  const { page, config } = await open();
  const files = [join(folder, 'batch.har'), join(folder, 'calls.har')];
  const settings = {
    ...JSON.parse(process.env.GADGET_CONFIG), ...JSON.parse(config), har_body_bytes: 5000,
  };
  batch(JSON.stringify(settings), BATCH, ['--har', files[0]]);
  await page.untilCalls(BATCH.length);
  await page.until(() => document.querySelectorAll('#rows .running').length === 0);
  const download = { behavior: 'allow', downloadPath: folder };
  await page.send('Browser.setDownloadBehavior', download);
  await page.click('#har');
  for (let i = 0; i < 500 && !existsSync(files[1]); i++) await pause(20);
  return files;
}

const near = (a, b, tolerance) => assert.ok(Math.abs(a - b) <= tolerance, `${a} and ${b}`);

test('the network panel shows both HARs of some calls, with the same values', async () => {
  const files = await written();
  const first = await imported(files[0], SHOWN.length);
  await first.page.picture('har', 'light');
  const second = await imported(files[1], SHOWN.length);
  await second.page.picture('har', 'dark');
  for (const { requests } of [first, second]) {
    const shown = sorted(requests).map(({ url, method, status, reason, protocol }) =>
      [url, method, status, reason, protocol]);
    assert.deepEqual(shown, SHOWN);
    assert.ok(requests.every(({ type }) => type === 'fetch'));
  }
  const entries = JSON.parse(readFileSync(files[0])).log.entries
    .map((entry) => ({ ...entry, url: entry.request.url }));
  for (const [i, { time, timings, startedDateTime }] of sorted(entries).entries()) {
    const [request, other] = [first.requests[i], second.requests[i]];
    // Chromium counts in seconds since 1970: the last digits of microseconds are not exact.
    near(request.started, Date.parse(startedDateTime), 0.01);
    near(request.time, time, 0.01);
    for (const [phase, millis] of Object.entries(request.phases)) {
      near(millis, timings[phase], 0.01);
    }
    assert.equal(other.peer, request.peer);
    for (const name of ['started', 'time']) near(other[name], request[name], 0.01);
    for (const name of ['sent', 'size', 'body']) assert.equal(other[name], request[name]);
    // Events do not tell how much came for each request of a call.
    const isRedirected = ['302', '404'].includes(request.status);
    assert.equal(other.received, isRedirected ? 0 : request.received);
  }
  const [, refused, delayed, bytes, posted, , cut, gzip, redirect, missing, h2] = first.requests;
  assert.deepEqual([refused.peer, delayed.peer], [':80', new URL(http).host]);
  assert.deepEqual([posted.sent, bytes.sent], ['{"a":"中"}', '//79']);
  assert.deepEqual([gzip.size, gzip.body], [2000, 'a'.repeat(2000)]);
  assert.ok(gzip.received > 50 && gzip.received < 500, `${gzip.received} bytes`);
  assert.ok(cut.received > 0 && redirect.received > 0 && missing.received > 0);
  assert.equal(JSON.parse(h2.body).version, 'HTTP/2');
  assert.equal(h2.size, Buffer.byteLength(h2.body));
  // Less than the delay: the server may read the request before the client notes that it is sent.
  assert.ok(delayed.phases.wait >= 60 && delayed.phases.connect >= 0, JSON.stringify(delayed));
  assert.ok(h2.phases.ssl > 0 && h2.phases.connect > h2.phases.ssl, JSON.stringify(h2));
});
