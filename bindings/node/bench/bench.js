// Measures clients of HTTP by turns: `node bench.js URL [REQUESTS [ROUNDS [NAME]]]`. NAME: only
// that one. Linux only.
import { readFileSync } from 'node:fs';

import { GadgetClient } from '@gadget/request';
import { request } from 'undici';

const [url, requests = '20000', rounds = '7', only] = process.argv.slice(2);
const IN_FLIGHT = 10;
/** The bytes of the field `data` in the JSON. */
const LENGTH = 578;

const client = new GadgetClient({ platform: 'pc' });
const callback = () => new Promise((complete) => {
  client.request({ url, complete });
});

/** What makes a call and returns the JSON of its response. */
const clients = {
  '@gadget/request': async () => (await client.send({ url })).data,
  'the same, with a callback': async () => (await callback()).data,
  'undici.request': async () => (await request(url)).body.json(),
  fetch: async () => (await fetch(url)).json(),
};

/** The nanoseconds that JavaScript's thread has run. */
const ownTime = () =>
  Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]);

/**
 * Makes so many calls, ten in flight at a time; returns microseconds, those of CPU, and those of
 * JavaScript's thread for one.
 */
async function measure(call, count) {
  let left = count;
  const work = async () => {
    while (left-- > 0) {
      const { data } = await call();
      if (data.length !== LENGTH) throw new Error('not the JSON of the server');
    }
  };
  const start = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  const own = ownTime();
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  const { user, system } = process.cpuUsage(cpu);
  const time = Number(process.hrtime.bigint() - start) / 1000;
  return [time / count, (user + system) / count, (ownTime() - own) / 1000 / count];
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

const names = Object.keys(clients).filter((name) => only === undefined || name === only);
const costs = new Map(names.map((name) => [name, []]));
for (const name of names) await measure(clients[name], Number(requests) / 4); // warm
for (let round = 0; round < Number(rounds); round++) {
  for (const name of names) costs.get(name).push(await measure(clients[name], Number(requests)));
}

console.log('| client | µs a request | ratio | µs of CPU | ratio | µs of JavaScript | ratio |');
console.log('|---|---|---|---|---|---|---|');
const of = (name, index) => median(costs.get(name).map((it) => it[index]));
const [ours] = names;
for (const name of names) {
  const cells = [0, 1, 2].map((index) => {
    const cost = of(name, index);
    return `${cost.toFixed(1)} | ${(of(ours, index) / cost).toFixed(2)}`;
  });
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
process.exit();
