// The resource types of examples/resource-types over HTTP, in a Worker that was built with their documents and no other change.
// `npm run conformance -- resource-types` runs it. Not here: what a type means to its clients (scim-sanity asks that of agents).

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { full } from '../../scripts/conformance/full-build.mjs';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { assertAnswer, assertError, contentType, list, patch, query, remove, replace, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

const messages = 'urn:ietf:params:scim:api:messages:2.0';
const examples = new URL('../../examples/resource-types/', import.meta.url);
const document = (path) => JSON.parse(readFileSync(new URL(path, examples), 'utf8'));

/**
 * By folder: the attribute by which resources differ, what else a client sends, what it sends besides that is readOnly and
 * therefore ignored, and a filter that matches all that.
 */
const resources = {
  device: {
    key: 'displayName',
    sent: { externalId: 'd-1', active: true, mudUrl: 'https://example.com/lightbulbs/colour/v1' },
    ignored: { groups: [{ value: 'x' }] },
    filter: 'active eq true and mudUrl eq "https://example.com/lightbulbs/colour/v1" and externalId eq "d-1"',
  },
  role: {
    key: 'displayName',
    sent: { type: 'Profile', description: 'May change everything' },
    filter: 'type eq "profile" and description co "EVERYTHING"',
  },
  entitlement: {
    key: 'displayName',
    sent: { type: 'License', description: 'A seat' },
    filter: 'type eq "license" and not (description sw "x")',
  },
  agent: {
    key: 'name',
    sent: {
      ...{ externalId: 'clpy2001', displayName: 'Clippy', active: true, agentType: 'Assistant', description: 'Helps', subject: 'clpy2001' },
      entitlements: [{ value: 'write', display: 'Write permission', type: 'permission', primary: true }],
      roles: [{ value: 'administrator', display: 'Administrator', primary: true }],
      x509Certificates: [{ value: 'MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQA=' }],
      protocols: [{ type: 'A2A', specificationUrl: 'https://example.com/.well-known/agent-card.json' }],
    },
    ignored: { groups: [{ value: 'x' }], parent: { value: 'x' }, owners: [{ value: 'x' }], applications: [{ value: 'x' }] },
    filter: 'subject eq "clpy2001" and protocols[type eq "a2a" and specificationUrl ew ".json"] and roles.value eq "administrator"',
  },
  'agentic-application': {
    key: 'name',
    sent: {
      ...{ externalId: 'app-123456', displayName: 'AI Assistant Platform', description: 'Agents', active: true },
      applicationUrls: [
        { type: 'homepage', primary: true, value: 'https://assistant.example.com', description: 'Site' },
        { type: 'api', value: 'https://api.assistant.example.com/v1' },
      ],
      oAuthConfiguration: [{ clientId: '0oa1qwerty', issuerUri: 'https://idp.example.com', redirectUri: ['https://assistant.example.com/oauth', 'https://b.example.com'] }],
      agents: [{ value: '1d2c3b4a-5678-90ab-cdef-1234567890ab', type: 'owned' }],
      externalIdentifiers: [{ type: 'ssoTenantId', value: '00abc123', system: 'https://idp.example.com' }],
    },
    ignored: { lastAccessed: '2024-06-20T17:45:00Z' },
    filter: 'applicationUrls[type eq "API"] and oAuthConfiguration.clientId eq "0oa1qwerty" and externalIdentifiers.system sw "https://idp"',
  },
};
const folders = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
const types = folders.map((of) => {
  const { name, endpoint, schema } = document(`${of}/resource-type.json`);
  const { attributes } = document(`${of}/schema.json`);
  return { name, endpoint, schema, attributes, ignored: {}, ...resources[of] };
});

let worker;
let ask;
serve(
  (started) => {
    worker = started;
    ask = started.scimFetch;
  },
  { ...withAdmin, folder: full },
);

const body = (type, name, more = {}) => ({ schemas: [type.schema], [type.key]: name, ...type.sent, ...more });

/** Asserts an answer that is one resource of a type, headers and whole body; returns the body. */
function assertIs(type, answer, status, name, version, { sent = type.sent, base = worker.scim } = {}) {
  assert.equal(answer.status, status, answer.text);
  const { id, meta } = answer.body;
  const location = `${base}${type.endpoint}/${id}`;
  const tag = `W/"${version}"`;
  const whole = { schemas: [type.schema], id, [type.key]: name, ...sent };
  assert.deepEqual(answer.body, { ...whole, meta: { ...meta, resourceType: type.name, location, version: tag } });
  assert.deepEqual(Object.keys(meta).sort(), ['created', 'lastModified', 'location', 'resourceType', 'version']);
  assert.deepEqual(['content-type', 'location', 'etag'].map((header) => answer.headers.get(header)), [contentType, location, tag]);
  return answer.body;
}

test('each folder of the examples is driven here', () => {
  assert.deepEqual(folders.toSorted(), Object.keys(resources).toSorted());
});

for (const type of types) {
  const { endpoint, name, schema, key } = type;

  test(`${name}: created, read, found, changed, replaced and deleted`, async () => {
    const first = assertIs(type, await ask('POST', endpoint, body(type, 'One', type.ignored)), 201, 'One', 1);
    const path = `${endpoint}/${first.id}`;
    assertIs(type, await ask('GET', path), 200, 'One', 1);
    assertAnswer(await ask('GET', `${path}?attributes=${key}`), 200, { schemas: [schema], id: first.id, [key]: 'One' });
    const filters = [type.filter, `${key} eq "ONE"`, `${schema}:${key} sw "on"`, `id eq "${first.id}"`, `meta.resourceType eq "${name}"`];
    for (const filter of filters) {
      assertAnswer(await ask('GET', query(endpoint, filter)), 200, list(first));
      const search = { schemas: [`${messages}:SearchRequest`], filter };
      assertAnswer(await ask('POST', `${endpoint}/.search`, search), 200, list(first));
    }
    assertAnswer(await ask('GET', query(endpoint, `not (${type.filter})`)), 200, list());
    assertIs(type, await ask('PATCH', path, patch(replace(key, 'Two'))), 200, 'Two', 2);
    assertIs(type, await ask('PATCH', path, patch(replace(undefined, { [key]: 'Two and a half' }))), 200, 'Two and a half', 3);
    assertError(await ask('PUT', path, body(type, 'Three'), { headers: { 'If-Match': 'W/"2"' } }), 412, undefined, /version/);
    const { externalId, ...sent } = type.sent;
    const put = await ask('PUT', path, { schemas: [schema], [key]: 'Three', ...sent }, { headers: { 'If-Match': 'W/"3"' } });
    const third = assertIs(type, put, 200, 'Three', 4, { sent });
    assertAnswer(await ask('GET', `${endpoint}?sortBy=${key}&count=1`), 200, list(third));
    assertAnswer(await ask('DELETE', path), 204, undefined);
    assertError(await ask('GET', path), 404, undefined, `there is no ${name} \`${first.id}\``);
    assertAnswer(await ask('GET', endpoint), 200, list());
  });

  test(`${name}: what its schema forbids is refused`, async () => {
    const { id } = assertIs(type, await ask('POST', endpoint, body(type, 'Schema')), 201, 'Schema', 1);
    const path = `${endpoint}/${id}`;
    for (const attribute of type.attributes) {
      if (attribute.required) {
        const { [attribute.name]: left, ...without } = body(type, 'Without');
        assertError(await ask('POST', endpoint, without), 400, 'invalidValue', new RegExp(attribute.name));
        assertError(await ask('PATCH', path, patch(remove(attribute.name))), 400, 'mutability', `Operations[0]: \`${attribute.name}\` is required and cannot be removed`);
      }
      if (attribute.type === 'boolean') assertError(await ask('POST', endpoint, body(type, 'Not', { [attribute.name]: 'maybe' })), 400, 'invalidValue', `\`${attribute.name}\` is not a boolean`);
      if (attribute.uniqueness === 'server') {
        assertError(await ask('POST', endpoint, body(type, 'SCHEMA')), 409, 'uniqueness', `another ${name} has the ${attribute.name} \`SCHEMA\``);
      }
    }
    assertError(await ask('POST', endpoint, { ...body(type, 'Other'), schemas: [urn.user] }), 400, 'invalidSyntax');
    assertError(await ask('PATCH', path, patch(replace('members', [{ value: id }]))), 400, 'invalidPath');
    assertAnswer(await ask('DELETE', path), 204, undefined);
  });
}

test('a bulk creates, changes, replaces and deletes each of them', async () => {
  const { scim, scimFetch } = await newTenant(worker, 'one-bulk');
  const operations = types.flatMap((type, at) => [
    { method: 'POST', path: type.endpoint, bulkId: `kept${at}`, data: body(type, 'Bulk') },
    { method: 'PATCH', path: `${type.endpoint}/bulkId:kept${at}`, data: patch(replace(type.key, 'Bulk 2')) },
    { method: 'PUT', path: `${type.endpoint}/bulkId:kept${at}`, data: body(type, 'Bulk 3') },
    { method: 'POST', path: type.endpoint, bulkId: `gone${at}`, data: body(type, 'Gone') },
    { method: 'DELETE', path: `${type.endpoint}/bulkId:gone${at}` },
  ]);
  const answer = await scimFetch('POST', '/Bulk', { schemas: [`${messages}:BulkRequest`], Operations: operations });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.body.Operations.map(({ status }) => status), types.flatMap(() => ['201', '200', '200', '201', '204']));
  for (const [at, type] of types.entries()) {
    const { location } = answer.body.Operations.find(({ bulkId }) => bulkId === `kept${at}`);
    const kept = assertIs(type, await scimFetch('GET', location.slice(scim.length)), 200, 'Bulk 3', 3, { base: scim });
    assertAnswer(await scimFetch('GET', type.endpoint), 200, list(kept));
  }
});

