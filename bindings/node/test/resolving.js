// Shared by the tests of resolvers: clients that have one, and names of the test server.
import { assertFail, face, http } from './support.js';

const { port } = new URL(http);
/** The test server under another name; each call makes a new connection. */
export const at = (host) => `http://${host}:${port}/close/1`;
/** Longer than any test: a thread that still waits was not released. */
const VERY_LONG_MS = 60_000;

export const newClient = (resolver, settings = {}) =>
  new face.GadgetClient({ connectTimeoutMs: VERY_LONG_MS, ...settings }, { resolver });

/** A resolver that answers on demand, and notes the names that it is asked for. */
export function holding() {
  const asked = [];
  const answers = [];
  const resolver = (host) => {
    asked.push(host);
    return new Promise((resolve) => answers.push(resolve));
  };
  const answer = (addresses) => answers.splice(0).forEach((resolve) => resolve(addresses));
  return { asked, resolver, answer };
}

export const assertNotResolved = (res, message) =>
  assertFail(res, 305, 'name not resolved', message);
