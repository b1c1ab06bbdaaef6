// The shim accepts its own objects only, each for its own parameter.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { collected, http, native, nativePath } from './support.js';

const require = createRequire(import.meta.url);
const foreign = require(process.env.GADGET_FOREIGN ?? '../../../target/node/foreign.node');
/** Another copy of the shim in this process, as a second package could bring. */
const folder = mkdtempSync(join(tmpdir(), 'gadget-copy-'));
cpSync(nativePath, join(folder, 'copy.node'));
const copy = require(join(folder, 'copy.node'));
// Windows keeps a file that is loaded.
if (process.platform !== 'win32') rmSync(folder, { recursive: true });
const { port, hostname } = new URL(http);
const url = `http://known.example:${port}/close/1`;
const nothing = () => {};

/** Gets the result of the call that has settled. */
let settled;
/** The client of the call: a face keeps it, or it is collected with its resolver. */
let kept;
const listening = native.listen((_, resultJson) => settled(resultJson), nothing);

const newClient = (resolver = undefined) => native.createClient('{}', undefined, resolver);

/** One object of each class, and the outcome of the call that made the question and the task. */
async function objects() {
  const question = new Promise((resolve) => {
    kept = newClient({ ask: (_, asked) => resolve(asked), waitMs: 60_000 });
  });
  const client = kept;
  let task;
  const outcome = new Promise((resolve) => {
    task = native.start(client, JSON.stringify({ url }), undefined, listening);
    settled = resolve;
  });
  const listener = native.onCookieChange(client, nothing);
  const bridge = native.createBridge(client, '{}');
  return { client, task, listener, bridge, question: await question, outcome };
}

/** Every function that takes an object, by the class of the object. */
const functions = {
  client: [
    native.shutdown,
    (client) => native.start(client, '{}', undefined, 0),
    (client) => native.setOnline(client, true),
    native.networkChanged,
    (client) => native.setProxy(client, '{}'),
    (client) => native.setProxySelector(client, { ask: nothing, waitMs: 1 }, undefined),
    native.enterBackground,
    native.enterForeground,
    native.inFlight,
    native.queued,
    native.cookies,
    (client) => native.setCookies(client, '[]'),
    (client) => native.setCookieLine(client, url, 'a=1'),
    (client) => native.deleteCookie(client, 'a', 'a.example', '/'),
    native.clearCookies,
    native.saveCookies,
    (client) => native.onCookieChange(client, nothing),
    (client, { listener }) => native.closeListener(client, listener),
    (client) => native.createBridge(client, '{}'),
  ],
  task: [native.abort],
  listener: [(listener, { client }) => native.closeListener(client, listener)],
  bridge: [
    native.bridgeScript,
    (bridge) => native.bridgeReceive(bridge, '{}', 'null', true, nothing),
    native.bridgeClose,
  ],
  question: [(question) => native.answer(question, [hostname])],
};

test('an object of another class, of another addon or of no addon is a TypeError', async () => {
  const { outcome, ...ours } = await objects();
  const others = [
    ...[undefined, null, 5, 'client', Symbol('client'), {}, [], nothing, new ArrayBuffer(8)],
    foreign.wrapped(),
    Object.setPrototypeOf(foreign.wrapped(), ours.question),
    copy.createClient('{}', undefined, undefined),
  ];
  for (const [name, calls] of Object.entries(functions)) {
    const { [name]: right, ...wrong } = ours;
    const heirs = name === 'task' ? [] : [Object.create(right), new Proxy(right, {})];
    const message = new RegExp(`^${name}: must be a Native`);
    for (const call of calls) {
      for (const object of [...others, ...heirs, ...Object.values(wrong)]) {
        if (name === 'task' && typeof object === 'number') continue; // a task of the past
        assert.throws(() => call(object, ours), { name: 'TypeError', message }, `${call}`);
      }
    }
  }
  // None of these calls had an effect.
  assert.equal(native.inFlight(ours.client), 1);
  native.answer(ours.question, [hostname]);
  assert.match(await outcome, /"statusCode":200/);
  native.abort(ours.task);
  native.closeListener(ours.client, ours.listener);
  native.shutdown(ours.client);
});

test('nothing is left behind', () => {
  assert.equal(native.inFlight(kept), 0);
  kept = undefined;
  return collected();
});
