// Shared by the tests of cookies: clients, cookies, and what the server sets and gets.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { face, http, resultOf } from './support.js';

/** A client that sees Set-Cookie, with a storage if one is given. */
export const newClient = (settings = {}, cookieStorage = undefined) =>
  new face.GadgetClient({ platform: 'android', ...settings }, { cookieStorage });

/** The path at which the server sets cookies by these lines. */
export const setting = (...lines) =>
  `/cookies/set?${lines.map((line) => `line=${encodeURIComponent(line)}`).join('&')}`;

/** Makes a call whose response sets cookies by these lines. */
export async function set(client, ...lines) {
  const res = await resultOf(client, { url: `${http}${setting(...lines)}` });
  assert.equal(res.statusCode, 200);
  return res;
}

/** The Cookie lines that the server gets. */
export async function sent(client, header) {
  const { data } = await resultOf(client, { url: `${http}/cookies`, header });
  return data.cookie;
}

/** A folder that is removed when the test ends. */
export function newFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gadget-cookies-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  return folder;
}

export const HOUR = 3_600_000;
export const host = new URL(http).hostname;
/** A cookie for the test server, as `list` shows it. */
export const cookie = (name, value, more = {}) => ({
  name,
  value,
  domain: host,
  path: '/',
  secure: false,
  httpOnly: false,
  ...more,
});
export const names = (cookies) => cookies.map(({ name }) => name).join();

/** A client that has these cookies, each `NAME@DOMAIN`. */
export function clientWith(...cookies) {
  const client = newClient();
  client.cookies.set(
    cookies.map((it) => {
      const [name, domain] = it.split('@');
      return { name, value: '1', domain };
    }),
  );
  return client;
}
