// Cookies: the jar, the mini program's own, and which of them it sees.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import { newClient, newFolder, sent, set, setting } from './jar.js';
import { run } from './support.js';

test('a cookie of a response is sent back until it expires', async () => {
  const client = newClient();
  assert.deepEqual(await sent(client), []);
  await set(client, 'a=1; Path=/', 'b=2; Path=/cookies; HttpOnly', 'c=3; Path=/elsewhere');
  assert.deepEqual(await sent(client), ['b=2; a=1']);
  await set(client, 'a=4; Path=/', 'b=; Path=/cookies; Max-Age=0');
  assert.deepEqual(await sent(client), ['a=4']);
});

test('the caller’s Cookie header comes first, then the other cookies of the jar', async () => {
  for (const settings of [{}, { platform: 'pc', cookiePolicy: { callerHeader: 'merge' } }]) {
    const client = newClient(settings);
    assert.deepEqual(await sent(client, { cookie: 'own=0' }), ['own=0']);
    await set(client, 'a=1; Path=/', 'b=2; Path=/');
    assert.deepEqual(await sent(client, { Cookie: 'own=0; a=own' }), ['own=0; a=own; b=2']);
    assert.deepEqual(await sent(client), ['a=1; b=2']);
  }
});

test('with callerHeader drop, and on pc, the caller’s Cookie header is not sent', async () => {
  for (const settings of [{ cookiePolicy: { callerHeader: 'drop' } }, { platform: 'pc' }]) {
    const client = newClient(settings);
    assert.deepEqual(await sent(client, { cookie: 'own=0' }), []);
    await set(client, 'a=1; Path=/');
    assert.deepEqual(await sent(client, { Cookie: 'own=0; a=own' }), ['a=1']);
  }
});

test('if Set-Cookie is visible, it is in header and cookies', async () => {
  for (const settings of [
    { platform: 'android' },
    { platform: 'ios' },
    { platform: 'harmony' },
    { platform: 'pc', cookiePolicy: { setCookie: 'visible' } },
  ]) {
    const { header, cookies } = await set(newClient(settings), 'a=1', 'b=2; HttpOnly');
    assert.equal(header['set-cookie'], 'a=1, b=2; HttpOnly', settings.platform);
    assert.deepEqual(cookies, ['a=1', 'b=2; HttpOnly']);
  }
});

test('if Set-Cookie is hidden, it is in neither, and the jar has the cookie', async () => {
  for (const settings of [
    { platform: 'pc' },
    { platform: 'devtools' },
    { platform: 'android', cookiePolicy: { setCookie: 'hidden' } },
  ]) {
    const client = newClient(settings);
    const { header, cookies } = await set(client, 'a=1; Path=/', 'b=2; HttpOnly; Path=/');
    assert.ok(!('set-cookie' in header), settings.platform);
    assert.deepEqual(cookies, []);
    assert.deepEqual(await sent(client), ['a=1; b=2']);
  }
});

test('without a jar no cookie is kept, and the caller’s Cookie header is sent', async () => {
  const client = newClient({ cookiePolicy: { jar: false } });
  assert.deepEqual((await set(client, 'a=1; Path=/')).cookies, ['a=1; Path=/']);
  assert.deepEqual(await sent(client), []);
  assert.deepEqual(await sent(client, { cookie: 'own=0' }), ['own=0']);
});

test('an empty or undefined policy keeps the platform’s rules', async () => {
  for (const cookiePolicy of [undefined, {}, { jar: undefined, setCookie: undefined }]) {
    const client = newClient({ cookiePolicy, cookieDir: undefined });
    assert.deepEqual((await set(client, 'a=1; Path=/')).cookies, ['a=1; Path=/']);
    assert.deepEqual(await sent(client, { cookie: 'own=0' }), ['own=0; a=1']);
  }
});

