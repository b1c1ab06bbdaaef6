// The npm packages in target/npm, as an app installs them. scripts/test-npm runs it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { buildSync } from 'esbuild';
import webpack from 'webpack';

import { packageOf, platformOf } from '../../src/platform.js';
import { PLATFORMS } from '../../src/platforms.js';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const packed = path('../../../../target/npm');
const tools = path('../../node_modules');
const url = `${process.env.GADGET_HTTP}/status/404`;
const platform = platformOf(process);
const { version } = JSON.parse(readFileSync(path('../../package.json')));
const FACE = join(packed, `gadget-request-${version}.tgz`);
const ADDON = join(packed, `gadget-request-${platform}-${version}.tgz`);
const work = mkdtempSync(join(tmpdir(), 'gadget-npm-'));
after(() => rmSync(work, { recursive: true }));

/** An app with these packages, installed without a network. */
function install(name, ...packages) {
  const app = join(work, name);
  cpSync(path('app'), app, { recursive: true });
  writeFileSync(join(app, 'package.json'), '{"private":true}');
  const options = ['--offline', '--no-audit', '--no-fund', '--cache', join(work, 'cache')];
  execFileSync('npm', ['install', ...options, ...packages], { cwd: app, stdio: 'pipe' });
  return app;
}

/** The platforms that a package is for: those that were packed when it was. */
const { optionalDependencies } = JSON.parse(
  readFileSync(join(packed, 'request/package.json')),
);
const packedPlatforms = PLATFORMS.filter((it) => packageOf(it) in optionalDependencies);

/** Runs a program of an app, and returns what it prints. */
function run(app, program, ...args) {
  const options = { cwd: app, encoding: 'utf8', timeout: 60_000 };
  return execFileSync(process.execPath, [program, ...args], options).trim();
}

const app = install('app', FACE, ADDON);
/** As npm leaves it with `--omit=optional`. */
const incomplete = join(work, 'incomplete');
cpSync(app, incomplete, { recursive: true });
rmSync(join(incomplete, 'node_modules', packageOf(platform)), { recursive: true });

/** The paths in a packed package. */
const listed = (archive) =>
  execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' })
    .trim().split('\n').map((line) => line.replace('package/', '')).sort();

test('an installed package makes calls, by import and by require', () => {
  for (const program of ['call.mjs', 'call.cjs']) {
    assert.equal(run(app, program, url), '404 request:ok', program);
  }
});

test('import and require give the same classes of one engine', () => {
  assert.equal(run(app, 'both.mjs'), 'all is well');
});

const skip = !process.env.GADGET_RELEASE;

test('a release refuses to send to an inspector, by the name of the setting', { skip }, () => {
  assert.match(run(app, 'inspector.mjs'), /^inspector: this build has no feature `inspector`/);
});

test('a worker thread makes calls, and so does the main thread after it', () => {
  assert.equal(run(app, 'worker.mjs', url), '404 404');
});

/** Makes bundles of call.mjs and call.cjs in a copy of the app, and runs them elsewhere. */
async function bundled(name, bundle) {
  const source = join(work, `${name}-source`);
  const moved = join(work, name);
  cpSync(app, source, { recursive: true });
  for (const program of ['call.mjs', 'call.cjs']) {
    await bundle(source, program, `bundle-${program}`);
    cpSync(join(source, `bundle-${program}`), join(moved, program));
  }
  rmSync(source, { recursive: true });
  const addon = join('node_modules', packageOf(platform));
  cpSync(join(app, addon), join(moved, addon), { recursive: true });
  for (const program of ['call.mjs', 'call.cjs']) {
    assert.equal(run(moved, program, url), '404 request:ok', program);
  }
  return moved;
}

test('esbuild makes one file of a program and the package, in each format', async () => {
  const moved = await bundled('esbuild', (folder, program, outfile) => {
    const format = outfile.endsWith('.mjs') ? 'esm' : 'cjs';
    const options = { bundle: true, platform: 'node', target: 'node18', absWorkingDir: folder };
    const logOverride = { 'empty-import-meta': 'silent' }; // addon.js has another way
    buildSync({ entryPoints: [program], outfile, format, logOverride, ...options });
  });
  // Code without a file has a __filename that is no path.
  const options = { cwd: moved, encoding: 'utf8', timeout: 60_000 };
  const printed = execFileSync(process.execPath, ['-e', "import('./call.mjs')", '-', url], options);
  assert.equal(printed.trim(), '404 request:ok');
});

