// The service's description of itself, in full, and that each claim is true of its behaviour (RFC 7643 s5 to s7, RFC
// 7644 s4; docs/IDP-TRAFFIC.md 2.2 Schema_Discoverability, 3.1).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { serve } from '../harness/serve.mjs';
import { assertAnswer, assertError, patch, query, replace, urn } from '../harness/scim.mjs';
import { seedUsers } from '../harness/seed.mjs';

const core = 'urn:ietf:params:scim:schemas:core:2.0';
const source = (name) => JSON.parse(readFileSync(new URL(`../../schemas/${name}.json`, import.meta.url), 'utf8'));

let worker;
let ask;
serve((started) => {
  worker = started;
  ask = started.scimFetch;
});

const get = async (path) => (await ask('GET', path)).body;
const listed = (Resources) => ({
  schemas: [urn.list],
  totalResults: Resources.length,
  startIndex: 1,
  itemsPerPage: Resources.length,
  Resources,
});

test('ServiceProviderConfig, in full', async () => {
  assertAnswer(await ask('GET', '/ServiceProviderConfig'), 200, {
    schemas: [`${core}:ServiceProviderConfig`],
    patch: { supported: true },
    bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 1048576 },
    filter: { supported: true, maxResults: 1000 },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    pagination: { cursor: true, index: true, defaultPaginationMethod: 'index', defaultPageSize: 100, maxPageSize: 1000 },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        primary: true,
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        description: 'A Secret Token, or a JWT of a trusted issuer',
      },
      {
        type: 'oauth2',
        name: 'OAuth 2.0 client credentials',
        specUri: 'https://www.rfc-editor.org/info/rfc6749',
        description: 'An access token of the token endpoint, for a client secret or a JWT assertion',
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${worker.scim}/ServiceProviderConfig` },
  });
});

test('ResourceTypes, in full, as a list and one by one', async () => {
  const meta = (name) => ({ resourceType: 'ResourceType', location: `${worker.scim}/ResourceTypes/${name}` });
  const schemas = [`${core}:ResourceType`];
  const user = {
    schemas,
    id: 'User',
    name: 'User',
    endpoint: '/Users',
    description: source('user').description,
    schema: urn.user,
    schemaExtensions: [{ schema: urn.enterprise, required: false }],
    meta: meta('User'),
  };
  const group = {
    schemas,
    id: 'Group',
    name: 'Group',
    endpoint: '/Groups',
    description: source('group').description,
    schema: urn.group,
    schemaExtensions: [],
    meta: meta('Group'),
  };
  assertAnswer(await ask('GET', '/ResourceTypes'), 200, listed([user, group]));
  assertAnswer(await ask('GET', '/ResourceTypes/User'), 200, user);
  assertAnswer(await ask('GET', '/ResourceTypes/Group'), 200, group);
  assertError(await ask('GET', '/ResourceTypes/Device'), 404, undefined, '`/ResourceTypes/Device` is not an endpoint');
});

test('Schemas, in full, as a list and one by one: the documents of schemas/, with externalId in the core schemas', async () => {
  const externalId = {
    name: 'externalId',
    type: 'string',
    multiValued: false,
    description: 'The identifier that the provisioning client gave the resource',
    required: false,
    caseExact: true,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
  };
  const shown = (name, more) => {
    const document = source(name);
    return {
      ...document,
      attributes: [...document.attributes, ...more],
      meta: { resourceType: 'Schema', location: `${worker.scim}/Schemas/${document.id}` },
    };
  };
  const byId = (a, b) => (a.id < b.id ? -1 : 1);
  const expected = [shown('user', [externalId]), shown('group', [externalId]), shown('enterprise-user', [])].sort(byId);
  const answer = await ask('GET', '/Schemas');
  assertAnswer({ ...answer, body: { ...answer.body, Resources: answer.body.Resources.toSorted(byId) } }, 200, listed(expected));
  for (const schema of expected) {
    assertAnswer(await ask('GET', `/Schemas/${schema.id}`), 200, schema);
    assertAnswer(await ask('GET', `/Schemas/${encodeURIComponent(schema.id)}`), 200, schema);
  }
  assertError(await ask('GET', '/Schemas/urn:none'), 404, undefined, 'there is no schema `urn:none`');
});

test('every attribute of every schema has its characteristics, within the words of RFC 7643 s7', async () => {
  const words = {
    type: ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'binary', 'reference', 'complex'],
    mutability: ['readOnly', 'readWrite', 'immutable', 'writeOnly'],
    returned: ['always', 'never', 'default', 'request'],
    uniqueness: ['none', 'server', 'global'],
  };
  const check = (attribute, of) => {
    const place = `${of}:${attribute.name}`;
    for (const [name, allowed] of Object.entries(words))
      assert.ok(allowed.includes(attribute[name]), `${place} ${name} ${attribute[name]}`);
    for (const name of ['multiValued', 'required', 'caseExact'])
      assert.equal(typeof attribute[name], 'boolean', `${place} ${name}`);
    for (const name of ['name', 'description']) assert.ok(attribute[name].length > 0, `${place} ${name}`);
    assert.equal(attribute.type === 'complex', Array.isArray(attribute.subAttributes), place);
    assert.equal(attribute.type === 'reference', Array.isArray(attribute.referenceTypes), place);
    assert.ok(!Object.values(attribute).includes(null), place);
    attribute.subAttributes?.forEach((sub) => check(sub, place));
  };
  for (const schema of (await get('/Schemas')).Resources) schema.attributes.forEach((attribute) => check(attribute, schema.id));
});

// docs/IDP-TRAFFIC.md 2.2: how the gallery's test looks for the targets of an app's attribute mapping.
function flattened(schemas) {
  const found = [];
  for (const { id, attributes } of schemas) {
    for (const { name, type, multiValued, subAttributes = [] } of attributes) {
      const full = id.includes(':extension:') ? `${id}:${name}` : name;
      if (type !== 'complex' || ['manager', 'members'].includes(name)) found.push(full);
      else if (!multiValued) found.push(...subAttributes.map((sub) => `${full}.${sub.name}`));
      else {
        const kinds = subAttributes.find((sub) => sub.name === 'type')?.canonicalValues;
        const selectors = kinds ? kinds.map((kind) => `type eq "${kind}"`) : ['primary eq "True"'];
        const subs = subAttributes.filter((sub) => !['type', 'primary'].includes(sub.name));
        found.push(...selectors.flatMap((selector) => subs.map((sub) => `${full}[${selector}].${sub.name}`)));
      }
    }
  }
  return new Set(found.map((target) => target.toLowerCase()));
}

test("every target of Entra's default mapping, and of Visibly's, is found in the flattened schemas", async () => {
  const targets = flattened((await get('/Schemas')).Resources);
  const work = ['streetAddress', 'postalCode', 'locality', 'region', 'country', 'formatted'].map(
    (sub) => `addresses[type eq "work"].${sub}`,
  );
  for (const target of [
    'userName',
    'active',
    'displayName',
    'title',
    'emails[type eq "work"].value',
    'emails[type eq "other"].Value',
    'name.givenName',
    'name.familyName',
    'name.formatted',
    'addresses[type eq "other"].Formatted',
    ...work,
    'phoneNumbers[type eq "work"].value',
    'phoneNumbers[type eq "mobile"].value',
    'phoneNumbers[type eq "fax"].value',
    'externalId',
    'preferredLanguage',
    'nickName',
    'userType',
    'locale',
    'timezone',
    'profileUrl',
    `${urn.enterprise}:employeeNumber`,
    `${urn.enterprise}:department`,
    `${urn.enterprise}:manager`,
    `${urn.enterprise}:costCenter`,
    `${urn.enterprise}:organization`,
    `${urn.enterprise}:division`,
    'roles[primary eq "True"].value',
    'roles[primary eq "True"].display',
    'members',
  ]) {
    assert.ok(targets.has(target.toLowerCase()), target);
  }
});

// A value of an attribute's type, for the claims about attributes below.
const sample = ({ type, multiValued, subAttributes = [], name }) => {
  const writable = subAttributes.filter(({ mutability }) => mutability !== 'readOnly');
  const one = {
    string: `a ${name}`,
    boolean: true,
    binary: 'TUlJQg==',
    reference: 'https://contoso.example/x',
    integer: 7,
    decimal: 1.5,
    dateTime: '2026-01-02T03:04:05Z',
    complex: Object.fromEntries(writable.map((sub) => [sub.name, sub.type === 'complex' ? {} : sample(sub)])),
  }[type];
  return multiValued ? [one] : one;
};

test('each attribute is stored, ignored or kept back as its mutability and returned say', async () => {
  const { attributes } = await get(`/Schemas/${urn.user}`);
  const { attributes: enterprise } = await get(`/Schemas/${urn.enterprise}`);
  const values = (of) => Object.fromEntries(of.map((attribute) => [attribute.name, sample(attribute)]));
  const kept = (of) => values(of.filter(({ mutability, returned }) => mutability === 'readWrite' && returned === 'default'));
  const answer = await ask('POST', '/Users', {
    schemas: [urn.user],
    ...values(attributes),
    [urn.enterprise]: values(enterprise),
  });
  assert.equal(answer.status, 201, answer.text);
  const { schemas, id, meta, ...shown } = answer.body;
  assert.deepEqual(shown, { ...kept(attributes), [urn.enterprise]: kept(enterprise) });
  assert.deepEqual(await get(`/Users/${id}`), answer.body);
  assertAnswer(await ask('DELETE', `/Users/${id}`), 204);
});

test('what is required is demanded, what is unique is kept so, and caseExact says how text compares', async () => {
  for (const [endpoint, schema] of [
    ['/Users', urn.user],
    ['/Groups', urn.group],
  ]) {
    const { attributes } = await get(`/Schemas/${schema}`);
    const required = attributes.filter((attribute) => attribute.required);
    assert.equal(required.length, 1);
    const [{ name, uniqueness, caseExact }] = required;
    assert.deepEqual([uniqueness, caseExact], ['server', false]);
    assertError(
      await ask('POST', endpoint, { schemas: [schema] }),
      400,
      'invalidValue',
      new RegExp(`needs a value for \`${name}\``),
    );
    const { body } = await ask('POST', endpoint, { schemas: [schema], [name]: 'Required', externalId: 'Exact' });
    assertError(await ask('POST', endpoint, { schemas: [schema], [name]: 'REQUIRED' }), 409, 'uniqueness', /`REQUIRED`/);
    assert.equal((await get(query(endpoint, `${name} eq "rEQUIRED"`))).totalResults, 1);
    assert.equal((await get(query(endpoint, 'externalId eq "Exact"'))).totalResults, 1);
    assert.equal((await get(query(endpoint, 'externalId eq "eXACT"'))).totalResults, 0);
    assertAnswer(await ask('DELETE', `${endpoint}/${body.id}`), 204);
  }
});

