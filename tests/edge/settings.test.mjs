// Switching the edge copy on and off, residency, rebuilding, and removal with the tenant.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { assertCopied, copyOf, rowOf, settled, sha256, switchOn } from '../harness/edge.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
let command;
serve((started) => {
  worker = started;
  admin = adminClient(worker);
  command = tenantCommand(worker);
}, withAdmin, () => command?.remove());

const keys = async (tenant) => (await worker.kv.list({ prefix: `v1:${tenant}:` })).keys.length;
const longAgo = (tenant) => worker.d1.prepare('UPDATE edge SET written = written - 100000 WHERE tenant = ?').bind(tenant).run();

async function filled(id, users = 3) {
  const tenant = await newTenant(worker, id);
  for (let n = 0; n < users; n += 1) await tenant.scimFetch('POST', '/Users', { userName: `u${n}@x.example`, externalId: `e${n}` });
  return tenant;
}

test('a tenant has no edge copy by default, and its changes write nothing into Workers KV', async () => {
  await filled('none');
  await worker.scheduled();
  assert.deepEqual([await keys('none'), await rowOf(worker, 'none')], [0, null]);
  assert.deepEqual((await admin('GET', '/tenants/none')).body.edge, { on: false, state: 'off' });
});

test('switched off, the copy is removed, and the row goes when Workers KV has settled', async () => {
  await filled('off');
  await switchOn(worker, 'off');
  assert.ok((await keys('off')) >= 9);
  const { body } = await admin('GET', '/tenants/off/edge');
  assert.deepEqual({ ...body, sequence: 0, caughtUp: '' }, { on: true, state: 'following', sequence: 0, behind: 0, caughtUp: '' });
  await admin('PATCH', '/tenants/off', { edge: false });
  for (let n = 0; n < 100 && (await keys('off')); n += 1) await worker.scheduled();
  assert.equal(await keys('off'), 0);
  assert.deepEqual((await admin('POST', '/tenants/off/edge')).body.state, 'removing', 'a list of keys may be a minute old');
  await longAgo('off');
  assert.deepEqual((await admin('POST', '/tenants/off/edge')).body, { on: false, state: 'off' });
});

test('switched on again while it is being removed, it is removed and filled', async () => {
  const tenant = await filled('again');
  await switchOn(worker, 'again');
  await admin('PATCH', '/tenants/again', { edge: false });
  await admin('PATCH', '/tenants/again', { edge: true });
  await tenant.scimFetch('POST', '/Users', { userName: 'later@x.example' });
  for (let n = 0; n < 5; n += 1) {
    await worker.scheduled();
    await longAgo('again');
  }
  await settled(worker, 'again');
  await assertCopied(worker, 'again');
  assert.ok((await keys('again')) > 0);
});

test('a tenant with a residency has no edge copy, and one with a copy no residency', async () => {
  await filled('eu');
  const detail = 'the data of the tenant must stay in `eu`, and the edge copy is in Workers KV, which keeps data everywhere: a tenant has one or the other';
  assert.equal((await admin('PATCH', '/tenants/eu', { residency: 'eu' })).body.residency, 'eu');
  const refused = await admin('PATCH', '/tenants/eu', { edge: true, name: 'x' });
  assert.deepEqual([refused.status, refused.body], [409, { status: 409, detail }]);
  assert.deepEqual([(await admin('GET', '/tenants/eu')).body.name, await rowOf(worker, 'eu')], ['eu', null]);
  assert.equal((await admin('PATCH', '/tenants/eu', { edge: true, residency: null })).status, 200);
  assert.equal((await admin('PATCH', '/tenants/eu', { residency: 'eu' })).body.detail, detail);
  const both = await admin('PATCH', '/tenants/eu', { residency: 'eu', edge: false });
  assert.deepEqual([both.status, both.body.residency], [200, 'eu']);
  assert.equal((await admin('GET', '/tenants/eu')).body.edge.on, false);
  const bad = await admin('PATCH', '/tenants/eu', { residency: 'EU' });
  assert.deepEqual([bad.status, bad.body.detail], [400, '`residency` is one of eu, us, fedramp, or null']);
});

