// Makes calls as promises: sends.js unhandled | observed | waits | throws.
import { config, face, http } from '../support.js';

const mode = process.argv[2];
const client = new face.GadgetClient(config);
if (mode !== 'unhandled') process.on('exit', () => console.log('exit'));

if (mode === 'observed') {
  process.on('unhandledRejection', ({ name, errno }) => console.log(`unhandled ${name} ${errno}`));
  await client.send({ url: '' }).catch(({ errno }) => console.log(`handled ${errno}`));
}
if (mode === 'unhandled' || mode === 'observed') client.send({ url: '' });

if (mode === 'waits') {
  client.send({ url: `${http}/delay/200` }).then((res) => console.log(res.statusCode));
  console.log('exit follows');
}

// Only in ArkTS.
if (mode === 'throws') {
  process.on('uncaughtException', (error) => console.log(`uncaught ${error.message}`));
  const onStart = () => {
    throw new Error('from onStart');
  };
  client.send({ url: `${http}/delay/100` }, onStart).then((res) => console.log(res.statusCode));
}
