// Answers of any size stay below 64 MiB of wasm memory: groups and lists that cost the most to show, and exports.
// Each kind has a directory of its own. memory.test.mjs tests what requests cost.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { adminClient, withAdmin } from '../harness/admin.mjs';
import { startWorker } from '../harness/index.mjs';
import { assertError, assertUnharmed, patch, query, remove } from '../harness/scim.mjs';
import { assertStatus as status, boundedFor } from '../harness/memory-bounds.mjs';
import { groupId, seedChain, seedGroup, seedPlainUsers, userId } from '../harness/seed.mjs';
import { largeUser, manyObjects, times, userWith } from '../harness/shapes.mjs';

let worker;
let ask;
const bounded = boundedFor(() => worker);
const stop = async () => {
  await worker?.stop();
  if (worker) assertUnharmed(worker);
};
after(stop);

/** Declares a test that begins with a new directory. */
const seeding = (what, seed) =>
  test(`seeding ${what}`, async () => {
    await stop();
    worker = await startWorker({ ...withAdmin, memory: true });
    ask = worker.scimFetch;
    await seed(worker.d1);
  });

/** Asserts that these are the members, each once. */
const assertMembers = (members, from, to) => {
  assert.equal(members.length, to - from + 1);
  members.forEach((member, n) => assert.equal(member.value, userId(from + n)));
};
const large = 200_000;

seeding('a group of 200,000 members', async (d1) => {
  await seedPlainUsers(d1, large);
  await seedGroup(d1, 1, 1, large);
});
bounded('a group of 200,000 members, read', async () => {
  const answer = await ask('GET', `/Groups/${groupId(1)}`);
  status(answer, 200);
  assertMembers(answer.body.members, 1, large);
  assert.deepEqual(answer.body.members.at(-1), {
    value: userId(large), $ref: `${worker.scim}/Users/${userId(large)}`, type: 'User', display: `user ${large}`,
  });
});
bounded('a group of 200,000 members, some of what a member has', async () => {
  const answer = await ask('GET', `/Groups/${groupId(1)}?attributes=members.value`);
  status(answer, 200);
  assertMembers(answer.body.members, 1, large);
  assert.deepEqual(answer.body.members.at(-1), { value: userId(large) });
});
bounded('a group of 200,000 members, its header alone, and a version that is known', async () => {
  const head = await ask('HEAD', `/Groups/${groupId(1)}`);
  status(head, 200);
  assert.equal(head.text, '');
  const known = await ask('GET', `/Groups/${groupId(1)}`, undefined, { headers: { 'if-none-match': head.headers.get('etag') } });
  status(known, 304);
});
bounded('a list with a group of 200,000 members', async () => {
  const answer = await ask('GET', query('/Groups', 'displayName eq "group 1"'));
  status(answer, 200);
  assert.equal(answer.body.itemsPerPage, 1);
  assertMembers(answer.body.Resources[0].members, 1, large);
});
bounded('a group of 200,000 members, changed and answered with its members', async () => {
  const answer = await ask('PATCH', `/Groups/${groupId(1)}?attributes=members`, patch(remove('members', [{ value: userId(large) }])));
  status(answer, 200);
  assertMembers(answer.body.members, 1, large - 1);
});
bounded('members removed from a group of 200,000 by a filter that looks at all', async () => {
  status(await ask('PATCH', `/Groups/${groupId(1)}`, patch(remove('members[display co "user 1999"]'))), 204);
  const answer = await ask('GET', `/Groups/${groupId(1)}`);
  assert.equal(answer.body.members.filter(({ display }) => display.includes('user 1999')).length, 0);
  assert.ok(answer.body.members.length > large - 1_500);
});
bounded('a filter that selects more members than one request may name', async () => {
  assertError(await ask('PATCH', `/Groups/${groupId(1)}`, patch(remove('members[display co "user"]'))), 400, 'tooMany');
});

// Lists.

seeding('50 groups of 10,000 members', async (d1) => {
  await seedPlainUsers(d1, 10_000);
  for (let n = 1; n <= 50; n += 1) await seedGroup(d1, n, 1, 10_000);
});
bounded('a list of 50 groups of 10,000 members, a few pages', async () => {
  const found = [];
  for (let startIndex = 1; startIndex < 5; ) {
    const { body, text } = await ask('GET', `/Groups?startIndex=${startIndex}`);
    assert.equal(body?.totalResults, 50, text.slice(0, 300));
    assert.ok(body.Resources.length > 0);
    found.push(...body.Resources.map(({ id, members }) => [id, members.length]));
    startIndex += body.Resources.length;
  }
  assert.deepEqual(found, times(found.length, (n) => [groupId(n + 1), 10_000]));
});
seeding('a chain of 200 nested groups', async (d1) => {
  await seedPlainUsers(d1, 1_000);
  await seedChain(d1, 200, 1, 1_000);
});
bounded('a page of 1,000 users in a chain of 200 nested groups', async () => {
  const { status: found, body } = await ask('GET', '/Users?count=1000');
  assert.equal(found, 200);
  assert.ok(body.Resources.length > 0);
  body.Resources.forEach(({ groups }) => assert.equal(groups.length, 200));
});
bounded('a page of 1,000 small users', async () => {
  const { body } = await ask('GET', '/Users?count=1000&excludedAttributes=groups');
  assert.equal(body.Resources.length, 1_000);
});
/** Makes `count` users in all out of the one that `body` describes. */
const seedCopies = (body, count) => async (d1) => {
  const { status: made, body: { id } } = await ask('POST', '/Users', body);
  assert.equal(made, 201);
  await d1.prepare(`WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${count - 1})
    INSERT INTO resources (tenant, type, id, version, revision, created, last_modified, unique_key, display_key, external_id, document, search)
    SELECT tenant, type, id || '-' || n, version, revision, created, last_modified, unique_key || n, display_key, external_id, document, search
    FROM resources, n WHERE id = ?`).bind(id).run();
};
for (const [what, count, body] of [
  ['1,000 users of 100 KB', 1_000, userWith('wide', { a: times(1_000, (n) => `${n}`.padStart(95, 'x')) })],
  ['100 users of as many objects as are kept', 100, userWith('dense', manyObjects(25_400))],
  ['100 users of 900 KB', 100, largeUser('large', 900_000)],
]) {
  seeding(what, seedCopies(body, count));
  bounded(`a list of ${what}, a few pages`, async () => {
    let found = 0;
    for (let pages = 0; found < count && pages < 5; pages += 1) {
      const { body, text } = await ask('GET', `/Users?count=1000&startIndex=${found + 1}`);
      assert.equal(body?.totalResults, count, text.slice(0, 300));
      assert.ok(body.Resources.length > 0);
      found += body.Resources.length;
    }
  });
  bounded(`an export of ${what}, a few pages`, async () => {
    const admin = adminClient(worker);
    let lines = 0;
    for (let cursor = '', pages = 0; cursor !== null && pages < 10; pages += 1) {
      const answer = await admin('GET', `/tenants/default/export?cursor=${cursor}`);
      status(answer, 200);
      lines += answer.text.split('\n').filter(Boolean).length;
      cursor = answer.headers.get('x-next-cursor');
    }
    assert.ok(lines >= 10);
  });
}
