// The packed addon and the examples of a page, in Electron: scripts/test-electron runs it. A real
// browser, a real preload script and a sandboxed page; the test server answers.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

import { buildSync } from 'esbuild';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const app = mkdtempSync(join(tmpdir(), 'gadget-electron-'));
after(() => rmSync(app, { recursive: true }));

/** What main.mjs found. */
let found;
before(() => {
  cpSync(process.env.GADGET_MODULES, join(app, 'node_modules'), { recursive: true });
  for (const folder of ['node/examples/electron', 'node/test/electron', 'page/examples']) {
    cpSync(path(`../../../${folder}`), join(app, 'bindings', folder), { recursive: true });
  }
  cpSync(path('../../../page/examples/electron-preload.cjs'), join(app, 'electron-preload.cjs'));
  writeFileSync(join(app, 'package.json'), '{"main":"main.cjs"}');
  buildSync({
    entryPoints: [join(app, 'bindings/node/test/electron/main.mjs')],
    outfile: join(app, 'main.cjs'),
    bundle: true,
    platform: 'node',
    target: 'node12', // of Electron 9
    external: ['electron'],
    logOverride: { 'empty-import-meta': 'silent' },
  });
  const electron = process.env.GADGET_ELECTRON;
  const args = ['--auto-servernum', 'env', `LD_PRELOAD=${process.env.GADGET_PRELOAD}`];
  const options = { encoding: 'utf8', timeout: 400_000, stdio: ['ignore', 'pipe', 'inherit'] };
  // Root has no other choice than --no-sandbox. `sandbox: true` of the window still takes Node
  // away.
  const printed = execFileSync('xvfb-run', [...args, electron, '--no-sandbox', app], options);
  found = JSON.parse(/^found: (.*)$/m.exec(printed)[1]);
});

test('the main process makes calls, of text and of bytes', () => {
  assert.equal(found.main, 404);
  assert.deepEqual(found.mainBytes, [48, 49, 50]);
});

test('a sandboxed page has the call and nothing of Node', () => {
  assert.equal(found.globals, 'undefined,undefined,function');
  assert.equal(found.page.statusCode, 404);
  assert.equal(found.page.errMsg, 'request:ok');
});

test('bytes go from the page to the server and back', () => {
  assert.equal(found.sent, 'AQI=');
  assert.deepEqual(found.got, [48, 49, 50]);
});

test('a page of another origin is refused', () => {
  assert.equal(found.other.errno, 103);
});
