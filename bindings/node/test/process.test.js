// The end of a process, its uncaught errors, and its worker threads. Each test runs a process.
import assert from 'node:assert/strict';
import test from 'node:test';

import { run } from './support.js';

test('an error of a callback is an uncaught exception, and complete is called', () => {
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

test('workers and the main thread have separate clients, and a worker may be terminated', () => {
  const { status, stdout, stderr } = run('workers');
  assert.equal(stderr, '');
  assert.equal(stdout, 'all is well');
  assert.equal(status, 0);
});

test('each task of a pool of threads has its own client, and the threads are used again', () => {
  const { status, stdout, stderr } = run('pool');
  assert.equal(stderr, '');
  assert.equal(stdout, 'all is well');
  assert.equal(status, 0);
});

// Node loads a module that registers itself, as on OpenHarmony, only once if it stays loaded.
const skip = process.env.GADGET_FACE === 'arkts';

test('a library that only workers load stays loaded when a worker ends', { skip }, () => {
  const { status, stdout, stderr } = run('workers', 'alone');
  assert.equal(stderr, '');
  assert.equal(stdout, 'all is well');
  assert.equal(status, 0);
});
