// The main process of the test in electron.test.js. It prints what it found, as JSON.
import { app, ipcMain, session } from 'electron';

import { GadgetClient } from '@gadget/request';
import { open } from '../../examples/electron/window.js';

const http = process.env.GADGET_HTTP;
const client = new GadgetClient({ platform: 'pc' });

/** What Electron 21 has as `ipc` of a window, with the frame of each message; for older ones. */
function newIpc() {
  const framed = (listener) => (event, message) => {
    event.senderFrame ??= { origin: new URL(event.sender.getURL()).origin, parent: null };
    return listener(event, message);
  };
  return {
    on: (channel, listener) => ipcMain.on(channel, framed(listener)),
    handle: (channel, listener) => ipcMain.handle(channel, framed(listener)),
  };
}

app.on('web-contents-created', (_, contents) => {
  contents.ipc ??= newIpc();
});

/** A call of the page, as a script. */
const call = (options) => `new Promise((complete) => {
  tt.request(Object.assign({ complete }, ${options}));
})`;

/** Waits until the client has this many calls in flight. */
async function inFlight(count) {
  while (client.inFlight !== count) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function run() {
  const found = {};
  const echo = `${http}/echo`;
  found.main = (await client.send({ url: `${http}/status/404` })).statusCode;
  const { data } = await client.send({ url: `${http}/bytes/3`, responseType: 'arraybuffer' });
  found.mainBytes = [...new Uint8Array(data)];

  const { protocol } = session.defaultSession;
  const show = (request, respond) => respond({ mimeType: 'text/html', data: '<title>page</title>' });
  protocol.interceptStringProtocol('https', show);
  const window = await open(client, 'https://page.example/');
  const inPage = (script) => window.webContents.executeJavaScript(script);
  found.globals = await inPage('[typeof require, typeof process, typeof tt.request].join()');
  found.page = await inPage(call(`{ url: '${http}/status/404' }`));
  const sent = `{ url: '${echo}', method: 'POST', data: Uint8Array.of(1, 2).buffer }`;
  found.sent = (await inPage(call(sent))).data.body_base64;
  const got = `{ url: '${http}/bytes/3', responseType: 'arraybuffer' }`;
  found.got = await inPage(`${call(got)}.then(({ data }) => [...new Uint8Array(data)])`);

  await inPage(`tt.request({ url: '${http}/delay/60000' }); 0`);
  await inFlight(1);
  await window.loadURL('https://other.example/');
  await inFlight(0);
  found.other = await inPage(call(`{ url: '${echo}' }`));

  client.shutdown();
  return { ...found, electron: process.versions.electron };
}

app.on('window-all-closed', () => {}); // the end of the test ends the app
app.whenReady().then(run).then(
  (found) => {
    console.log(`found: ${JSON.stringify(found)}`);
    app.exit(0);
  },
  (error) => {
    console.error(error);
    app.exit(1);
  },
);
