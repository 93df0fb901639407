// Reads an OpenAPI document from standard input and prints its schemas as TypeScript types, without its prose.
import openapiTS from 'openapi-typescript';
import ts from 'typescript';

let text = '';
for await (const piece of process.stdin) text += piece;
const nodes = await openapiTS(JSON.parse(text), { alphabetize: true, defaultNonNullable: false });
const schemas = nodes.find((node) => node.name?.text === 'components');
const file = ts.createSourceFile('openapi.d.ts', '', ts.ScriptTarget.ES2022);
const printed = ts.createPrinter({ removeComments: true }).printNode(ts.EmitHint.Unspecified, schemas, file);
const lines = printed.replaceAll('    ', '  ').split('\n');
const short = lines.map((line) => (line.length > 120 ? line.replaceAll(' | ', '\n        | ') : line));
process.stdout.write(`// Made from the OpenAPI document by testpeers/openapi-types.mjs; a test holds it to that.\n${short.join('\n')}\n`);
