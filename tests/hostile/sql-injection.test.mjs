// A tenant attacks the others through SQL: every string of a request that reaches the database, or might, carries
// text that would be SQL, a parameter or a JSON path there. No answer contains data of another tenant, nothing
// changes but what the request may change, and nothing fails. Not here: that such text is stored and found as it is
// (names.test.mjs, urns.test.mjs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { scimClient } from '../harness/index.mjs';
import { newKey, signed, startIssuer } from '../harness/issuer.mjs';
import { dump } from '../harness/dump.mjs';
import { add, op, patch, replace, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

const names = ['acme', 'default'];
const corpus = [
  ...names,
  `' OR '1'='1`,
  `' OR 1=1 --`,
  `" OR ""="`,
  `") OR (""="`,
  `1) OR (1=1`,
  `1 OR 1=1`,
  `'; DROP TABLE resources; --`,
  `'); DELETE FROM tokens; --`,
  `x'; UPDATE resources SET tenant = 'mallory'; --`,
  `x' UNION SELECT document, document, document FROM resources --`,
  `' || (SELECT document FROM resources LIMIT 1) || '`,
  `(SELECT hash FROM tokens)`,
  `\\'; DELETE FROM resources; --`,
  `/* */ OR 1=1`,
  `?1`,
  `?999`,
  `:tenant`,
  `@tenant`,
  `$tenant`,
  `$.document`,
  `$."a' OR 1=1 --"`,
  `$[#-1]`,
  `%`,
  `_`,
  `x'00'`,
  `\u0000' OR 1=1 --`,
  `\uff07 OR 1=1 --`,
];
const canary = 'canary-of-another-tenant';

let worker;
let admin;
let mallory;
let victims;
let user;
let group;
let issuer;
let client;
let accessToken;
serve(async (started) => {
  worker = started;
  issuer = await startIssuer();
  admin = adminClient(worker);
  victims = [{ scimFetch: worker.scimFetch }, await newTenant(worker, 'acme')];
  for (const { scimFetch } of victims) {
    const own = await scimFetch('POST', '/Users', { userName: canary, externalId: canary, emails: [{ value: canary }], title: canary });
    const made = await scimFetch('POST', '/Groups', { displayName: canary, members: [{ value: own.body.id }] });
    assert.deepEqual([own.status, made.status], [201, 201]);
  }
  mallory = await newTenant(worker, 'mallory');
  user = (await mallory.scimFetch('POST', '/Users', { userName: 'own', displayName: 'Own', emails: [{ type: 'work', value: 'own@h.example' }] })).body;
  group = (await mallory.scimFetch('POST', '/Groups', { displayName: 'own', members: [{ value: user.id }] })).body;
  client = (await admin('POST', '/tenants/mallory/clients', {})).body;
  accessToken = (await tokenRequest({ client_id: client.clientId, client_secret: client.clientSecret })).body.access_token;
}, withAdmin, () => issuer?.stop());

const encoded = encodeURIComponent;
const quoted = (text) => JSON.stringify(text);
// The places are listed before there are ids: `<user>` and `<group>` stand for them.
const withIds = (text) => text.replaceAll('<user>', user.id).replaceAll('<group>', group.id);
const ask = (method, path, body, options) => mallory.scimFetch(method, withIds(path), body === undefined ? undefined : withIds(JSON.stringify(body)), options);
const get = (path) => ask('GET', path);
const inFilter = (path, filter) => get(`${path}?filter=${encoded(filter)}`);
const search = (path, member) => ask('POST', `${path}/.search`, member);
const bulk = (...Operations) => ask('POST', '/Bulk', { Operations });

/** Makes a request with a header; undefined if no header can carry the text. */
const withHeader = (name, method, path) => (text) =>
  /^[\x20-\x7e]+$/.test(text) ? ask(method, path, undefined, { headers: { [name]: text } }) : undefined;
const withToken = (base) => (text) => (/^[\x20-\x7e]+$/.test(text) ? scimClient(worker.url + base, `${mallory.token}${text}`)('GET', '/Users') : undefined);

/** Creates something, then deletes it, so that afterwards everything is as it was. */
async function forAMoment(answer) {
  const made = await answer;
  if (made.status !== 201) return made;
  const type = made.body.meta.resourceType;
  assert.equal((await ask('DELETE', `/${type}s/${made.body.id}`)).status, 204);
  return made;
}

async function onAMomentsUser(...operations) {
  const { body } = await ask('POST', '/Users', { userName: 'moment' });
  const answer = await ask('PATCH', `/Users/${body.id}`, patch(...operations));
  assert.equal((await ask('DELETE', `/Users/${body.id}`)).status, 204);
  return answer;
}

async function forgeCursor(member, text) {
  const page = await get('/Users?count=1&sortBy=userName&cursor=');
  if (!page.body.nextCursor) {
    const second = await ask('POST', '/Users', { userName: 'zz' });
    const answer = await forgeCursor(member, text);
    assert.equal((await ask('DELETE', `/Users/${second.body.id}`)).status, 204);
    return answer;
  }
  const content = JSON.parse(Buffer.from(page.body.nextCursor, 'base64url'));
  content[member] = text;
  return get(`/Users?count=1&sortBy=userName&cursor=${Buffer.from(JSON.stringify(content)).toString('base64url')}`);
}

const nothing = (answer) => assert.deepEqual([answer.body.totalResults, answer.body.Resources], [0, []], answer.text);

// Every place: how the text gets there, which statuses are allowed, and what else is demanded of a 200.
const places = {
  'the id in a path: GET': [(text) => get(`/Users/${encoded(text)}`), [404]],
  'the id in a path: GET of a group': [(text) => get(`/Groups/${encoded(text)}`), [404]],
  'the id in a path: PUT': [(text) => ask('PUT', `/Users/${encoded(text)}`, { userName: 'x' }), [404]],
  'the id in a path: PATCH': [(text) => ask('PATCH', `/Users/${encoded(text)}`, patch(replace('title', 'x'))), [404]],
  'the id in a path: PATCH of members': [(text) => ask('PATCH', `/Groups/${encoded(text)}`, patch(add('members', [{ value: user.id }]))), [404]],
  'the id in a path: DELETE': [(text) => ask('DELETE', `/Users/${encoded(text)}`), [404]],
  'the name of an endpoint': [(text) => get(`/${encoded(text)}`), [404]],
  'the URN of a schema': [(text) => get(`/Schemas/${encoded(text)}`), [404]],
  'the name of a resource type': [(text) => get(`/ResourceTypes/${encoded(text)}`), [404]],
  'the name of a tenant': [(text) => scimClient(`${worker.url}/${encoded(text)}/scim/v2`, mallory.token)('GET', '/Users'), [401]],
  'a query parameter without a meaning': [(text) => get(`/Users?${encoded(text)}=${encoded(text)}`), [200]],
  'If-Match of a GET': [withHeader('if-match', 'GET', '/Users/<user>'), [412]],
  'If-None-Match of a GET': [withHeader('if-none-match', 'GET', '/Users/<user>'), [200]],
  'If-Match of a DELETE': [withHeader('if-match', 'DELETE', '/Users/<user>'), [412]],
  'a token of a tenant': [withToken('/mallory/scim/v2'), [401]],
  'a token of the default tenant': [withToken('/scim/v2'), [401]],
  'a token of the administration': [withToken('/admin/tenants'), [401]],
};

for (const operator of ['eq', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'ne']) {
  places[`a text after ${operator} in a filter`] = [(text) => inFilter('/Users', `displayName ${operator} ${quoted(text)}`), [200]];
}
for (const [endpoint, ...attributes] of [
  ['/Users', 'userName', 'externalId', 'id', 'title', 'name.familyName', 'emails', 'emails.value', 'emails.type', 'phoneNumbers.value', 'groups', 'groups.display'],
  ['/Users', 'schemas', 'meta.resourceType', 'meta.location', 'meta.version', `${urn.enterprise}:department`, `${urn.enterprise}:manager.value`, 'urn:example:2.0:User:x'],
  ['/Groups', 'displayName', 'externalId', 'id', 'members', 'members.value', 'members.type', 'members.display'],
  ['/', 'id', 'externalId', 'displayName'],
]) {
  for (const attribute of attributes) {
    const asked = (text) => inFilter(endpoint, `${attribute} eq ${quoted(text)}`);
    places[`a text in a filter: ${endpoint} ${attribute}`] = [asked, [200, 400], nothing];
  }
}
Object.assign(places, {
  'a text in a value path': [(text) => inFilter('/Users', `emails[type eq ${quoted(text)} and value co ${quoted(text)}]`), [200], nothing],
  'many texts in a filter': [(text) => inFilter('/Users', Array(120).fill(`userName eq ${quoted(text)}`).join(' or ')), [200], nothing],
  'a filter as a whole': [(text) => inFilter('/Users', text), [400]],
  'after a filter': [(text) => inFilter('/Users', `userName eq "x"${text}`), [400]],
  'a word without quotes in a filter': [(text) => inFilter('/Users', `userName eq ${text}`), [200, 400], nothing],
  'an attribute in a filter': [(text) => inFilter('/Users', `${text} eq "x"`), [400]],
  'a sub-attribute in a filter': [(text) => inFilter('/Users', `name.${text} eq "x"`), [400]],
  'a sub-attribute in a value path': [(text) => inFilter('/Users', `emails[${text} eq "x"]`), [400]],
  'an operator in a filter': [(text) => inFilter('/Users', `userName ${text} "x"`), [400]],
  'an attribute of an undeclared extension in a filter': [(text) => inFilter('/Users', `urn:example:2.0:User:${text} eq "x"`), [200, 400], nothing],
  'the URN of an undeclared extension in a filter': [(text) => inFilter('/Users', `urn:${text}:2.0:User:x eq "x"`), [200, 400], nothing],
  sortBy: [(text) => get(`/Users?sortBy=${encoded(text)}`), [200, 400]],
  'sortBy of an undeclared extension': [(text) => get(`/Users?sortBy=${encoded(`urn:example:2.0:User:${text}`)}`), [200, 400]],
  sortOrder: [(text) => get(`/Users?sortBy=userName&sortOrder=${encoded(text)}`), [200, 400]],
  attributes: [(text) => get(`/Users?attributes=${encoded(text)}`), [200]],
  excludedAttributes: [(text) => get(`/Users/<user>?excludedAttributes=${encoded(text)}`), [200]],
  startIndex: [(text) => get(`/Users?startIndex=${encoded(text)}`), [400]],
  count: [(text) => get(`/Users?count=${encoded(text)}`), [400]],
  cursor: [(text) => get(`/Users?cursor=${encoded(text)}`), [400]],
  'the query in a forged cursor': [(text) => forgeCursor(0, text), [400]],
  'the type in a forged cursor': [(text) => forgeCursor(1, text), [400]],
  'the id in a forged cursor': [(text) => forgeCursor(2, text), [200]],
  'the sort key in a forged cursor': [(text) => forgeCursor(3, text), [200]],
  'filter of a search': [(text) => search('', { filter: `displayName eq ${quoted(text)}` }), [200], nothing],
  'sortBy of a search': [(text) => search('/Users', { sortBy: text }), [200, 400]],
  'count of a search': [(text) => search('/Users', { count: text }), [400]],
  'cursor of a search': [(text) => search('/Users', { cursor: text }), [400]],
  'attributes of a search': [(text) => search('/Users', { attributes: [text], excludedAttributes: text }), [200]],
  'a member of a search that it does not have': [(text) => search('/Users', { [text]: text }), [200]],
  'values of a user': [
    (text) => {
      const manager = { value: text, displayName: text, $ref: text };
      const value = { value: text, type: text, display: text };
      return forAMoment(ask('POST', '/Users', { userName: `u${text}`, externalId: text, displayName: text, password: text, emails: [value], roles: [value], name: { familyName: text }, [urn.enterprise]: { department: text, manager } }));
    },
    [201],
  ],
  'id and meta of a user': [(text) => forAMoment(ask('POST', '/Users', { userName: 'moment', id: text, meta: { version: text, location: text, created: text } })), [201]],
  'schemas of a user': [(text) => forAMoment(ask('POST', '/Users', { userName: 'moment', schemas: [urn.user, text] })), [201]],
  'names of attributes': [(text) => forAMoment(ask('POST', '/Users', { userName: 'moment', [text]: text, name: { [text]: text } })), [201]],
  'the URN of an extension': [(text) => forAMoment(ask('POST', '/Users', { userName: 'moment', [`urn:${text}:User`]: { x: text } })), [201]],
  'names in an undeclared extension': [(text) => forAMoment(ask('POST', '/Users', { userName: 'moment', 'urn:example:2.0:User': { [text]: { [text]: text } } })), [201]],
  'values of a group': [(text) => forAMoment(ask('POST', '/Groups', { displayName: `g${text}`, externalId: text })), [201]],
  'members of a new group': [(text) => forAMoment(ask('POST', '/Groups', { displayName: 'moment', members: [{ value: text, type: text, $ref: text, display: text }] })), [400]],
  'members of a PUT': [(text) => ask('PUT', '/Groups/<group>', { displayName: 'own', members: [{ value: text }] }), [400]],
  'members that are added': [(text) => ask('PATCH', '/Groups/<group>', patch(add('members', [{ value: text }]))), [400]],
  'members that are removed': [(text) => ask('PATCH', '/Groups/<group>', patch(op('remove', 'members', [{ value: text }]))), [204]],
  'members that are removed by a filter': [(text) => ask('PATCH', '/Groups/<group>', patch(op('remove', `members[value eq ${quoted(text)}]`))), [204]],
  'members that are removed by another attribute': [(text) => ask('PATCH', '/Groups/<group>', patch(op('remove', `members[display eq ${quoted(text)}]`))), [204, 400]],
  'the path of a PATCH': [(text) => onAMomentsUser(replace(text, 'x')), [400]],
  'a text in the path of a PATCH': [(text) => onAMomentsUser(replace(`emails[type eq ${quoted(text)}].value`, text)), [200]],
  'an attribute in the path of a PATCH': [(text) => onAMomentsUser(replace(`emails[${text} eq "x"].value`, 'x')), [400]],
  'an undeclared attribute in the path of a PATCH': [(text) => onAMomentsUser(replace(`urn:example:2.0:User:${text}`, text)), [200, 400]],
  'op of a PATCH': [(text) => onAMomentsUser(op(text, 'title', 'x')), [400]],
  'names in a PATCH without a path': [(text) => onAMomentsUser(op('replace', undefined, { title: text, [text]: text })), [200, 400]],
  'manager of a PATCH': [(text) => onAMomentsUser(replace(`${urn.enterprise}:manager`, text)), [200]],
  'bulkId of a create': [
    async (text) => {
      const answer = await bulk({ method: 'POST', path: '/Users', bulkId: text, data: { userName: 'moment' } });
      for (const { location } of answer.body.Operations) await ask('DELETE', `/Users/${location.split('/').at(-1)}`);
      return answer;
    },
    [200],
  ],
  'bulkId that is referred to': [(text) => bulk({ method: 'POST', path: '/Groups', bulkId: 'g', data: { displayName: 'moment', members: [{ value: `bulkId:${text}` }] } }), [200]],
  'the path of a bulk operation': [(text) => bulk({ method: 'DELETE', path: `/Users/${text}` }, { method: 'PATCH', path: `/Users/bulkId:${text}`, data: patch(replace('title', 'x')) }), [200]],
  'the method and the version of a bulk operation': [(text) => bulk({ method: text, path: '/Users/x' }, { method: 'DELETE', path: '/Users/<user>', version: text }), [200]],
});

/** Sends a token request to the tenant's token endpoint. */
async function tokenRequest(parameters, tenant = 'mallory') {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...parameters });
  const response = await fetch(`${worker.url}/${tenant}/oauth2/token`, { method: 'POST', body });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) };
}

