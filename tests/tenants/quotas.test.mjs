// How much a tenant may hold, over HTTP: refusals that an identity provider tries again, many requests for the last
// place at once, settings by the administration and at the command line, and the line in the log. What each kind of
// write counts is tested natively (crates/directory/tests/directory/quotas.rs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { lineOf } from '../harness/log.mjs';
import { add, bulk, contentType, patch, remove, replace, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
let command;
serve((started) => {
  worker = started;
  admin = adminClient(worker);
  command = tenantCommand(worker);
}, withAdmin, () => command?.remove());

const create = (path, bulkId, data) => ({ method: 'POST', path, bulkId, data });
const members = (...ids) => ids.map((value) => ({ value }));
const detail = (quota) => `this would be more than the tenant's quota of ${quota}`;
const refusal = (quota) => ({ schemas: [urn.error], status: '400', scimType: 'tooMany', detail: detail(quota) });

function assertBeyond(answer, quota) {
  assert.equal(answer.status, 400, answer.text);
  assert.deepEqual(answer.body, refusal(quota));
  assert.equal(answer.headers.get('content-type'), contentType);
  assert.equal(answer.headers.get('retry-after'), null);
}

const limit = async (tenant, settings) => {
  const answer = await admin('PATCH', `/tenants/${tenant}`, settings);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
};

async function id(answer) {
  const { status, body, text } = await answer;
  assert.equal(status, 201, text);
  return body.id;
}

/** Compares what the administration shows with the rows. */
async function assertCounted(tenant) {
  const { body } = await admin('GET', `/tenants/${tenant}`);
  const sql = `SELECT (SELECT count(*) FROM resources WHERE tenant = ?1 AND type = 'User') AS users,
    (SELECT count(*) FROM resources WHERE tenant = ?1 AND type = 'Group') AS groups,
    (SELECT count(*) FROM memberships WHERE tenant = ?1) AS memberships,
    (SELECT coalesce(sum(octet_length(document) + octet_length(search)), 0) FROM resources WHERE tenant = ?1) AS bytes`;
  const counted = await worker.d1.prepare(sql).bind(tenant).first();
  const { users, groups, memberships, bytes } = body;
  assert.deepEqual({ users, groups, memberships, bytes }, counted);
  return counted;
}

test('of many requests at once, as many succeed as there are places', async () => {
  const { scimFetch } = await newTenant(worker, 'race');
  await limit('race', { maxUsers: 5, maxMemberships: 4 });
  const posts = await Promise.all(Array.from({ length: 12 }, (_, n) => scimFetch('POST', '/Users', { userName: `u${n}` })));
  const taken = posts.filter(({ status }) => status === 201).map(({ body }) => body.id);
  assert.equal(taken.length, 5);
  posts.filter(({ status }) => status !== 201).forEach((answer) => assertBeyond(answer, '5 users'));
  const groups = await Promise.all(['a', 'b'].map((displayName) => id(scimFetch('POST', '/Groups', { displayName }))));
  const adds = groups.flatMap((group) => taken.map((user) => scimFetch('PATCH', `/Groups/${group}`, patch(add('members', members(user))))));
  const answers = await Promise.all(adds);
  assert.equal(answers.filter(({ status }) => status === 204).length, 4);
  answers.filter(({ status }) => status !== 204).forEach((answer) => assertBeyond(answer, '4 memberships'));
  assert.equal((await assertCounted('race')).memberships, 4);
});

test('every kind of write stops at its quota, and the log names it', async () => {
  const { scimFetch } = await newTenant(worker, 'edge');
  const users = [];
  for (const userName of ['a', 'b', 'c']) users.push(await id(scimFetch('POST', '/Users', { userName, title: 'x'.repeat(200) })));
  const group = await id(scimFetch('POST', '/Groups', { displayName: 'g', members: members(users[0]) }));
  const { bytes } = await assertCounted('edge');
  await limit('edge', { maxUsers: 3, maxGroups: 1, maxMemberships: 2, maxBytes: bytes });
  const larger = { userName: 'a', title: 'x'.repeat(300) };
  for (const [quota, method, path, body] of [
    ['3 users', 'POST', '/Users', { userName: 'd' }],
    ['1 groups', 'POST', '/Groups', { displayName: 'h' }],
    ['2 memberships', 'PATCH', `/Groups/${group}`, patch(add('members', members(users[1], users[2])))],
    ['2 memberships', 'PUT', `/Groups/${group}`, { displayName: 'g', members: members(...users) }],
    [`${bytes} bytes`, 'PATCH', `/Users/${users[0]}`, patch(replace('title', larger.title))],
    [`${bytes} bytes`, 'PUT', `/Users/${users[0]}`, larger],
  ]) {
    const answer = await scimFetch(method, path, body);
    assertBeyond(answer, quota);
    const { status, scimType, limited } = await lineOf(worker, answer);
    assert.deepEqual({ status, scimType, limited }, { status: 400, scimType: 'tooMany', limited: `quota ${quota.split(' ')[1]}` });
  }
  assert.equal((await scimFetch('POST', '/Users', { userName: 'A' })).status, 409);
  assert.equal((await scimFetch('PATCH', `/Groups/${group}`, patch(add('members', members(users[0], users[1]))))).status, 204);
  await assertCounted('edge');
});

test('a bulk does what fits, refuses the others, and is found in the log', async () => {
  const { scimFetch } = await newTenant(worker, 'bulky');
  await limit('bulky', { maxUsers: 2, maxGroups: 1, maxMemberships: 1 });
  const users = ['a', 'b', 'c'].map((userName) => create('/Users', userName, { userName }));
  const answer = await scimFetch('POST', '/Bulk', bulk([...users, create('/Groups', 'g', { displayName: 'g', members: members('bulkId:a') }), create('/Groups', 'h', { displayName: 'h' })]));
  assert.deepEqual(answer.body.Operations.map(({ status }) => status), ['201', '201', '400', '201', '400']);
  assert.deepEqual(answer.body.Operations[2].response, refusal('2 users'));
  assert.deepEqual(answer.body.Operations[4].response, refusal('1 groups'));
  const { status, limited } = await lineOf(worker, answer);
  assert.deepEqual({ status, limited }, { status: 200, limited: 'quota groups' });
  await assertCounted('bulky');
});

test('beyond all quotas a user is disabled, a member removed, and everything deleted', async () => {
  const { scimFetch } = await newTenant(worker, 'frozen');
  const user = await id(scimFetch('POST', '/Users', { userName: 'a' }));
  const group = await id(scimFetch('POST', '/Groups', { displayName: 'g', members: members(user) }));
  await limit('frozen', { maxUsers: 0, maxGroups: 0, maxMemberships: 0, maxBytes: 0 });
  for (const active of ['False', 'True']) {
    const answer = await scimFetch('PATCH', `/Users/${user}`, patch(replace('active', active)));
    assert.deepEqual([answer.status, answer.body.active], [200, active === 'True']);
  }
  assert.equal((await scimFetch('PUT', `/Users/${user}`, { userName: 'a', active: false })).status, 200);
  assert.equal((await scimFetch('PATCH', `/Groups/${group}`, patch(remove('members', members(user))))).status, 204);
  const answer = await scimFetch('POST', '/Bulk', bulk([{ method: 'DELETE', path: `/Groups/${group}` }]));
  assert.equal(answer.body.Operations[0].status, '204');
  assert.equal((await scimFetch('DELETE', `/Users/${user}`)).status, 204);
  assert.deepEqual(await assertCounted('frozen'), { users: 0, groups: 0, memberships: 0, bytes: 0 });
});

test('an import names the lines that a quota refuses', async () => {
  await newTenant(worker, 'imported');
  await limit('imported', { maxUsers: 2, maxMemberships: 1 });
  const user = (id) => ({ id, userName: id, meta: { resourceType: 'User' } });
  const lines = [user('u1'), user('u2'), user('u3'), { id: 'g1', displayName: 'g1', members: members('u1', 'u2'), meta: { resourceType: 'Group' } }];
  const answer = await admin('POST', '/tenants/imported/import', lines.map((each) => JSON.stringify(each)).join('\n'));
  assert.deepEqual(answer.body, { created: 3, present: 0, incomplete: [], refused: [
    { line: 3, detail: detail('2 users') },
    { line: 4, detail: detail('1 memberships') },
  ] });
  assert.equal((await lineOf(worker, answer)).limited, 'quota memberships');
  await assertCounted('imported');
});

const defaults = { maxUsers: 1_000_000, maxGroups: 200_000, maxMemberships: 6_000_000, maxBytes: 3_000_000_000 };

test('quotas are set, shown and taken back by the administration', async () => {
  await newTenant(worker, 'set');
  const quotas = async () => {
    const { body } = await admin('GET', '/tenants/set');
    const shown = Object.fromEntries(Object.keys(defaults).map((name) => [name, body[name]]));
    return [shown, body.defaults];
  };
  assert.deepEqual(await quotas(), [defaults, Object.keys(defaults)]);
  await limit('set', { maxUsers: 7, name: 'Set' });
  await limit('set', { maxBytes: 8 });
  assert.deepEqual(await quotas(), [{ ...defaults, maxUsers: 7, maxBytes: 8 }, ['maxGroups', 'maxMemberships']]);
  await limit('set', { maxUsers: null, maxBytes: null });
  assert.deepEqual(await quotas(), [defaults, Object.keys(defaults)]);
  assert.equal(await worker.d1.prepare("SELECT count(*) AS n FROM quotas WHERE tenant = 'set'").first('n'), 0);
  for (const [body, text] of [
    [{ maxUsers: -1 }, '`maxUsers` is not an integer from 0 to 1125899906842624'],
    [{ maxUsers: '7' }, '`maxUsers` is not an integer from 0 to 1125899906842624'],
    [{ maxUser: 7 }, '`maxUser` is not known here; known are name, enabled, dialect, residency, logRetentionDays, activityRetentionDays, edge, massDeprovisioning, maxUsers, maxGroups, maxMemberships, maxBytes'],
  ]) {
    const answer = await admin('PATCH', '/tenants/set', body);
    assert.deepEqual([answer.status, answer.body], [400, { status: 400, detail: text }]);
  }
  assert.equal((await admin('PATCH', '/tenants/nobody', { maxUsers: 7 })).status, 404);
  assert.equal(await worker.d1.prepare('SELECT count(*) AS n FROM quotas WHERE tenant = ?').bind('nobody').first('n'), 0);
});

test('the default tenant has quotas and retention, and no other setting', async () => {
  const shown = await limit('default', { maxUsers: 1 });
  assert.deepEqual(shown, {
    ...{ id: 'default', tenantUrl: worker.scim, logRetentionDays: 90, activityRetentionDays: 30, users: 0, groups: 0, memberships: 0, bytes: 0 },
    ...{ ...defaults, maxUsers: 1, defaults: ['maxGroups', 'maxMemberships', 'maxBytes'], edge: { on: false, state: 'off' }, massDeprovisioning: null },
  });
  await id(worker.scimFetch('POST', '/Users', { userName: 'a' }));
  assertBeyond(await worker.scimFetch('POST', '/Users', { userName: 'b' }), '1 users');
  assert.equal((await admin('PATCH', '/tenants/default', { name: 'x' })).status, 400);
  await limit('default', { maxUsers: null });
  assert.equal((await admin('GET', '/tenants/default')).body.maxUsers, 1_000_000);
  await id(worker.scimFetch('POST', '/Users', { userName: 'b' }));
});

test('a recount mends totals that another program has left wrong', async () => {
  const { scimFetch } = await newTenant(worker, 'mended');
  const group = await id(scimFetch('POST', '/Groups', { displayName: 'g' }));
  await worker.d1.prepare("INSERT INTO memberships VALUES ('mended', ?, 'x', 'User')").bind(group).run();
  assert.equal((await admin('POST', '/tenants/mended/recount')).body.memberships, 1);
  await assertCounted('mended');
  assert.equal((await admin('POST', '/tenants/default/recount')).status, 200);
  assert.equal((await admin('POST', '/tenants/nobody/recount')).status, 404);
});

test('the command sets quotas and shows what is used of them', { timeout: 60_000 }, async () => {
  const { scimFetch } = await newTenant(worker, 'told');
  await id(scimFetch('POST', '/Users', { userName: 'a' }));
  const output = await command.done('set', 'told', '--max-users', '50000', '--max-memberships', '70');
  assert.match(output, /^ {2}users +1 of 50000\n {2}groups +0 of 200000 \(default\)\n {2}memberships +0 of 70\n {2}bytes +\d+ of 3000000000 \(default\)$/m);
  assert.match(await command.done('set', 'told', '--max-users', 'default'), /^ {2}users +1 of 1000000 \(default\)$/m);
  assert.match(await command.done('set', 'default', '--max-groups', '9'), /^default\n {2}Tenant URL +\S+\n {2}users .*\n {2}groups +0 of 9$/m);
  assert.match(await command.done('show', 'default'), /^ {2}groups +0 of 9$/m);
  assert.match(await command.done('recount', 'told'), /^told is counted anew\n {2}users +1 of 1000000/m);
  for (const [args, text] of [
    [['set', 'told', '--max-users', 'many'], /--max-users must be a number or `default`, but is `many`/],
    [['set', 'default', '--dialect', 'strict'], /of `default` only retention, quotas, --edge and --mass-deprovisioning can be set/],
  ]) {
    const { code, output } = await command.tenant(args);
    assert.equal(code, 1);
    assert.match(output, text);
  }
  await command.done('set', 'default', '--max-groups', 'default');
});
