// The tables of both faces are equal to the tables of the engine.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { face, http, resultOf } from './support.js';

const read = (file) => fs.readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
const require = createRequire(import.meta.url);
const { CLIENT_CERTIFICATE, COOKIE_POLICY, SETTINGS, resolverWaitMs } = require(
  '../../../target/harmony/arkts/src/main/ets/settings.js',
);
const all = (text, pattern) => [...text.matchAll(pattern)].map((match) => match.slice(1));
const between = (text, from, to) =>
  text.slice(text.indexOf(from), text.indexOf(to, text.indexOf(from)));

const pem = fs.readFileSync(process.env.GADGET_CA, 'utf8');
const { hostname } = new URL(http);
const full = {
  platform: 'pc',
  appId: 'cli_x',
  appVersion: '1.2.0',
  referer: 'https://r.example/{app_id}',
  userAgent: 'tester',
  appHeaders: [{ hosts: [hostname], headers: { 'x-app': '1' } }],
  extraMethods: ['PATCH', 'OPTIONS'],
  deleteDataAsPost: true,
  cookiePolicy: { callerHeader: 'merge', jar: false, setCookie: 'visible' },
  cookieDir: path.join(os.tmpdir(), 'never made'),
  allowedHosts: [hostname],
  allowCleartext: true,
  allowPrivateAddresses: false,
  allowedPrivateNetworks: [hostname],
  maxRedirects: 3,
  timeoutMs: 5000,
  maxQueued: 100,
  maxQueuedBytes: 1 << 20,
  queueTimeoutMs: 5000,
  backgroundGraceMs: 0,
  connectTimeoutMs: 5000,
  idleTimeoutMs: 5000,
  profile: false,
  // A release refuses any other value.
  inspector: process.env.GADGET_INSTALLED ? null : 'http://127.0.0.1:1',
  maxBodyBytes: 1 << 20,
  maxTextBytes: 1 << 20,
  maxStreamedBytes: 1 << 20,
  maxCallerHeaderBytes: 1 << 16,
  maxIdleConnections: 5,
  maxHeadBytes: 1 << 16,
  maxHeadFields: 100,
  harExchanges: 10,
  harBodyBytes: 1000,
  harSecrets: true,
  resolve: ['a.example:80:127.0.0.1'],
  proxy: 'socks5://127.0.0.1:1',
  proxyBypass: [hostname],
  rootsPem: pem,
  systemRoots: false,
  pins: [`a.example=sha256/${'A'.repeat(43)}=`, `*.a.example=sha256/${'A'.repeat(43)}=`],
  crls: [read('devtools/server/certificates/crl.pem')],
  clientCertificates: [
    {
      hosts: ['a.example'],
      certificatePem: read('devtools/server/certificates/client.pem'),
      keyPem: read('devtools/server/certificates/client-key.pem'),
    },
  ],
};

test('every setting of the engine is a property in both faces', () => {
  const fields = all(
    between(read('core/src/config.rs'), 'pub struct ClientConfig {', '\n}'),
    /(?:rename = "(\w+)"[^\n]*\n\s*)?pub (\w+):/g,
  ).map(([renamed, name]) => renamed ?? name);
  assert.ok(fields.length > 15);
  assert.deepEqual([...SETTINGS.values()], fields);
  for (const [file, from] of [
    ['bindings/node/src/config.d.ts', 'interface ClientConfig {'],
    ['harmony/src/main/ets/ClientConfig.ets', 'interface ClientConfig {'],
  ]) {
    const properties = all(between(read(file), from, '\n}'), /^ {2}(\w+)\?:/gm).flat();
    assert.deepEqual(properties, [...SETTINGS.keys()], file);
  }
});

test('every member of cookie_policy is a property in both faces', () => {
  const policy = read('core/src/config/cookie_policy.rs');
  const fields = all(between(policy, 'struct CookiePolicyOverrides {', '\n}'), /pub (\w+):/g);
  assert.deepEqual([...COOKIE_POLICY.values()], fields.flat());
  for (const file of ['bindings/node/src/config.d.ts', 'harmony/src/main/ets/ClientConfig.ets']) {
    const members = between(read(file), 'interface CookiePolicy {', '\n}');
    assert.deepEqual(all(members, /^ {2}(\w+)\?:/gm).flat(), [...COOKIE_POLICY.keys()], file);
  }
});

test('every member of a client certificate is a property in both faces', () => {
  const source = read('core/src/config/tls/client_certificate.rs');
  const fields = all(between(source, 'struct Document {', '\n}'), /^ {4}(\w+):/gm);
  assert.deepEqual([...CLIENT_CERTIFICATE.values()], fields.flat());
  for (const file of ['bindings/node/src/config.d.ts', 'harmony/src/main/ets/ClientConfig.ets']) {
    const members = between(read(file), 'interface ClientCertificate {', '\n}');
    assert.deepEqual(all(members, /^ {2}(\w+):/gm).flat(), [...CLIENT_CERTIFICATE.keys()], file);
  }
});

