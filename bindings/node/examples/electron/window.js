// The main process of an Electron app: a window whose pages have `tt.request`. The preload script
// and `attach` are bindings/page/examples; docs/bridge.md shows them.
import { BrowserWindow, app } from 'electron';
import { join } from 'node:path';

import { attach } from '../../../page/examples/electron-main.js';

// #region open
/** A window with a page. Its preload script is in the folder of the app. */
export async function open(client, url) {
  const preload = join(app.getAppPath(), 'electron-preload.cjs');
  const window = new BrowserWindow({
    webPreferences: { preload, sandbox: true, contextIsolation: true },
  });
  attach(client, window.webContents); // before the page is loaded
  await window.loadURL(url);
  return window;
}
// #endregion