test('a search at the root finds all types, each by what is its own', async () => {
  const { scimFetch } = await newTenant(worker, 'one-root');
  const all = [];
  for (const type of types) all.push((await scimFetch('POST', type.endpoint, body(type, 'Root'))).body);
  const { body: found } = await scimFetch('POST', '/.search', { schemas: [`${messages}:SearchRequest`] });
  const sorted = (resources) => resources.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  assert.deepEqual([found.totalResults, sorted(found.Resources)], [types.length, sorted(all)]);
  for (const [at, type] of types.entries()) {
    assertAnswer(await scimFetch('GET', query('/', `meta.resourceType eq "${type.name}"`)), 200, list(all[at]));
    for (const other of types) if (other !== type) assert.equal((await scimFetch('GET', `${other.endpoint}/${all[at].id}`)).status, 404);
  }
});

/** Returns all lines of a tenant's export. */
async function exported(tenant) {
  let [lines, cursor] = ['', ''];
  while (cursor !== null) {
    const { status, headers, text } = await adminClient(worker)('GET', `/tenants/${tenant}/export?cursor=${cursor}`);
    assert.equal(status, 200, text);
    lines += text;
    cursor = headers.get('x-next-cursor');
  }
  return lines;
}

test('an export has all of them, and an import brings them back as they were', async () => {
  const [from, into] = [await newTenant(worker, 'from'), await newTenant(worker, 'into')];
  for (const type of types) assertIs(type, await from.scimFetch('POST', type.endpoint, body(type, 'Moved')), 201, 'Moved', 1, { base: from.scim });
  const text = await exported('from');
  const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ meta }) => meta.resourceType).toSorted(), types.map(({ name }) => name).toSorted());
  const imported = await adminClient(worker)('POST', '/tenants/into/import', text, { headers: { 'content-type': 'application/jsonl' } });
  assert.deepEqual([imported.status, imported.body], [200, { created: types.length, present: 0, incomplete: [], refused: [] }]);
  for (const type of types) {
    const { id, meta } = lines.find((line) => line.meta.resourceType === type.name);
    const copy = assertIs(type, await into.scimFetch('GET', `${type.endpoint}/${id}`), 200, 'Moved', 1, { base: into.scim });
    assert.deepEqual([copy.meta.created, copy.meta.lastModified], [meta.created, meta.lastModified]);
  }
  assert.equal(await exported('into'), text);
});

