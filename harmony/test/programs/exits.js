// Exits while requests are pending, at some moment of theirs.
import { config, face, http } from '../support.js';

const client = new face.GadgetClient(config);
for (let i = 0; i < 200; i++) {
  const url = `${http}${['/delay/60000', '/echo', '/bytes/100000'][i % 3]}`;
  client.request({ url, responseType: i % 2 ? 'arraybuffer' : 'text' });
  client.request({ url, responseType: i % 2 ? 'arraybuffer' : 'text' });
}
setTimeout(() => process.exit(7), 5 * Number(process.argv[2]));
