// Lays the two npm packages out of a built folder: the addon for one platform, and the JavaScript,
// which names the platforms whose packages are in OUTPUT by now.
// `node pack.js [--all] BUILT PLATFORM OUTPUT [LICENSES]`; LICENSES is a folder with the licenses
// of what the addon holds, and with it only packages with theirs count. --all: fails if a package
// is missing.
import {
  cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { packageOf } from '../src/platform.js';
import { PLATFORMS } from '../src/platforms.js';

const isAll = process.argv[2] === '--all';
const [built, platform, output, licenses] = process.argv.slice(isAll ? 3 : 2);
if (!PLATFORMS.includes(platform)) throw new Error(`${platform} is not in src/platforms.js`);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const source = JSON.parse(readFileSync(join(root, 'bindings/node/package.json')));
const { version, license, engines } = source;

/** An empty folder for a package, with its package.json and the licenses of this project. */
function folderFor(name, description) {
  const folder = join(output, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const write = (members) => {
    const head = { name: `@gadget/${name}`, version, description, license, engines };
    const json = JSON.stringify({ ...head, ...members }, undefined, 2);
    writeFileSync(join(folder, 'package.json'), `${json}\n`);
  };
  for (const text of ['LICENSE-APACHE', 'LICENSE-MIT']) {
    cpSync(join(root, text), join(folder, text));
  }
  return { folder, write };
}

/** Whether the package of a platform is there: of this version, and a release if this is one. */
function isPacked(name) {
  const folder = join(output, `request-${name}`);
  const json = join(folder, 'package.json');
  return existsSync(json) && JSON.parse(readFileSync(json)).version === version &&
    (!licenses || existsSync(join(folder, 'third-party.txt')));
}

/** The platforms whose packages npm can install. The others' would fail on a registry. */
function packedPlatforms() {
  const missing = PLATFORMS.filter((it) => !isPacked(it));
  if (isAll && missing.length > 0) {
    throw new Error(`not in ${output}: ${missing.map(packageOf).join(', ')}`);
  }
  return PLATFORMS.filter(isPacked);
}

/** The JavaScript: as modules for bundlers, as one file of CommonJS for Node, and its types. */
async function layFace(platforms) {
  const { folder, write } = folderFor('request', source.description);
  const commonjs = join(folder, 'commonjs');
  cpSync(join(built, 'src'), join(folder, 'src'), { recursive: true });
  const list = `// The platforms that have an engine.
export const PLATFORMS = ${JSON.stringify(platforms)};\n`;
  writeFileSync(join(folder, 'src/platforms.js'), list);
  await build({
    entryPoints: [join(folder, 'src/index.js')],
    outfile: join(commonjs, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node18',
    logLevel: 'warning',
    logOverride: { 'empty-import-meta': 'silent' }, // addon.js has another way
  });
  writeFileSync(join(commonjs, 'package.json'), '{"type":"commonjs"}\n');
  const types = readdirSync(join(folder, 'src')).filter((name) => name.endsWith('.d.ts'));
  for (const name of types) cpSync(join(folder, 'src', name), join(commonjs, name));
  const words = new Intl.ListFormat('en');
  for (const name of readdirSync(join(root, 'bindings/node/release'))) {
    const text = readFileSync(join(root, 'bindings/node/release', name), 'utf8');
    writeFileSync(join(folder, name), text.replace('@platforms@', words.format(platforms)));
  }
  write({
    type: 'module',
    main: './commonjs/index.js',
    types: './commonjs/index.d.ts',
    exports: {
      '.': {
        // A bundler takes one form for `import` and `require`.
        module: { types: './src/index.d.ts', default: './src/index.js' },
        import: { types: './src/index.d.ts', default: './index.js' },
        require: { types: './commonjs/index.d.ts', default: './commonjs/index.js' },
      },
      './package.json': './package.json',
    },
    optionalDependencies: Object.fromEntries(platforms.map((it) => [packageOf(it), version])),
  });
}

/** The addon. npm installs it only where it runs. */
function layAddon() {
  const [os, cpu, libc] = platform.split('-');
  const description = `The engine of @gadget/request for ${platform}.`;
  const { folder, write } = folderFor(`request-${platform}`, description);
  const main = 'gadget_request_napi.node';
  cpSync(join(built, 'node_modules', packageOf(platform), main), join(folder, main));
  if (licenses) cpSync(licenses, folder, { recursive: true });
  write({ main, os: [os], cpu: [cpu], libc: libc && ['glibc'] });
}

layAddon();
const platforms = packedPlatforms();
await layFace(platforms);
console.log(`@gadget/request ${version} for ${platforms.join(', ')}`);
