// The examples that README and docs show.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { config, face } from '../../node/test/support.js';
import { assertOk, http, name, open, until } from './support.js';

const examples = fileURLToPath(new URL('../examples', import.meta.url));

test(`${name}: the call of a page prints its result`, async () => {
  const { view } = await open();
  await view.evaluateNow(readFileSync(join(examples, 'call.js'), 'utf8'));
  await until(() => view.console.length > 0);
  assertOk(JSON.parse(view.console[0]));
  await view.close();
});

/** What Electron has of both processes, in one. Messages are copied as `contextBridge` does it. */
const electron = `
const handlers = new Map();
const origin = 'https://page.example';
exports.ipc = {
  on: (name, handler) => handlers.set(name, handler),
  handle: (name, handler) => handlers.set(name, handler),
};
exports.ipcRenderer = {
  sendSync(name) {
    const event = {};
    handlers.get(name)(event);
    return event.returnValue;
  },
  invoke: async (name, message) =>
    handlers.get(name)({ senderFrame: { origin, parent: null } }, structuredClone(message)),
};
exports.contextBridge = {
  exposeInMainWorld(name, { postMessage }) {
    const post = async (message) => structuredClone(await postMessage(message));
    globalThis[name] = { postMessage: post };
  },
};
exports.webFrame = { executeJavaScript: (script) => (0, eval)(script) };
`;

test(`the example of Electron connects a page with a client, and lets go of it`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gadget-electron-'));
  try {
    cpSync(examples, folder, { recursive: true });
    const module = join(folder, 'node_modules/electron');
    mkdirSync(module, { recursive: true });
    writeFileSync(join(module, 'index.js'), electron);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    // What the script takes from a page.
    globalThis.window = globalThis;
    globalThis.addEventListener = () => {};

    const load = (file) => import(pathToFileURL(join(folder, file)));
    const { default: { ipc } } = await load('node_modules/electron/index.js');
    const { attach } = await load('electron-main.js');
    const client = new face.GadgetClient(config);
    let destroyed;
    attach(client, { ipc, once: (_, listener) => { destroyed = listener; } });
    await load('electron-preload.cjs');

    const call = (options) => new Promise((complete) => {
      globalThis.tt.request({ ...options, complete });
    });
    const sent = await call({ url: `${http}/echo`, method: 'POST', data: Uint8Array.of(1, 2) });
    assert.equal(sent.data.body_base64, 'AQI=');
    const got = await call({ url: `${http}/bytes/2`, responseType: 'arraybuffer' });
    assert.deepEqual([...new Uint8Array(got.data)], [48, 49]);
    globalThis.tt.request({ url: `${http}/delay/60000` });
    await until(() => client.inFlight === 1);
    destroyed();
    await until(() => client.inFlight === 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
