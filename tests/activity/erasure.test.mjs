// Erasing a person: an explicit act, after which nothing in the database names the person, and the log says that it happened.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { dump } from '../harness/dump.mjs';
import { add, patch, query, replace, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
serve((started) => {
  worker = started;
  admin = adminClient(worker);
}, withAdmin);

const names = async () => JSON.stringify(await dump(worker.d1, { activity: true })).match(/lovelace/gi)?.length ?? 0;
const changes = async (id) => (await worker.d1.prepare('SELECT * FROM changes WHERE resource_id = ?1 ORDER BY seq').bind(id).all()).results.map((row) => ({ ...row, change: JSON.parse(row.change) }));

/** Creates a person, and leaves traces of it everywhere. */
async function traces({ scimFetch }) {
  const ada = await scimFetch('POST', '/Users', {
    ...{ userName: 'ada@lovelace.example', displayName: 'Ada Lovelace', externalId: 'lovelace-1', password: 'lovelace' },
    ...{ name: { familyName: 'Lovelace' }, emails: [{ value: 'ada@lovelace.example', type: 'work' }], [urn.enterprise]: { department: 'Lovelace' } },
  });
  const { id } = ada.body;
  await scimFetch('PATCH', `/Users/${id}`, patch(replace('userName', 'countess@lovelace.example'), add('nickName', 'Lovelace')));
  await scimFetch('PATCH', `/Users/${id}`, patch(replace('active', false)));
  await scimFetch('PATCH', `/Users/${id}`, patch(replace('active', 'Lovelace')));
  await scimFetch('POST', '/Users', { userName: 'countess@lovelace.example' });
  await scimFetch('GET', query('/Users', 'userName like "lovelace"'));
  await scimFetch('GET', '/Users/ada@lovelace.example');
  await scimFetch('POST', '/Users', { userName: 'bob', [urn.enterprise]: { manager: { value: id, displayName: 'Ada Lovelace' } } });
  const group = await scimFetch('POST', '/Groups', { displayName: 'Engines', members: [{ value: id, display: 'Ada Lovelace' }] });
  await worker.scheduled();
  return { id, group: group.body.id };
}

test('one person is erased from directory, log and activity, and the log keeps that it happened', async () => {
  const acme = await newTenant(worker, 'acme');
  const { id, group } = await traces(acme);
  assert.ok((await names()) > 10);
  const erased = await admin('POST', '/tenants/acme/erase', { user: id });
  assert.deepEqual([erased.status, erased.body], [200, { done: true, next: null, wasDeleted: true, logRows: 4 }]);
  await worker.scheduled();
  assert.equal(await names(), 0);
  assert.equal((await acme.scimFetch('GET', `/Users/${id}`)).status, 404);
  assert.deepEqual((await acme.scimFetch('GET', `/Groups/${group}`)).body.members, []);
  const log = await changes(id);
  assert.deepEqual(log.map(({ change, version }) => [change.op, version]), [['created', 1], ['updated', 2], ['updated', 3], ['deleted', 4], ['erased', 5]]);
  assert.deepEqual(log.at(-1).change.resource, { userName: null, displayName: null, externalId: null, active: null });
  assert.deepEqual([log.at(-1).actor, log.at(-1).correlation_id], ['administrator', erased.headers.get('x-correlation-id')]);
  assert.deepEqual(log[2].change.changes, [{ path: 'active', old: true, new: false }]);

  const again = await admin('POST', '/tenants/acme/erase', { user: id });
  assert.deepEqual([again.status, again.body], [200, { done: true, next: null, wasDeleted: false, logRows: 0 }]);
  assert.equal((await changes(id)).length, 5);
  const { entries } = (await admin('GET', `/tenants/acme/activity?outcome=changed&resource=${id}`)).body;
  assert.deepEqual([entries[0].kind, entries[0].operation], ['change', 'erased']);
  assert.ok(entries.every(({ resource }) => resource.name === undefined));
});

test('a user who was deleted long ago is erased by the command, and no other user is touched', async () => {
  const command = tenantCommand(worker);
  try {
    const old = await newTenant(worker, 'old');
    const { id } = await traces(old);
    await old.scimFetch('DELETE', `/Users/${id}`);
    await worker.scheduled();
    const others = async () => (await worker.d1.prepare("SELECT * FROM changes WHERE tenant <> 'old'").all()).results;
    const before = await others();
    assert.match((await command.tenant(['erase', 'old', '--user', id])).output, /deletes the user \S+ of old, and what the log knows of the person: add --yes/);
    assert.match((await command.tenant(['erase', 'old'])).output, /`erase` needs --user <id>/);
    assert.ok((await names()) > 0);
    const output = await command.done('erase', 'old', '--user', id, '--yes');
    assert.match(output, new RegExp(`^the user ${id} of old was not in the directory any more; 4 rows of the log no longer name the person\n`));
    assert.equal(await names(), 0);
    assert.deepEqual(await others(), before);
    assert.match((await command.tenant(['erase', 'old', '--user', 'none', '--yes'])).output, /nothing is known about a user `none` \(404\)/);
  } finally {
    command.remove();
  }
});

test('a long history takes several requests', async () => {
  const { scimFetch } = await newTenant(worker, 'long');
  const { id } = (await scimFetch('POST', '/Users', { userName: 'ada@lovelace.example' })).body;
  await worker.d1
    .prepare(
      `WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < 2500)
      INSERT INTO changes (tenant, at, resource_type, resource_id, version, change, actor, correlation_id)
      SELECT 'long', 0, 'User', ?1, n, '{"op":"updated","resource":{"userName":"lovelace","active":true}}', 't', 'r' FROM n`,
    )
    .bind(id)
    .run();
  const first = await admin('POST', '/tenants/long/erase', { user: id });
  assert.deepEqual([first.status, first.body.done, first.body.logRows], [202, false, 2_000]);
  const second = await admin('POST', '/tenants/long/erase', { user: id, after: first.body.next });
  assert.deepEqual([second.status, second.body], [200, { done: true, next: null, wasDeleted: false, logRows: 501 }]);
  assert.equal(await names(), 0);
});

test('the copy in KV names an erased person no more, although the log was blanked before it was read', async () => {
  const tenant = await newTenant(worker, 'edge');
  assert.equal((await admin('PATCH', '/tenants/edge', { edge: true })).status, 200);
  const { id } = (await tenant.scimFetch('POST', '/Users', { userName: 'ada@lovelace.example', externalId: 'lovelace-9', displayName: 'Ada Lovelace' })).body;
  const stored = async () => {
    await worker.scheduled();
    const { keys } = await worker.kv.list({ prefix: 'v1:edge:' });
    return Promise.all(keys.map(({ name }) => worker.kv.get(name)));
  };
  const until = async (isSo) => {
    for (let tries = 0; tries < 50; tries += 1) {
      const values = await stored();
      if (isSo(values.join('\n'))) return values;
    }
    throw new Error('the copy did not follow');
  };
  assert.equal((await until((text) => text.includes('Lovelace'))).filter((value) => value.includes('Lovelace')).length, 3);
  assert.equal((await admin('POST', '/tenants/edge/erase', { user: id })).status, 200);
  const values = await until((text) => !/lovelace/i.test(text));
  assert.equal(values.filter((value) => JSON.parse(value).deleted).length, 3, 'its id, its name and its external id');
  assert.equal(await names(), 0);
});

for (const [body, status, detail] of [
  [{}, 400, '`user` is missing: the id of the user'],
  [{ user: 'x', after: -1 }, 400, '`after` is not an integer from 0 to 4503599627370496'],
  [{ users: 'x' }, 400, '`users` is not known here; known are user, after'],
  [{ user: 'x' }, 404, 'nothing is known about a user `x`'],
]) {
  test(`erasing ${JSON.stringify(body)} is refused by name`, async () => {
    const answer = await admin('POST', '/tenants/default/erase', body);
    assert.deepEqual([answer.status, answer.body], [status, { status, detail }]);
  });
}
