// Options that are not what a page should pass: a 104, and `request` never throws.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { http, name, open } from './support.js';

/** In a page: the results of `request` for what an expression makes. */
const resultsOf = (expressions) => `async (http) => {
  const thrower = () => { throw new Error('no'); };
  const { defineProperty } = Object;
  const hidden = (object, key, get) => defineProperty(object, key, { enumerable: true, get });
  const cycle = { url: http + '/echo' };
  cycle.data = cycle;
  const results = [];
  for (const options of [${expressions.join()}]) {
    results.push(await new Promise((resolve) => {
      const target = Object(options) === options ? options : {};
      Object.defineProperty(target, 'complete', { value: resolve, configurable: true });
      tt.request(options);
    }));
  }
  return results;
}`;

test(`${name}: options that have no JSON are a 104`, async () => {
  const { evaluate, view } = await open();
  const results = await evaluate(resultsOf([
    'cycle',
    `{ url: http, data: { id: BigInt(1) } }`,
    `{ url: http, toJSON: thrower }`,
    `hidden({}, 'url', thrower)`,
    `hidden({ url: http, method: 'POST' }, 'data', thrower)`,
    `{ url: http, method: 'POST', data: { toJSON: thrower } }`,
    `new Proxy({}, { ownKeys: thrower })`,
    `new Proxy({}, { getOwnPropertyDescriptor(target, key) {
      if (key === 'data') throw 0;
      return Reflect.getOwnPropertyDescriptor(target, key);
    } })`,
    '() => {}',
    '[]',
    `['https://example.com']`,
    `new String('https://example.com')`,
    `{ toJSON: () => 'https://example.com' }`,
    `{ toJSON: () => undefined }`,
  ]), http);
  assert.equal(results.length, 14);
  for (const { errno, errMsg, trace } of results) {
    assert.equal(errno, 104);
    assert.match(errMsg, /^request:fail invalid options/);
    assert.match(trace, /^02\w{51}$/);
  }
  await view.close();
});

test(`${name}: options are read as JSON.stringify reads them`, async () => {
  const { evaluate, view } = await open();
  const results = await evaluate(resultsOf([
    `{ toJSON: () => ({ url: http + '/echo?json' }) }`,
    `hidden({}, 'url', () => http + '/echo?getter')`,
    `Object.assign(Object.create({ data: new Uint8Array(3) }), { url: http + '/echo?own' })`,
    `{ url: http + '/echo?bytes', method: 'POST', data: new Uint8Array(3), toJSON() {
      return this;
    } }`,
    `{ url: http + '/echo?null', method: null, header: undefined, data: null, timeout: NaN,
      other() {} }`,
  ]), http);
  const targets = results.map((res) => res.data?.target ?? res.errMsg);
  const names = ['json', 'getter', 'own', 'bytes', 'null'];
  assert.deepEqual(targets, names.map((it) => `/echo?${it}`));
  assert.equal(results[3].data.body_base64, 'AAAA');
  await view.close();
});

test(`${name}: request returns a task for anything, and without an argument`, async () => {
  const { evaluate, view } = await open();
  const types = await evaluate(`() => {
    const all = [
      undefined, null, 5, 'https://example.com', true, BigInt(1), Symbol('x'), [], () => {},
    ];
    const { request } = tt;
    return [request(), ...all.map((it) => request(it))].map((task) => {
      task.abort();
      return typeof task.abort;
    });
  }`);
  assert.deepEqual(types, Array(10).fill('function'));
  await view.close();
});

test(`${name}: a callback that cannot be read or called is none`, async () => {
  const { evaluate, view } = await open();
  const names = await evaluate(`() => new Promise((resolve) => {
    const names = [];
    const options = {
      get success() { throw new Error('no'); },
      fail: 'fail',
      complete() { names.push('complete'); resolve(names); },
    };
    tt.request(options);
    options.complete = () => names.push('too late'); // callbacks are read at once
  })`);
  assert.deepEqual(names, ['complete']);
  await view.close();
});
