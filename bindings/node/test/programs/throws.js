// Throws in callbacks.
import { config, face, http } from '../support.js';

const thrower = (name) => () => {
  console.log(name);
  throw new Error(`from ${name}`);
};

if (process.argv[2] !== 'unhandled') {
  process.on('uncaughtException', (error) => console.log(`uncaught ${error.message}`));
}
const client = new face.GadgetClient(config);
const options = {
  success: thrower('success'),
  fail: thrower('fail'),
  complete: thrower('complete'),
};
client.request({ url: `${http}/echo`, ...options });
setTimeout(() => client.request(options), 300);
