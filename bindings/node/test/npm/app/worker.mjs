// Makes a call in a worker thread, then in the main thread.
import { once } from 'node:events';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';

import { GadgetClient } from '@gadget/request';

const url = process.argv[2];
const call = async () => (await new GadgetClient({ platform: 'pc' }).send({ url })).statusCode;
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { argv: [url] });
  const [status] = await once(worker, 'message');
  console.log(status, await call());
} else {
  parentPort.postMessage(await call());
}
