// The administration under /admin: tenants, tokens, settings, export and import, deleting; and which clients may use
// it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, adminToken, newTenant, withAdmin } from '../harness/admin.mjs';
import { scimClient, startWorker } from '../harness/index.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
serve((started) => {
  worker = started;
  admin = adminClient(worker);
}, withAdmin);

const status = async (tenant, token = tenant.token) => (await tenant.scimFetch('GET', '/Users?count=0', undefined, { token })).status;
const hours = (from, to) => Math.round((new Date(to) - from) / 3_600_000);

test('without the right token nothing is revealed, not even which resources exist', async () => {
  for (const token of [null, 'wrong', 'test-token', `${adminToken}x`, '']) {
    for (const path of ['/tenants', '/tenants/acme', '/nothing', '']) {
      const answer = await admin('GET', path, undefined, { token });
      assert.equal(answer.status, 401);
      assert.equal(answer.headers.get('content-type'), 'application/json');
      assert.deepEqual(answer.body, { status: 401, detail: token ? 'the bearer token is not valid' : 'a bearer token is needed' });
    }
  }
});

test('without the secret no client is authenticated, and the log says why', async () => {
  const closed = await startWorker();
  try {
    assert.equal((await adminClient(closed)('GET', '/tenants')).status, 401);
    assert.ok(closed.logs.some(({ message }) => message.includes('the secret ADMIN_TOKEN is not set')));
  } finally {
    await closed.stop();
  }
});

test('a tenant is made once, shown, listed and changed', async () => {
  const made = await admin('POST', '/tenants', { id: 'show', name: 'Show Inc.', dialect: 'strict', logRetentionDays: 7 });
  const tenant = { id: 'show', name: 'Show Inc.', tenantUrl: `${worker.url}/show/scim/v2`, enabled: true, deleting: false, dialect: 'strict', logRetentionDays: 7, residency: null, created: made.body.created };
  assert.deepEqual([made.status, made.body], [201, tenant]);
  const again = await admin('POST', '/tenants', { id: 'show' });
  assert.deepEqual([again.status, again.body.detail], [409, 'the tenant `show` exists already']);
  const quotas = { maxUsers: 1_000_000, maxGroups: 200_000, maxMemberships: 6_000_000, maxBytes: 3_000_000_000 };
  const usage = { users: 0, groups: 0, memberships: 0, bytes: 0, ...quotas, defaults: Object.keys(quotas) };
  assert.deepEqual((await admin('GET', '/tenants/show')).body, { ...tenant, activityRetentionDays: 30, ...usage, edge: { on: false, state: 'off' }, massDeprovisioning: null, tokens: [] });
  const changed = await admin('PATCH', '/tenants/show', { name: 'Other', dialect: 'tolerant' });
  assert.deepEqual(changed.body, { ...tenant, name: 'Other', dialect: 'tolerant' });
  assert.ok((await admin('GET', '/tenants')).body.tenants.some(({ id }) => id === 'show'));
  assert.deepEqual((await admin('GET', '/tenants?after=zzz')).body, { tenants: [], next: null });
});

for (const [method, path, body, code, detail] of [
  ['POST', '/tenants', {}, 400, 'a tenant needs an `id`'],
  ['POST', '/tenants', { id: 'scim' }, 400, 'the tenant name `scim` is reserved'],
  ['POST', '/tenants', { id: 'A b' }, 400, '`A b` is not a tenant name: it takes 1 to 63 lower-case letters, digits, and hyphens between them'],
  ['POST', '/tenants', { id: 'x', dialect: 'loose' }, 400, '`dialect` is neither `tolerant` nor `strict`'],
  ['POST', '/tenants', { id: 'x', logRetentionDays: 0 }, 400, '`logRetentionDays` is not an integer from 1 to 3650'],
  ['POST', '/tenants', { id: 'x', nmae: 'X' }, 400, '`nmae` is not known here; known are id, name, dialect, logRetentionDays, activityRetentionDays'],
  ['POST', '/tenants', '{"id": ', 400, 'the body is not JSON: EOF while parsing a value at line 1 column 7'],
  ['POST', '/tenants', '[]', 400, 'the body is not a JSON object'],
  ['POST', '/tenants', '{"id": "twice", "id": "twice2"}', 400, '`id` occurs twice at line 1 column 20'],
  ['GET', '/tenants/none', undefined, 404, 'there is no tenant `none`'],
  ['PATCH', '/tenants/none', { enabled: false }, 404, 'there is no tenant `none`'],
  ['DELETE', '/tenants/none', undefined, 404, 'there is no tenant `none`'],
  ['POST', '/tenants/none/tokens', {}, 404, 'there is no tenant `none`'],
  ['GET', '/tenants/none/export', undefined, 404, 'there is no tenant `none`'],
  ['PATCH', '/tenants/default', { enabled: false }, 400, '`enabled` is not known here; known are logRetentionDays, activityRetentionDays, edge, massDeprovisioning, maxUsers, maxGroups, maxMemberships, maxBytes'],
  ['PUT', '/tenants/none', {}, 405, '`PUT` is not served here; this endpoint takes GET, PATCH, DELETE'],
  ['GET', '/nothing', undefined, 404, 'the administration has no such resource'],
  ['GET', '/tenants/default/export?cursor=nonsense', undefined, 400, 'the cursor was not issued by an export'],
]) {
  test(`${method} ${path} ${JSON.stringify(body) ?? ''} is refused by name`, async () => {
    const answer = await admin(method, path, body);
    assert.deepEqual([answer.status, answer.body], [code, { status: code, detail }]);
  });
}