test('clients share cookies only if app id and folder are the same', async (t) => {
  const [cookieDir, other] = [newFolder(t), newFolder(t)];
  const client = newClient({ appId: 'cli_a', cookieDir });
  await set(client, 'a=1; Path=/; Max-Age=1000', 'b=2; Path=/');
  for (const [settings, expected] of [
    [{ appId: 'cli_a', cookieDir }, ['a=1; b=2']],
    [{ appId: 'cli_a', cookieDir: other }, []],
    [{ appId: 'cli_b', cookieDir }, []],
    [{ appId: 'cli_a', cookieDir: null }, []],
    [{ appId: 'cli_a' }, []],
  ]) {
    assert.deepEqual(await sent(newClient(settings)), expected, JSON.stringify(settings));
  }
  client.cookies.save(); // before the folder is removed
});

test('the next process has the cookies of cookieDir, except session cookies', (t) => {
  const cookieDir = path.join(newFolder(t), 'made', 'where missing');
  const runAs = (appId, from) => {
    const { status, stdout, stderr } = run('cookies', cookieDir, appId, from);
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  };
  runAs('cli_a', setting('a=1; Path=/; Max-Age=1000', 'b=2; Path=/'));
  assert.deepEqual(runAs('cli_a', '/cookies'), { cookie: ['a=1'] });
  assert.deepEqual(runAs('cli_b', '/cookies'), { cookie: [] });
  runAs('cli_a', setting('a=; Path=/; Max-Age=0'));
  assert.deepEqual(runAs('cli_a', '/cookies'), { cookie: [] });
});

test('save is an error while cookieDir is not writable, and works afterwards', (t) => {
  const file = path.join(newFolder(t), 'a file');
  const cookieDir = path.join(newFolder(t), 'taken');
  fs.writeFileSync(file, '');
  const cookie = { name: 'a', value: '1', domain: 'example.com', expires: Date.now() + 1_000_000 };
  const isIt = { name: 'Error', message: 'cookies could not be saved' };
  const never = newClient({ cookieDir: path.join(file, 'below') });
  never.cookies.save();
  never.cookies.set(cookie);
  assert.throws(() => never.cookies.save(), isIt);
  never.shutdown();
  assert.equal(never.cookies.list().length, 1);
  const client = newClient({ cookieDir });
  assert.deepEqual(client.cookies.list(), []); // now it has read that there are none
  fs.writeFileSync(cookieDir, '');
  client.cookies.set(cookie);
  assert.throws(() => client.cookies.save(), isIt);
  fs.rmSync(cookieDir);
  client.cookies.save();
  // Beside the file a lock, for other processes.
  assert.deepEqual(
    fs.readdirSync(cookieDir).map((name) => path.extname(name)).sort(),
    ['.lock', '.txt'],
  );
});

test('invalid settings of cookies are errors that name the field', () => {
  for (const [config, message] of [
    [{ cookieDir: 5 }, /^cookie_dir: /],
    [{ cookieDir: true }, /^cookie_dir: /],
    [{ cookieDir: ['/tmp'] }, /^cookie_dir: /],
    [{ cookieDir: {} }, /^cookie_dir: /],
    [{ cookiePolicy: null }, /^cookie_policy: /],
    [{ cookiePolicy: 5 }, /^cookie_policy: /],
    [{ cookiePolicy: NaN }, /^cookie_policy: /],
    [{ cookiePolicy: 'drop' }, /^cookie_policy: /],
    [{ cookiePolicy: ['drop'] }, /^cookie_policy\.0: unknown field/],
    [{ cookiePolicy: { cookies: true } }, /^cookie_policy\.cookies: unknown field/],
    [{ cookiePolicy: { callerHeader: 'replace' } }, /^cookie_policy\.caller_header: /],
    [{ cookiePolicy: { callerHeader: true } }, /^cookie_policy\.caller_header: /],
    [{ cookiePolicy: { jar: 'no' } }, /^cookie_policy\.jar: /],
    [{ cookiePolicy: { jar: 0 } }, /^cookie_policy\.jar: /],
    [{ cookiePolicy: { jar: NaN } }, /^cookie_policy\.jar: /],
    [{ cookiePolicy: { setCookie: 'shown' } }, /^cookie_policy\.set_cookie: /],
    [{ cookiePolicy: { setCookie: [] } }, /^cookie_policy\.set_cookie: /],
    [{ callerHeader: 'drop' }, /^callerHeader: unknown field/],
  ]) {
    assert.throws(() => newClient(config), { name: 'Error', message }, JSON.stringify(config));
  }
});
