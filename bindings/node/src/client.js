// The Node face; index.d.ts documents it. Its twin is harmony/src/main/ets/GadgetClient.ets.
import { CookieJar } from './cookies.js';
import { bytesOf, call } from './values.js';
import { ERRNO } from './errors.js';
import * as native from './native.js';
import { newClient } from './services.js';
import { COOKIE_POLICY, SETTINGS } from './settings.js';

export class GadgetClient {
  #client;
  #cookies;

  constructor(config = {}, services = {}) {
    this.#client = newClient(typeof config === 'string' ? config : documentOf(config), services);
    this.#cookies = new CookieJar(this.#client);
  }

  request(options) {
    const callbacks = {
      success: callbackOf(options, 'success'),
      fail: callbackOf(options, 'fail'),
      complete: callbackOf(options, 'complete'),
    };
    const [text, bytes] = encode(options);
    return new RequestTask(
      native.start(this.#client, text, bytes, (resultJson, data, trace) => {
        settle(callbacks, resultOf(resultJson, data, trace));
      }),
    );
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

  enterBackground() {
    native.enterBackground(this.#client);
  }

  enterForeground() {
    native.enterForeground(this.#client);
  }

  shutdown() {
    native.shutdown(this.#client);
  }
}

class RequestTask {
  #task;

  constructor(task) {
    this.#task = task;
  }

  abort() {
    native.abort(this.#task);
  }
}

export function createRequest(config) {
  const client = new GadgetClient(config);
  return (options) => client.request(options);
}

function documentOf(config) {
  return JSON.stringify(fieldsOf(config, SETTINGS));
}

/**
 * Settings under the engine's names. A property that is none goes as it is: the engine names it.
 */
function fieldsOf(settings, names) {
  const fields = Object.entries(settings).map(([name, value]) => [
    names.get(name) ?? name,
    settingOf(name, value),
  ]);
  return Object.fromEntries(fields);
}

/**
 * JSON would make null of NaN and Infinity, and that may be a setting: they go as text, for the
 * engine to refuse.
 */
function settingOf(name, value) {
  if (name === 'cookiePolicy' && typeof value === 'object' && value !== null) {
    return fieldsOf(value, COOKIE_POLICY);
  }
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/** The callback of that name. One that is no function, or cannot be read, is none. */
function callbackOf(options, name) {
  try {
    const callback = options?.[name];
    return typeof callback === 'function' ? callback : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Options for the engine: text, and the bytes of `data`. What has no text is an empty one: a 104.
 */
function encode(options) {
  try {
    const bytes = bytesOf(options?.data);
    const sent = bytes === undefined ? options : { ...options, data: undefined };
    return [JSON.stringify(sent) ?? 'null', bytes];
  } catch {
    return ['', undefined];
  }
}

/** The result object, with `data` in its place behind `header`. */
function resultOf(resultJson, data, trace) {
  let result;
  try {
    result = JSON.parse(resultJson);
  } catch {
    // This JavaScript engine cannot hold it.
    return { errMsg: 'request:fail internal error', errno: 102, errString: ERRNO.get(102), trace };
  }
  if (data === undefined) return result;
  const { statusCode, header, ...rest } = result;
  return { statusCode, header, data, ...rest };
}

function settle({ success, fail, complete }, result) {
  call(result.errno === undefined ? success : fail, result);
  call(complete, result);
}
