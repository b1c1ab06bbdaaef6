// Writes what a HAR says of itself, and checks a HAR against the rules of OHPM and of this project.
// usage: node tools/har.mjs describe FOLDER | check FILE.har
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import zlib from 'node:zlib';

import ts from 'ohos-typescript';

const NATIVE = 'libgadget_request_napi.so';
/** The machine of each ABI, as the head of an ELF file has it. */
const ABIS = new Map([['arm64-v8a', 183], ['x86_64', 62]]);

/** Files of the module, by their paths in it. */
const source = (file) => fs.readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
/** JSON with comments and without quotes, which JavaScript reads as it is. */
const json5 = (text) => vm.runInNewContext(`(${text})`);

/** Writes the descriptions of a compiled HAR, as hvigor makes them from the sources. */
function describe(folder) {
  const { products } = json5(source('project/build-profile.json5')).app;
  const { runtimeOS, compatibleSdkVersion } = products[0];
  const [, major, minor, patch, api] = /^(\d+)\.(\d+)\.(\d+)\((\d+)\)$/.exec(compatibleSdkVersion);
  const sdk = { compatibleSdkVersion: Number(api), compatibleSdkType: runtimeOS };
  const { main, ...own } = json5(source('oh-package.json5'));
  const written = (file, value) =>
    fs.writeFileSync(path.join(folder, file), `${JSON.stringify(value, null, 2)}\n`);
  written('oh-package.json5', {
    ...own,
    main: main.replace('.ets', '.js'),
    types: main.replace('.ets', '.d.ets'),
    artifactType: 'obfuscation', // hvigor's word for JavaScript in place of the sources
    metadata: { sourceRoots: ['./src/main'], byteCodeHar: false },
    ...sdk,
    obfuscated: false,
    nativeComponents: [{ name: NATIVE, ...sdk }],
  });
  const { bundleName, versionCode, versionName } = json5(source('project/AppScope/app.json5')).app;
  const apiVersion = ((major * 100 + +minor) * 100 + +patch) * 1000 + +api;
  written('src/main/module.json', {
    app: {
      bundleName,
      debug: false,
      versionCode,
      versionName,
      minAPIVersion: apiVersion,
      targetAPIVersion: apiVersion,
      apiReleaseType: 'Release',
      compileSdkType: runtimeOS,
      bundleType: 'app',
    },
    module: {
      ...json5(source('src/main/module.json5')).module,
      packageName: own.name,
      installationFree: false,
      compileMode: 'esmodule',
      dependencies: [],
    },
  });
}

