// GadgetBridge of ArkTS: pages of a Web component, over a proxy that all frames see.
import assert from 'node:assert/strict';
import test from 'node:test';

import {
  assertFail, collected, config, counter, face, http, until,
} from '../../bindings/node/test/support.js';
import { FakeController } from './web.js';

const PAGE = 'https://page.example/index.html?a#b';
const client = new face.GadgetClient(config);
const delayed = `${http}/delay/60000`;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function newBridge(settings = { origins: ['https://page.example'] }) {
  const web = new FakeController();
  const bridge = new face.GadgetBridge(client, web, settings);
  bridge.attach();
  return { web, bridge, load: (url = PAGE) => web.load(url, bridge.script) };
}

test('a page calls, and the reply is evaluated in it', async () => {
  const { load, web } = newBridge();
  const page = load();
  const res = await page.request({ url: `${http}/status/404` });
  assert.deepEqual([res.statusCode, res.errMsg], [404, 'request:ok']);
  assert.equal(web.scripts.length, 1);
  const data = 'a\u2028"\\</script>`${b}`';
  const echoed = await page.request({ url: `${http}/echo`, method: 'POST', data });
  assert.equal(Buffer.from(echoed.data.body_base64, 'base64').toString(), data);
  const params = { q: data };
  const asked = await page.request({ url: `${http}/echo`, data: params });
  assert.ok(asked.data.target.includes('a%E2%80%A8%22'));
  assert.deepEqual(page.warnings, []);
});

test('an ArrayBuffer goes both ways', async () => {
  const page = newBridge().load();
  for (const length of [0, 1, 100_000]) {
    const bytes = page.run(`new Uint8Array(${length}).fill(7)`);
    const sent = await page.request({ url: `${http}/echo`, method: 'POST', data: bytes.buffer });
    assert.equal(sent.data.body_base64, Buffer.from(bytes).toString('base64'));
    const options = { url: `${http}/bytes/${length}`, responseType: 'arraybuffer' };
    const { data } = await page.request(options);
    assert.ok(Buffer.alloc(length, '0123456789abcdef').equals(Buffer.from(data)));
  }
});

test('the names of the global and of the channel are the host app\'s', async () => {
  const { load, web } = newBridge({ origins: ['*'], name: 'my', channel: 'mine' });
  assert.deepEqual([...web.proxies.keys()], ['mine']);
  const page = load();
  assert.equal(page.window.tt, undefined);
  assert.equal((await page.request({ url: `${http}/status/200` }, 'my')).statusCode, 200);
});

test('a wrong setting is an Error that names it', () => {
  const make = (settings) => new face.GadgetBridge(client, new FakeController(), settings);
  assert.throws(() => make({ origins: ['page.example'] }), /^Error: origins\[0\]: not SCHEME/);
  assert.throws(() => make({ name: 'a.b' }), /^Error: name: not a JavaScript identifier/);
  assert.throws(() => make({ channel: '' }), /^Error: channel: not a JavaScript identifier/);
});

test('a page of another origin is refused with one warning, and nothing is sent', async () => {
  const name = `arkweb-refused-${process.pid}`;
  for (const url of [
    'https://other.example/', 'http://page.example/', 'https://page.example:8443/',
    'https://page.example@other.example/', 'data:text/html,https://page.example/', 'about:blank',
    'file:///data/https://page.example/', 'blob:https://other.example/1',
  ]) {
    const page = newBridge().load(url);
    const options = { url: `${http}/echo?counter=${name}` };
    assertFail(await page.request(options), 103, 'feature not supported', url);
    assertFail(await page.request(options), 103, 'feature not supported', url);
    assert.equal(page.warnings.length, 1, url);
  }
  assert.equal((await counter(name)).total, 0);
});

test('a page is known by its origin, whatever else is in its URL', async () => {
  const origins = ['https://page.example', 'https://*.below.example', 'https://port.example:8443'];
  for (const url of [
    'https://page.example', 'https://user:word@page.example/@', 'https://page.example#@a/?b',
    'blob:https://page.example/1', 'https://a.b.below.example/', 'https://port.example:8443/?/@',
  ]) {
    const page = newBridge({ origins }).load(url);
    assert.equal((await page.request({ url: `${http}/status/200` })).statusCode, 200, url);
  }
  for (const url of ['about:blank', 'data:text/html,', 'file:///data/index.html']) {
    const page = newBridge({ origins: ['null'] }).load(url);
    assert.equal((await page.request({ url: `${http}/status/200` })).statusCode, 200, url);
  }
});

