// A client's cookies; cookies.d.ts documents them. Its twin is src/main/ets/CookieJar.ets.
import { bytesOf, call } from './values.js';
import * as native from './native.js';

export class CookieJar {
  #client;

  constructor(client) {
    this.#client = client;
  }

  list(url = undefined) {
    return JSON.parse(native.cookies(this.#client, url));
  }

  set(cookies) {
    if (typeof cookies !== 'object' || cookies === null) {
      throw new TypeError('cookies: must be a cookie or an array of them');
    }
    const all = Array.isArray(cookies) ? cookies : [cookies];
    native.setCookies(this.#client, JSON.stringify(all, memberOf));
  }

  delete(name, domain, path) {
    return native.deleteCookie(this.#client, name, domain, path);
  }

  clear(domain = undefined) {
    native.clearCookies(this.#client, domain);
  }

  exportJson() {
    return native.cookies(this.#client);
  }

  importJson(json) {
    native.setCookies(this.#client, json);
  }

  save() {
    native.saveCookies(this.#client);
  }

  onChange(listener) {
    if (typeof listener !== 'function') throw new TypeError('listener: must be a function');
    const changed = (json) => call(listener, changeOf(json));
    return new CookieListener(this.#client, native.onCookieChange(this.#client, changed));
  }
}

class CookieListener {
  #client;
  #listener;

  constructor(client, listener) {
    this.#client = client;
    this.#listener = listener;
  }

  close() {
    native.closeListener(this.#client, this.#listener);
  }
}

/** A client, which keeps its cookies in `storage` if there is one. */
export function newClient(document, storage) {
  if (storage === undefined) return native.createClient(document);
  check(storage);
  const keep = (bytes) =>
    call((it) => (it === undefined ? storage.setAside?.() : storage.save(it)), bytes);
  return native.createClientWithStorage(document, loadFrom(storage), keep);
}

function check(storage) {
  if (typeof storage !== 'object' || storage === null) {
    throw new TypeError('storage: must be an object');
  }
  const mustBe = (name, is) => {
    if (!is) throw new TypeError(`storage.${name}: must be a function`);
  };
  mustBe('load', typeof storage.load === 'function');
  mustBe('save', typeof storage.save === 'function');
  mustBe('setAside', ['function', 'undefined'].includes(typeof storage.setAside));
}

/** Bytes, undefined where there are none, or null where they cannot be had. */
function loadFrom(storage) {
  let loaded;
  try {
    loaded = storage.load();
  } catch {
    return null;
  }
  const bytes = bytesOf(loaded);
  if (bytes === undefined && loaded !== undefined) {
    throw new TypeError('storage.load: must return bytes or undefined');
  }
  return bytes;
}

/** JSON would make null of NaN and Infinity, and that may be a member: they go as text. */
function memberOf(_, value) {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function changeOf(json) {
  const [[type, cookie]] = Object.entries(JSON.parse(json));
  return { type, cookie };
}