test('webpack makes one file of a program and the package, in each format', () =>
  bundled('webpack', async (folder, program, outfile) => {
    const isModule = outfile.endsWith('.mjs');
    const compiler = webpack({
      mode: 'production',
      target: 'node18',
      context: folder,
      entry: `./${program}`,
      experiments: { outputModule: isModule },
      output: { path: folder, filename: outfile, module: isModule },
    });
    const stats = await promisify(compiler.run.bind(compiler))();
    const { errors, warnings } = stats.toJson();
    assert.deepEqual([...errors, ...warnings], []);
  }));

test('the types are found in each way that TypeScript looks for them', () => {
  const check = (moduleResolution, module, ...names) => {
    for (const name of names) cpSync(path('../types.ts'), join(app, name));
    const options = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2022,dom'];
    const { status, stdout } = spawnSync(process.execPath, [
      join(tools, 'typescript/bin/tsc'), ...options,
      '--module', module, '--moduleResolution', moduleResolution, ...names,
    ], { cwd: app, encoding: 'utf8' });
    assert.equal(status, 0, `${moduleResolution}: ${stdout}`);
  };
  check('nodenext', 'nodenext', 'types.mts', 'types.cts');
  check('bundler', 'esnext', 'types.ts');
  check('node10', 'commonjs', 'types.ts');
});

test('if the package of the platform is missing, the error names it', () => {
  for (const program of ['call.mjs', 'call.cjs']) {
    const { status, stderr } = spawnSync(process.execPath, [program, url], {
      cwd: incomplete, encoding: 'utf8',
    });
    assert.equal(status, 1);
    const named = `@gadget/request: the package ${packageOf(platform)} with the engine is missing`;
    assert.ok(stderr.includes(named), stderr);
  }
});

test('if the system does not load the addon, the error names its package', () => {
  const broken = join(work, 'broken');
  cpSync(app, broken, { recursive: true });
  const addon = join('node_modules', packageOf(platform), 'gadget_request_napi.node');
  writeFileSync(join(broken, addon), 'no addon');
  for (const program of ['call.mjs', 'call.cjs']) {
    const { status, stderr } = spawnSync(process.execPath, [program, url], {
      cwd: broken, encoding: 'utf8',
    });
    assert.equal(status, 1);
    const named = `@gadget/request: the system does not load the package ${packageOf(platform)}: `;
    assert.ok(stderr.includes(named), stderr);
  }
});

test('a platform without an engine is named, and those that have one', () => {
  const { status, stderr } = spawnSync(process.execPath, ['elsewhere.mjs'], {
    cwd: app, encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.ok(stderr.includes(`has no engine for sunos-${process.arch}`), stderr);
  assert.ok(stderr.includes(packedPlatforms.join(', ')), stderr);
});

test('the packages are named, restricted to their platform, and wanted in this version', () => {
  const of = (name) => JSON.parse(readFileSync(join(app, 'node_modules', name, 'package.json')));
  const face = of('@gadget/request');
  const wanted = Object.keys(face.optionalDependencies);
  assert.deepEqual(wanted, packedPlatforms.map(packageOf));
  assert.ok(wanted.includes(packageOf(platform)));
  for (const name of wanted) {
    const archive = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
    assert.ok(existsSync(join(packed, archive)), archive);
  }
  assert.deepEqual([...new Set(Object.values(face.optionalDependencies))], [version]);
  for (const name of ['private', 'dependencies', 'devDependencies', 'scripts']) {
    assert.equal(face[name], undefined, name);
  }
  const addon = of(packageOf(platform));
  const [os, cpu, libc] = platform.split('-');
  const libcs = libc && ['glibc'];
  assert.deepEqual([addon.version, addon.os, addon.cpu, addon.libc], [version, [os], [cpu], libcs]);
});

test('the packages have the licenses and nothing that no app needs', () => {
  const types = readdirSync(path('../../src')).filter((name) => name.endsWith('.d.ts'));
  const scripts = readdirSync(path('../../src')).filter((name) => name.endsWith('.js'));
  assert.deepEqual(listed(FACE), [
    'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'index.js', 'package.json',
    ...['index.js', 'package.json', ...types].map((name) => `commonjs/${name}`),
    ...['errors.js', 'settings.js', ...scripts, ...types].map((name) => `src/${name}`),
  ].sort());
  const licenses = ['sbom.cdx.json', 'third-party.txt'];
  const others = listed(ADDON).filter((name) => !licenses.includes(name));
  assert.deepEqual(others, [
    'LICENSE-APACHE', 'LICENSE-MIT', 'gadget_request_napi.node', 'package.json',
  ]);
});
