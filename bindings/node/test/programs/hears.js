// Listeners that throw: each chunk still comes, and the result.
import { config, face, http } from '../support.js';

process.on('uncaughtException', (error) => console.log(`uncaught ${error.message}`));

let bytes = 0;
const client = new face.GadgetClient(config);
const task = client.request({
  url: `${http}/chunks/5?size=1000&pause=20`,
  enableChunked: true,
  complete: ({ errMsg }) => setTimeout(() => process.stdout.write(`${bytes} bytes, ${errMsg}`)),
});
task.onHeadersReceived(() => {
  throw new Error('from headers');
});
task.onChunkReceived(({ data }) => {
  bytes += data.byteLength;
  throw new Error('from chunk');
});
