// Loads the library in worker threads too, and terminates one while its requests are pending.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const ROUNDS = 8;

async function inWorker() {
  const { config, face, http, resultOf } = await import('../support.js');
  const client = new face.GadgetClient(config);
  if (workerData === 'ends') {
    const res = await resultOf(client, { url: `${http}/delay/20` });
    parentPort.postMessage(res.statusCode);
    return;
  }
  let started = 0;
  const again = () => {
    client.request({
      url: `${http}${['/echo', '/bytes/50000'][started++ % 2]}`,
      responseType: 'arraybuffer',
      complete: again,
    });
    if (started === 200) parentPort.postMessage('busy');
  };
  // Some of the ten places are held to the end; in the others calls come and go, and more wait.
  for (let i = 0; i < 5; i++) client.request({ url: `${http}/delay/60000` });
  for (let i = 0; i < 20; i++) again();
}

async function inMain() {
  const alone = process.argv[2] === 'alone';
  const { config, face, http, native, resultOf, until } = alone
    ? {}
    : await import('../support.js');
  const client = alone ? undefined : new face.GadgetClient(config);
  for (let round = 0; round < ROUNDS; round++) {
    const own = client && resultOf(client, { url: `${http}/delay/30` });
    const ending = new Worker(new URL(import.meta.url), { workerData: 'ends' });
    const busy = new Worker(new URL(import.meta.url), { workerData: 'busy' });
    const ended = Promise.all([once(ending, 'message'), once(ending, 'exit')]);
    await once(busy, 'message');
    await busy.terminate();
    assert.deepEqual(await ended, [[200], [0]]);
    if (client) assert.equal((await own).statusCode, 200);
  }
  // The client here, and perhaps tasks that wait for their collection.
  if (client) await until(() => native.liveObjects() <= 1 + ROUNDS);
  console.log('all is well');
}

await (isMainThread ? inMain() : inWorker());
