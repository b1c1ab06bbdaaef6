// The script against channels that a test makes within the page: replies that no host app should
// send, and channels that fail.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertFail, name, open, scriptFor, until } from './support.js';

/**
 * In a page: `fake(script, postMessage)` runs the script with a channel of its own. It returns the
 * API, the arguments of each `postMessage`, the page's id, and the way in for replies. `frame`
 * makes a frame of ASCII text. `result` makes a call and resolves to its results: one or none.
 */
const PRELUDE = `
  let fakes = 0;
  const rejections = [];
  addEventListener('unhandledrejection', (event) => rejections.push(String(event.reason)));
  const sleep = () => new Promise((resolve) => setTimeout(resolve, 20));
  const fake = (script, postMessage = () => {}) => {
    const number = ++fakes;
    const sent = [];
    window['host' + number] = { postMessage(...args) {
      sent.push(args);
      return postMessage.apply(this, args);
    } };
    const numbered = (text, word) => text.replace('"' + word + '"', '"' + word + number + '"');
    (0, eval)(numbered(numbered(script, 'my'), 'host'));
    const reply = window[Symbol.for('gadget-request host' + number + ' my' + number)];
    const page = sent.length ? JSON.parse(sent[0][0]).page : '';
    return { api: window['my' + number], sent, page, reply };
  };
  const frame = (text, length = text.length) => {
    const bytes = new Uint8Array(4 + text.length);
    new DataView(bytes.buffer).setUint32(0, length);
    for (let i = 0; i < text.length; i++) bytes[4 + i] = text.charCodeAt(i);
    return bytes;
  };
  const result = ({ request }) => {
    const results = [];
    request({ url: 'x', complete: (res) => results.push(res) });
    const wasLater = results.length === 0;
    return sleep().then(() => wasLater ? results : 'called at once');
  };
`;
const inPage = (body) => `async (script, otherScript) => { ${PRELUDE} ${body} }`;
const settings = { name: 'my', channel: 'host' };
const script = scriptFor(settings);

test(`${name}: calls over a channel that fails are a 102`, async () => {
  const { evaluate, view } = await open();
  const { results, unhandled } = await evaluate(inPage(`
    const thrower = () => { throw new Error('no'); };
    const results = [
      await result(fake(script, thrower).api),
      await result(fake(script, () => Promise.reject(new Error('no'))).api),
      await result(fake(script, () => ({ then: thrower })).api),
      await result(fake(script, () => ({ get then() { throw new Error('no'); } })).api),
    ];
    return { results, unhandled: rejections };
  `), script);
  assert.deepEqual(unhandled, []);
  for (const [res, ...more] of results) {
    assertFail(res, 102, 'internal error');
    assert.deepEqual(more, []);
  }
  await view.close();
});

test(`${name}: without a channel, calls are a 103 and the console says so once`, async () => {
  const { evaluate, view } = await open();
  const results = await evaluate(inPage(`
    (0, eval)(script);
    return [await result(my), await result(my)];
  `), script);
  for (const [res, ...more] of results) {
    assertFail(res, 103, 'feature not supported');
    assert.deepEqual(more, []);
  }
  const warning = 'my.request is not offered to this page: the app has no channel for it';
  await until(() => view.console.length > 0);
  assert.deepEqual(view.console, [warning]);
  await view.close();
});

