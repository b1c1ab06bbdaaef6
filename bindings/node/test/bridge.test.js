// `createBridge`: messages of a page in, exactly one reply to each.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import {
  collected, config, counter, face, gc, http, native, release, run, until,
} from './support.js';

const ORIGIN = 'https://page.example';
const page = '0123456789abcdef0123456789abcdef';
const client = new face.GadgetClient(config);
const text = (members) => JSON.stringify({ page, ...members });
const bytes = (message) => new TextEncoder().encode(message);

/** A bridge that allows ORIGIN, with one document. */
async function newPage(settings = {}, of = client) {
  const bridge = of.createBridge({ origins: [ORIGIN], ...settings });
  assert.equal(await bridge.receive(text({ hello: true }), ORIGIN, true), undefined);
  return bridge;
}

/** A call of the page; its promise is the reply. */
const call = (bridge, options, id = 1) =>
  bridge.receive(text({ call: id, options }), ORIGIN, true);

test('a call of a page gets the result object with its id and its page', async () => {
  const reply = await call(await newPage(), { url: `${http}/status/404` }, 7);
  const { id, page: of, result } = JSON.parse(reply);
  assert.deepEqual([id, of, result.statusCode, result.errMsg], [7, page, 404, 'request:ok']);
});

test('a message may be text or bytes of any kind', async () => {
  const bridge = await newPage();
  const message = text({ call: 1, options: { url: `${http}/echo?q=%C3%BC`, header: { x: 'ü' } } });
  const view = bytes(`  ${message} `);
  const part = new DataView(view.buffer, 2, view.length - 3);
  for (const sent of [message, bytes(message), bytes(message).buffer, part]) {
    assert.match(await bridge.receive(sent, ORIGIN, true), /^\{"id":1,.*"statusCode":200/);
  }
});

test('bytes go both ways in frames if the channel carries them', async () => {
  const bridge = await newPage({ bytes: true });
  const members = bytes(text({ call: 1, options: { url: `${http}/echo`, method: 'POST' } }));
  for (const length of [0, 1, 100_000]) {
    const body = Buffer.alloc(length, '0123456789abcdef');
    const head = Buffer.alloc(4);
    head.writeUInt32BE(members.length);
    const sent = await bridge.receive(Buffer.concat([head, members, body]), ORIGIN, true);
    const { data } = JSON.parse(sent).result;
    assert.equal(data.body_base64, body.toString('base64'), `${length} bytes to the server`);

    const url = `${http}/bytes/${length}`;
    const reply = await call(bridge, { url, responseType: 'arraybuffer' });
    assert.ok(reply instanceof ArrayBuffer);
    const end = 4 + new DataView(reply).getUint32(0);
    const { result } = JSON.parse(Buffer.from(reply, 4, end - 4).toString());
    assert.equal(result.statusCode, 200);
    assert.ok(body.equals(Buffer.from(reply, end)), `${length} bytes from the server`);
  }
});

test('an argument of the wrong type is a TypeError, and nothing is sent', async () => {
  const bridge = await newPage();
  const name = `bridge-${process.pid}`;
  const message = text({ call: 1, options: { url: `${http}/echo?counter=${name}` } });
  const wrong = [undefined, null, 5, {}, [], true, Symbol('a'), () => {}];
  const is = (start) => ({ name: 'TypeError', message: new RegExp(`^${start}: must be `) });
  for (const value of wrong) {
    await assert.rejects(bridge.receive(value, ORIGIN, true), is('message'));
    await assert.rejects(bridge.receive(message, value, true), is('origin'));
    const flag = value === true ? 1 : value;
    await assert.rejects(bridge.receive(message, ORIGIN, flag), is('isMainFrame'));
  }
  await assert.rejects(bridge.receive(), is('message'));
  assert.equal((await counter(name)).total, 0);
});

test('a wrong setting is an Error that names it', () => {
  for (const [settings, message] of [
    [{ origin: [] }, /^origin: unknown field/],
    [{ origins: ORIGIN }, /^origins: invalid type: string/],
    [{ origins: ['page.example'] }, /^origins\[0\]: not SCHEME:\/\/HOST/],
    [{ frames: 1 }, /^frames: invalid type/],
    [{ name: 'a.b' }, /^name: not a JavaScript identifier/],
    [{ channel: 5 }, /^channel: invalid type/],
    [{ bytes: 'yes' }, /^bytes: invalid type/],
    [{ secret: 5 }, /^secret: invalid type/],
    ...[null, [], 'text', 5, () => {}].map((it) => [it, /^not a JSON object/]),
  ]) {
    const error = { name: 'Error', message };
    assert.throws(() => client.createBridge(settings), error, String(message));
  }
  client.createBridge().close();
  client.createBridge({ origins: undefined, secret: undefined }).close();
});

test('the script has the settings that the page needs', () => {
  const { script } = client.createBridge({ name: 'my', channel: 'mine', secret: 'a"b' });
  const start = script.lastIndexOf('})(') + 3;
  const settings = JSON.parse(script.slice(start, script.lastIndexOf(')')));
  assert.deepEqual(settings, { name: 'my', channel: 'mine', bytes: false, secret: 'a"b' });
});

test('a document of another origin or in a frame is refused, and nothing is sent', async () => {
  const bridge = await newPage();
  const name = `refused-${process.pid}`;
  const message = text({ call: 1, options: { url: `${http}/echo?counter=${name}` } });
  const senders = [['https://other.example', true], ['', true], [ORIGIN, false]];
  for (const [origin, isMainFrame] of senders) {
    const { result, refused } = JSON.parse(await bridge.receive(message, origin, isMainFrame));
    assert.deepEqual([result.errno, typeof refused], [103, 'string'], origin);
  }
  assert.equal((await counter(name)).total, 0);
});

test('close aborts all calls and silences the bridge', async () => {
  const bridge = await newPage();
  const url = `${http}/delay/60000`;
  const replies = Array.from({ length: 15 }, (_, id) => call(bridge, { url }, id));
  assert.deepEqual([client.inFlight, client.queued], [10, 5]);
  bridge.close();
  assert.deepEqual([client.inFlight, client.queued], [0, 0]);
  assert.deepEqual(await Promise.all(replies), replies.map(() => undefined));
  bridge.close();
  assert.equal(await bridge.receive(text({ hello: true }), ORIGIN, true), undefined);
  assert.equal(await call(bridge, { url: `${http}/echo` }), undefined);
  assert.equal(await bridge.receive(text({ hello: true }), 'null', true), undefined);
  assert.ok(bridge.script.length > 1000);
});

test('bridges of a client end one by one, and shutdown fails the calls of all', async () => {
  const own = new face.GadgetClient(config);
  const [one, other] = [await newPage({}, own), await newPage({}, own)];
  const url = `${http}/delay/60000`;
  const replies = [call(one, { url }), call(other, { url })];
  one.close();
  assert.equal(await replies[0], undefined);
  assert.equal(own.inFlight, 1);
  own.shutdown();
  assert.equal(JSON.parse(await replies[1]).result.errno, 301);
  assert.equal(JSON.parse(await call(other, { url })).result.errno, 301);
});

test('a reply that is pending keeps the client and its resolver', async () => {
  const { port, hostname } = new URL(http);
  const name = `kept-${process.pid}`;
  const start = async () => {
    const resolver = async () => [hostname];
    const bridge = await newPage({}, new face.GadgetClient({}, { resolver }));
    const held = await call(bridge, { url: `http://known.example:${port}/status/200` });
    assert.match(held, /"statusCode":200/);
    const url = `http://known.example:${port}/hold/${name}?counter=${name}`;
    return [call(bridge, { url }, 1), call(bridge, { url: url.replace('known', 'other') }, 2)];
  };
  const replies = await start();
  for (let i = 0; i < 5; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await until(async () => (await counter(name)).in_flight === 2);
  await release(name, 2);
  for (const reply of await Promise.all(replies)) assert.match(reply, /"statusCode":200/);
});

test('a bridge without its client keeps the resolver until it is collected', async () => {
  const { port, hostname } = new URL(http);
  const bridge = await newPage({}, new face.GadgetClient({}, { resolver: () => [hostname] }));
  for (let i = 0; i < 5; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const reply = await call(bridge, { url: `http://known.example:${port}/close/1` });
  assert.match(reply, /"statusCode":200/);
});

test('a pending reply keeps the process alive, an idle bridge does not', () => {
  const { status, stdout } = run('bridges');
  assert.deepEqual(stdout.split('\n'), ['exit follows', '200', 'exit']);
  assert.equal(status, 0);
});

test('an exit with pending replies does not crash', () => {
  for (let i = 0; i < 5; i++) assert.equal(run('bridges', 'exits', String(i)).status, 7);
});

test('a worker with pending replies may end, be terminated, or exit', () => {
  const { status, stdout, stderr } = run('bridges', 'workers');
  assert.equal(stderr, '');
  assert.equal(stdout, 'all is well');
  assert.equal(status, 0);
});

test('the example for Electron is the one that the compiler checks', () => {
  const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const [, example] = /```js\n(.*?) \* ```/s.exec(read('../src/bridge.d.ts'));
  const checked = read('electron.ts').replace('(message: unknown)', '(message)');
  assert.ok(checked.endsWith(example.replace(/^ \* ?/gm, '')));
});

test('nothing is left behind', async () => {
  client.shutdown();
  await collected(1); // the client of this file
  assert.equal(native.liveObjects(), 1);
});
