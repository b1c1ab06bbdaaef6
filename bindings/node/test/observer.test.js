// An observer of the host app: what it hears of the calls of a client.
import assert from 'node:assert/strict';
import test from 'node:test';

import { assertFail, assertOk, collected, config, face, http, resultOf, until } from './support.js';

const ONE_REQUEST = ['connection', 'request', 'head'];

/** A client whose events go into `events`. */
function observed(settings = {}) {
  const events = [];
  const document = typeof settings === 'string' ? settings : { platform: 'android', ...settings };
  const observer = (event) => events.push(event);
  return { client: new face.GadgetClient(document, { observer }), events };
}

const ended = (events, count = 1) =>
  until(() => events.filter(({ event }) => event === 'end').length === count);

const names = (events) => events.map(({ event }) => event);

test('it hears each step of a call, with what is known of it', async () => {
  const { client, events } = observed();
  const url = `${http}/headers?x-a=1&set-cookie=a%3D1`;
  const options = { url, header: { authorization: 's3cr3t' } };
  const result = await resultOf(client, options);
  assertOk(result);
  await ended(events);
  assert.deepEqual(names(events), ['start', 'dispatched', ...ONE_REQUEST, 'end']);
  const [start, dispatched, connection, request, head, end] = events;
  for (const event of events) {
    assert.equal(event.call, result.trace);
    assert.equal(typeof event.at, 'number');
  }
  assert.deepEqual([start.method, start.url], ['GET', url]);
  assert.deepEqual([dispatched.inFlight, dispatched.queued], [1, 0]);
  const { reused, peerIP, port, protocol } = connection;
  const server = new URL(http);
  assert.deepEqual([reused, peerIP, port], [false, server.hostname, Number(server.port)]);
  assert.equal(protocol, 'http1.1');
  assert.equal(request.header.authorization, '[redacted]');
  assert.equal(request.bytes, 0);
  const { statusCode, header, cookies } = head;
  assert.deepEqual(
    { statusCode, header, cookies },
    { statusCode: 200, header: result.header, cookies: ['a=1'] },
  );
  assert.deepEqual([end.outcome, end.statusCode], ['success', 200]);
  assert.equal(end.profile.invokeStart, start.at);
});

test('it hears of a redirect, a failure, an abort and a refusal, each with one end', async () => {
  const { client, events } = observed();
  assertOk(await resultOf(client, { url: `${http}/redirect/302` }));
  assertFail(await resultOf(client, { url: `${http}/fault/half-body` }), 305, 'body cut short');
  const refused = await resultOf(client, { url: 'ftp://a' });
  assertFail(refused, 104, 'invalid url: neither http nor https');
  const task = client.request({ url: `${http}/delay/60000` });
  task.abort();
  await ended(events, 4);
  const of = (number) => {
    const starts = events.filter(({ event }) => event === 'start');
    return events.filter(({ call }) => call === starts[number].call);
  };
  const redirected = [...ONE_REQUEST, 'redirect', ...ONE_REQUEST];
  assert.deepEqual(names(of(0)), ['start', 'dispatched', ...redirected, 'end']);
  const cut = of(1).at(-1);
  assert.deepEqual([cut.outcome, cut.errno, cut.detail], ['fail', 305, 'body cut short']);
  assert.match(cut.cause, /^receive: /);
  assert.deepEqual(names(of(2)), ['start', 'end']);
  assert.deepEqual([of(2)[1].errno, of(2)[1].profile], [104, undefined]);
  assert.deepEqual([of(3).at(-1).errno, of(3).at(-1).detail], [301, 'abort']);
});

test('what it throws is an uncaught exception, and the next event comes', async () => {
  const thrown = [];
  const heard = [];
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => thrown.push(error.message));
  try {
    const observer = ({ event }) => {
      heard.push(event);
      throw new Error(event);
    };
    const client = new face.GadgetClient({}, { observer });
    assertOk(await resultOf(client, { url: http }));
    await until(() => thrown.includes('end'));
  } finally {
    process.removeAllListeners('uncaughtException');
    before.forEach((listener) => process.on('uncaughtException', listener));
  }
  assert.deepEqual(thrown, heard);
  assert.equal(heard.length, 6);
});

test('an observer that is no function is refused', () => {
  for (const observer of [null, {}, 'f', 1]) {
    assert.throws(() => new face.GadgetClient({}, { observer }), {
      name: 'TypeError',
      message: 'observer: must be a function',
    });
  }
  new face.GadgetClient({}, { observer: undefined });
});

/** Makes a call whose observer refers to its client. */
async function observeItself() {
  const heard = [];
  const observer = (event) => heard.push([event.event, client]);
  const client = new face.GadgetClient(config, { observer });
  assertOk(await resultOf(client, { url: http }));
  await until(() => heard.some(([name]) => name === 'end'));
}

test('it is collected together with its client, also if it refers to it', async () => {
  await observeItself();
  await collected();
});
