// Lints .ets files with the linter of OpenHarmony's compiler, or converts them to JavaScript for
// tests under Node.
// usage: node tools/arkts.mjs lint FILE... | emit FOLDER FILE...
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
  noEmit: true,
  incremental: true,
  tsBuildInfoFile: '/none/.tsbuildinfo', // the option is required; nothing is written
  types: [],
  skipLibCheck: true,
  baseUrl: '.',
  paths: {
    'libgadget_request_napi.so': [native],
    '@gadget/request': ['Index.ets'],
    '@kit.*': ['test/stubs/@kit.*'],
  },
  needDoArkTsLinter: true,
  isCompatibleVersion: false,
  // The linter requires these options of a user interface, which does not exist here.
  ets: {
    render: { method: [], decorator: [] },
    components: [],
    libs: [],
    extend: { decorator: [], components: [] },
    styles: { decorator: '', component: { name: '', type: '', instance: '' }, property: '' },
    concurrent: { decorator: '' },
    customComponent: '',
    propertyDecorators: [],
    emitDecorators: [],
    syntaxComponents: { paramsUICallback: [], attrUICallback: [] },
  },
};

function lint(files) {
  const rootNames = files.map((file) => path.resolve(file));
  const host = ts.createIncrementalCompilerHost(options);
  const program = ts.createIncrementalProgram({ rootNames, options, host });
  const found = [
    ...program.getSyntacticDiagnostics(),
    ...program.getSemanticDiagnostics(),
    ...ts.ArkTSLinter_1_1.runArkTSLinter(program, undefined, undefined, 'ArkTS_1_1'),
  ];
  for (const { file, start, messageText } of found) {
    const at = file ? file.getLineAndCharacterOfPosition(start) : { line: 0, character: 0 };
    const name = file ? path.relative('.', file.fileName) : '';
    const place = `${name}:${at.line + 1}:${at.character + 1}`;
    console.log(`${place} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  }
  console.log(`ArkTS: ${files.length} files, ${found.length} findings`);
  return found.length === 0;
}

function emit(folder, files) {
  for (const file of files) {
    const { outputText } = ts.transpileModule(fs.readFileSync(file, 'utf8'), {
      fileName: file,
      compilerOptions: { target: options.target, module: ts.ModuleKind.CommonJS },
    });
    const to = path.join(folder, file.replace(/\.e?ts$/, '.js'));
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.writeFileSync(to, outputText);
  }
  return true;
}

const [command, ...rest] = process.argv.slice(2);
if (command === 'lint' && rest.length > 0) {
  process.exitCode = lint(rest) ? 0 : 1;
} else if (command === 'emit' && rest.length > 1) {
  emit(rest[0], rest.slice(1));
} else {
  console.error('usage: node tools/arkts.mjs lint FILE... | emit FOLDER FILE...');
  process.exitCode = 2;
}
