import assert from 'node:assert/strict';
import test from 'node:test';
import vm from 'node:vm';

import { config, face, faceName, http, resultOf } from './support.js';

const client = new face.GadgetClient(config);
const sentBody = async (options) => {
  const res = await resultOf(client, { url: `${http}/echo`, method: 'POST', ...options });
  assert.equal(res.errMsg, 'request:ok');
  return Buffer.from(res.data.body_base64, 'base64');
};

test('request returns a task without an argument, and for one that is not an object', () => {
  for (const options of [
    undefined,
    null,
    5,
    'https://example.com',
    true,
    1n,
    Symbol('x'),
    [],
    () => {},
  ]) {
    const task = client.request(options);
    task.abort();
    assert.equal(typeof task.abort, 'function');
  }
});

test('an array or a function with callbacks gets its 104', async () => {
  for (const options of [[], () => {}, ['https://example.com']]) {
    const res = await new Promise((resolve) => {
      client.request(Object.assign(options, { fail: resolve }));
    });
    assert.equal(res.errno, 104);
    assert.match(res.errMsg, /^request:fail invalid options/);
  }
});

test('options that cannot be written as JSON are a 104, and request does not throw', async () => {
  const cycle = { url: `${http}/echo` };
  cycle.data = cycle;
  const thrower = () => {
    throw new Error('no');
  };
  const detached = new ArrayBuffer(8);
  structuredClone(detached, { transfer: [detached] });
  for (const options of [
    cycle,
    { url: `${http}/echo`, data: { id: 1n } },
    { url: `${http}/echo`, toJSON: thrower },
    Object.defineProperty({}, 'url', { enumerable: true, get: thrower }),
    Object.defineProperty({}, 'data', { enumerable: true, get: thrower }),
    { url: `${http}/echo`, method: 'POST', data: detached },
  ]) {
    const res = await new Promise((resolve) => {
      client.request(Object.defineProperty(options, 'fail', { value: resolve }));
    });
    assert.match(res.errMsg, /^request:fail invalid options/);
    assert.equal(res.errno, 104);
    assert.match(res.trace, /^02/);
  }
});

test('a wrong type is a 104 that names the field', async () => {
  for (const [options, field] of [
    [{}, 'url'],
    [{ url: 5 }, 'url'],
    [{ url: { toString: () => http } }, 'url'],
    [{ url: http, method: 5 }, 'method'],
    [{ url: http, header: 'x' }, 'header'],
    [{ url: http, header: { a: {} } }, 'header'],
    [{ url: http, data: 5 }, 'data'],
    [{ url: http, data: true }, 'data'],
    [{ url: http, data: '\ud800' }, 'data'],
    [{ url: http, data: new ArrayBuffer(1) }, 'data'],
    [{ url: http, dataType: 5 }, 'dataType'],
    [{ url: http, responseType: 'blob' }, 'responseType'],
    [{ url: http, timeout: '100' }, 'timeout'],
    [{ url: http, redirect: 'x' }, 'redirect'],
  ]) {
    const res = await resultOf(client, options);
    assert.equal(res.errno, 104);
    assert.ok(res.errMsg.startsWith(`request:fail invalid ${field}`), `${field}: ${res.errMsg}`);
  }
});

test('null, undefined and what JSON leaves out are absent', async () => {
  const res = await resultOf(client, {
    url: `${http}/echo`,
    method: null,
    header: undefined,
    data: undefined,
    dataType: null,
    timeout: NaN,
    responseType: undefined,
    redirect: null,
    other: () => {},
  });
  assert.equal(res.data.method, 'GET');
  assert.equal(res.data.target, '/echo');
});

test('options over 100 MiB are a 104', async () => {
  const large = 100 * 1024 * 1024;
  for (const data of ['x'.repeat(large), new Uint8Array(large + 1)]) {
    const res = await resultOf(client, { url: `${http}/echo`, method: 'POST', data });
    assert.equal(res.errno, 104);
    assert.match(res.errMsg, /^request:fail invalid options/);
  }
});

test('typed arrays and a DataView stand for the bytes that they show', async () => {
  const { buffer } = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  for (const [data, expected] of [
    [buffer, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    [new Uint8Array(buffer, 2, 3), [2, 3, 4]],
    [new Uint16Array(buffer, 2, 2), [2, 3, 4, 5]],
    [new Float32Array(buffer, 4, 1), [4, 5, 6, 7]],
    [new BigInt64Array(buffer, 0, 1), [0, 1, 2, 3, 4, 5, 6, 7]],
    [new DataView(buffer, 9), [9, 10, 11]],
    [Buffer.from([7, 8]), [7, 8]],
    [new ArrayBuffer(0), []],
    [new Uint8Array(buffer, 12), []],
  ]) {
    assert.deepEqual([...(await sentBody({ data }))], expected);
  }
});

test('an ArrayBuffer of another realm is bytes too', { skip: faceName !== 'node' }, async () => {
  const data = vm.runInNewContext('Uint8Array.from([1, 2]).buffer');
  assert.deepEqual([...(await sentBody({ data }))], [1, 2]);
});

test('the options object is not changed', async () => {
  const options = Object.freeze({ url: `${http}/echo`, method: 'POST', data: new Uint8Array([1]) });
  assert.equal((await resultOf(client, options)).statusCode, 200);
  assert.deepEqual(options.data, new Uint8Array([1]));
});

test('an arraybuffer follows header, has the bytes, and belongs to the caller', async () => {
  for (const length of [0, 1, 20, 100003, 5 << 20]) {
    const res = await resultOf(client, {
      url: `${http}/bytes/${length}`,
      responseType: 'arraybuffer',
    });
    assert.deepEqual(Object.keys(res), [
      'statusCode',
      'header',
      'data',
      'cookies',
      'trace',
      'errMsg',
    ]);
    assert.ok(res.data instanceof ArrayBuffer);
    assert.equal(res.data.byteLength, length);
    const bytes = new Uint8Array(res.data);
    assert.ok(bytes.every((byte, i) => byte === '0123456789abcdef'.charCodeAt(i % 16)));
    bytes.fill(7);
    assert.equal(new Uint8Array(res.data).at(-1), length ? 7 : undefined);
    assert.equal(new Float64Array(res.data, 0, length >> 3).length, length >> 3);
  }
});

test('a fail with responseType arraybuffer has no data', async () => {
  const res = await resultOf(client, {
    url: `${http}/fault/close-before-head`,
    responseType: 'arraybuffer',
  });
  assert.deepEqual(Object.keys(res), ['errMsg', 'errno', 'errString', 'trace']);
});

test('a result that is too large for this JavaScript engine is a 102', async (t) => {
  t.mock.method(
    JSON,
    'parse',
    () => {
      throw new RangeError('too large');
    },
    { times: 1 },
  );
  const { trace, ...res } = await resultOf(client, { url: `${http}/echo` });
  assert.deepEqual(res, {
    errMsg: 'request:fail internal error',
    errno: 102,
    errString: 'internal error',
  });
  assert.match(trace, /^02\w{51}$/);
});