test('a token is shown once, and stored as nothing that opens anything', async () => {
  const tenant = await newTenant(worker, 'secret');
  assert.match(tenant.token, /^scim_[A-Za-z0-9_-]{43}$/);
  const { body, text } = await admin('GET', '/tenants/secret/tokens');
  assert.deepEqual(body.tokens.map(({ name, expires, revoked }) => [name, expires, revoked]), [['test', null, null]]);
  assert.ok(!text.includes(tenant.token));
  const { results } = await worker.d1.prepare('SELECT * FROM tokens').all();
  assert.ok(!JSON.stringify(results).includes(tenant.token.slice(5)));
  assert.match(results[0].hash, /^[0-9a-f]{64}$/);
});

test('a rotated token works beside the new one until the overlap ends', async () => {
  const tenant = await newTenant(worker, 'rotate');
  const now = new Date();
  const first = await admin('POST', `/tenants/rotate/tokens/${tenant.tokenId}/rotate`, {});
  assert.equal(first.status, 201);
  assert.deepEqual([await status(tenant), await status(tenant, first.body.token)], [200, 200]);
  const [old] = (await admin('GET', '/tenants/rotate/tokens')).body.tokens;
  assert.equal(hours(now, old.expires), 24);
  const second = await admin('POST', `/tenants/rotate/tokens/${first.body.id}/rotate`, { overlapHours: 0, name: 'third' });
  assert.deepEqual([await status(tenant, first.body.token), await status(tenant, second.body.token)], [401, 200]);
  assert.deepEqual([first.body.tokensInForce, second.body.tokensInForce], [2, 2], 'the first one of all is in its overlap still');
  const refused = await admin('POST', `/tenants/rotate/tokens/${second.body.id}/rotate`, { overlapHours: 9999 });
  assert.equal(refused.body.detail, '`overlapHours` is not an integer from 0 to 720');
});

test('rotations that are repeated, and secrets of a client, say how many of them are in force', async () => {
  const tenant = await newTenant(worker, 'counted');
  const rotate = () => admin('POST', `/tenants/counted/tokens/${tenant.tokenId}/rotate`, {});
  const made = await Promise.all(Array.from({ length: 20 }, rotate));
  assert.deepEqual(made.map(({ body }) => body.tokensInForce).sort((a, b) => a - b), Array.from({ length: 20 }, (_, n) => n + 2));
  await admin('DELETE', `/tenants/counted/tokens/${made[0].body.id}`);
  const another = await admin('POST', '/tenants/counted/tokens', { expires: '2099-01-01T00:00:00Z' });
  assert.equal(another.body.tokensInForce, 21);

  const { clientId, secrets } = (await admin('POST', '/tenants/counted/clients', {})).body;
  const secret = async () => (await admin('POST', `/tenants/counted/clients/${clientId}/secrets`, {})).body.secretsInForce;
  assert.deepEqual([await secret(), await secret()], [2, 3]);
  await admin('DELETE', `/tenants/counted/clients/${clientId}/secrets/${secrets[0].id}`);
  assert.equal(await secret(), 3);
});

for (const id of ['console', 'events', 'lookup', 'sso', 'setup', 'well-known', 'null', 'constructor', 'undefined', 'prototype', 'xn--caf-dma', 'a--b', 'ab--cd', 'admin', 'healthz', 'oauth2', 'default', 'logout', '.well-known', '__proto__']) {
  test(`no tenant is named ${id}`, async () => {
    const { status, body } = await admin('POST', '/tenants', { id });
    assert.equal(status, 400);
    assert.match(body.detail, /^the tenant name `.*` is reserved$|is not a tenant name: /);
  });
}

