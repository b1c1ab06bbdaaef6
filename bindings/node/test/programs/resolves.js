// Resolves names by a resolver: resolves.js ends | answers | exits MOMENT | workers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

import { face, http, native, resultOf, until } from '../support.js';

const ROUNDS = 8;
/** Never settles. Held here, because a question that is collected has no answer. */
globalThis.never = new Promise(() => {});
const [mode, moment] = isMainThread ? process.argv.slice(2) : [workerData];
const { port, hostname } = new URL(http);

/** A client that waits for a minute. */
const newClient = (resolver) =>
  new face.GadgetClient({ connectTimeoutMs: 60_000 }, { resolver });
const at = (host) => `http://${host}:${port}/close/1`;

/** Makes one call, whose name is resolved never or soon. */
function one() {
  process.on('exit', () => console.log('exit'));
  const client = newClient(() => {
    console.log('asked');
    if (mode === 'answers') return pause(200, [hostname]);
    setTimeout(() => task.abort(), 50);
    return globalThis.never;
  });
  const complete = (res) => console.log(res.errMsg);
  const task = client.request({ url: at('a.example'), complete });
}

/** Makes calls without end. Some names are never resolved. Reports each question by its number. */
function many(report) {
  let asked = 0;
  const client = newClient((host) => {
    report((asked += 1));
    if (host === 'never.example') return globalThis.never;
    return host === 'now.example' ? [hostname] : pause(Math.random() * 10, [hostname]);
  });
  for (let i = 0; i < 4; i++) client.request({ url: at('never.example') });
  const again = (host) => {
    const complete = ({ errno }) => errno ?? again(host);
    client.request({ url: at(host), complete });
  };
  for (let i = 0; i < 6; i++) again(['now.example', 'later.example'][i % 2]);
  return client;
}

function inWorker() {
  const busy = (asked) => {
    if (asked === 100) parentPort.postMessage('busy');
    if (asked > 100 && mode === 'exits') process.exit(0);
    if (asked > 100 && mode === 'ends') client.shutdown();
  };
  const client = many(busy);
}

async function workers() {
  const client = newClient(() => pause(20, [hostname]));
  for (let round = 0; round < ROUNDS; round++) {
    const own = resultOf(client, { url: at('a.example') });
    const [ending, busy, exiting] = ['ends', 'busy', 'exits'].map(
      (how) => new Worker(new URL(import.meta.url), { workerData: how }),
    );
    const ended = [once(ending, 'exit'), once(exiting, 'exit')];
    await once(busy, 'message');
    await busy.terminate();
    assert.deepEqual(await Promise.all(ended), [[0], [0]]);
    assert.equal((await own).statusCode, 200);
  }
  // The client of this thread with its resolver, and perhaps tasks and questions that are not
  // collected yet: no thread waits for a worker that ended.
  await until(() => native.liveObjects() <= 3 + 4 * ROUNDS);
  console.log('all is well');
}

if (!isMainThread) inWorker();
else if (mode === 'workers') await workers();
else if (mode === 'exits') {
  many(() => {});
  setTimeout(() => process.exit(7), 5 * Number(moment));
} else one();
