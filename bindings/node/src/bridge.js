// A page in a WebView; bridge.d.ts documents it. Its twin is harmony/src/main/ets/Bridge.ets.
import * as native from './native.js';
import { bytesOf } from './values.js';

export class Bridge {
  #bridge;
  #isClosed = false;

  constructor(client, config) {
    this.#bridge = native.createBridge(client, JSON.stringify(config) ?? 'null');
  }

  get script() {
    return native.bridgeScript(this.#bridge);
  }

  async receive(message, origin, isMainFrame) {
    const sent = typeof message === 'string' ? message : bytesOf(message);
    if (sent === undefined) throw new TypeError('message: must be a string or bytes');
    const reply = await new Promise((resolve) => {
      native.bridgeReceive(this.#bridge, sent, origin, isMainFrame, resolve);
    });
    return this.#isClosed ? undefined : reply;
  }

  close() {
    this.#isClosed = true;
    native.bridgeClose(this.#bridge);
  }
}