test('no /Me: 501; lists are sorted; no change of passwords: none is ever shown', async () => {
  for (const method of ['GET', 'PATCH']) {
    const answer = await ask(method, '/Me', method === 'GET' ? undefined : {});
    assertError(answer, 501, undefined, '`/Me` is not supported: a token stands for a client, not for a user');
  }
  const ids = [];
  for (const userName of ['z', 'a', 'm']) ids.push((await ask('POST', '/Users', { schemas: [urn.user], userName })).body.id);
  assert.deepEqual(
    (await get('/Users?sortBy=userName&sortOrder=descending')).Resources.map(({ id }) => id),
    [ids[0], ids[2], ids[1]],
  );
  const changed = await ask('PATCH', `/Users/${ids[0]}`, patch(replace('password', 'new-Secret-2')));
  assert.equal(changed.status, 200);
  assert.equal(changed.body.password, undefined);
  for (const id of ids) assertAnswer(await ask('DELETE', `/Users/${id}`), 204);
});

test('ETags: the version is shown, 304 for a client that has it, 412 for one that has another', async () => {
  const created = await ask('POST', '/Users', { schemas: [urn.user], userName: 'tagged' });
  const { id } = created.body;
  const tag = created.headers.get('etag');
  assert.equal(tag, created.body.meta.version);
  const read = (headers) => ask('GET', `/Users/${id}`, undefined, { headers });
  const unmodified = await read({ 'if-none-match': tag });
  assertAnswer(unmodified, 304);
  assert.equal(unmodified.headers.get('etag'), tag);
  assertAnswer(await read({ 'if-none-match': 'W/"99"' }), 200, created.body);
  assertError(await read({ 'if-match': 'W/"99"' }), 412, undefined, 'the resource is not at the version that the request names');
  const stale = [{ 'if-match': 'W/"99"' }, { 'if-none-match': tag }, { 'if-none-match': '*' }];
  for (const [method, body] of [
    ['PATCH', patch(replace('title', 'T'))],
    ['PUT', { userName: 'tagged', title: 'T' }],
    ['DELETE'],
  ]) {
    for (const headers of stale) {
      const answer = await ask(method, `/Users/${id}`, body, { headers });
      assertError(answer, 412, undefined, 'the resource is not at the version that the request names');
    }
  }
  assertAnswer(await read({}), 200, created.body);
  const fresh = await ask('PATCH', `/Users/${id}`, patch(replace('title', 'T')), { headers: { 'if-match': tag } });
  assert.deepEqual([fresh.status, fresh.headers.get('etag')], [200, 'W/"2"']);
  assertAnswer(await ask('DELETE', `/Users/${id}`, undefined, { headers: { 'if-match': 'W/"2"' } }), 204);
});

