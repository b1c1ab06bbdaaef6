// Exits while calls are pending, after some time: exits.js MOMENT.
import { config, face, http } from '../support.js';

const cookieStorage = { load: () => undefined, save: () => {} };
const client = new face.GadgetClient(config, { cookieStorage });
client.cookies.onChange(() => client.cookies.save());
// Five places are taken to the end; in the other five, calls come and go, and more wait.
for (let i = 0; i < 5; i++) client.request({ url: `${http}/delay/60000` });
for (let i = 0; i < 400; i++) {
  const url = `${http}${['/cookies/set?line=a%3D1%3B+Max-Age%3D9', '/bytes/100000'][i % 2]}`;
  client.request({ url, responseType: i % 4 < 2 ? 'arraybuffer' : 'text' });
}
setTimeout(() => process.exit(7), 5 * Number(process.argv[2]));
