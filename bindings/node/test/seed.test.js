import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';

import { config, face } from './support.js';

const example = fs.readFileSync(new URL('fixtures/seed.js', import.meta.url), 'utf8');

/** Runs the example of the published page, unchanged. Resolves with the text that it prints. */
function run(tt) {
  return new Promise((resolve) => {
    const task = new Function('tt', 'console', `${example}; return requestTask;`)(tt, {
      log: resolve,
    });
    assert.equal(typeof task.abort, 'function');
  });
}

test('the example of the published page runs unchanged', async () => {
  const before = Date.now();
  const res = JSON.parse(await run({ request: face.createRequest(config) }));
  assert.deepEqual(Object.keys(res), [
    'statusCode',
    'header',
    'data',
    'cookies',
    'trace',
    'errMsg',
  ]);
  assert.equal(res.statusCode, 200);
  assert.equal(res.errMsg, 'request:ok');
  assert.match(res.trace, /^02\d{13}[0-9a-f]{38}$/);
  assert.equal(res.data.method, 'GET');
  const [, noncestr] = /^\/\?noncestr=(\d+)$/.exec(res.data.target);
  assert.ok(noncestr >= before && noncestr <= Date.now());
});

/** wine finds no list of revoked certificates, and does not know the flag by which that is fine. */
const UNTRUSTED = process.env.GADGET_WINE ? 'bad certificate' : 'unknown issuer';

test('the example prints a fail if the server is not trusted', async () => {
  const { resolve } = JSON.parse(config);
  const printed = await run({ request: face.createRequest(JSON.stringify({ resolve })) });
  const [, fail] = /^request fail: (.*)$/.exec(printed);
  const { trace, ...res } = JSON.parse(fail);
  assert.deepEqual(res, {
    errMsg: `request:fail tls: ${UNTRUSTED}`,
    errno: 305,
    errString: 'Network failure',
  });
  assert.match(trace, /^02\w{51}$/);
});
