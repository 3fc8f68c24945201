// The change log and the activity are kept for as long as a tenant's settings say, and trimmed by the cron trigger.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { patch, replace } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
serve((started) => {
  worker = started;
  admin = adminClient(worker);
}, withAdmin);

const day = 86_400_000;
/** Fires the cron trigger as if it were that many days later. */
const later = (days) => worker.scheduled(new Date(Date.now() + days * day));
const rows = async (table, tenant) => (await worker.d1.prepare(`SELECT count(*) AS n FROM ${table} WHERE tenant = ?1`).bind(tenant).first()).n;
const trimmed = async (tenant) => (await worker.d1.prepare('SELECT trimmed FROM logs WHERE tenant = ?1').bind(tenant).first())?.trimmed;

test('by default the log is kept for 90 days and the activity for 30', async () => {
  const { scimFetch } = await newTenant(worker, 'acme');
  const other = await newTenant(worker, 'other', { logRetentionDays: 400, activityRetentionDays: 400 });
  const { body } = await admin('GET', '/tenants/acme');
  assert.deepEqual([body.logRetentionDays, body.activityRetentionDays], [90, 30]);
  for (const send of [scimFetch, worker.scimFetch, other.scimFetch]) {
    const { id } = (await send('POST', '/Users', { userName: 'ada' })).body;
    await send('PATCH', `/Users/${id}`, patch(replace('title', 'x')));
    assert.equal((await send('POST', '/Users', { userName: 'ada' })).status, 409);
  }
  await later(29);
  assert.deepEqual([await rows('changes', 'acme'), await rows('refusals', 'acme'), await rows('counters', 'acme')], [2, 1, 3]);
  await later(31);
  assert.deepEqual([await rows('changes', 'acme'), await rows('refusals', 'acme'), await rows('counters', 'acme')], [2, 0, 0]);
  assert.deepEqual([await rows('refusals', 'default'), await rows('refusals', 'other')], [0, 1]);
  await later(89);
  assert.deepEqual([await rows('changes', 'acme'), await trimmed('acme')], [2, undefined]);
  await later(91);
  assert.deepEqual([await rows('changes', 'acme'), await trimmed('acme')], [0, 2]);
  assert.deepEqual([await rows('changes', 'default'), await trimmed('default')], [0, 4]);
  assert.deepEqual([await rows('changes', 'other'), await trimmed('other')], [2, undefined]);
  await later(500);
  assert.deepEqual([await rows('changes', 'other'), await trimmed('other')], [1, 5], 'the last of all tenants stays');
  const { scimFetch: again } = other;
  await again('POST', '/Users', { userName: 'bob' });
  const { seq } = await worker.d1.prepare('SELECT max(seq) AS seq FROM changes').first();
  assert.equal(seq, 7, 'no number is used twice');
});

test('each tenant and `default` have settings of their own, by request and by command', async () => {
  const command = tenantCommand(worker);
  try {
    await command.done('create', 'own', '--log-days', '7', '--activity-days', '3');
    assert.match(await command.done('show', 'own'), /log retention 7 days, of activity 3 days/);
    assert.match(await command.done('set', 'own', '--activity-days', '9'), /log retention 7 days, of activity 9 days/);
    assert.match(await command.done('set', 'own', '--log-days', '8'), /log retention 8 days, of activity 9 days/);
    assert.match(await command.done('show', 'default'), /log retention 90 days, of activity 30 days/);
    assert.match(await command.done('set', 'default', '--log-days', '5', '--activity-days', '2'), /log retention 5 days, of activity 2 days/);
    const nothing = await admin('PATCH', '/tenants/default', {});
    assert.deepEqual([nothing.status, nothing.body.logRetentionDays, nothing.body.activityRetentionDays], [200, 5, 2]);
    assert.match((await command.tenant(['set', 'own', '--activity-days', '0'])).output, /`--activity-days` is not an integer from 1 to 3650 \(400\)/);
    assert.match((await command.tenant(['set', 'own', '--activity-days', 'x'])).output, /--activity-days must be a whole number of days, but is `x`/);
    await worker.scimFetch('POST', '/Users', { userName: 'later' });
    await worker.scimFetch('POST', '/Users', { userName: 'later' });
    await worker.scheduled();
    const before = await rows('changes', 'default');
    await newTenant(worker, 'last').then(({ scimFetch }) => scimFetch('POST', '/Users', { userName: 'a' }));
    await later(3);
    assert.deepEqual([await rows('changes', 'default'), await rows('refusals', 'default')], [before, 0]);
    await later(6);
    assert.equal(await rows('changes', 'default'), 0);
  } finally {
    command.remove();
  }
});

test('a database that does not answer stops trimming, and the next minute goes on', async () => {
  await worker.d1.exec('ALTER TABLE progress RENAME TO progress_gone');
  await later(500);
  assert.ok(worker.logs.some(({ message }) => message.includes('trimming stopped, and goes on in a minute: the database failed')));
  await worker.d1.exec('ALTER TABLE progress_gone RENAME TO progress');
  await later(500);
});