test('a tenant that has a name which was reserved since keeps it', async () => {
  const tenant = await newTenant(worker, 'was-free');
  for (const [table, column] of [['tenants', 'id'], ['tokens', 'tenant']]) {
    await worker.d1.prepare(`UPDATE ${table} SET ${column} = 'console' WHERE ${column} = 'was-free'`).run();
  }
  const answer = await scimClient(`${worker.url}/console/scim/v2`, tenant.token)('POST', '/Users', { userName: 'ada' });
  assert.equal(answer.status, 201, answer.text);
  assert.equal((await admin('POST', '/tenants/console/tokens', {})).status, 201);
  assert.equal((await admin('PATCH', '/tenants/console', { name: 'Console Ltd.' })).status, 200);
});

test('a token that expires is refused from then on, although it is remembered', async () => {
  const tenant = await newTenant(worker, 'expires');
  const expires = new Date(Date.now() + 1500).toISOString();
  const { body } = await admin('POST', '/tenants/expires/tokens', { expires });
  assert.equal(await status(tenant, body.token), 200);
  await new Promise((resolve) => setTimeout(resolve, new Date(expires) - Date.now() + 20));
  assert.equal(await status(tenant, body.token), 401);
  const past = await admin('POST', '/tenants/expires/tokens', { expires: '2020-01-01T00:00:00Z' });
  assert.equal(past.body.detail, '`expires` is not a time in the future, such as `2030-01-31T00:00:00Z`');
});

test('revoking, suspending and resuming hold at once on the instance that did them', async () => {
  const tenant = await newTenant(worker, 'stops');
  assert.equal(await status(tenant), 200);
  await admin('PATCH', '/tenants/stops', { enabled: false });
  assert.equal(await status(tenant), 401);
  await admin('PATCH', '/tenants/stops', { enabled: true });
  assert.equal(await status(tenant), 200);
  assert.equal((await admin('DELETE', `/tenants/rotate/tokens/${tenant.tokenId}`)).status, 404, 'it is not a token of that tenant');
  assert.equal(await status(tenant), 200);
  assert.ok((await admin('DELETE', `/tenants/stops/tokens/${tenant.tokenId}`)).body.revoked);
  assert.equal(await status(tenant), 401);
});

