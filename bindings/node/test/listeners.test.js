// Listeners to the changes of a jar.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'node:test';

import { newClient, newFolder, set } from './jar.js';
import { collected, http, run, until } from './support.js';

const domain = new URL(http).hostname;
const cookie = (name, value = '1') => ({ name, value, domain });
const text = ({ type, cookie: { name, value } }) => `${type} ${name}=${value}`;
/** Adds a listener that notes the changes. */
function noting(client) {
  const notes = [];
  return { notes, listener: client.cookies.onChange((change) => notes.push(text(change))) };
}

test('a listener gets the changes of a response before its callbacks are called', async () => {
  const client = newClient();
  const changes = [];
  const listener = client.cookies.onChange((change) => changes.push(change));
  await set(client, 'a=1; Path=/; HttpOnly', 'b=2; Path=/');
  const shown = { domain, path: '/', secure: false };
  assert.deepEqual(changes, [
    { type: 'set', cookie: { name: 'a', value: '1', ...shown, httpOnly: true } },
    { type: 'set', cookie: { name: 'b', value: '2', ...shown, httpOnly: false } },
  ]);
  await set(client, 'a=; Path=/; Max-Age=0');
  assert.deepEqual(changes.slice(2).map(text), ['removed a=1']);
  listener.close();
});

test('a listener gets the changes of the host app, later and in order', async () => {
  const client = newClient();
  const { notes, listener } = noting(client);
  for (let i = 0; i < 100; i++) client.cookies.set(cookie('a', `${i}`));
  client.cookies.set([cookie('b'), cookie('c')]);
  client.cookies.delete('b', domain, '/');
  client.cookies.set({ ...cookie('c'), expires: 0 });
  client.cookies.clear();
  assert.deepEqual(notes, []);
  await until(() => notes.at(-1) === 'removed a=99');
  assert.deepEqual(notes, [
    ...Array.from({ length: 100 }, (_, i) => `set a=${i}`),
    ...['set b=1', 'set c=1', 'removed b=1', 'removed c=1', 'removed a=99'],
  ]);
  listener.close();
});

test('without a change a listener is not called', async () => {
  const client = newClient();
  const { notes } = noting(client);
  client.cookies.set({ ...cookie('a'), expires: 0 });
  client.cookies.clear();
  client.cookies.delete('a', domain, '/');
  assert.throws(() => client.cookies.set([cookie('b'), cookie('a;')]));
  await pause(50);
  assert.deepEqual(notes, []);
});

test('close stops a listener at once, even for changes that are on their way', async () => {
  const client = newClient();
  const [closed, other] = [noting(client), noting(client)];
  client.cookies.set(cookie('a'));
  closed.listener.close();
  closed.listener.close();
  client.cookies.set(cookie('b'));
  await until(() => other.notes.length === 2);
  assert.deepEqual(closed.notes, []);
  assert.deepEqual(other.notes, ['set a=1', 'set b=1']);
  closed.listener.close();
});

test('a listener may close itself and others, and read and change the jar', async () => {
  const client = newClient();
  const notes = [];
  const first = client.cookies.onChange((change) => {
    notes.push(`${text(change)} of ${client.cookies.list().length}`);
    first.close();
    second.close();
    client.cookies.set(cookie('d'));
  });
  const second = client.cookies.onChange((change) => notes.push(`second ${text(change)}`));
  const last = noting(client);
  client.cookies.set([cookie('a'), cookie('b'), cookie('c')]);
  await until(() => last.notes.length === 4);
  assert.deepEqual(notes, ['set a=1 of 3']);
  assert.equal(last.notes.at(-1), 'set d=1');
});

test('the same function may listen twice, and each listener is closed by itself', async () => {
  const client = newClient();
  const seen = [];
  const note = (change) => seen.push(text(change));
  const [first] = [client.cookies.onChange(note), client.cookies.onChange(note)];
  client.cookies.set(cookie('a'));
  await until(() => seen.length === 2);
  first.close();
  client.cookies.set(cookie('b'));
  await until(() => seen.length === 3);
  await pause(20);
  assert.deepEqual(seen, ['set a=1', 'set a=1', 'set b=1']);
});

test('a listener gets the changes of all clients that share the jar, and no others', async (t) => {
  const cookieDir = newFolder(t);
  const [listens, shares, other] = [
    newClient({ cookieDir }),
    newClient({ cookieDir }),
    newClient({ cookieDir, appId: 'cli_other' }),
  ];
  const { notes } = noting(listens);
  other.cookies.set(cookie('o'));
  await set(shares, 'a=1; Path=/');
  await until(() => notes.length === 1);
  shares.shutdown();
  listens.shutdown();
  shares.cookies.set(cookie('b'));
  await until(() => notes.length === 2);
  assert.deepEqual(notes, ['set a=1', 'set b=1']);
});

test('an error of a listener is an uncaught exception, and stops nothing', () => {
  const { status, stdout, stderr } = run('listens', 'throws');
  const lines = stdout.split('\n');
  // Each error follows its change. The faces differ in whether both changes come first.
  assert.deepEqual(
    lines.filter((line) => line.startsWith('set')),
    ['set a', 'set b'],
  );
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('set')),
    ['uncaught from set a', 'uncaught from set b', 'exit'],
  );
  assert.equal(status, 0, stderr);
});

test('a listener does not keep the process alive', () => {
  const { status, stdout } = run('listens');
  assert.deepEqual(stdout.split('\n'), ['exit']);
  assert.equal(status, 0);
});

test('a worker with a listener and a storage may end, be terminated, or exit', () => {
  const { status, stdout, stderr } = run('workers', 'cookies');
  assert.equal(stderr, '');
  assert.equal(stdout, 'all is well');
  assert.equal(status, 0);
});

test('10,000 listeners leave nothing behind, closed or not', async () => {
  let calls = 0;
  for (let i = 0; i < 100; i++) {
    const client = newClient();
    for (let j = 0; j < 100; j++) {
      // It refers to its client: if it were held, the client would never be collected.
      const listener = client.cookies.onChange(() => client.cookies && calls++);
      if (j % 2) listener.close();
    }
    client.cookies.set(cookie('a'));
    const expected = 50 * (i + 1);
    await until(() => calls === expected);
  }
  await collected();
  assert.equal(calls, 5000);
});
