// What a host does for a client; services.d.ts documents it. Its twin: harmony/src/main/ets/newClient.ets.
import { bytesOf, call } from './values.js';
import * as native from './native.js';

/** The engine's, where the settings say nothing. */
const CONNECT_TIMEOUT_MS = 15_000;
/** So that a connect timeout is always the first to end a call. */
const MARGIN_MS = 1000;

/** A client with these services. */
export function newClient(document, services) {
  check('services: must be an object', typeof services === 'object' && services !== null);
  const { cookieStorage, resolver, ...others } = services;
  for (const unknown of Object.keys(others)) check(`${unknown}: no such service`, false);
  return native.createClient(
    document,
    cookieStorage === undefined ? undefined : storing(cookieStorage),
    resolver === undefined ? undefined : resolving(resolver, document),
  );
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

/** Bytes, undefined where there are none, or null where they cannot be had. */
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
  return { ask, waitMs: connectTimeoutOf(document) + MARGIN_MS };
}

/** Addresses, or undefined where they cannot be had. */
async function addressesFrom(resolver, host) {
  try {
    const answered = await resolver(host);
    const addresses = Array.isArray(answered) ? Array.from(answered) : [undefined];
    return addresses.every((it) => typeof it === 'string') ? addresses : undefined;
  } catch {
    return undefined;
  }
}

/** Of settings that cannot be the engine tells. */
function connectTimeoutOf(document) {
  try {
    return JSON.parse(document).connect_timeout_ms ?? CONNECT_TIMEOUT_MS;
  } catch {
    return CONNECT_TIMEOUT_MS;
  }
}
