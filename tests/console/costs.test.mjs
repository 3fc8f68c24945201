// What each page of the console costs: calls of D1, and the rows that they read, in a tenant of 100 users and in one of 100,000 users and
// 1,000,000 rows of the log. Calls and rows are as D1 counts them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { oneTimeLink, setupLink, signedIn } from '../harness/console.mjs';
import { startWorker } from '../harness/index.mjs';
import { assertUnharmed } from '../harness/scim.mjs';
import { groupId, seedActivity, seedGroup, seedPlainUsers, userId } from '../harness/seed.mjs';

const sizes = {
  small: { users: 100, members: 90, changes: 90, refusals: 90, deeds: 150 },
  large: { users: 100_000, members: 20_000, changes: 900_000, refusals: 100_000, deeds: 50_000 },
};
const workers = {};
const staff = {};

before(async () => {
  for (const [name, { users, members, changes, refusals, deeds }] of Object.entries(sizes)) {
    const worker = await startWorker(withAdmin);
    workers[name] = worker;
    await seedPlainUsers(worker.d1, users);
    await seedGroup(worker.d1, 1, 1, members);
    for (let n = 2; n <= 60; n += 1) await seedGroup(worker.d1, n, 1, 1 + (n % 7));
    await seedActivity(worker.d1, changes, refusals);
    await seedDeeds(worker.d1, deeds);
    await newTenant(worker, 'acme', { name: 'Acme' });
    await adminClient(worker)('POST', '/tenants/default/roles', { group: groupId(1), role: 'reader' });
    staff[name] = await signedIn(worker, await oneTimeLink(worker));
  }
}, { timeout: 300_000 });
after(async () => {
  await Promise.all(Object.values(workers).map((worker) => worker.stop()));
  Object.values(workers).forEach(assertUnharmed);
});

/** Inserts so many rows of the audit. */
const seedDeeds = (d1, count) =>
  d1
    .prepare(
      `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${count})
      INSERT INTO audit_log SELECT printf('deed%09d', n), 'default', 1700000000000 + n, 'Ada', 'admin', 'activity', 'exported', 'default', 'default', 'null' FROM n`,
    )
    .run();

/** Returns what a page costs that browser. */
async function cost(browser, path) {
  const { status, headers, text } = await browser.get(path, { 'x-server-timing': '1' });
  assert.equal(status, 200, `${path}: ${text.slice(0, 300)}`);
  const [calls, read, written] = headers.get('server-timing').match(/round_trips=(\d+) rows_read=(\d+) rows_written=(\d+)/).slice(1).map(Number);
  return { calls, read, written };
}

/** The pages: calls of a warm instance, and the most rows that are read. */
const pages = [
  ['Tenants', '/console', 1, 60],
  ['Connect', '/console/default/connect', 1, 60],
  ['the ticks of Connect', '/console/default/connect/ticks', 1, 30],
  ['Activity', '/console/default/activity', 1, 400],
  ['Activity of refusals', '/console/default/activity?outcome=refused', 1, 300],
  ['Activity of one credential', '/console/default/activity?actor=t1', 1, 3_000],
  ['Activity of one person', `/console/default/activity?resource=${userId(7)}`, 1, 400],
  ['one change', '/console/default/activity/50', 1, 20],
  ['one refusal', '/console/default/activity/r50', 1, 2_100],
  ['Users', '/console/default/users', 1, 300],
  ['Users of one name', '/console/default/users?q=user777', 1, 800],
  ['Groups', '/console/default/groups', 1, 2_000],
  ['Groups of one name', '/console/default/groups?q=group', 2, 2_000],
  ['one person', `/console/default/users/${userId(50)}`, 1, 300],
  ['one group', `/console/default/groups/${groupId(1)}`, 1, 2_000],
  ['Roles', '/console/default/roles', 1, 20_000],
  ['Deliveries', '/console/default/deliveries', 1, 30],
  ['Health', '/console/default/health', 1, 300],
  ['Audit', '/console/default/audit', 1, 700],
  ['Settings', '/console/default/settings', 1, 60],
];
for (const [name, path, calls, rows] of pages) {
  test(`${name}: ${calls === 1 ? 'one call' : `${calls} calls`} of D1, and no more than ${rows} rows whatever the size of the tenant`, async (t) => {
    for (const size of Object.keys(sizes)) {
      await staff[size].get(path);
      const found = await cost(staff[size], path);
      t.diagnostic(`${size}: ${JSON.stringify(found)}`);
      assert.deepEqual([found.calls, found.written], [calls, 0], size);
      assert.ok(found.read <= rows, `${size}: ${found.read} rows`);
    }
  });
}

test('in an instance that knows neither the person nor the tenant a page costs one call more', async () => {
  const worker = workers.small;
  const customer = await signedIn(worker, await setupLink(worker, 'acme', 'Ada'));
  const forget = async () => assert.equal((await adminClient(worker)('PATCH', '/tenants/acme', { name: 'Acme' })).status, 200);
  for (const section of ['connect', 'activity', 'users', 'groups', 'roles', 'deliveries', 'health', 'audit', 'settings']) {
    await forget();
    const path = `/console/acme/${section}`;
    assert.deepEqual([(await cost(staff.small, path)).calls, (await cost(staff.small, path)).calls], [2, 1], path);
    if (['deliveries', 'settings'].includes(section)) continue;
    assert.deepEqual([(await cost(customer, path)).calls, (await cost(customer, path)).calls], [2, 1], `${path} of a customer`);
  }
});
