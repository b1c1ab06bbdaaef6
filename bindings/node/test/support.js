// Shared by all tests: the face under test, the server's address, calls and their results.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';

import { packageOf, platformOf } from '../src/platform.js';

const target = new URL('../../../target/', import.meta.url);
/** The folder of an installed package: if it is set, that one is tested. */
const installed = process.env.GADGET_INSTALLED && pathToFileURL(process.env.GADGET_INSTALLED);
const faces = {
  node: installed ? `${installed}/index.js` : 'node/src/index.js',
  arkts: 'harmony/arkts/Index.js',
};
const natives = {
  node: packageOf(platformOf(process)),
  arkts: './node_modules/libgadget_request_napi.so',
};

/** Which face is under test: `node` or `arkts`. */
export const faceName = process.env.GADGET_FACE ?? 'node';
const faceUrl = new URL(faces[faceName], target);
/** Its exports. */
export const face = await import(faceUrl);
const requireHere = createRequire(faceUrl);
/** The file of the native side below it. */
export const nativePath = requireHere.resolve(natives[faceName]);
/** That native side. */
export const native = requireHere(nativePath);

/** The origin of the test server (see scripts/with-server). */
export const http = process.env.GADGET_HTTP;
/** A configuration that trusts it and resolves www.toutiao.com to it. */
export const config = process.env.GADGET_CONFIG;

/** Makes a call and waits for `complete`; notes the names of its callbacks, in order. */
export function invoke(client, options) {
  return new Promise((resolve) => {
    const calls = [];
    const task = client.request({
      ...options,
      success: (res) => calls.push(['success', res]),
      fail: (res) => calls.push(['fail', res]),
      complete: (res) => {
        calls.push(['complete', res]);
        resolve({
          res,
          task,
          names: calls.map(([name]) => name),
          same: calls.every((it) => it[1] === res),
        });
      },
    });
  });
}

/** Makes a call and waits for its result. */
export async function resultOf(client, options) {
  return (await invoke(client, options)).res;
}

/** A success. */
export const assertOk = (res) => assert.equal(res.errMsg, 'request:ok');

/** A fail with this errno and detail, and nothing else in it. */
export function assertFail({ trace, ...res }, errno, detail, message = undefined) {
  const errString = face.ERRNO.get(errno);
  assert.deepEqual(res, { errMsg: `request:fail ${detail}`, errno, errString }, message);
  assert.match(trace, /^02\w{51}$/);
}

/** A promise that rejects with this errno and message; returns the GadgetError. */
export async function assertRejects(promise, errno, message, trace = /^02\w{51}$/) {
  const error = await promise.then(() => assert.fail('no rejection'), (reason) => reason);
  assert.ok(error instanceof face.GadgetError, error);
  assert.equal(error.name, 'GadgetError');
  assert.match(error.message, message);
  assert.equal(error.errno, errno);
  assert.equal(error.errString, face.ERRNO.get(errno));
  assert.match(error.trace, trace);
  return error;
}

/** Waits until a condition holds; if it never does, the runner ends the test. */
export async function until(condition) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

v8.setFlagsFromString('--expose-gc');
/** Collects garbage. */
export const gc = vm.runInNewContext('gc');

/** Waits until only this many of the shim's objects are left. */
export const collected = (objects = 0) =>
  until(async () => {
    gc();
    return native.liveObjects() === objects;
  });

/** Makes the server answer this many of the requests that it holds under a name (`/hold/NAME`). */
export async function release(name, count = 1) {
  assert.ok((await fetch(`${http}/release/${name}?count=${count}`)).ok);
}

/** Counters of the test server for requests with `counter=NAME` in their query. */
export async function counter(name) {
  return (await fetch(`${http}/counters/${name}`)).json();
}

/** What starts this Node, if the system cannot: an emulator with its options. */
const emulator = process.env.GADGET_EMULATOR?.split(' ') ?? [];

/** How many times as long a program may take: what is not native starts and runs slower. */
export const SLOWNESS = emulator.length > 0 || process.env.GADGET_WINE ? 5 : 1;

/** Runs test/programs/NAME.js in a process. A crash shows as a signal. */
export function run(name, ...args) {
  const program = fileURLToPath(new URL(`programs/${name}.js`, import.meta.url));
  const [command, ...options] = [...emulator, process.execPath, program, ...args];
  const { status, signal, stdout, stderr } = spawnSync(command, options, {
    encoding: 'utf8',
    timeout: 60_000 * SLOWNESS,
  });
  assert.equal(signal, null, stderr);
  return { status, stdout: stdout.trim(), stderr };
}
