import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';

import { collected, config, face, faceName, gc, http, resultOf, until } from './support.js';

const REQUESTS = 10_000;
/** At a time: more than ten, so that some wait; fewer than the queue takes. */
const AT_ONCE = 500;

/** mulberry32: the same numbers for the same seed. */
function randomOf(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Makes a call, and aborts it now, soon or never. Resolves with the names of its callbacks when all
 * were called.
 */
function once(client, random) {
  const kinds = [
    '/echo',
    '/bytes/1000',
    '/status/404',
    '/delay/5',
    '/fault/close-before-head',
    undefined,
  ];
  const path = kinds[Math.floor(random() * kinds.length)];
  const [binary, abort, wait] = [random() < 0.3, random(), random() * 10];
  return new Promise((resolve) => {
    const names = [];
    const task = client.request({
      url: path && http + path,
      responseType: binary ? 'arraybuffer' : 'text',
      success: () => names.push('success'),
      fail: (res) => names.push(res.errno === 111 ? 'refused' : 'fail'),
      complete: () => {
        names.push('complete');
        if (random() < 0.1) task.abort();
        setImmediate(resolve, names); // one callback too many would come before
      },
    });
    if (abort < 0.2) task.abort();
    else if (abort < 0.5) setTimeout(() => task.abort(), wait);
  });
}

test('10,000 calls with random aborts settle once each, and leave nothing behind', async (t) => {
  const seed = Number(process.env.GADGET_SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.diagnostic(`GADGET_SEED=${seed}`);
  const random = randomOf(seed);
  const counts = { success: 0, fail: 0, refused: 0 };
  let client = new face.GadgetClient(config);
  await resultOf(client, { url: `${http}/echo` });
  const sockets = () => fs.readdirSync('/proc/self/fd').length;
  // Under wine there is such a folder too, of a process with files of wine's own.
  const before = process.platform === 'linux' ? sockets() : 0;
  let left = REQUESTS;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) {
        const [first, second, ...more] = await once(client, random);
        counts[first] += 1;
        assert.deepEqual([second, ...more], ['complete']);
      }
    }),
  );
  assert.equal(counts.success + counts.fail, REQUESTS);
  assert.ok(counts.success > REQUESTS / 10 && counts.fail > REQUESTS / 10, JSON.stringify(counts));
  assert.deepEqual([client.inFlight, client.queued], [0, 0]);
  client = undefined;
  await collected();
  if (before) await until(() => sockets() <= before);
});

test('a client without references serves its pending calls', async () => {
  const pending = resultOf(new face.GadgetClient(config), { url: `${http}/delay/100` });
  for (let i = 0; i < 5; i++) gc();
  assert.equal((await pending).statusCode, 200);
  await collected();
});

test('an arraybuffer outlives its client, without a copy if the runtime allows that', async () => {
  let res = await resultOf(new face.GadgetClient(config), {
    url: `${http}/bytes/1000000`,
    responseType: 'arraybuffer',
  });
  await collected(faceName === 'node' ? 1 : 0);
  assert.equal(Buffer.from(res.data).toString('latin1', 999984), '0123456789abcdef');
  res = undefined;
  await collected();
});
