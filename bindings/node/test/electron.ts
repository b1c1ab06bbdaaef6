// The example of bridge.d.ts, over the part of the API of Electron that it needs. scripts/test-js
// compiles it, and bridge.test.js compares it.
import { GadgetClient } from '@gadget/request';

interface WebFrameMain {
  readonly origin: string;
  readonly parent: WebFrameMain | null;
}
interface Ipc {
  on(channel: string, listener: (event: { returnValue: unknown }) => void): void;
  handle<T>(
    channel: string,
    listener: (event: { senderFrame: WebFrameMain | null }, message: ArrayBuffer | string) => T,
  ): void;
}
declare const contextBridge: { exposeInMainWorld(name: string, api: object): void };
declare const ipcRenderer: {
  invoke(channel: string, ...args: unknown[]): Promise<unknown>;
  sendSync(channel: string): string;
};
declare const webFrame: { executeJavaScript(code: string): Promise<unknown> };
declare const contents: { readonly ipc: Ipc; once(event: 'destroyed', listener: () => void): void };
declare const client: GadgetClient;

// preload.js
contextBridge.exposeInMainWorld('gadgetRequest', {
  postMessage: (message: unknown) => ipcRenderer.invoke('gadget-request', message),
});
webFrame.executeJavaScript(ipcRenderer.sendSync('gadget-request-script'));

// the main process
const bridge = client.createBridge({ origins: ['https://page.example'], bytes: true });
contents.ipc.on('gadget-request-script', (event) => {
  event.returnValue = bridge.script;
});
contents.ipc.handle('gadget-request', ({ senderFrame: frame }, message) =>
  // It is null if the frame has another document by now.
  frame && bridge.receive(message, frame.origin, frame.parent === null),
);
contents.once('destroyed', () => bridge.close());
