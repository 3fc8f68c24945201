// Scopes (RFC 6749 s3.3): what tokens and clients may do, and how a request beyond that is answered (RFC 6750 s3.1).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { scimClient } from '../harness/index.mjs';
import { issued } from '../harness/oauth.mjs';
import { assertError, bulk, patch, replace, search, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
let acme;
let user;
serve(async (started) => {
  worker = started;
  admin = adminClient(worker);
  acme = await newTenant(worker, 'acme');
  ({ body: user } = await acme.scimFetch('POST', '/Users', { schemas: [urn.user], userName: 'ada' }));
}, withAdmin);

async function made(path, settings, tenant = 'acme') {
  const { status, body, text } = await admin('POST', `/tenants/${tenant}/${path}`, settings);
  assert.equal(status, 201, text);
  return body;
}

const reads = [
  ['GET', '/Users'],
  ['GET', '/Groups?filter=displayName+eq+%22x%22'],
  ['HEAD', '/Users'],
  ['GET', '/openapi.json'],
  ['POST', '/Users/.search', search()],
  ['POST', '/.search', search()],
];
const bulkOfOne = bulk([{ method: 'POST', path: '/Users', bulkId: 'b', data: { userName: 'bob' } }]);
const writes = () => [
  ['POST', '/Users', { schemas: [urn.user], userName: 'bob' }],
  ['POST', '/Users', 'not JSON'],
  ['PUT', `/Users/${user.id}`, { schemas: [urn.user], userName: 'bob' }],
  ['PATCH', `/Users/${user.id}`, patch(replace('userName', 'bob'))],
  ['DELETE', `/Users/${user.id}`],
  ['POST', '/Groups', { schemas: [urn.group], displayName: 'g' }],
  ['POST', '/Bulk', bulkOfOne],
  ['POST', '/Users/.search/x', {}],
  ['OPTIONS', '/Users'],
];

function assertInsufficient(answer, what) {
  assertError(answer, 403, undefined, 'the token may not do this: it needs the scope `scim`');
  assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="scim", error="insufficient_scope", scope="scim"', what);
}

async function assertReadsAlone(access) {
  for (const [method, path, body] of reads) {
    const { status, text } = await access(method, path, body);
    assert.equal(status, 200, `${method} ${path}: ${text}`);
  }
  for (const [method, path, body] of writes()) assertInsufficient(await access(method, path, body), `${method} ${path}`);
  const { body } = await access('GET', '/Users');
  assert.deepEqual(body.Resources.map(({ userName }) => userName), ['ada'], 'nothing has changed');
}

test('a token of `scim:read` reads and searches, and everything else is 403', async () => {
  const { token, scopes, id } = await made('tokens', { name: 'report', scopes: ['scim:read'] });
  assert.deepEqual(scopes, ['scim:read']);
  await assertReadsAlone(scimClient(acme.scim, token));
  const { body } = await admin('GET', '/tenants/acme/tokens');
  assert.deepEqual(body.tokens.map((each) => each.scopes), [['scim'], ['scim:read']]);
  const rotated = await admin('POST', `/tenants/acme/tokens/${id}/rotate`, {});
  assert.deepEqual(rotated.body.scopes, ['scim:read'], 'the token that replaces it may do what it may');
  await assertReadsAlone(scimClient(acme.scim, rotated.body.token));
});

test('a token of a tenant without a word of scopes, and the default tenant\'s, may write', async () => {
  for (const settings of [{}, { scopes: ['scim'] }, { scopes: ['scim', 'scim:read'] }, { scopes: null }]) {
    const { token, scopes } = await made('tokens', settings);
    assert.deepEqual(scopes, ['scim']);
    const access = scimClient(acme.scim, token);
    const { status, body } = await access('POST', '/Users', { schemas: [urn.user], userName: 'cy' });
    assert.equal(status, 201);
    assert.equal((await access('DELETE', `/Users/${body.id}`)).status, 204);
  }
  assert.equal((await worker.scimFetch('POST', '/Users', { schemas: [urn.user], userName: 'cy' })).status, 201);
});

test('a client of `scim:read` gets tokens that read, whatever scope it asks for', async () => {
  const client = await made('clients', { scopes: ['scim:read'] });
  assert.deepEqual(client.scopes, ['scim:read']);
  for (const asked of [{}, ...['', 'scim:read', 'scim scim:read', 'api://app/.default'].map((scope) => ({ scope }))]) {
    const { status, body } = await issued(client, asked);
    assert.deepEqual([status, body.scope], [200, 'scim:read'], asked.scope);
    await assertReadsAlone(scimClient(client.tenantUrl, body.access_token));
  }
});

test('a client gets less than it has if it asks for less, and both tokens are valid side by side', async () => {
  const client = await made('clients', {});
  const [full, less] = [await issued(client), await issued(client, { scope: 'openid scim:read' })];
  assert.deepEqual([full.body.scope, less.body.scope], ['scim', 'scim:read']);
  for (let time = 0; time < 2; time += 1) {
    await assertReadsAlone(scimClient(client.tenantUrl, less.body.access_token));
    const access = scimClient(client.tenantUrl, full.body.access_token);
    const { status, body } = await access('POST', '/Users', { schemas: [urn.user], userName: 'dee' });
    assert.equal(status, 201);
    assert.equal((await access('DELETE', `/Users/${body.id}`)).status, 204);
  }
  // An instance that has seen the client verifies another token of it by its signature alone: with that token's
  // scopes.
  const another = await issued(client, { scope: 'scim:read' });
  await assertReadsAlone(scimClient(client.tenantUrl, another.body.access_token));
});

test('a scope that the client does not have is invalid_scope, and one that is not known is ignored', async () => {
  const [full, less] = [await made('clients', {}), await made('clients', { scopes: ['scim:read'] })];
  for (const [client, scope] of [[less, 'scim'], [less, 'scim events'], [full, 'events'], [full, 'lookup']]) {
    const { status, headers, body } = await issued(client, { scope });
    assert.equal(status, 400, scope);
    assert.deepEqual(body, { error: 'invalid_scope', error_description: 'the client does not have the scope that it asks for' });
    assert.equal(headers.get('cache-control'), 'no-store');
  }
  for (const scope of ['openid', 'SCIM:READ', 'api://8adf8e6e-67b2-4cf2-a259-e3dc5476c621/.default']) {
    const { status, body } = await issued(full, { scope });
    assert.deepEqual([status, body.scope], [200, 'scim'], scope);
  }
});

test('a token that follows events or looks people up neither reads nor writes SCIM', async () => {
  for (const scopes of [['events'], ['lookup'], ['events', 'lookup']]) {
    const { token, scopes: stored } = await made('tokens', { scopes });
    assert.deepEqual(stored, scopes);
    const access = scimClient(acme.scim, token);
    assert.equal((await access('HEAD', '/Users')).status, 403);
    for (const [method, path, body] of [...reads.filter(([method]) => method !== 'HEAD'), ...writes()]) assertInsufficient(await access(method, path, body), `${method} ${path}`);
  }
});

test('scopes that are not known or not a list of texts are refused by name', async () => {
  for (const [scopes, detail] of [
    [['write'], '`write` is not a scope; known are `scim`, `scim:read`, `events` and `lookup`'],
    [['scim', 'event'], '`event` is not a scope; known are `scim`, `scim:read`, `events` and `lookup`'],
    [[], 'at least one scope is needed'],
    ['scim', '`scopes` must be a list of texts'],
    [[1], '`scopes` must be a list of texts'],
  ]) {
    for (const path of ['tokens', 'clients']) {
      const { status, body } = await admin('POST', `/tenants/acme/${path}`, { scopes });
      assert.deepEqual([status, body], [400, { status: 400, detail }], path);
    }
  }
});

test('`npm run tenant` makes tokens and clients of a scope and shows it', { timeout: 60_000 }, async () => {
  const command = tenantCommand(worker);
  try {
    await command.done('create', 'cli');
    const output = await command.done('token', 'cli', '--scope', 'scim:read', '--token-name', 'report');
    assert.match(output, /^ {2}It may do this alone: scim:read\.$/m);
    const [, token] = output.match(/Secret Token: (\S+)/);
    const access = scimClient(`${worker.url}/cli/scim/v2`, token);
    assert.equal((await access('GET', '/Users')).status, 200);
    assertInsufficient(await access('POST', '/Users', { userName: 'x' }));
    assert.match(await command.done('show', 'cli'), /^ {2}token \S+ {2}in force, scim:read alone, last used \S+: report$/m);
    await command.done('client', 'cli', '--name', 'BI', '--scope', 'scim:read');
    assert.match(await command.done('clients', 'cli'), /^client \S+ {2}in force, scim:read alone, tokens of 1 h: BI$/m);
    const refused = await command.tenant(['token', 'cli', '--scope', 'event']);
    assert.equal(refused.code, 1);
    assert.match(refused.output, /`event` is not a scope; known are `scim`, `scim:read`, `events` and `lookup`/);
  } finally {
    command.remove();
  }
});