/** The files of a HAR by their paths below `package/`. */
function filesOf(har) {
  const tar = zlib.gunzipSync(fs.readFileSync(har));
  const files = new Map();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const field = (from, to) => /^[^\0]*/.exec(tar.toString('utf8', at + from, at + to))[0];
    const [name, prefix, type] = [field(0, 100), field(345, 500), field(156, 157)];
    const size = parseInt(field(124, 136), 8);
    const file = prefix === '' ? name : `${prefix}/${name}`;
    const parts = file.split('/');
    must(parts[0] === 'package' && !parts.includes('..'), `${file}: is not below package/`);
    must(type === '0' || type === '5', `${file}: is neither a file nor a folder`);
    if (type === '0') files.set(parts.slice(1).join('/'), tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

let broken = [];
function must(is, rule) {
  if (!is) broken.push(rule);
}

/** The rules that a HAR breaks. */
export function brokenBy(har) {
  broken = [];
  const files = filesOf(har);
  const text = (name) => files.get(name)?.toString('utf8') ?? '';
  const json = (name) => {
    must(files.has(name), `${name}: is missing`);
    return JSON.parse(text(name) || '{}');
  };
  const papers = ['README.md', 'README.zh-CN.md', 'CHANGELOG.md', 'LICENSE', 'obfuscation.txt'];
  for (const name of papers) {
    must(text(name).trim() !== '', `${name}: is missing or empty`);
  }
  // hvigor has its own mind about what else goes in.
  if (!files.has('ets/modules.abc')) checkFolders(files);
  checkPackage(files, json('oh-package.json5'));
  checkModule(json('src/main/module.json').module ?? {});
  checkImports(files);
  checkNative(files, json('oh-package.json5'));
  checkNames(files, text('obfuscation.txt'));
  return broken;
}

function checkFolders(files) {
  for (const name of files.keys()) {
    must(/^(libs|src\/main)\/|^[^/]+$/.test(name), `${name}: a HAR has no such folder`);
    const built = !/(?<!\.d)\.e?ts$|\.(cpp|h|a|c)$|CMakeLists|hvigor|build-profile/.test(name);
    must(built, `${name}: is of the build, not of the HAR`);
  }
}

function checkPackage(files, own) {
  const must1 = (is, field) => must(is, `oh-package.json5: ${field}: is not valid`);
  must1(/^@[a-z][a-z0-9_-]*\/[a-z][a-z0-9_-]*[a-z0-9]$/.test(own.name), 'name');
  const [, version] = /\nversion = "([^"]+)"/.exec(source('../Cargo.toml'));
  must1(own.version === version, 'version');
  must1(own.description?.length > 30, 'description');
  must1(/\S/.test(own.author?.name ?? own.author ?? ''), 'author');
  must1(own.license === 'MIT OR Apache-2.0', 'license');
  must1(own.keywords?.length > 0, 'keywords');
  must1(own.compatibleSdkVersion >= 12, 'compatibleSdkVersion');
  // A HAR of bytecode has no `main`.
  must1(files.has(own.main ?? 'ets/modules.abc'), 'main');
  must1(own.types === 'Index.d.ets' && files.has(own.types), 'types');
  for (const [name, from] of Object.entries(own.dependencies ?? {})) {
    const folder = from.replace(/^file:\.\//, '');
    const types = files.get(`${folder}/oh-package.json5`);
    const described = types && json5(types);
    const is = described?.name === name && files.has(path.join(folder, described.types));
    must(is, `oh-package.json5: dependencies: ${name}: has no types in ${from}`);
  }
}

function checkModule(module) {
  must(module.type === 'har', 'module.json: type: must be har');
  must(module.deviceTypes?.includes('phone'), 'module.json: deviceTypes: has no phone');
  const permissions = (module.requestPermissions ?? []).map((it) => it.name);
  must(permissions.join() === 'ohos.permission.INTERNET', 'module.json: requestPermissions');
  for (const name of ['abilities', 'extensionAbilities', 'pages']) {
    must(!(name in module), `module.json: ${name}: a HAR has none`);
  }
}

/** Each file that another imports is in the HAR, and each module has its declarations. */
function checkImports(files) {
  for (const [name, bytes] of files) {
    const [, stem, end] = /^(.*?)(\.d\.e?ts|\.js)$/.exec(name) ?? [];
    if (stem === undefined || name.startsWith('src/main/cpp/')) continue;
    const declared = ['.d.ets', '.d.ts'].some((it) => files.has(stem + it));
    must(declared, `${name}: has no declarations`);
    for (const [, from] of bytes.toString('utf8').matchAll(/ from '([^']+)';/g)) {
      const near = path.join(path.dirname(name), from);
      const ends = end === '.js' ? ['.js'] : ['.d.ets', '.d.ts'];
      const is = from.startsWith('.') ? ends.some((it) => files.has(near + it)) :
        from === NATIVE || from.startsWith('@kit.');
      must(is, `${name}: imports ${from}, which nothing has`);
    }
  }
}

function checkNative(files, own) {
  const libraries = [...files.keys()].filter((name) => name.startsWith('libs/'));
  for (const name of libraries) {
    const [, abi, file] = name.split('/');
    const head = files.get(name);
    const is = file === NATIVE && head.toString('latin1', 0, 4) === '\x7fELF' &&
      head.readUInt16LE(18) === ABIS.get(abi);
    must(is, `${name}: is not ${NATIVE} for a device`);
  }
  must(libraries.length === 0 || libraries.length === ABIS.size, 'libs: lacks an ABI');
  const named = own.nativeComponents?.some((it) => it.name === NATIVE);
  must(named || own.metadata?.byteCodeHar, `oh-package.json5: nativeComponents: lacks ${NATIVE}`);
}

/** A name that crosses to the engine must survive the obfuscation of a host app. */
function checkNames(files, rules) {
  const kept = new Set(rules.split('\n'));
  for (const [name, bytes] of files) {
    if (!/\.d\.e?ts$/.test(name)) continue;
    const kind = name.endsWith('.ets') ? ts.ScriptKind.ETS : ts.ScriptKind.TS;
    const tree =
      ts.createSourceFile(name, bytes.toString('utf8'), ts.ScriptTarget.ES2021, true, kind);
    const look = (node) => {
      if (ts.isPropertySignature(node) || ts.isMethodSignature(node) ||
          (ts.isVariableDeclaration(node) && name.startsWith('src/main/cpp/'))) {
        const own = node.name.getText(tree);
        must(kept.has(own), `obfuscation.txt: does not keep ${own} of ${name}`);
      }
      ts.forEachChild(node, look);
    };
    look(tree);
  }
}

function main(command, target, ...more) {
  if (command === 'describe' && target !== undefined && more.length === 0) {
    describe(target);
  } else if (command === 'check' && target !== undefined && more.length === 0) {
    const rules = brokenBy(target);
    for (const rule of rules) console.error(rule);
    if (rules.length === 0) console.log('the HAR is as a HAR must be');
    process.exitCode = rules.length === 0 ? 0 : 1;
  } else {
    console.error('usage: node tools/har.mjs describe FOLDER | check FILE.har');
    process.exitCode = 2;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(...process.argv.slice(2));
