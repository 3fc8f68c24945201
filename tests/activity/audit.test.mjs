// Evidence for an auditor: JSON lines of what happened in a range of times.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { startWorker } from '../harness/index.mjs';

let worker;
let admin;
before(async () => {
  worker = await startWorker(withAdmin);
  admin = adminClient(worker);
});
after(() => worker?.stop());

const lines = (text) => text.trim().split('\n').map((line) => JSON.parse(line));

test('changes, refusals, credentials, settings and trimming are told with who did it', async () => {
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
  const [change, refusal, ...more] = rest.filter(({ kind }) => kind !== 'credential');
  assert.deepEqual(more, []);
  assert.deepEqual([change.kind, change.operation, change.resource, change.actor], ['change', 'created', { type: 'User', id, name: 'ada' }, { id: acme.tokenId, name: 'test' }]);
  assert.deepEqual([refusal.kind, refusal.status, refusal.correlationId, refusal.actor.name], ['refusal', 409, refused.headers.get('x-correlation-id'), 'test']);
  for (const secret of [acme.token, second.token, client.clientSecret]) assert.ok(!answer.text.includes(secret));

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