test('a warm instance asks no database for a token, and writes its use down after the answer', async () => {
  const tenant = await newTenant(worker, 'warm');
  const trips = async () => {
    const { headers } = await tenant.scimFetch('GET', '/Users?count=0', undefined, { headers: { 'X-Server-Timing': '1' } });
    return Number(headers.get('server-timing').match(/round_trips=(\d+)/)[1]);
  };
  assert.deepEqual([await trips(), await trips(), await trips()], [2, 1, 1]);
  const lastUsed = async () => (await admin('GET', '/tenants/warm/tokens')).body.tokens[0].lastUsed;
  for (let n = 0; n < 50 && !(await lastUsed()); n += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  const noted = await lastUsed();
  assert.ok(Math.abs(Date.now() - new Date(noted)) < 10_000, noted);
  await trips();
  assert.equal(await lastUsed(), noted);
});

test('a token that another instance revoked stops within 60 seconds', { timeout: 90_000 }, async () => {
  const tenant = await newTenant(worker, 'elsewhere');
  const begun = Date.now();
  assert.equal(await status(tenant), 200);
  await worker.d1.prepare('UPDATE tokens SET revoked = 1 WHERE id = ?').bind(tenant.tokenId).run();
  assert.equal(await status(tenant), 200, 'remembered');
  while ((await status(tenant)) === 200) {
    assert.ok(Date.now() - begun < 60_000, 'it still works');
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  assert.ok(Date.now() - begun > 15_000, 'it was remembered for a while');
});

test('an export is imported into another tenant and exported the same', async () => {
  const [from, to] = [await newTenant(worker, 'from'), await newTenant(worker, 'to')];
  const { id } = (await from.scimFetch('POST', '/Users', { userName: 'Ünï@x.example', emails: [{ value: 'a@x.example' }] })).body;
  await from.scimFetch('PATCH', `/Users/${id}`, { Operations: [{ op: 'add', path: 'title', value: 't' }] });
  await from.scimFetch('POST', '/Groups', { displayName: 'G', members: [{ value: id }] });
  const lines = async (tenant) => {
    let text = '';
    for (let cursor = ''; cursor !== null; ) {
      const page = await admin('GET', `/tenants/${tenant}/export?cursor=${cursor}`);
      text += page.text;
      cursor = page.headers.get('x-next-cursor');
    }
    return text;
  };
  const exported = await lines('from');
  const imported = await admin('POST', '/tenants/to/import', exported);
  assert.deepEqual(imported.body, { created: 2, present: 0, incomplete: [], refused: [] });
  assert.equal(await lines('to'), exported);
  const copy = await to.scimFetch('GET', `/Users/${id}`);
  assert.deepEqual([copy.headers.get('etag'), copy.body.meta.location, copy.body.groups[0].display], ['W/"2"', `${to.scim}/Users/${id}`, 'G']);
  assert.equal((await to.scimFetch('GET', '/Users?filter=emails.value+eq+%22A@X.example%22')).body.totalResults, 1);
  assert.deepEqual((await admin('POST', '/tenants/to/import', exported)).body, { created: 0, present: 2, incomplete: [], refused: [] });
  const bad = await admin('POST', '/tenants/to/import', 'no json\n');
  assert.equal(bad.status, 200);
  assert.deepEqual(bad.body.refused, [{ line: 1, detail: 'the line is not JSON' }]);
});

test('an import refuses ids that no URL could name', async () => {
  const line = (id) => JSON.stringify({ id, meta: { resourceType: 'User' }, userName: `named ${id}` });
  const ids = ['.', '..', '...', '', 'a/b', 'a b', '%2e', 'a?', '\u00e9', 'x'.repeat(65)];
  const { status, body } = await admin('POST', '/tenants/default/import', ids.map(line).join('\n'));
  const detail = 'the line has no `id` that could be one of this service';
  assert.deepEqual([status, body], [200, { created: 0, present: 0, incomplete: [], refused: ids.map((_, n) => ({ line: n + 1, detail })) }]);
});

test('a deleted tenant is gone with every row, and its name is free again', async () => {
  const tenant = await newTenant(worker, 'gone');
  const { id } = (await tenant.scimFetch('POST', '/Users', { userName: 'a', emails: [{ value: 'a@x.example' }] })).body;
  await tenant.scimFetch('POST', '/Groups', { displayName: 'g', members: [{ value: id }] });
  assert.equal((await admin('PATCH', '/tenants/gone', { maxUsers: 9 })).status, 200);
  const waiting = await admin('DELETE', '/tenants/gone');
  assert.deepEqual([waiting.status, waiting.body.resourcesLeft], [202, 0]);
  const wait = Number(waiting.headers.get('retry-after'));
  assert.ok(wait > 60 && wait <= 91, `${wait} s: other instances may remember the token for 60`);
  assert.equal(await status(tenant), 401);
  assert.equal((await admin('POST', '/tenants', { id: 'gone' })).body.detail, 'the tenant `gone` is still being deleted');
  assert.equal((await admin('POST', '/tenants/gone/tokens', {})).status, 404);
  await worker.d1.prepare("UPDATE tenants SET suspended = suspended - 100000 WHERE id = 'gone'").run();
  assert.equal((await admin('DELETE', '/tenants/gone')).status, 204);
  assert.equal((await admin('GET', '/tenants/gone')).status, 404);
  for (const table of ['resources', 'memberships', 'emails', 'totals', 'quotas', 'tokens']) {
    assert.equal(await worker.d1.prepare(`SELECT count(*) AS n FROM ${table} WHERE tenant = 'gone'`).first('n'), 0, table);
  }
  const again = await newTenant(worker, 'gone');
  assert.equal((await again.scimFetch('GET', '/Users')).body.totalResults, 0);
  assert.equal(await status(tenant), 401, 'the old token stays dead');
});

test('the tenant default cannot be deleted, and keeps its resources', async () => {
  const of = (path) => `${path}?filter=externalId eq "of-default"`;
  const { id } = (await worker.scimFetch('POST', '/Users', { userName: 'kept', externalId: 'of-default' })).body;
  await worker.scimFetch('POST', '/Groups', { displayName: 'kept', externalId: 'of-default', members: [{ value: id }] });
  const directory = () => Promise.all([of('/Users'), of('/Groups')].map(async (path) => (await worker.scimFetch('GET', path)).body));
  const before = await directory();
  assert.deepEqual(before.map(({ totalResults }) => totalResults), [1, 1]);
  const { status, body } = await admin('DELETE', '/tenants/default');
  assert.deepEqual([status, body], [404, { status: 404, detail: 'there is no tenant `default`' }]);
  assert.deepEqual(await directory(), before);
});

test('a failure of the service is answered with only an id', async () => {
  const broken = await startWorker(withAdmin);
  try {
    await broken.d1.prepare('DROP TABLE tokens').run();
    const ask = scimClient(`${broken.url}/acme/scim/v2`, `scim_${'a'.repeat(43)}`);
    const answer = await ask('GET', '/Users');
    const id = answer.headers.get('x-correlation-id');
    assert.deepEqual([answer.status, answer.body.detail], [500, `the service failed; its operator finds the reason under \`${id}\``]);
    assert.ok(broken.logs.some(({ message }) => message.includes(id) && message.includes('no such table')));
  } finally {
    await broken.stop();
  }
});
