// `send`: a call as a promise.
import assert from 'node:assert/strict';
import test from 'node:test';

import { LIMIT, fullClient, held, newName, waiting } from './places.js';
import {
  assertFail, assertRejects, collected, config, counter, face, http, release, run,
} from './support.js';

const client = new face.GadgetClient(config);
const newClient = (settings) => new face.GadgetClient(settings);

test('the promise resolves with the result of a success, whatever its status is', async () => {
  const { trace, ...res } = await client.send({ url: `${http}/status/404` });
  assert.deepEqual(Object.keys(res), ['statusCode', 'header', 'data', 'cookies', 'errMsg']);
  assert.equal(res.statusCode, 404);
  assert.equal(res.errMsg, 'request:ok');
  assert.match(trace, /^02\w{51}$/);
});

test('options, data and results are the same as with request', async () => {
  const body = Uint8Array.from([1, 2, 3]);
  const options = Object.freeze({ url: `${http}/echo`, method: 'POST', data: body });
  const { data } = await client.send(options);
  assert.deepEqual([...Buffer.from(data.body_base64, 'base64')], [1, 2, 3]);
  const url = `${http}/bytes/20`;
  const res = await client.send({ url, responseType: 'arraybuffer' });
  assert.equal(Buffer.from(res.data).toString(), '0123456789abcdef0123');
});

test('send starts the call before it returns', async () => {
  const name = newName();
  const own = newClient();
  const sent = own.send({ url: held(name) });
  assert.deepEqual(waiting(own), [1, 0]);
  await release(name);
  assert.equal((await sent).statusCode, 200);
  assert.deepEqual(waiting(own), [0, 0]);
});

test('each kind of fail rejects with a GadgetError that has its words', async () => {
  const background = newClient({ backgroundGraceMs: 0 });
  background.enterBackground();
  const offline = newClient();
  offline.setOnline(false);
  const ended = newClient();
  ended.shutdown();
  const url = `${http}/echo`;
  for (const [own, options, errno, detail] of [
    [client, { url: 5 }, 104, /invalid url: /],
    [client, { url, method: 'x' }, 104, /invalid method/],
    [newClient({ allowedHosts: [] }), { url }, 110, /host not allowed/],
    [background, { url }, 112, /app in background/],
    [ended, { url }, 301, /client closed/],
    [client, { url: `${http}/delay/60000`, timeout: 30 }, 302, /timeout/],
    [offline, { url }, 303, /offline/],
    [client, { url: `${http}/redirect/302`, redirect: 'error' }, 305, /redirect refused/],
    [client, { url: `${http}/fault/close-before-head` }, 305, /protocol error|connection failed/],
  ]) {
    await assertRejects(own.send(options), errno, detail);
  }
});

test('a call that the queue does not take rejects with a 111', async () => {
  const { client: full, name, held: calls } = await fullClient({ maxQueued: 0 });
  await assertRejects(full.send({ url: held(name) }), 111, /too many requests/);
  await release(name, LIMIT);
  for (const call of calls) await call.result;
  assert.equal((await counter(name)).total, LIMIT);
});

test('shutdown rejects a queued call', async () => {
  const { client: full, name, held: calls } = await fullClient();
  const sent = full.send({ url: held(name) });
  full.shutdown();
  await assertRejects(sent, 301, /client closed/);
  for (const call of calls) assertFail(await call.result, 301, 'client closed');
});

test('a result that is too large for this JavaScript engine rejects with a 102', async (t) => {
  const parse = () => {
    throw new RangeError('too large');
  };
  t.mock.method(JSON, 'parse', parse, { times: 1 });
  await assertRejects(client.send({ url: `${http}/echo` }), 102, /internal error/);
});

test('options that are not an object reject with a 104, and send does not throw', async () => {
  for (const options of [undefined, null, 5, 'https://example.com', true, 1n, Symbol('x'), []]) {
    await assertRejects(client.send(options), 104, /invalid options/);
  }
});

test('a callback in the options is a TypeError, and nothing is sent', async () => {
  const name = newName();
  const url = `${http}/echo?counter=${name}`;
  for (const callback of ['success', 'fail', 'complete']) {
    for (const given of [() => assert.fail('called'), 5, 'x', {}, false]) {
      const message = `${callback}: send takes no callbacks; request does`;
      await assert.rejects(client.send({ url, [callback]: given }), { name: 'TypeError', message });
    }
    for (const absent of [undefined, null]) {
      assert.equal((await client.send({ url, [callback]: absent })).statusCode, 200);
    }
  }
  assert.equal((await counter(name)).total, 6);
});

test('a GadgetError has the words of a fail', () => {
  const fail = { errMsg: 'request:fail abort', errno: 301, errString: 'x', trace: 'y' };
  const error = new face.GadgetError(fail);
  assert.ok(error instanceof Error);
  assert.equal(String(error), 'GadgetError: request:fail abort');
  const { errno, errString, trace } = error;
  assert.deepEqual({ errMsg: error.message, errno, errString, trace }, fail);
});

test('1,000 promises settle once each, and nothing is left behind', async () => {
  const paths = ['/echo', '/status/404', '/fault/close-before-head', '/bytes/1000'];
  const live = async (own) => {
    const settled = [0, 0];
    const note = (index) => () => (settled[index] += 1);
    const all = Array.from({ length: 1000 }, (_, i) =>
      own.send({ url: http + paths[i % 4] }).then(note(0), note(1)),
    );
    await Promise.all(all);
    assert.deepEqual(settled, [750, 250]);
    own.shutdown();
  };
  await live(newClient());
  await collected(1); // the client that these tests share
});

test('a rejection that nothing handles ends the process, as an error with its words', () => {
  const { status, stderr } = run('sends', 'unhandled');
  assert.equal(status, 1);
  assert.match(stderr, /request:fail invalid url/);
  assert.match(stderr, /errno: 104/);
});

test('an unhandled rejection is reported once, and a handled one never', () => {
  const { status, stdout } = run('sends', 'observed');
  assert.deepEqual(stdout.split('\n'), ['handled 104', 'unhandled GadgetError 104', 'exit']);
  assert.equal(status, 0);
});

test('a promise keeps the process alive until it settles', () => {
  const { status, stdout } = run('sends', 'waits');
  assert.deepEqual(stdout.split('\n'), ['exit follows', '200', 'exit']);
  assert.equal(status, 0);
});
