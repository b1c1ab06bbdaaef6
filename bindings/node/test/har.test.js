// The HAR of a client, checked with the schema of the npm package har-schema.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { face, http, resultOf } from './support.js';

const require = createRequire(import.meta.url);
const Ajv = require('ajv');
const schemas = require('har-schema');

const ajv = new Ajv({ allErrors: true });
ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-06.json'));
const isHar = ajv.addSchema(Object.values(schemas)).getSchema('har.json#');

/** The entries of a valid HAR. */
function entriesOf(json) {
  const har = JSON.parse(json);
  assert.ok(isHar(har), JSON.stringify(isHar.errors, null, 2));
  return har.log.entries;
}

test('the schema refuses what is no HAR', () => {
  assert.ok(!isHar({ log: { version: '1.2', entries: [] } }));
});

test('a HAR of successes, redirects, failures and bodies is valid', async () => {
  const settings = { harExchanges: 50, harBodyBytes: 100, harSecrets: true, platform: 'android' };
  const client = new face.GadgetClient(settings);
  const data = { a: 1 };
  const header = { cookie: 'a=1; b=2' };
  for (const options of [
    { url: `${http}/gzip?body=hello&a=1` },
    { url: `${http}/echo`, method: 'POST', data, header },
    { url: `${http}/echo`, method: 'PUT', data: new Uint8Array(200).fill(255).buffer },
    { url: `${http}/bytes/1000`, responseType: 'arraybuffer' },
    { url: `${http}/cookies/set?line=a%3D1%3B%20Path%3D%2F%3B%20HttpOnly` },
    { url: `${http}/status/204` },
    { url: `${http}/status/999` },
    { url: `${http}/redirect/302/2` },
    { url: `${http}/fault/half-body` },
    { url: `${http}/fault/garbage` },
    { url: 'http://127.0.0.1:1/' },
    { url: 'ftp://a.test/' },
  ]) {
    await resultOf(client, options);
  }
  const entries = entriesOf(client.har());
  assert.equal(entries.length, 14);
  const statuses = entries.map(({ response }) => response.status);
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 204, 999, 302, 302, 200, 200, 0, 0, 0]);
  assert.equal(entries[0].response.content.text, 'hello');
  assert.equal(entries[1].request.postData.text, '{"a":1}');
  assert.deepEqual(entries[1].request.cookies, [
    { name: 'a', value: '1' },
    { name: 'b', value: '2' },
  ]);
  assert.equal(entries[2].request.postData.comment, 'the first 100 of 200 bytes');
  assert.deepEqual(entries[4].response.cookies, [{ name: 'a', value: '1' }]);
  assert.deepEqual(entries.slice(-3).map((entry) => entry._errno), [305, 305, 104]);
  for (const { time, timings } of entries) {
    const { ssl, ...phases } = timings;
    const sum = Object.values(phases).reduce((sum, it) => sum + Math.max(it, 0), 0);
    assert.ok(Math.abs(sum - time) < 0.01 && ssl === -1, JSON.stringify(timings));
  }
});

test('a client keeps nothing unless it is asked to', async () => {
  const client = new face.GadgetClient();
  await resultOf(client, { url: http });
  assert.deepEqual(entriesOf(client.har()), []);
});

// Node on wine starts no program of Linux.
const skip = Boolean(process.env.GADGET_WINE);

test('gadget-devtools writes a valid HAR, also of calls that fail', { skip }, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'har-'));
  const file = path.join(folder, 'out.har');
  const program = fileURLToPath(new URL('../../../target/debug/gadget-devtools', import.meta.url));
  const run = (args, input = '') => {
    try {
      execFileSync(program, args, { input, stdio: ['pipe', 'pipe', 'pipe'] });
      return 0;
    } catch (error) {
      return error.status;
    }
  };
  try {
    const url = `${http}/status/404`;
    assert.equal(run(['request', '--har', file, JSON.stringify({ url })]), 0);
    assert.deepEqual(entriesOf(fs.readFileSync(file)).map((it) => it.response.status), [404]);
    const urls = [url, `${http}/fault/half-body`];
    const lines = urls.map((url) => JSON.stringify({ options: { url } }));
    const bodies = ['--config', '{"har_body_bytes":100}'];
    assert.equal(run(['batch', '--har', file, ...bodies], lines.join('\n')), 1);
    const entries = entriesOf(fs.readFileSync(file));
    assert.deepEqual(entries.map((it) => it._errno).sort(), [305, undefined]);
    assert.equal(run(['request', '--har', folder, JSON.stringify({ url })]), 2);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});