test(`${name}: what is not a reply to a call of the document changes nothing`, async () => {
  const { evaluate, view } = await open();
  const { results, unhandled } = await evaluate(inPage(`
    const host = fake(script);
    const other = '0'.repeat(32);
    const results = result(host.api);
    const ok = { statusCode: 200, errMsg: 'request:ok' };
    const mine = (id) => JSON.stringify({ id, page: host.page, result: ok });
    for (const reply of [
      undefined, null, '', 0, 5, true, Symbol('x'), {}, [], () => {}, { toString() { throw 1; } },
      'x', 'null', '5', '[]', '{}', '{"id":1}', '{"id":1,"result":{}}', '{"page":null}',
      '{"id":1,"page":"' + other + '","result":{}}', '{"id":1,"page":"' + other + '","res',
      '{"id":1,"page":"' + host.page + '"}', '{"id":x,"page":"' + host.page + '"',
      mine(2), mine(-1), mine('1.0'), mine('__proto__'), mine('constructor'), mine(null),
      new ArrayBuffer(0), new ArrayBuffer(3), new ArrayBuffer(4), frame(mine(1), 1e6),
      frame(mine(1), 3), frame(''), frame('{"id":1}'), new Float64Array(3), new Blob(['x']),
    ]) host.reply(reply);
    await sleep();
    host.reply(mine(1));
    host.reply(mine(1));
    return { results: await results, unhandled: rejections };
  `), script);
  assert.deepEqual(unhandled, []);
  assert.deepEqual(results, [{ statusCode: 200, errMsg: 'request:ok' }]);
  assert.deepEqual(view.console, []);
  await view.close();
});

test(`${name}: a frame comes as an ArrayBuffer, or as bytes somewhere in one`, async () => {
  const { evaluate, view } = await open();
  const results = await evaluate(inPage(`
    const host = fake(script);
    const results = [0, 0].map(() => result(host.api));
    const text = (id) => '{"id":' + id + ',"page":"' + host.page + '","result":{"statusCode":200}}';
    const framed = (id) => frame(text(id) + 'abc', text(id).length);
    host.reply(framed(1).buffer);
    const whole = new Uint8Array(1000);
    whole.set(framed(2), 100);
    host.reply(whole.subarray(100, 100 + framed(2).length));
    const all = [].concat(...await Promise.all(results));
    return all.map(({ statusCode, data }) => statusCode + new TextDecoder().decode(data));
  `), script);
  assert.deepEqual(results, ['200abc', '200abc']);
  await view.close();
});

test(`${name}: a reply that the page's engine cannot hold is a 102 of its call only`, async () => {
  const { evaluate, view } = await open();
  const [broken, foreign, deep, base64] = await evaluate(inPage(`
    const host = fake(script);
    const [first, second, third, fourth] = [0, 0, 0, 0].map(() => result(host.api));
    const head = (id, page) => '{"id":' + id + ',"page":"' + page + '","result":';
    host.reply(head(1, host.page) + '{"statusCode"');
    host.reply(head(2, '0'.repeat(32)) + '{"statusCode"');
    const nested = '['.repeat(1e6) + ']'.repeat(1e6);
    host.reply(head(3, host.page) + '{"statusCode":200,"data":' + nested + '}}');
    host.reply(head(4, host.page) + '{"statusCode":200},"base64":{}}');
    const deep = (await third).map(({ errno, statusCode }) => errno || statusCode);
    const base64 = (await fourth).map(({ data }) => data instanceof ArrayBuffer);
    return [await first, await second, deep, base64];
  `), script);
  assertFail(broken[0], 102, 'internal error');
  assert.deepEqual([broken.length, foreign, base64], [1, [], [true]]);
  assert.match(String(deep), /^(102|200)$/); // some engines can
  await view.close();
});

test(`${name}: the channel gets the secret with each message, and no other argument`, async () => {
  const { evaluate, view } = await open();
  const [plain, secret] = await evaluate(inPage(`
    return [script, otherScript].map((it) => {
      const { api, sent } = fake(it);
      Object.prototype.secret = Array.prototype[1] = 'polluted';
      api.request({ url: 'x' }).abort();
      delete Object.prototype.secret;
      delete Array.prototype[1];
      return sent.map(([message, ...rest]) => rest);
    });
  `), script, scriptFor({ ...settings, secret: 's' }));
  assert.deepEqual(plain, [[], [], []]);
  assert.deepEqual(secret, [['s'], ['s'], ['s']]);
  await view.close();
});