test('a message without the secret has no effect', async () => {
  const { web, load } = newBridge();
  const page = load();
  const pending = page.request({ url: delayed });
  const id = '0123456789abcdef0123456789abcdef';
  const hello = JSON.stringify({ page: id, hello: true });
  const { postMessage } = page.window.gadgetRequest;
  for (const secret of [undefined, null, '', 'wrong', 5, {}, [], true]) {
    assert.equal(postMessage(hello, secret), undefined);
  }
  for (const message of [undefined, null, 5, {}, [hello], true]) postMessage(message);
  await pause(20);
  assert.equal(client.inFlight, 1); // another document would have ended the call
  assert.deepEqual(web.scripts, []);
  page.task.abort();
  assertFail(await pending, 301, 'abort');
});

test('a message with the secret that is no text has no effect', async () => {
  const { bridge, load } = newBridge();
  const { postMessage } = load().window.gadgetRequest;
  const [secret] = /(?<="secret":")[^"]+/.exec(bridge.script);
  for (const message of [undefined, null, 5, {}, [], new ArrayBuffer(9)]) {
    assert.equal(postMessage(message, secret), undefined);
  }
});

test('each bridge has a secret of its own', () => {
  const secrets = [1, 2].map(() => /"secret":"([^"]{36})"/.exec(newBridge().bridge.script)[1]);
  assert.notEqual(secrets[0], secrets[1]);
});

test('a frame gets no request, and does not disturb the page', async () => {
  const { bridge, web, load } = newBridge();
  const page = load();
  const pending = page.request({ url: delayed });
  const frame = web.frame(PAGE, bridge.script);
  assert.equal(frame.window.tt, undefined);
  assert.match(frame.warnings.join(), /^tt\.request is not offered .*: it is in a frame$/);
  assert.equal(client.inFlight, 1);
  page.task.abort();
  assertFail(await pending, 301, 'abort');
});

test('a script that runs twice has no effect the second time', async () => {
  const { bridge, load } = newBridge();
  const page = load();
  const { request } = page.window.tt;
  page.run(bridge.script);
  assert.equal(page.window.tt.request, request);
});

test('close aborts the calls of the page, and no reply comes after it', async () => {
  const { bridge, web, load } = newBridge();
  const page = load();
  const results = [];
  const call = (url) => page.request({ url }).then((res) => results.push(res));
  for (let i = 0; i < 15; i++) call(delayed);
  assert.deepEqual([client.inFlight, client.queued], [10, 5]);
  bridge.close();
  assert.deepEqual([client.inFlight, client.queued], [0, 0]);
  assert.equal(web.proxies.size, 0);
  bridge.close();
  call(`${http}/status/200`);
  await pause(50);
  assert.deepEqual([results, web.scripts], [[], []]);
  assert.deepEqual([client.inFlight, client.queued], [0, 0]);
});

test('another document ends the calls of the former one and gets no reply of it', async () => {
  const { web, load } = newBridge();
  const results = [];
  for (let i = 0; i < 5; i++) {
    load().request({ url: delayed }).then((res) => results.push(res));
    assert.equal(client.inFlight, 1);
  }
  const page = load();
  assert.equal(client.inFlight, 0);
  assert.equal((await page.request({ url: `${http}/status/200` })).statusCode, 200);
  page.request({ url: delayed }).then((res) => results.push(res));
  page.leave();
  assert.equal(client.inFlight, 0);
  await pause(20);
  assert.deepEqual([results.length, web.scripts.length], [0, 1]);
});

test('a refused document ends the calls of the former one too', () => {
  const { load } = newBridge();
  load().request({ url: delayed });
  assert.equal(client.inFlight, 1);
  load('https://other.example/');
  assert.equal(client.inFlight, 0);
});

test('a document of another origin cannot read a reply that comes too late', async () => {
  const { web, load } = newBridge();
  load().request({ url: `${http}/delay/50` });
  // It has no script of the bridge, so that the former call goes on.
  const thief = web.load('https://other.example/', `
    const read = [];
    window[Symbol.for('gadget-request gadgetRequest tt')] = (reply) => read.push(reply);
    String.prototype.startsWith = () => true;
    Symbol.for = (name) => { read.push(name); return 'x'; };
    window.origin = 'https://page.example';
    try { location.origin = 'https://page.example'; } catch (_) {}`);
  await until(() => web.scripts.length === 1);
  await pause(10);
  assert.equal(thief.run('read.length'), 0);
});

test('a Web component that has ended stops nothing', async () => {
  const ended = () => {
    throw new Error('17100001');
  };
  for (const end of [ended, async () => ended()]) {
    const { bridge, web, load } = newBridge();
    let runs = 0;
    web.runJavaScript = () => {
      runs += 1;
      return end();
    };
    load().request({ url: `${http}/status/200` });
    await until(() => runs === 1);
    web.deleteJavaScriptRegister = ended;
    bridge.close();
  }
});

test('a bridge that is never attached can be closed', () => {
  new face.GadgetBridge(client, new FakeController(), {}).close();
});

test('nothing is left behind', async () => {
  client.shutdown();
  await collected(1); // the client of this file
});
