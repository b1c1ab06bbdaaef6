// Has replies pending, and ends by itself, by an exit, or in worker threads that end:
// bridges.js [exits MOMENT | workers].
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

import { config, face, http, native, until } from '../support.js';

const ORIGIN = 'https://page.example';
const page = '0123456789abcdef0123456789abcdef';
const mode = isMainThread ? process.argv[2] : workerData;

const bridge = new face.GadgetClient(config).createBridge({ origins: [ORIGIN] });
const send = (members) => bridge.receive(JSON.stringify({ page, ...members }), ORIGIN, true);
const call = (id, path) => send({ call: id, options: { url: `${http}${path}` } });

/** Calls that come and go, beside five that do not end. */
async function busy() {
  await send({ hello: true });
  for (let i = 0; i < 5; i++) call(i, '/delay/60000');
  for (let i = 5; i < 25; i++) {
    const again = (id) => call(id, '/bytes/50000').then(() => again(id));
    again(i);
  }
}

async function inWorkers() {
  for (let round = 0; round < 4; round++) {
    const start = (how) => new Worker(new URL(import.meta.url), { workerData: how });
    const [ending, busy, exiting] = ['ends', 'busy', 'exits'].map(start);
    const ended = Promise.all([once(ending, 'message'), once(ending, 'exit')]);
    const exited = once(exiting, 'exit');
    await once(busy, 'message');
    await busy.terminate();
    assert.deepEqual(await ended, [[200], [0]]);
    assert.deepEqual(await exited, [7]);
  }
  await until(() => native.liveObjects() === 2); // the client and the bridge of this thread
  console.log('all is well');
}

async function one() {
  await send({ hello: true });
  return JSON.parse(await call(1, '/delay/200')).result.statusCode;
}

if (mode === 'workers') {
  await inWorkers();
} else if (mode === 'ends') {
  parentPort.postMessage(await one());
} else if (mode === 'exits') {
  busy();
  setTimeout(() => process.exit(7), 5 * Number(process.argv[3] ?? 3));
} else if (mode === 'busy') {
  await busy();
  setTimeout(() => parentPort.postMessage('busy'), 30);
} else {
  process.on('exit', () => console.log('exit'));
  one().then((status) => console.log(status));
  console.log('exit follows');
}
