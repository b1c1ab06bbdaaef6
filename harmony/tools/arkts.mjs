// Works on ArkTS with OpenHarmony's own compiler: lints it, compiles it as a HAR has it, and makes
// CommonJS of that for tests under Node.
// usage: node tools/arkts.mjs lint [--with=INDEX] FILE... | emit FOLDER | commonjs FROM TO
//   --with: the file that `@gadget/request` stands for (default: Index.ets)
import fs from 'node:fs';
import path from 'node:path';

import ts from 'ohos-typescript';

const native = 'src/main/cpp/types/libgadget_request_napi/index.d.ts';
const options = {
  target: ts.ScriptTarget.ES2021,
  module: ts.ModuleKind.ES2020,
  moduleResolution: ts.ModuleResolutionKind.NodeJs,
  lib: ['lib.es2021.d.ts'],
  strict: true,
  types: [],
  skipLibCheck: true,
  experimentalDecorators: true,
  baseUrl: '.',
  paths: {
    'libgadget_request_napi.so': [native],
    '@gadget/request': ['Index.ets'],
    '@kit.*': ['test/stubs/@kit.*'],
  },
  needDoArkTsLinter: true,
  isCompatibleVersion: false,
  // Of the user interface, what sample/ has.
  ets: {
    render: { method: ['build'], decorator: ['Builder'] },
    components: ['Button', 'Column', 'Row', 'Scroll', 'Text', 'TextInput'],
    libs: [],
    extend: { decorator: [], components: [] },
    styles: { decorator: '', component: { name: '', type: '', instance: '' }, property: '' },
    concurrent: { decorator: 'Concurrent' },
    customComponent: 'CustomComponent',
    propertyDecorators: [{ name: 'State', needInitialization: true }],
    emitDecorators: [],
    syntaxComponents: { paramsUICallback: [], attrUICallback: [] },
  },
};
const globals = path.resolve('test/stubs/globals.d.ts');

function lint(files, index) {
  const linted = {
    ...options,
    paths: { ...options.paths, '@gadget/request': [index] },
    noEmit: true,
    incremental: true,
    tsBuildInfoFile: '/none/.tsbuildinfo', // the option is required; nothing is written
  };
  const rootNames = [globals, ...files.map((file) => path.resolve(file))];
  const host = ts.createIncrementalCompilerHost(linted);
  const program = ts.createIncrementalProgram({ rootNames, options: linted, host });
  const found = [
    ...program.getSyntacticDiagnostics(),
    ...program.getSemanticDiagnostics(),
    ...ts.ArkTSLinter_1_1.runArkTSLinter(program, undefined, undefined, 'ArkTS_1_1'),
  ];
  report(found);
  console.log(`ArkTS: ${files.length} files, ${found.length} findings`);
  return found.length === 0;
}

/** Index.ets and all that it imports, as modules in JavaScript with their declarations. */
function emit(folder) {
  const compiled = { ...options, declaration: true, rootDir: '.', outDir: path.resolve(folder) };
  const rootNames = [globals, path.resolve('Index.ets')];
  const program = ts.createProgram(rootNames, compiled, ts.createCompilerHost(compiled));
  const { diagnostics, emitSkipped } = program.emit();
  report(diagnostics);
  return diagnostics.length === 0 && !emitSkipped;
}

function commonjs(from, to) {
  for (const name of fs.readdirSync(from, { recursive: true })) {
    if (!name.endsWith('.js')) continue;
    const { outputText } = ts.transpileModule(fs.readFileSync(path.join(from, name), 'utf8'), {
      compilerOptions: { target: options.target, module: ts.ModuleKind.CommonJS },
    });
    fs.mkdirSync(path.dirname(path.join(to, name)), { recursive: true });
    fs.writeFileSync(path.join(to, name), outputText);
  }
  return true;
}

function report(found) {
  for (const { file, start, messageText } of found) {
    const at = file ? file.getLineAndCharacterOfPosition(start) : { line: 0, character: 0 };
    const name = file ? path.relative('.', file.fileName) : '';
    const place = `${name}:${at.line + 1}:${at.character + 1}`;
    console.log(`${place} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  }
}

const [command, ...rest] = process.argv.slice(2);
const index = rest[0]?.startsWith('--with=') ? rest.shift().slice('--with='.length) : 'Index.ets';
if (command === 'lint' && rest.length > 0) {
  process.exitCode = lint(rest, index) ? 0 : 1;
} else if (command === 'emit' && rest.length === 1) {
  process.exitCode = emit(rest[0]) ? 0 : 1;
} else if (command === 'commonjs' && rest.length === 2) {
  commonjs(...rest);
} else {
  console.error('usage: node tools/arkts.mjs lint [--with=INDEX] FILE... | emit FOLDER |' +
    ' commonjs FROM TO');
  process.exitCode = 2;
}
