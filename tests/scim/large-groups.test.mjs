// Groups with more members, and users in more groups, than are read at once: the answer is complete all the same,
// since it continues while the client reads it. An answer that cannot continue is broken off, so that the client does
// not take a part for the whole.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFaultyD1 } from '../harness/faulty-d1.mjs';
import { add, assertAnswer, assertResource, patch, query, remove } from '../harness/scim.mjs';
import { groupId, seedGroup, seedUsers, userId } from '../harness/seed.mjs';
import { serve } from '../harness/serve.mjs';
import { times } from '../harness/shapes.mjs';

const members = 23_001;
const groups = 10_500;

let database;
let worker;
let ask;

async function options() {
  database = await startFaultyD1();
  return { database };
}

serve(async (started) => {
  worker = started;
  ask = worker.scimFetch;
  await seedUsers(worker.d1, members);
  await seedGroup(worker.d1, 1, 1, members);
}, options, () => database?.stop());

const numbered = (count, one) => times(count, (n) => one(n + 1));
const member = (n) => ({ value: userId(n), $ref: `${worker.scim}/Users/${userId(n)}`, type: 'User', display: `user ${n}` });
const group = `/Groups/${groupId(1)}`;
const whole = () => ({
  type: 'Group', base: worker.scim, id: groupId(1), displayName: 'group 1', externalId: 'gext-1', members: numbered(members, member),
});

test('a group with more members than are read at once shows each of them once, in one valid answer', async () => {
  const answer = await ask('GET', group);
  assertResource(answer, whole());
  assert.equal(answer.headers.get('content-length'), null);
});

test('the requested sub-attributes are shown of all members', async () => {
  for (const [projection, one] of [
    ['attributes=members.value', (n) => ({ value: userId(n) })],
    ['attributes=members.display', (n) => ({ display: `user ${n}` })],
    ['attributes=members', member],
    ['excludedAttributes=members.$ref,members.type', (n) => ({ value: userId(n), display: `user ${n}` })],
  ]) {
    const { body, text } = await ask('GET', `${group}?${projection}`);
    assert.deepEqual(body?.members, numbered(members, one), `${projection}: ${text.slice(0, 300)}`);
  }
  for (const projection of ['excludedAttributes=members', 'attributes=displayName', 'attributes=members.none']) {
    const { status, body } = await ask('GET', `${group}?${projection}`);
    assert.deepEqual([status, body.members], [200, undefined], projection);
  }
});

test('HEAD, and a version that is known, read nothing more', async () => {
  database.fail('says', 'nothing', { times: 0 });
  const head = await ask('HEAD', group);
  assert.deepEqual([head.status, head.text, database.recover()], [200, '', 1]);
  database.fail('says', 'nothing', { times: 0 });
  const known = await ask('GET', group, undefined, { headers: { 'if-none-match': head.headers.get('etag') } });
  assert.deepEqual([known.status, known.text, database.recover()], [304, '', 1]);
});

test('answers to PUT and PATCH go on as well', async () => {
  const one = remove('members', [{ value: userId(members) }]);
  const patched = await ask('PATCH', `${group}?attributes=members.value`, patch(one));
  assert.equal(patched.status, 200, patched.text.slice(0, 300));
  assert.deepEqual(patched.body.members, numbered(members - 1, (n) => ({ value: userId(n) })));
  const put = await ask('PUT', group, { displayName: 'group 1', externalId: 'gext-1', members: numbered(20_500, (n) => userId(n)) });
  assertResource(put, { ...whole(), members: numbered(20_500, member) });
  const back = numbered(members - 20_500, (n) => userId(20_500 + n));
  assertAnswer(await ask('PATCH', group, patch(add('members', back))), 204);
  assertResource(await ask('GET', group), whole());
});

test('a list that ends with such a group goes on as well', async () => {
  const answer = await ask('GET', query('/Groups', 'displayName eq "group 1"'));
  assert.equal(answer.status, 200, answer.text.slice(0, 300));
  const { Resources, ...list } = answer.body;
  assert.deepEqual([list.totalResults, list.itemsPerPage, Resources.length], [1, 1, 1]);
  assert.deepEqual(Resources[0].members, numbered(members, member));
});

test('a user in more groups than are read at once shows each of them once', async () => {
  await worker.d1.prepare(`WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${groups})
    INSERT INTO resources (tenant, type, id, version, revision, created, last_modified, unique_key, display_key, external_id, document, search)
    SELECT 'default', 'Group', printf('many-%05d', n), 1, 'seed', 0, 0, 'many ' || n, NULL, NULL, json_object('displayName', 'many ' || n), '{}' FROM n`).run();
  await worker.d1.prepare(`INSERT INTO memberships (tenant, group_id, member_id, member_type)
    SELECT 'default', id, ?, 'User' FROM resources WHERE type = 'Group' AND id LIKE 'many-%'`).bind(userId(1)).run();
  const { status, body, text } = await ask('GET', `/Users/${userId(1)}`);
  assert.equal(status, 200, text.slice(0, 300));
  const many = (n) => {
    const id = `many-${String(n).padStart(5, '0')}`;
    return { value: id, $ref: `${worker.scim}/Groups/${id}`, type: 'direct', display: `many ${n}` };
  };
  const first = { value: groupId(1), $ref: `${worker.scim}/Groups/${groupId(1)}`, type: 'direct', display: 'group 1' };
  assert.deepEqual(body.groups, [first, ...numbered(groups, many)]);
  const patched = await ask('PATCH', `/Users/${userId(1)}`, patch(add('title', 't')));
  assert.deepEqual(patched.body.groups, body.groups);
});

test('an answer that cannot go on breaks off, and the next one is whole', async () => {
  // The first call reads the group with its first members; the third one fails for good.
  database.fail('says', 'no such table: nowhere: SQLITE_ERROR', { after: 2, times: 9 });
  await assert.rejects(ask('GET', group), /terminated/);
  database.recover();
  assert.equal(worker.logs.filter(({ message }) => message.includes('nowhere')).length, 1);
  assertResource(await ask('GET', group), whole());
  // The runtime logs the broken transfer too, in exactly these words.
  const logged = worker.logs.findIndex(({ message }) => /^Uncaught exception: .*: the answer breaks off$/.test(message));
  assert.ok(logged >= 0);
  worker.logs.splice(logged, 1);
});
