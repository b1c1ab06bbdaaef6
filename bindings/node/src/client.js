// The Node face; index.d.ts documents it. Its twin is harmony/src/main/ets/GadgetClient.ets.
import { Bridge } from './bridge.js';
import { CookieJar } from './cookies.js';
import { documentOf, encode } from './encode.js';
import * as native from './native.js';
import { GadgetError, failOf } from './result.js';
import { newClient, setProxySelector } from './services.js';
import { Events } from './task.js';
import { call } from './values.js';

const CALLBACKS = ['success', 'fail', 'complete'];

export class GadgetClient {
  #client;
  #cookies;
  #document;

  constructor(config = {}, services = {}) {
    this.#document = typeof config === 'string' ? config : documentOf(config);
    this.#client = newClient(this.#document, services);
    this.#cookies = new CookieJar(this.#client);
  }

  request(options) {
    const success = callbackOf(options, 'success');
    const fail = callbackOf(options, 'fail');
    const complete = callbackOf(options, 'complete');
    return this.#start(options, (result) => {
      call(result.errno === undefined ? success : fail, result);
      call(complete, result);
    });
  }

  async send(options) {
    const given = CALLBACKS.find((name) => read(options, name) != null);
    if (given) throw new TypeError(`${given}: send takes no callbacks; request does`);
    const signal = read(options, 'signal') ?? undefined;
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw new TypeError('signal: must be an AbortSignal');
    }
    if (signal?.aborted) throw new GadgetError(failOf(301, 'abort', ''));
    let abort;
    const result = await new Promise((resolve) => {
      const task = this.#start(options, resolve);
      abort = () => task.abort();
      signal?.addEventListener('abort', abort);
      if (signal?.aborted) abort(); // by a getter of the options
    });
    signal?.removeEventListener('abort', abort);
    if (result.errno === undefined) return result;
    throw new GadgetError(result);
  }

  get cookies() {
    return this.#cookies;
  }

  get inFlight() {
    return native.inFlight(this.#client);
  }

  get queued() {
    return native.queued(this.#client);
  }

  setOnline(online) {
    native.setOnline(this.#client, online);
  }

  networkChanged() {
    native.networkChanged(this.#client);
  }

  setProxy(proxy, bypass = []) {
    native.setProxy(this.#client, JSON.stringify({ proxy, proxy_bypass: bypass }));
  }

  setProxySelector(selector, bypass = undefined) {
    setProxySelector(this.#client, selector, this.#document, bypass);
  }

  enterBackground() {
    native.enterBackground(this.#client);
  }

  enterForeground() {
    native.enterForeground(this.#client);
  }

  har() {
    return native.har(this.#client);
  }

  createBridge(config = {}) {
    return new Bridge(this.#client, config);
  }

  shutdown() {
    native.shutdown(this.#client);
  }

  #start(options, settle) {
    const [text, bytes] = encode(options);
    return new Events(this.#client, settle).begin(text, bytes);
  }
}

export function createRequest(config) {
  const client = new GadgetClient(config);
  return (options) => client.request(options);
}

/** The callback of that name; undefined if it is not a function or cannot be read. */
function callbackOf(options, name) {
  const callback = read(options, name);
  return typeof callback === 'function' ? callback : undefined;
}

/** A member of the options; undefined if a getter throws. */
function read(options, name) {
  try {
    return options?.[name];
  } catch {
    return undefined;
  }
}
