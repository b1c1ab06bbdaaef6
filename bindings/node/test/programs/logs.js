// Makes a call that fails and one that succeeds, for the log; prints the traces.
import { config, face, http, resultOf } from '../support.js';

const client = new face.GadgetClient(config);
const urls = ['http://127.0.0.1:1/?secret=1', `${http}/status/200?secret=2`];
for (const url of urls) console.log((await resultOf(client, { url })).trace);