const assertion = (text) => ({ client_assertion: text, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' });
const hour = () => Math.floor(Date.now() / 1000) + 3600;
const foreign = newKey('foreign');
const jwt = (name, text) => signed({ ...foreign, ...(name === 'kid' ? { kid: text } : {}) }, { iss: 'i', aud: 'a', sub: 's', exp: hour(), ...(name === 'kid' ? {} : { [name]: text }) });

/** Makes the access token with another text in a member of its header (0) or of its claims (1). */
function forged(part, name, text) {
  const parts = accessToken.split('.');
  const members = JSON.parse(Buffer.from(parts[part], 'base64url'));
  assert.equal(typeof members[name], 'string', name);
  parts[part] = Buffer.from(JSON.stringify({ ...members, [name]: text })).toString('base64url');
  return scimClient(mallory.scim, parts.join('.'))('GET', '/Users');
}

Object.assign(places, {
  'client_id of a token request': [(text) => tokenRequest({ client_id: text, client_secret: client.clientSecret }), [401]],
  'client_secret of a token request': [(text) => tokenRequest({ client_id: client.clientId, client_secret: text }), [401]],
  'the tenant of a token request': [(text) => tokenRequest({ client_id: client.clientId, client_secret: client.clientSecret }, encoded(text)), [401]],
  'a parameter of a token request': [(text) => tokenRequest({ [text]: text, scope: text, client_id: 'x', client_secret: 'y' }), [401]],
  'an assertion': [(text) => tokenRequest({ client_id: text, ...assertion(text) }), [401]],
});
for (const name of ['iss', 'sub', 'aud', 'tid', 'appid', 'jti', 'kid']) {
  places[`${name} of an assertion`] = [(text) => tokenRequest({ client_id: text, ...assertion(jwt(name, text)) }), [401]];
  places[`${name} of a bearer token of an issuer`] = [(text) => scimClient(mallory.scim, jwt(name, text))('GET', '/Users'), [401]];
}
const members = [[0, 'kid'], [0, 'typ'], [1, 'iss'], [1, 'aud'], [1, 'sub'], [1, 'client_id'], [1, 'jti'], [1, 'credential']];
for (const [part, name] of members) places[`${name} of a forged access token`] = [(text) => forged(part, name, text), [401]];

/** Creates what an administrator may create, and deletes it again. */
async function ofTheAdministration(path, body, table, id) {
  const answer = await admin('POST', `/tenants/mallory/${path}`, body);
  if (answer.status === 201) {
    await worker.d1.prepare(`DELETE FROM ${table} WHERE id = ?`).bind(answer.body[id]).run();
    if (table === 'clients') await worker.d1.prepare('DELETE FROM client_secrets WHERE client = ?').bind(answer.body[id]).run();
  }
  return answer;
}

const trust = (more) => ofTheAdministration('issuers', { issuer: 'i', jwksUri: issuer.jwksUri, audience: 'a', subject: 's', ...more }, 'issuers', 'id');

const administration = {
  'the tenant of clients': [(text) => admin('GET', `/tenants/${encoded(text)}/clients`), [404]],
  'the tenant of issuers': [(text) => admin('GET', `/tenants/${encoded(text)}/issuers`), [404]],
  'the name of a client': [(text) => ofTheAdministration('clients', { name: text }, 'clients', 'clientId'), [201, 400]],
  'the id of a client that is revoked': [(text) => admin('DELETE', `/tenants/mallory/clients/${encoded(text)}`), [404]],
  'the id of a client that gets a secret': [(text) => admin('POST', `/tenants/mallory/clients/${encoded(text)}/secrets`, {}), [404]],
  'the id of a secret that is revoked': [(text) => admin('DELETE', `/tenants/mallory/clients/${client.clientId}/secrets/${encoded(text)}`), [404]],
  'the name and the audience of an issuer': [(text) => trust({ name: text, audience: text }), [201, 400]],
  'issuer, directory and subject of an issuer': [(text) => trust({ issuer: text, directory: text, subject: text }), [201, 400]],
  'the client of an issuer': [(text) => trust({ clientId: text }), [400, 404]],
  'the address of the keys of an issuer': [(text) => trust({ jwksUri: `${issuer.jwksUri}?${text}` }), [201, 400]],
  'the id of an issuer that is revoked': [(text) => admin('DELETE', `/tenants/mallory/issuers/${encoded(text)}`), [404]],
  'the id of a signing key that is revoked': [(text) => admin('DELETE', `/signing-keys/${encoded(text)}`), [404]],

  'the tenant of the administration': [(text) => admin('GET', `/tenants/${encoded(text)}`), [404]],
  'the tenant of a token': [(text) => admin('POST', `/tenants/${encoded(text)}/tokens`, {}), [404]],
  'the tenant of an import': [(text) => admin('POST', `/tenants/${encoded(text)}/import`, ''), [404]],
  'the tenant that is deleted': [(text) => admin('DELETE', `/tenants/${encoded(text)}`), [404]],
  'after of a list': [(text) => admin('GET', `/tenants?after=${encoded(text)}`), [200]],
  'the id of a new tenant': [(text) => admin('POST', '/tenants', { id: text }), [400]],
  'the name of a tenant': [
    async (text) => {
      const answer = await admin('PATCH', '/tenants/mallory', { name: text });
      assert.equal((await admin('PATCH', '/tenants/mallory', { name: 'mallory' })).status, 200);
      return answer;
    },
    [200, 400],
  ],
  'the name of a token': [
    async (text) => {
      const answer = await admin('POST', '/tenants/mallory/tokens', { name: text });
      await worker.d1.prepare('DELETE FROM tokens WHERE id = ?').bind(answer.body.id ?? '').run();
      return answer;
    },
    [201, 400],
  ],
  'the dialect and the expiry': [(text) => admin('POST', '/tenants', { id: 'new', dialect: text, logRetentionDays: text }), [400]],
  'the id of a token that is revoked': [(text) => admin('DELETE', `/tenants/mallory/tokens/${encoded(text)}`), [404]],
  'the id of a token that is rotated': [(text) => admin('POST', `/tenants/mallory/tokens/${encoded(text)}/rotate`, {}), [404]],
  'the cursor of an export': [(text) => admin('GET', `/tenants/mallory/export?cursor=${encoded(text)}`), [400]],
  'the id in the cursor of an export': [(text) => admin('GET', `/tenants/mallory/export?cursor=User~${encoded(text)}`), [200]],
  'the member in the cursor of an export': [(text) => admin('GET', `/tenants/mallory/export?cursor=Group~x~${encoded(text)}`), [200]],
  'the id of an imported line': [(text) => admin('POST', '/tenants/mallory/import', JSON.stringify({ id: `${text}'`, meta: { resourceType: 'User' }, userName: 'x' })), [200]],
  'members of an imported line': [(text) => admin('POST', '/tenants/mallory/import', JSON.stringify({ id: group.id, meta: { resourceType: 'Group' }, displayName: 'own', members: [{ value: text }] })), [200]],
};

for (const [place, [attack, statuses, demand]] of Object.entries({ ...places, ...administration })) {
  test(place, async () => {
    const before = await dump(worker.d1, { without: ['changes', 'audit_log'] });
    let sent = 0;
    for (const text of corpus) {
      // An administrator who names another tenant means that tenant.
      const answer = place in administration && names.includes(text) ? undefined : await attack(text);
      if (!answer) continue;
      sent += 1;
      assert.ok(statuses.includes(answer.status), `${quoted(text)}: ${answer.status} ${answer.text}`);
      assert.ok(!answer.text.includes(canary), `${quoted(text)}: ${answer.text}`);
      if (answer.status === 200) demand?.(answer);
    }
    assert.ok(sent >= corpus.length - 2);
    assert.deepEqual(await dump(worker.d1, { without: ['changes', 'audit_log'] }), before);
  });
}
