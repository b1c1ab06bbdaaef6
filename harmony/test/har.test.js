// The check of a HAR's layout, on the HAR of scripts/build-harmony --here with one thing changed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { brokenBy } from '../tools/har.mjs';

const home = fileURLToPath(new URL('..', import.meta.url));
const built = path.join(home, '../target/harmony/unpacked/package');

/** The rules that this HAR breaks after `change`, which gets the path of a file in it. */
function brokenAfter(change, ...from) {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'har-'));
  try {
    fs.cpSync(built, path.join(work, 'package'), { recursive: true });
    change((name) => path.join(work, 'package', name));
    const har = path.join(work, 'request.har');
    const pack = from.length > 0 ? from : ['package'];
    assert.equal(spawnSync('tar', ['-czf', har, '-C', work, ...pack]).status, 0);
    return brokenBy(har);
  } finally {
    fs.rmSync(work, { recursive: true });
  }
}

function edit(file, from, to) {
  const text = fs.readFileSync(file, 'utf8');
  assert.ok(text.includes(from));
  fs.writeFileSync(file, text.replace(from, to));
}

/** The head of an ELF file for a machine. */
function elf(machine) {
  const head = Buffer.alloc(64);
  head.write('\x7fELF', 'latin1');
  head.writeUInt16LE(machine, 18);
  return head;
}

const SHIM = 'libgadget_request_napi.so';
const addLibrary = (at, abi, machine) => {
  fs.mkdirSync(at(`libs/${abi}`), { recursive: true });
  fs.writeFileSync(at(`libs/${abi}/${SHIM}`), elf(machine));
};

test('a HAR with the libraries of both ABIs, and the one without, are as a HAR must be', () => {
  assert.deepEqual(brokenAfter(() => {}), []);
  const both = brokenAfter((at) => {
    addLibrary(at, 'arm64-v8a', 183);
    addLibrary(at, 'x86_64', 62);
  });
  assert.deepEqual(both, []);
});

test('a HAR of bytecode, as hvigor makes it, is as a HAR must be', () => {
  const broken = brokenAfter((at) => {
    const own = JSON.parse(fs.readFileSync(at('oh-package.json5'), 'utf8'));
    const { main, nativeComponents, ...others } = own;
    const hvigors = { ...others, metadata: { byteCodeHar: true } };
    fs.writeFileSync(at('oh-package.json5'), JSON.stringify(hvigors));
    for (const name of fs.readdirSync(at(''), { recursive: true })) {
      if (name.endsWith('.js')) fs.rmSync(at(name));
    }
    fs.mkdirSync(at('ets'));
    for (const name of ['ets/modules.abc', 'ets/sourceMaps.map', 'build-profile.json5']) {
      fs.writeFileSync(at(name), '');
    }
    addLibrary(at, 'arm64-v8a', 183);
    addLibrary(at, 'x86_64', 62);
  });
  assert.deepEqual(broken, []);
});

const wrong = [
  ['CHANGELOG.md: is missing or empty', (at) => fs.rmSync(at('CHANGELOG.md'))],
  ['LICENSE: is missing or empty', (at) => fs.writeFileSync(at('LICENSE'), '\n')],
  ['oh-package.json5: version: is not valid',
    (at) => edit(at('oh-package.json5'), '"version": "', '"version": "9')],
  ['oh-package.json5: main: is not valid',
    (at) => edit(at('oh-package.json5'), '"Index.js"', '"index.js"')],
  [`oh-package.json5: dependencies: ${SHIM}: has no types in file:./src/main/cpp/types/none`,
    (at) => edit(at('oh-package.json5'), 'types/libgadget_request_napi', 'types/none')],
  ['module.json: type: must be har',
    (at) => edit(at('src/main/module.json'), '"type": "har"', '"type": "entry"')],
  ['src/main/ets/Bridge.js: imports ./valves, which nothing has',
    (at) => edit(at('src/main/ets/Bridge.js'), './values', './valves')],
  ['src/main/ets/Jar.js: has no declarations', (at) => fs.rmSync(at('src/main/ets/Jar.d.ets'))],
  ['obfuscation.txt: does not keep userAgent of src/main/ets/ClientConfig.d.ets',
    (at) => edit(at('obfuscation.txt'), 'userAgent\n', '')],
  ['src/main/cpp/napi.cpp: is of the build, not of the HAR',
    (at) => fs.writeFileSync(at('src/main/cpp/napi.cpp'), '')],
  ['test/a.txt: a HAR has no such folder', (at) => {
    fs.mkdirSync(at('test'));
    fs.writeFileSync(at('test/a.txt'), '');
  }],
  ['package/NOTICE: is neither a file nor a folder',
    (at) => fs.symlinkSync('LICENSE', at('NOTICE'))],
  ['libs: lacks an ABI', (at) => addLibrary(at, 'x86_64', 62)],
  [`libs/arm64-v8a/${SHIM}: is not ${SHIM} for a device`, (at) => {
    addLibrary(at, 'arm64-v8a', 62);
    addLibrary(at, 'x86_64', 62);
  }],
];
for (const [rule, change] of wrong) {
  test(`the check of a HAR says: ${rule}`, () => assert.deepEqual(brokenAfter(change), [rule]));
}

test('the check of a HAR wants everything below package/', () => {
  const broken = brokenAfter(() => {}, '-C', 'package', 'Index.js');
  assert.equal(broken[0], 'Index.js: is not below package/');
});

test('the same sources make the same HAR, to the byte', () => {
  const first = fs.readFileSync(path.join(home, '../target/harmony/request.har'));
  const { status } = spawnSync('../scripts/build-harmony', ['--here'], { cwd: home });
  assert.equal(status, 0);
  assert.deepEqual(fs.readFileSync(path.join(home, '../target/harmony/request.har')), first);
});
