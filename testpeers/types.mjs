// Checks the project of a tsconfig.json with the TypeScript compiler and prints what is wrong; nothing when all is well.
import path from 'node:path';
import ts from 'typescript';

const file = process.argv[2];
const { config, error } = ts.readConfigFile(file, ts.sys.readFile);
const { options, fileNames, errors } = ts.parseJsonConfigFileContent(config ?? {}, ts.sys, path.dirname(file));
const program = ts.createProgram(fileNames, options);
const found = [...(error ? [error] : []), ...errors, ...ts.getPreEmitDiagnostics(program)];
process.stdout.write(ts.formatDiagnostics(found, { getCanonicalFileName: (f) => f, getCurrentDirectory: () => path.dirname(file), getNewLine: () => '\n' }));
