// Tasks in a pool of threads, as in a TaskPool: each makes a client, awaits its calls and ends it.
// The threads are used again, and one ends while others work.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';

import { config, face, http, native, until } from '../support.js';

const [THREADS, TASKS] = [3, 12];

async function task(number) {
  const client = new face.GadgetClient(config);
  try {
    const calls = Array.from({ length: 5 }, (_, i) =>
      client.send({ url: `${http}/bytes/${number * 100 + i}`, responseType: 'arraybuffer' }));
    const sizes = (await Promise.all(calls)).map((res) => res.data.byteLength);
    return sizes.reduce((sum, size) => sum + size, 0);
  } finally {
    client.shutdown();
  }
}

async function inPool(worker, number) {
  worker.postMessage(number);
  const [sum] = await once(worker, 'message');
  assert.equal(sum, number * 500 + 10);
}

if (isMainThread) {
  const workers = Array.from({ length: THREADS }, () => new Worker(new URL(import.meta.url)));
  for (let first = 0; first < TASKS; first += THREADS) {
    await Promise.all(workers.map((worker, i) => inPool(worker, first + i)));
  }
  await workers[0].terminate();
  await Promise.all(workers.slice(1).map((worker, i) => inPool(worker, i)));
  await Promise.all(workers.map((worker) => worker.terminate()));
  await until(() => native.liveObjects() === 0);
  console.log('all is well');
} else {
  parentPort.on('message', async (number) => parentPort.postMessage(await task(number)));
}
