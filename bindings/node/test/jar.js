// What the tests of cookies share: clients, and the server's side of their jars.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { face, http, resultOf } from './support.js';

/** A client that sees Set-Cookie, and keeps cookies in the storage if there is one. */
export const newClient = (settings = {}, cookieStorage = undefined) =>
  new face.GadgetClient({ platform: 'android', ...settings }, { cookieStorage });

/** The path from which the server sets cookies by those lines. */
export const setting = (...lines) =>
  `/cookies/set?${lines.map((line) => `line=${encodeURIComponent(line)}`).join('&')}`;

/** Has the server set cookies by those lines. */
export async function set(client, ...lines) {
  const res = await resultOf(client, { url: `${http}${setting(...lines)}` });
  assert.equal(res.statusCode, 200);
  return res;
}

/** The Cookie lines that come to the server. */
export async function sent(client, header) {
  const { data } = await resultOf(client, { url: `${http}/cookies`, header });
  return data.cookie;
}

/** A folder that is gone when the test is over. */
export function newFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gadget-cookies-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  return folder;
}
