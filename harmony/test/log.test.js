// The log lines of the engine, in a process of its own.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { run } from '../../bindings/node/test/support.js';

test('each call has a line in hilog, with its trace and nothing else of it', () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'hilog-')), 'lines');
  process.env.HILOG_FILE = file;
  const { status, stdout } = run('logs');
  delete process.env.HILOG_FILE;
  assert.equal(status, 0);
  const [failed, succeeded] = stdout.split('\n');
  const text = fs.readFileSync(file, 'utf8');
  const lines = text.trim().split('\n');
  fs.rmSync(path.dirname(file), { recursive: true });
  const own = lines.filter((line) => line.includes(failed));
  assert.equal(own.length, 1);
  assert.match(own[0], /^0 3 6752 gadget-request: call 02\w{51} failed: /);
  const others = lines.filter((line) => line.includes(succeeded));
  assert.equal(others.length, 1);
  assert.match(others[0], /^0 3 6752 gadget-request: call 02\w{51}: status 200, \d+ ms$/);
  assert.ok(!text.includes('secret'));
  for (const line of lines) assert.match(line, /^0 [3-6] 6752 gadget-request: /);
});
