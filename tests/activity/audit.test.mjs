// Evidence for an auditor: JSON lines of what happened in a range of times.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
serve((started) => {
  worker = started;
  admin = adminClient(worker);
}, withAdmin);

const lines = (text) => text.trim().split('\n').map((line) => JSON.parse(line));

test('changes, refusals, credentials, settings and trimming are listed with who did it', async () => {
  const acme = await newTenant(worker, 'acme');
  const { id } = (await acme.scimFetch('POST', '/Users', { userName: 'ada' })).body;
  const refused = await acme.scimFetch('POST', '/Users', { userName: 'ada' });
  const client = (await admin('POST', '/tenants/acme/clients', { name: 'Entra' })).body;
  await admin('DELETE', `/tenants/acme/clients/${client.clientId}/secrets/${client.secrets[0].id}`);
  const second = (await admin('POST', '/tenants/acme/tokens', { name: 'second', scopes: ['scim:read'] })).body;
  await admin('DELETE', `/tenants/acme/tokens/${second.id}`);
  await worker.scheduled();
  const to = new Date(Date.now() + 1_000).toISOString();
  const answer = await admin('GET', `/tenants/acme/audit?to=${to}`);
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'application/jsonl; charset=utf-8']);
  assert.equal(answer.headers.get('x-next-cursor'), null);
  const all = lines(answer.text);
  assert.ok(all.every(({ tenant, at, kind }) => tenant === 'acme' && at && kind));
  const [settings, ...rest] = all;
  assert.deepEqual([settings.kind, settings.settings.logRetentionDays, settings.settings.activityRetentionDays, settings.to, settings.settings.tokens], ['settings', 90, 30, to, undefined]);
  const credentials = rest.filter(({ kind }) => kind === 'credential').map(({ operation, credential }) => [operation, credential.kind, credential.id, credential.name]);
  assert.deepEqual(credentials.toSorted(), [
    ['created', 'client', client.clientId, 'Entra'],
    ['created', 'client secret', client.secrets[0].id, 'Entra'],
    ['created', 'token', acme.tokenId, 'test'],
    ['created', 'token', second.id, 'second'],
    ['revoked', 'client secret', client.secrets[0].id, 'Entra'],
    ['revoked', 'token', second.id, 'second'],
  ].toSorted());
  const [change, refusal, ...more] = rest.filter(({ kind }) => !['credential', 'deed'].includes(kind));
  assert.deepEqual(more, []);
  assert.deepEqual([change.kind, change.operation, change.resource, change.actor], ['change', 'created', { type: 'User', id, name: 'ada' }, { id: acme.tokenId, name: 'test' }]);
  assert.deepEqual([refusal.kind, refusal.status, refusal.correlationId, refusal.actor.name], ['refusal', 409, refused.headers.get('x-correlation-id'), 'test']);
  for (const secret of [acme.token, second.token, client.clientSecret]) assert.ok(!answer.text.includes(secret));
  const deeds = rest.filter(({ kind }) => kind === 'deed');
  assert.deepEqual(deeds[0], { kind: 'deed', at: deeds[0].at, tenant: 'acme', by: 'administrator', operation: 'created', target: { kind: 'tenant', id: 'acme', name: 'acme' }, detail: null });
  assert.deepEqual(deeds.slice(1).map(({ operation, target }) => [operation, target.kind, target.id]), [
    ['created', 'token', acme.tokenId],
    ['created', 'client', client.clientId],
    ['created', 'client secret', client.secrets[0].id],
    ['revoked', 'client secret', client.secrets[0].id],
    ['created', 'token', second.id],
    ['revoked', 'token', second.id],
  ]);

  const early = await admin('GET', '/tenants/acme/audit?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z');
  assert.deepEqual(lines(early.text).map(({ kind }) => kind), ['settings']);

  await newTenant(worker, 'later').then(({ scimFetch }) => scimFetch('POST', '/Users', { userName: 'a' }));
  const trimmed = new Date(Date.now() + 100 * 86_400_000);
  await worker.scheduled(trimmed);
  const evidence = lines((await admin('GET', `/tenants/acme/audit?to=${new Date(+trimmed + 1_000).toISOString()}`)).text);
  const trimming = evidence.filter(({ kind }) => kind === 'trimming');
  assert.deepEqual(trimming, [{ kind: 'trimming', at: `${trimmed.toISOString().slice(0, 10)}T00:00:00.000Z`, logRows: 1, refusals: 1, counters: 2, tenant: 'acme' }]);
  assert.ok(!evidence.some(({ kind }) => kind === 'change'));
});

test('a long range comes in pages, the oldest first and each entry once, to the output or to a file', async () => {
  const command = tenantCommand(worker);
  try {
    await newTenant(worker, 'long');
    await worker.d1
      .prepare(
        `WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 899)
        INSERT INTO changes (tenant, at, resource_type, resource_id, version, change, actor, correlation_id)
        SELECT 'long', 1767225600000 + n * 3600000, 'User', 'u' || n, 1, '{"op":"created","resource":{"userName":"n"}}', 't', 'c' || n FROM n`,
      )
      .run();
    const output = await command.done('audit', 'long', '--from', '2026-01-02', '--to', '2026-02-01');
    const entries = lines(output).filter(({ kind }) => kind === 'change');
    assert.deepEqual(entries.map(({ correlationId }) => correlationId), Array.from({ length: 30 * 24 }, (_, n) => `c${n + 24}`));
    const file = join(command.folder, 'audit.jsonl');
    assert.equal(await command.done('audit', 'long', '--from', '2026-01-02', '--to', '2026-02-01', '--file', file), '');
    const changes = (text) => lines(text).filter(({ kind }) => kind === 'change');
    assert.deepEqual(changes(readFileSync(file, 'utf8')), entries);
    assert.match((await command.tenant(['audit', 'long', '--file', file])).output, /exists: name another file/);
  } finally {
    command.remove();
  }
});

