// Reads {document, calls: [{method, path, asked, status, answered}], events: [{type, data}]} from standard input and prints, one a
// line, what in them is not as the OpenAPI document says. Ids may be anything: tests have some that a person can read.
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

let text = '';
for await (const piece of process.stdin) text += piece;
const { document, calls, events } = JSON.parse(text);
const ajv = new Ajv({ strict: false, allErrors: true });
formats(ajv);
ajv.addFormat('uuid', true);
ajv.addSchema({ ...document, $id: 'document' });

const escaped = (part) => part.replaceAll('~', '~0').replaceAll('/', '~1');
const pointer = (...parts) => `document#/${parts.map((p) => encodeURIComponent(escaped(p))).join('/')}`;

/** The path of the document that fits, one without a parameter first. */
function routeOf(method, path) {
  const fits = Object.keys(document.paths)
    .filter((route) => new RegExp(`^${route.replace(/\{\w+\}/g, '[^/]+')}$`).test(path))
    .filter((route) => document.paths[route][method.toLowerCase()]);
  return fits.sort((a, b) => a.split('{').length - b.split('{').length)[0];
}

/** Every fault of a value by the schema that a pointer names. */
function faults(reference, value) {
  const check = ajv.getSchema(reference);
  if (!check) return [`no schema at ${reference}`];
  if (check(value)) return [];
  const place = (path) => path.replace(/\d+/g, '*');
  return check.errors.map((e) => `${place(e.instancePath)} ${e.message} ${JSON.stringify(e.params)}`);
}

/** Every fault of a body, which must be there exactly when the document has a schema for it. */
function bodyFaults(media, place, body) {
  const [kind] = Object.keys(media?.content ?? {});
  if (kind) return faults(pointer(...place, 'content', kind, 'schema'), body);
  return body === undefined || body === null ? [] : ['a body where none is'];
}

function callFaults({ method, path, asked, status, answered }) {
  const route = routeOf(method, path.split('?')[0]);
  if (!route) return ['no such operation'];
  const place = ['paths', route, method.toLowerCase()];
  const operation = document.paths[route][place[2]];
  const response = operation.responses[status];
  if (!response) return ['no such status'];
  const none = asked === undefined && !operation.requestBody?.required; // nothing where nothing is needed
  const requested = none ? undefined : operation.requestBody;
  return [
    ...bodyFaults(requested, [...place, 'requestBody'], asked).map((fault) => `asked: ${fault}`),
    ...bodyFaults(response, [...place, 'responses', String(status)], answered),
  ];
}

const seen = new Set();
for (const call of calls) {
  for (const fault of callFaults(call)) seen.add(`${call.method} ${call.path} ${call.status}: ${fault}`);
}
const names = {
  channel: 'MessengerChannel',
  message: 'MessengerMessage',
  broadcast: 'MessengerBroadcast',
  present: 'MessengerPresent',
  gone: 'MessengerPresent',
};
for (const { type, data } of events) {
  const name = names[type] ?? 'MessengerReset';
  for (const fault of faults(pointer('components', 'schemas', name), data)) seen.add(`event ${type}: ${fault}`);
}
process.stdout.write([...seen].map((line) => `${line}\n`).join(''));
