// Pages that patch, pollute, clobber or rewrite what they share with the script.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertOk, channels, http, invoke, name, open, until } from './support.js';

/** A script that breaks all that it can reach of the page's script. */
const PATCHES = `{
  const broken = () => { throw new Error('patched'); };
  const hidden = { __proto__: null, get: broken, set: broken, configurable: true };
  const { defineProperty, getPrototypeOf } = Object;
  const typedArray = getPrototypeOf(Uint8Array.prototype);
  const breakAll = (object, ...keys) => {
    for (let i = 0; i < keys.length; i++) defineProperty(object, keys[i], hidden);
  };
  breakAll(Promise, Symbol.species, 'resolve', 'reject', 'all');
  breakAll(Promise.prototype, 'constructor', 'then', 'catch');
  breakAll(JSON, 'parse', 'stringify');
  breakAll(String, 'fromCharCode');
  breakAll(String.prototype, 'slice', 'charCodeAt', 'toString', Symbol.iterator);
  breakAll(Reflect, 'apply', 'defineProperty');
  breakAll(Function.prototype, 'apply', 'call', 'bind');
  breakAll(typedArray, 'set', 'subarray', 'length', 'buffer', 'byteOffset', 'byteLength', 'slice');
  breakAll(Uint8Array, Symbol.species, 'from', 'of');
  breakAll(Uint8Array.prototype, 'constructor');
  breakAll(ArrayBuffer, 'isView', Symbol.species);
  breakAll(ArrayBuffer.prototype, 'constructor', 'byteLength', 'slice');
  breakAll(TextEncoder.prototype, 'encode', 'encodeInto');
  breakAll(TextDecoder.prototype, 'decode');
  breakAll(Crypto.prototype, 'getRandomValues');
  breakAll(Date, 'now');
  breakAll(console, 'warn');
  breakAll(EventTarget.prototype, 'addEventListener');
  breakAll(Array.prototype, Symbol.iterator, 'push', 'map', 'filter', 'forEach', '0', '1', '2');
  breakAll(Object, 'assign', 'keys', 'defineProperty');
  breakAll(Object.prototype, 'hasOwnProperty', 'get', 'set', 'value', 'writable', 'configurable',
    'errno', 'data', 'base64', 'refused', 'result', 'id', 'page', 'secret', 'bytes', 'channel',
    'success', 'fail', 'complete', 'statusCode', 'cookies', 'trace', '1', '2');
  breakAll(window, 'btoa', 'atob', 'setTimeout', 'parseInt', 'addEventListener', 'Object',
    'Reflect');
}`;

for (const channel of channels) {
  test(`${name}, ${channel}: a page that patches what it shares does not disturb it`, async () => {
    const { view } = await open({ channel });
    const results = () => view.evaluateNow('results');
    const call = (bytes) => `tt.request({
      url: '${http}/bytes/${bytes}',
      responseType: 'arraybuffer',
      success(res) { results += res.statusCode + ':' + lengthOf(res.data) + ' '; },
    });`;
    const post = `tt.request({
      url: '${http}/echo', method: 'POST', data: new ArrayBuffer(3),
      success(res) { results += res.data.body_base64 + ' '; },
    });`;
    await view.evaluateNow(`
      var results = '';
      const { get } = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength');
      const { apply } = Reflect;
      var lengthOf = (buffer) => apply(get, buffer, []);
      ${call(3)} ${PATCHES} 'patched'`);
    await until(async () => (await results()) === '200:3 ');
    await view.evaluateNow(`${call(5)} 'called'`);
    await until(async () => (await results()) === '200:3 200:5 ');
    await view.evaluateNow(`${post} 'called'`);
    await until(async () => (await results()) === '200:3 200:5 AAAA ');
    await view.close();
  });
}

test(`${name}: a page that clobbers the channel and the marks keeps its calls`, async () => {
  const { evaluate, view } = await open();
  await evaluate(`() => {
    const stolen = [];
    const thief = { postMessage: (message) => { stolen.push(message); } };
    for (const key of ['gadgetRequest', 'webkit']) {
      try { window[key] = thief; } catch (_) { /* it is not ours */ }
    }
    for (const symbol of Object.getOwnPropertySymbols(window).filter((it) => Symbol.keyFor(it))) {
      if (Reflect.set(window, symbol, () => {})) throw new Error('the way in was replaced');
      if (Reflect.deleteProperty(window, symbol)) throw new Error('the way in was deleted');
    }
    document.body.innerHTML = '<form name="tt"></form><img id="gadgetRequest">';
    window.stolen = stolen;
  }`);
  const { res } = await evaluate(invoke, { url: `${http}/status/200` });
  assertOk(res);
  assert.deepEqual(await evaluate('() => stolen'), []);
  await view.close();
});

test(`${name}: an element of that name does not take the place of the API`, async () => {
  const { bridge, view, evaluate } = await open({ name: 'my', load: false });
  await view.load(`data:text/html,<form id="your"></form>`);
  const type = await evaluate(`(script) => {
    (0, eval)(script.replace('"name":"my"', '"name":"your"'));
    return typeof your.request;
  }`, bridge.script);
  assert.equal(type, 'function');
  await view.close();
});

test(`${name}: the script runs once in a document, and survives document.open()`, async () => {
  const { client, bridge, evaluate, view } = await open();
  const same = await evaluate(`(script) => {
    const { request } = tt;
    (0, eval)(script);
    return tt.request === request;
  }`, bridge.script);
  assert.ok(same);
  await evaluate(`() => {
    document.open();
    document.write('<!doctype html><p>again</p>');
    document.close();
  }`);
  const { names, res } = await evaluate(invoke, { url: `${http}/status/200` });
  assertOk(res);
  assert.deepEqual(names, ['success', 'complete']);
  // The end of the document is still reported.
  await evaluate(`(url) => { tt.request({ url }); }`, `${http}/delay/60000`);
  await until(() => client.inFlight === 1);
  await view.load('about:blank');
  await until(() => client.inFlight === 0);
  await view.close();
});

test(`${name}: events that a page makes do not end its calls`, async () => {
  const { evaluate, view } = await open();
  const { names, res } = await evaluate(`async (url) => {
    const end = (${invoke})({ url });
    dispatchEvent(new PageTransitionEvent('pagehide'));
    dispatchEvent(new Event('pagehide'));
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    return end;
  }`, `${http}/delay/50`);
  assertOk(res);
  assert.deepEqual(names, ['success', 'complete']);
  await view.close();
});

test(`${name}: a callback does not reach the script's own functions`, async () => {
  const { view } = await open();
  await view.evaluateNow(`
    var seen = '';
    const note = (...values) => { seen += values.map(String).join() + ' '; };
    tt.request({ url: 'x', complete: function complete() {
      note(this === window || this === undefined, complete.caller, arguments.length);
    } });
    'started'`);
  await until(async () => (await view.evaluateNow('seen')) !== '');
  assert.match(await view.evaluateNow('seen'), /^true,null,1 $/);
  await view.close();
});