test('each deed of the administration is recorded once, with what it changed, and a refused one is not', async () => {
  const { id, scimFetch } = await newTenant(worker, 'deeds');
  const user = (await scimFetch('POST', '/Users', { userName: 'ada' })).body.id;
  const ask = async (method, path, body, expected) => {
    const { status, text, body: answer } = await admin(method, `/tenants/${id}${path}`, body);
    assert.equal(status, expected, text);
    return answer;
  };
  await ask('PATCH', '', { maxUsers: 7, name: 'Deeds' }, 200);
  await ask('PATCH', '', { maxUsers: 7, dialect: 'strict' }, 200);
  await ask('PATCH', '', { enabled: false }, 200);
  await ask('PATCH', '', { enabled: false }, 200);
  await ask('PATCH', '', { enabled: true, maxUsers: null }, 200);
  const first = await ask('POST', '/tokens', { name: 'first' }, 201);
  const second = await ask('POST', `/tokens/${first.id}/rotate`, { overlapHours: 1 }, 201);
  const endpoint = await ask('POST', '/endpoints', { url: 'https://receiver.example.com/' }, 201);
  const of = `/endpoints/${endpoint.id}`;
  await ask('POST', `${of}/pause`, undefined, 200);
  await ask('POST', `${of}/resume`, undefined, 200);
  await ask('POST', `${of}/rotate`, {}, 201);
  await ask('POST', `${of}/replay`, { sequence: 0 }, 200);
  await ask('DELETE', of, undefined, 200);
  const link = await ask('POST', '/setup-links', { person: 'Ada' }, 201);
  await ask('DELETE', `/setup-links/${link.id}`, undefined, 200);
  await ask('GET', '/export', undefined, 200);
  assert.equal((await admin('POST', `/tenants/${id}/import`, '{"id":"eve","meta":{"resourceType":"User"},"userName":"eve"}')).status, 200);
  await ask('POST', '/erase', { user }, 200);
  // What is refused leaves no row.
  await ask('DELETE', '/tokens/none', undefined, 404);
  await ask('POST', '/tokens/none/rotate', {}, 404);
  await ask('POST', '/endpoints/none/pause', undefined, 404);
  await ask('DELETE', '/setup-links/none', undefined, 404);
  assert.equal((await admin('POST', '/tenants/none/tokens', {})).status, 404);
  assert.equal((await admin('POST', '/tenants', { id })).status, 409);
  const all = lines((await admin('GET', `/tenants/${id}/audit?to=${new Date(Date.now() + 1_000).toISOString()}`)).text);
  const deeds = all.filter(({ kind }) => kind === 'deed');
  assert.ok(deeds.every(({ by }) => by === 'administrator'));
  assert.deepEqual(deeds.map(({ operation, target, detail }) => [`${operation} ${target.kind}`, target.id, detail]), [
    ['created tenant', id, null],
    ['created token', deeds[1].target.id, null],
    ['changed settings', id, { name: { old: 'deeds', new: 'Deeds' }, maxUsers: { old: null, new: 7 } }],
    ['changed settings', id, { dialect: { old: 'tolerant', new: 'strict' } }],
    ['suspended tenant', id, null],
    ['resumed tenant', id, null],
    ['changed settings', id, { maxUsers: { old: 7, new: null } }],
    ['created token', first.id, null],
    ['created token', second.id, { replaces: first.id }],
    ['created endpoint', endpoint.id, null],
    ['paused endpoint', endpoint.id, null],
    ['resumed endpoint', endpoint.id, null],
    ['secret replaced endpoint', endpoint.id, null],
    ['replayed endpoint', endpoint.id, null],
    ['deleted endpoint', endpoint.id, null],
    ['created set-up link', link.id, null],
    ['revoked set-up link', link.id, null],
    ['exported directory', id, null],
    ['imported directory', id, { created: 1, present: 0 }],
    ['erased user', user, null],
  ]);
  assert.ok(!JSON.stringify(deeds).includes('ada'));
  for (const secret of [first.token, second.token, endpoint.secret, link.url]) assert.ok(!JSON.stringify(all).includes(secret));
});

test('deeds are kept for 400 days, and go with their tenant', async () => {
  const { id } = await newTenant(worker, 'kept');
  const count = async () => (await worker.d1.prepare('SELECT count(*) AS count FROM audit_log WHERE tenant = ?').bind(id).first()).count;
  const day = 86_400_000;
  await worker.d1.prepare("UPDATE audit_log SET at = ?2 WHERE tenant = ?1 AND kind = 'tenant'").bind(id, Date.now() - 400 * day - 60_000).run();
  await worker.d1.prepare("UPDATE audit_log SET at = ?2 WHERE tenant = ?1 AND kind = 'token'").bind(id, Date.now() - 400 * day + 60_000).run();
  assert.equal(await count(), 2);
  await worker.scheduled();
  assert.equal(await count(), 1);
  assert.equal((await admin('DELETE', `/tenants/${id}`)).status, 202);
  assert.equal(await count(), 0);
});
