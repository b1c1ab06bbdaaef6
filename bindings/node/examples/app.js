// The parts that a host app adds to the smallest call: `node app.js URL`. docs/node.md shows them.
import { lookup } from 'node:dns/promises';
import { existsSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { GadgetClient } from '@gadget/request';

const url = process.argv[2] ?? 'http://open.feishu.cn';
// In Electron: a folder of the user below app.getPath('userData').
const userFolder = mkdtempSync(join(tmpdir(), 'gadget-request-'));
// In Electron: encryptString and decryptString of safeStorage.
const encrypt = (bytes) => Buffer.from(bytes);
const decrypt = (bytes) => bytes;

// #region storage
/** Keeps cookies encrypted. `load` is called once, while the client is made. */
function storageIn(file) {
  return {
    load: () => (existsSync(file) ? decrypt(readFileSync(file)) : undefined),
    save(bytes) {
      writeFileSync(`${file}.next`, encrypt(bytes));
      renameSync(`${file}.next`, file);
    },
  };
}
// #endregion

// #region client
/** One client for each running mini program of each user. */
function clientOf(appId) {
  const config = { platform: 'pc', appId, appVersion: '1.2.0', backgroundGraceMs: 5000 };
  return new GadgetClient(config, {
    cookieStorage: storageIn(join(userFolder, `${appId}.cookies`)),
    resolver: async (host) => [(await lookup(host)).address], // HttpDNS, for example
  });
}
// #endregion

const client = clientOf('cli_9dff7f6ae02ad104');

// #region tt
/** The mini program gets only this object. The client itself stays with the host app. */
const tt = { request: (options) => client.request(options) };
// #endregion
const task = tt.request({ url, fail(res) { console.log(res.errno, res.errMsg); } });
task.abort();

// #region send
/** A call by the host app, aborted after five seconds. */
async function describe() {
  try {
    const res = await client.send({ url, signal: AbortSignal.timeout(5000) });
    return `${res.statusCode}, trace ${res.trace}`;
  } catch (error) {
    return `${error.message} (${error.errno}), trace ${error.trace}`;
  }
}
// #endregion

// #region cookies
const listener = client.cookies.onChange(({ type, cookie }) => console.log(type, cookie.name));
client.cookies.set({ name: 'session', value: '1', domain: '.example.com', secure: true });
client.cookies.setLine('https://www.example.com/', 'a=1; Path=/; Secure');
console.log(client.cookies.list('https://www.example.com/').map(({ name }) => name));
// #endregion

console.log(await describe());

// #region end
listener.close();
client.shutdown(); // saves cookies into the storage before it returns
// #endregion
