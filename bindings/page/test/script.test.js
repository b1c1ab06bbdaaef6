// The script as a file: small, and in the JavaScript of the oldest WebViews.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const ts = createRequire(new URL('../../node/package.json', import.meta.url))('typescript');
const source = readFileSync(new URL('../gadget-request.js', import.meta.url), 'utf8');
const { ES2017, ESNext } = ts.ScriptTarget;

/** The script as the compiler writes it for a version of the language. */
const emitted = (text, target) =>
  ts.transpileModule(text, { compilerOptions: { target, removeComments: true } }).outputText;

test('the script has less than 15 KB', () => {
  assert.ok(Buffer.byteLength(source) < 15 * 1024);
});

test('the script has no syntax that is newer than ES2017', () => {
  assert.equal(emitted(source, ES2017), emitted(source, ESNext));
  for (const newer of ['({ ...a })', 'a?.b', 'a ?? b', 'try {} catch {}', 'class A { #b; }']) {
    assert.notEqual(emitted(newer, ES2017), emitted(newer, ESNext), newer);
  }
});

test('the script uses nothing of a library that is newer than ES2017', () => {
  const lib = ['lib.es2017.d.ts', 'lib.dom.d.ts'];
  const options = { allowJs: true, checkJs: true, noEmit: true, target: ES2017, lib, types: [] };
  const path = new URL('../gadget-request.js', import.meta.url).pathname;
  const found = ts.getPreEmitDiagnostics(ts.createProgram([path], options));
  const messages = found.map((it) => ts.flattenDiagnosticMessageText(it.messageText, '\n'));
  const unknown = messages.filter((it) => /^(Property|Cannot find)/.test(it));
  assert.equal(unknown.length, 1);
  assert.match(unknown[0], /^Property 'webkit' does not exist on type 'Window/);
});
