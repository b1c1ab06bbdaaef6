// Makes a call of a module.
import { GadgetClient } from '@gadget/request';

const client = new GadgetClient({ platform: 'pc' });
const { statusCode, errMsg } = await client.send({ url: process.argv[2] });
console.log(statusCode, errMsg);