test('a rebuild writes what is missing, replaces what is wrong, and marks what should not be there', async () => {
  const { scimFetch } = await filled('rebuilt');
  await switchOn(worker, 'rebuilt');
  const { body } = await scimFetch('GET', '/Users?filter=userName eq "u0@x.example"');
  const { id } = body.Resources[0];
  await worker.kv.delete(`v1:rebuilt:u:${id}`);
  // Of a database that was set back to an earlier time: sequences that the log has not reached, and people who are not there.
  const value = { seq: 10 ** 9, id: 'ghost', active: true, userName: 'ghost', externalId: null, displayName: null, groups: [], roles: [] };
  for (const key of ['u:ghost', `n:${sha256('ghost')}`, `n:${sha256('u1@x.example')}`]) {
    await worker.kv.put(`v1:rebuilt:${key}`, JSON.stringify(value), { metadata: { seq: value.seq } });
  }
  await worker.kv.put('v1:rebuilt:junk', 'x');
  const { code, output } = await command.npmRun('edge', 'rebuild', 'rebuilt');
  assert.equal(code, 0, output);
  assert.match(output, /edge copy {5}following, up to sequence \d+, last complete/);
  await assertCopied(worker, 'rebuilt');
  assert.equal((await admin('POST', '/tenants/none/edge/rebuild')).body.detail, 'the tenant `none` has no edge copy');
  assert.equal((await admin('POST', '/tenants/nobody/edge/rebuild')).status, 404);
});

test('the commands switch it on and off and say how far it is', async () => {
  await filled('words');
  const on = await command.done('set', 'words', '--edge', 'on');
  assert.match(on, /npm run edge -- rebuild words[\s\S]*edge copy {5}(filling|following)/);
  const shown = await command.npmRun('edge', 'show', 'words');
  assert.match(shown.output, /edge copy {5}(filling|following), up to sequence \d+/);
  assert.match(await command.done('set', 'words', '--edge', 'off', '--residency', 'us'), /residency {5}us/);
  assert.match(await command.done('set', 'words', '--residency', 'none'), /residency {5}anywhere/);
  for (const [args, message] of [
    [['set', 'words', '--edge', 'yes'], /--edge must be `on` or `off`, but is `yes`/],
    [['set', 'words', '--residency', 'mars'], /one of eu, us, fedramp/],
  ]) {
    const { code, output } = await command.tenant(args);
    assert.deepEqual([code === 0, message.test(output)], [false, true], output);
  }
  assert.match(await command.done('set', 'default', '--edge', 'on'), /edge copy {5}/);
});

test('with a tenant its copy is removed, before its name is free again', async () => {
  await filled('removed');
  await switchOn(worker, 'removed');
  assert.ok((await keys('removed')) >= 9);
  let answer;
  for (let n = 0; n < 20 && (await keys('removed')); n += 1) answer = await admin('DELETE', '/tenants/removed');
  assert.deepEqual([await keys('removed'), answer.status], [0, 202]);
  await worker.d1.prepare("UPDATE tenants SET suspended = suspended - 100000 WHERE id = 'removed'").run();
  const waiting = await admin('DELETE', '/tenants/removed');
  assert.equal(waiting.status, 202, 'a list of keys may be a minute old');
  assert.ok(Number(waiting.headers.get('retry-after')) > 30);
  await longAgo('removed');
  for (let n = 0; n < 3 && answer.status !== 204; n += 1) answer = await admin('DELETE', '/tenants/removed');
  assert.equal(answer.status, 204);
  assert.deepEqual([await rowOf(worker, 'removed'), await copyOf(worker, 'removed')], [null, {}]);
});
