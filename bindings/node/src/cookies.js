// A client's cookies; cookies.d.ts documents them. Its twin is harmony/src/main/ets/Jar.ets.
import { finite } from './encode.js';
import * as native from './native.js';
import { call } from './values.js';

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
    const json = JSON.stringify(all, finite);
    try {
      native.setCookies(this.#client, json);
    } catch (error) {
      // For a single cookie, the message does not need its index.
      if (all.length === 1) error.message = error.message.replace(/^\[0\](\.|: )/, '');
      throw error;
    }
  }

  setLine(url, line) {
    return native.setCookieLine(this.#client, url, line);
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

function changeOf(json) {
  const [[type, cookie]] = Object.entries(JSON.parse(json));
  return { type, cookie };
}