test('every member of a cookie is a property in both faces', () => {
  const cookie = read('core/src/cookies/cookie.rs');
  const fields = all(between(cookie, 'struct Cookie {', '\n}'), /pub (\w+):/g).flat();
  const inJson = fields.map((it) => it.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()));
  assert.equal(inJson.length, 8);
  for (const file of ['bindings/node/src/cookies.d.ts', 'harmony/src/main/ets/Cookie.ets']) {
    const members = between(read(file), 'interface Cookie {', '\n}');
    assert.deepEqual(all(members, /^ {2}(\w+)\??:/gm).flat(), inJson, file);
  }
});

test('all settings reach the engine', async () => {
  assert.deepEqual(Object.keys(full), [...SETTINGS.keys()]);
  assert.deepEqual(Object.keys(full.cookiePolicy), [...COOKIE_POLICY.keys()]);
  const client = new face.GadgetClient(full);
  const { data } = await resultOf(client, {
    url: `${http}/echo`,
    method: 'PATCH',
    header: { cookie: 'a=1' },
    data: {},
  });
  const headers = Object.fromEntries(data.headers);
  assert.equal(data.method, 'PATCH');
  assert.equal(headers['user-agent'], 'tester');
  assert.equal(headers.cookie, 'a=1');
  assert.equal(headers['x-app'], '1');
  assert.equal(headers.referer, 'https://r.example/cli_x');
  const failed = await resultOf(new face.GadgetClient({ proxy: full.proxy }), { url: http });
  assert.equal(failed.errMsg, 'request:fail proxy failed');
  for (const [entry, message] of [
    [{ ...full.clientCertificates[0], keyPem: pem }, /certificates\[0\]: key_pem: no private/],
    ['text', /certificates\[0\]: invalid type/],
  ]) {
    assert.throws(() => new face.GadgetClient({ clientCertificates: [entry] }), message);
  }
});

test('the engine waits for a resolver longer than for a connection', () => {
  const config = read('core/src/config.rs');
  const [[seconds]] = all(config, /connect_timeout: Duration::from_secs\((\d+)\)/g);
  for (const document of [undefined, '{}', '{"connect_timeout_ms":null}', 'not JSON']) {
    assert.equal(resolverWaitMs(document), 1000 * seconds + 1000);
  }
  assert.equal(resolverWaitMs('{"connect_timeout_ms":50}'), 1050);
});

test('undefined settings have their default', () => {
  new face.GadgetClient();
  new face.GadgetClient({ appId: undefined, timeoutMs: undefined });
  new face.GadgetClient({ maxTextBytes: null });
});

test('an unknown or invalid setting is an error that names it', () => {
  for (const [config, message] of [
    [{ timeout: 5 }, /unknown field `timeout`/],
    [{ timeoutMs: 0 }, /timeout_ms: must be at least 1/],
    [{ maxQueuedBytes: -1 }, /^max_queued_bytes: /],
    [{ maxQueuedBytes: null }, /^max_queued_bytes: /],
    [{ maxTextBytes: -1 }, /^max_text_bytes: /],
    [{ maxCallerHeaderBytes: 0.5 }, /^max_caller_header_bytes: /],
    [{ maxCallerHeaderBytes: null }, /^max_caller_header_bytes: /],
    [{ maxIdleConnections: '5' }, /^max_idle_connections: /],
    [{ maxIdleConnections: null }, /^max_idle_connections: /],
    [{ appId: 5 }, /app_id: /],
    [{ platform: 'symbian' }, /platform: /],
    [{ rootsPem: 'x' }, /roots_pem: /],
    ['{"x":1}', /unknown field `x`/],
    ['', /not a JSON object/],
    ['[]', /not a JSON object/],
  ]) {
    assert.throws(() => new face.GadgetClient(config), { name: 'Error', message });
  }
  assert.throws(() => new face.GadgetClient(null));
});

test('errno, errString and details are equal to the ones of the engine', () => {
  const errnos = all(read('core/src/errno.rs'), /= (\d+), "([^"]+)";/g);
  assert.deepEqual(
    [...face.ERRNO],
    errnos.map(([code, words]) => [Number(code), words]),
  );
  const source = read('core/src/error.rs').split('impl fmt::Display for Error')[0];
  const details = new Set(all(source, /=>? "([^"]+)"/g).flat());
  assert.deepEqual([...face.DETAILS].sort(), [...details].sort());
});
