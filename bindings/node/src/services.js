// Services of the host app; services.d.ts documents them.
// Its twin is harmony/src/main/ets/newClient.ets.
import * as native from './native.js';
import { resolverWaitMs } from './settings.js';
import { bytesOf, call } from './values.js';

/** A client with these services. */
export function newClient(document, services) {
  check('services: must be an object', typeof services === 'object' && services !== null);
  const { cookieStorage, resolver, proxySelector, observer, ...others } = services;
  for (const unknown of Object.keys(others)) check(`${unknown}: no such service`, false);
  if (proxySelector !== undefined) checkSelector(proxySelector);
  const observes = observer === undefined ? undefined : observing(observer);
  const client = native.createClient(
    document,
    cookieStorage === undefined ? undefined : storing(cookieStorage),
    resolver === undefined ? undefined : resolving(resolver, document),
  );
  if (proxySelector !== undefined) setProxySelector(client, proxySelector, document);
  if (observes) native.setObserver(client, observes);
  return client;
}

/** Lets a function choose the proxies of a client with this document of settings. */
export function setProxySelector(client, selector, document, bypass = undefined) {
  checkSelector(selector);
  const ask = async (origin, question) => {
    native.answer(question, await proxiesFrom(selector, origin));
  };
  const settings = bypass === undefined ? undefined : JSON.stringify({ proxy_bypass: bypass });
  native.setProxySelector(client, { ask, waitMs: resolverWaitMs(document) }, settings);
}

function checkSelector(selector) {
  check('proxySelector: must be a function', typeof selector === 'function');
}

/** The proxy, or none; undefined if the selector fails or returns anything else. */
async function proxiesFrom(selector, origin) {
  try {
    const proxy = await selector(origin);
    if (proxy === null || proxy === undefined) return [];
    return typeof proxy === 'string' ? [proxy] : undefined;
  } catch {
    return undefined;
  }
}

function check(message, is) {
  if (!is) throw new TypeError(message);
}

function storing(storage) {
  check('cookieStorage: must be an object', typeof storage === 'object' && storage !== null);
  const mustHave = (name, ...types) =>
    check(`cookieStorage.${name}: must be a function`, types.includes(typeof storage[name]));
  mustHave('load', 'function');
  mustHave('save', 'function');
  mustHave('setAside', 'function', 'undefined');
  const keep = (bytes) =>
    call((it) => (it === undefined ? storage.setAside?.() : storage.save(it)), bytes);
  return { loaded: loadFrom(storage), keep };
}

/** The bytes; undefined if nothing was saved, null if `load` throws. */
function loadFrom(storage) {
  let loaded;
  try {
    loaded = storage.load();
  } catch {
    return null;
  }
  const bytes = bytesOf(loaded);
  const is = bytes !== undefined || loaded === undefined;
  check('cookieStorage.load: must return bytes or undefined', is);
  return bytes;
}

function resolving(resolver, document) {
  check('resolver: must be a function', typeof resolver === 'function');
  const ask = async (host, question) => {
    native.answer(question, await addressesFrom(resolver, host));
  };
  return { ask, waitMs: resolverWaitMs(document) };
}

function observing(observer) {
  check('observer: must be a function', typeof observer === 'function');
  return (json) => call(observer, JSON.parse(json));
}

/** The addresses; undefined if the resolver fails or returns anything else. */
async function addressesFrom(resolver, host) {
  try {
    const answered = await resolver(host);
    const addresses = Array.isArray(answered) ? Array.from(answered) : [undefined];
    return addresses.every((it) => typeof it === 'string') ? addresses : undefined;
  } catch {
    return undefined;
  }
}