test('discovery answers the documents as they lie in the folders', async () => {
  const { body: listed } = await ask('GET', '/ResourceTypes');
  assert.deepEqual(listed.Resources.map(({ name }) => name).toSorted(), ['User', 'Group', ...types.map(({ name }) => name)].toSorted());
  for (const of of folders) {
    const [type, schema] = [document(`${of}/resource-type.json`), document(`${of}/schema.json`)];
    const meta = (kind, path) => ({ meta: { resourceType: kind, location: `${worker.scim}${path}` } });
    const answered = { ...type, ...meta('ResourceType', `/ResourceTypes/${type.name}`) };
    assertAnswer(await ask('GET', `/ResourceTypes/${type.name}`), 200, answered);
    assert.deepEqual(listed.Resources.find(({ name }) => name === type.name), answered);
    // externalId is shown with the attributes of a core schema, but is not in its document (docs/DECISIONS.md).
    const { body: shown } = await ask('GET', `/Schemas/${schema.id}`);
    const externalId = shown.attributes.find(({ name }) => name === 'externalId');
    assert.equal(externalId.type, 'string');
    assert.deepEqual(shown, { ...schema, attributes: [...schema.attributes, externalId], ...meta('Schema', `/Schemas/${schema.id}`) });
  }
});

test('the OpenAPI document declares every verb that is served, and every attribute', async () => {
  const { body: openapi } = await ask('GET', '/openapi.json');
  for (const type of types) {
    assert.deepEqual(Object.keys(openapi.paths[type.endpoint]).sort(), ['get', 'post']);
    assert.deepEqual(Object.keys(openapi.paths[`${type.endpoint}/{id}`]).sort(), ['delete', 'get', 'patch', 'put']);
    assert.deepEqual(Object.keys(openapi.paths[`${type.endpoint}/.search`]), ['post']);
    const own = type.attributes.map(({ name }) => name);
    const { properties } = openapi.components.schemas[type.name];
    assert.deepEqual(Object.keys(properties).sort(), ['schemas', 'id', 'externalId', 'meta', ...own].sort());
  }
});
