// The main process of an Electron app: a window's pages get `tt.request`. The preload script of the
// window is electron-preload.cjs.

/** Offers a client to the pages of a window's `webContents`. */
export function attach(client, webContents) {
  // #region attach
  const bridge = client.createBridge({ origins: ['https://page.example'], bytes: true });
  webContents.ipc.on('gadget-request-script', (event) => {
    event.returnValue = bridge.script;
  });
  webContents.ipc.handle('gadget-request', ({ senderFrame: frame }, message) =>
    // It is null if the frame has another document by now.
    frame && bridge.receive(message, frame.origin, frame.parent === null));
  webContents.once('destroyed', () => bridge.close());
  // #endregion
}
