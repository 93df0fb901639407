// Reads an OpenAPI document from standard input, makes its types with openapi-typescript as anybody would, checks the client
// FOLDER/client.mts against them with the TypeScript compiler, and runs it with the address of a host. Prints what the
// compiler finds, or what the client prints: node openapi-client.mjs FOLDER ADDRESS
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';

const folder = process.argv[2];
let text = '';
for await (const piece of process.stdin) text += piece;
fs.writeFileSync(path.join(folder, 'schema.d.ts'), astToString(await openapiTS(JSON.parse(text))));
const file = path.join(folder, 'client.mts');
const program = ts.createProgram([file], {
  strict: true, noUncheckedIndexedAccess: true, types: [], target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
});
const { diagnostics } = program.emit();
const found = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
if (found.length > 0) {
  const host = { getCanonicalFileName: (f) => f, getCurrentDirectory: () => folder, getNewLine: () => '\n' };
  process.stdout.write(ts.formatDiagnostics(found, host));
} else {
  await import(pathToFileURL(path.join(folder, 'client.mjs')).href);
}
