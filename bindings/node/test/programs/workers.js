// Loads the library in worker threads too, and terminates one while its calls are pending:
// workers.js [alone | cookies].
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const ROUNDS = 8;
const mode = isMainThread ? process.argv[2] : workerData.mode;

/** A client; with `cookies`, one that has a storage and a listener. */
async function newClient() {
  const { config, face } = await import('../support.js');
  if (mode !== 'cookies') return new face.GadgetClient(config);
  const cookieStorage = { load: () => undefined, save: () => {} };
  const client = new face.GadgetClient(config, { cookieStorage });
  client.cookies.onChange(() => client.cookies.save());
  return client;
}

async function inWorker() {
  const { http, resultOf } = await import('../support.js');
  const client = await newClient();
  if (workerData.how === 'ends') {
    const line = encodeURIComponent('a=1; Path=/; Max-Age=1000');
    const res = await resultOf(client, { url: `${http}/cookies/set?line=${line}` });
    parentPort.postMessage(res.statusCode);
    return;
  }
  let started = 0;
  const again = () => {
    const line = encodeURIComponent(`a=${started}; Path=/; Max-Age=1000`);
    client.request({
      url: `${http}${[`/cookies/set?line=${line}`, '/bytes/50000'][started++ % 2]}`,
      responseType: 'arraybuffer',
      complete: again,
    });
    if (started === 200) parentPort.postMessage('busy');
    if (started === 250 && workerData.how === 'exits') process.exit(0);
  };
  // Five places are taken to the end; in the other five, calls come and go, and more wait.
  for (let i = 0; i < 5; i++) client.request({ url: `${http}/delay/60000` });
  for (let i = 0; i < 20; i++) again();
}

async function inMain() {
  const alone = mode === 'alone';
  const { http, native, resultOf, until } = alone ? {} : await import('../support.js');
  const client = alone ? undefined : await newClient();
  for (let round = 0; round < ROUNDS; round++) {
    const own = client && resultOf(client, { url: `${http}/delay/30` });
    const [ending, busy, exiting] = ['ends', 'busy', 'exits'].map(
      (how) => new Worker(new URL(import.meta.url), { workerData: { how, mode } }),
    );
    const ended = Promise.all([once(ending, 'message'), once(ending, 'exit')]);
    const exited = once(exiting, 'exit');
    await once(busy, 'message');
    await busy.terminate();
    assert.deepEqual(await ended, [[200], [0]]);
    assert.deepEqual(await exited, [0]);
    if (client) assert.equal((await own).statusCode, 200);
  }
  // The client of this thread with its storage and listener, and perhaps tasks that are not
  // collected yet.
  if (client) await until(() => native.liveObjects() <= 4 + ROUNDS);
  console.log('all is well');
}

await (isMainThread ? inMain() : inWorker());
