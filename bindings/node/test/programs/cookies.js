// Makes a call with a cookie folder: cookies.js FOLDER APP_ID PATH. Prints the data.
import { face, http, resultOf } from '../support.js';

const [cookieDir, appId, path] = process.argv.slice(2);
const client = new face.GadgetClient({ platform: 'android', appId, cookieDir });
const { data } = await resultOf(client, { url: `${http}${path}` });
client.cookies.save();
console.log(JSON.stringify(data));
