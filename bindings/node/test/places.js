// Shared by the tests of the gate and of `send`: calls that the server holds.
import assert from 'node:assert/strict';

import { counter, face, http, until } from './support.js';

/** The number of calls that are in flight at a time. */
export const LIMIT = 10;

let names = 0;
/** A name for the server's counters and holds that no other test has. */
export const newName = () => `js-gate-${process.pid}-${(names += 1)}`;

/** The calls of a client: in flight, queued. */
export const waiting = (client) => [client.inFlight, client.queued];

/** A URL that the server counts under a name, and answers when it is released. */
export const held = (name) => `${http}/hold/${name}?counter=${name}`;

/** Starts a call that the server holds. */
export function hold(client, name) {
  let task;
  const result = new Promise((complete) => {
    task = client.request({ url: held(name), complete });
  });
  return { result, abort: () => task.abort() };
}

/** A client with ten calls in flight, which the server holds under the name. */
export async function fullClient(settings = {}) {
  const [client, name] = [new face.GadgetClient(settings), newName()];
  const calls = Array.from({ length: LIMIT }, () => hold(client, name));
  await until(async () => (await counter(name)).in_flight === LIMIT);
  assert.deepEqual(waiting(client), [LIMIT, 0]);
  return { client, name, held: calls };
}