test('discovery takes no filter and no verb but GET, and ignores other parameters', async () => {
  for (const path of ['/ServiceProviderConfig', '/ResourceTypes', '/Schemas', `/Schemas/${urn.user}`]) {
    assertError(await ask('GET', query(path, 'id eq "x"')), 403, undefined, 'this endpoint does not take a `filter`');
    assertAnswer(await ask('GET', `${path}?startIndex=5&count=1&sortBy=id&attributes=id&aadOptscim062020`), 200, await get(path));
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const refused = await ask(method, path, method === 'DELETE' ? undefined : {});
      assertError(refused, 405, undefined, `\`${method}\` is not served here; this endpoint takes GET`);
      assert.equal(refused.headers.get('allow'), 'GET');
    }
  }
});

test('a page has at most filter.maxResults resources, whatever the client asks for', async () => {
  const { filter } = await get('/ServiceProviderConfig');
  await seedUsers(worker.d1, filter.maxResults + 5);
  for (const path of [
    `/Users?count=${filter.maxResults * 2}`,
    query('/Users', 'userName pr', `&count=${filter.maxResults + 1}`),
  ]) {
    const { totalResults, itemsPerPage, startIndex, Resources } = await get(path);
    assert.deepEqual(
      [totalResults, startIndex, itemsPerPage, Resources.length],
      [filter.maxResults + 5, 1, filter.maxResults, filter.maxResults],
    );
  }
});
