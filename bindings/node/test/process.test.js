// What a process sees: its end, its uncaught errors, its worker threads. Each in a process of its
// own.
import assert from 'node:assert/strict';
import test from 'node:test';

import { run } from './support.js';

test('what a callback throws is an uncaught exception, and complete comes', () => {
  const { status, stdout } = run('throws');
  assert.deepEqual(stdout.split('\n'), [
    'success',
    'complete',
    'uncaught from success',
    'uncaught from complete',
    'fail',
    'complete',
    'uncaught from fail',
    'uncaught from complete',
  ]);
  assert.equal(status, 0);
});

test('an uncaught exception without a handler ends the process as usual', () => {
  const { status, stderr } = run('throws', 'unhandled');
  assert.equal(status, 1);
  assert.match(stderr, /Error: from success/);
});

test('a pending request keeps the process alive, an idle client does not', () => {
  const { status, stdout } = run('lives');
  assert.deepEqual(stdout.split('\n'), ['exit follows', '200', 'exit']);
  assert.equal(status, 0);
});

test('an exit with pending requests does not crash', () => {
  for (let i = 0; i < 10; i++) assert.equal(run('exits', String(i)).status, 7);
});

test('workers and the main thread have clients of their own; one may be terminated', () => {
  const { status, stdout, stderr } = run('workers');
  assert.equal(stderr, '');
  assert.equal(stdout, 'all is well');
  assert.equal(status, 0);
});

// Node loads a module that registers itself, as OpenHarmony wants it, only once if it stays.
const skip = process.env.GADGET_FACE === 'arkts';

test('loaded by a worker alone, the library stays when the worker ends', { skip }, () => {
  const { status, stdout, stderr } = run('workers', 'alone');
  assert.equal(stderr, '');
  assert.equal(stdout, 'all is well');
  assert.equal(status, 0);
});
