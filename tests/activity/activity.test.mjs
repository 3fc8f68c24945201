// The activity of a tenant: changes with the requests that were refused, how many there were, and when the last of some kinds came.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { startWorker } from '../harness/index.mjs';
import { bulk, patch, query, replace } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
serve((started) => {
  worker = started;
  admin = adminClient(worker);
}, withAdmin);

/** Returns the activity once everything that was answered is written. */
async function activity(tenant, parameters = '') {
  await worker.scheduled();
  const answer = await admin('GET', `/tenants/${tenant}/activity?${parameters}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

const guid = 'f3a1c2d4-0000-4b5c-9d6e-7f8091a2b3c4';

test('an administrator sees what was changed and what was refused, by whom and why', async () => {
  const { scimFetch, tokenId } = await newTenant(worker, 'acme');
  const actor = { id: tokenId, name: 'test' };
  const ada = (await scimFetch('POST', '/Users', { userName: 'ada', displayName: 'Ada' })).body.id;
  const taken = await scimFetch('POST', '/Users', { userName: 'ADA' });
  assert.deepEqual([taken.status, taken.body.detail], [409, 'another User has the userName `ADA`']);
  const changed = await scimFetch('PATCH', `/Users/${ada}`, patch(replace('active', false)));
  const bad = await scimFetch('PATCH', `/Users/${ada}`, patch(replace('active', 'perhaps')));
  const filter = await scimFetch('GET', query('/Users', 'userName like "ada"'));
  const unknown = await scimFetch('GET', '/Users/ada@example.com');
  const id = (answer) => answer.headers.get('x-correlation-id');
  const { entries, next } = await activity('acme');
  assert.equal(next, null);
  const shown = entries.map(({ at, number, ...entry }) => {
    assert.ok(Math.abs(Date.now() - Date.parse(at)) < 60_000);
    return entry;
  });
  const resource = { type: 'User', id: ada, name: 'ada' };
  const refusal = (answer, operation, detail, more = {}) => ({
    ...{ kind: 'refusal', operation, status: answer.status, ...(answer.body.scimType && { scimType: answer.body.scimType }), detail },
    ...{ actor, tenant: 'acme', correlationId: id(answer), ...more },
  });
  const at = (answer) => shown.findIndex(({ correlationId }) => correlationId === id(answer));
  assert.deepEqual(shown[at(taken)], refusal(taken, 'POST Users', 'another User has the userName `…`', { resource }));
  assert.deepEqual(shown[at(changed)], {
    ...{ kind: 'change', operation: 'updated', sequence: 2, version: 2, resource, changes: [{ path: 'active', old: true, new: false }] },
    ...{ actor, tenant: 'acme', correlationId: id(changed) },
  });
  assert.deepEqual(shown[at(bad)], refusal(bad, 'PATCH Users', bad.body.detail.replace('`perhaps`', '`…`'), { resource }));
  assert.match(shown[at(bad)].detail, /`active`/);
  assert.deepEqual([shown[at(filter)].operation, shown[at(filter)].status, shown[at(filter)].scimType], ['GET Users', 400, 'invalidFilter']);
  assert.deepEqual(shown[at(unknown)], refusal(unknown, 'GET Users', 'there is no User `…`', { resource: { type: 'User' } }));
  assert.equal(shown.length, 6);
  const times = entries.map((entry) => entry.at);
  assert.deepEqual(times, times.toSorted().reverse(), 'the newest first');

  const refused = await activity('acme', `outcome=refused&resource=${ada}&limit=1`);
  assert.deepEqual([refused.entries.length, refused.entries[0].status], [1, 400]);
  const before = await activity('acme', `outcome=refused&resource=${ada}&limit=1&cursor=${refused.next}`);
  assert.deepEqual([before.entries[0].status, before.next, before.marks, before.requests], [409, null, undefined, undefined]);
  const none = await activity('acme', `from=${new Date(Date.now() + 60_000).toISOString().replaceAll(':', '%3A')}`);
  assert.deepEqual(none.entries, []);
  assert.deepEqual((await activity('acme', `actor=${tokenId}&limit=500`)).entries, entries);
  assert.deepEqual((await activity('acme', 'actor=other')).entries, []);
});

test('operations of a bulk request that are refused are shown one by one', async () => {
  const { scimFetch } = await newTenant(worker, 'bulky');
  const body = bulk([
    { method: 'POST', path: '/Users', bulkId: 'a', data: { userName: 'a' } },
    { method: 'POST', path: '/Users', bulkId: 'b', data: { userName: 'a' } },
    { method: 'DELETE', path: `/Users/${guid}` },
  ]);
  assert.equal((await scimFetch('POST', '/Bulk', body)).status, 200);
  const { entries } = await activity('bulky', 'outcome=refused');
  assert.deepEqual(entries.map(({ operation, status, detail }) => [operation, status, detail]).sort(), [
    ['DELETE Users', 404, `there is no User \`${guid}\``],
    ['POST Bulk', 409, 'another User has the userName `…`'],
  ]);
});

test('requests are counted by what they were and how they ended', async () => {
  const { scimFetch } = await newTenant(worker, 'counted');
  for (let n = 0; n < 3; n += 1) await scimFetch('GET', '/Users');
  await scimFetch('POST', '/Users', { userName: 'a' });
  await scimFetch('POST', '/Users', { userName: 'a' });
  await scimFetch('GET', '/Users', undefined, { token: 'wrong' });
  await scimFetch('GET', '/ServiceProviderConfig', undefined, { token: null });
  const { requests } = await activity('counted');
  assert.deepEqual(requests.sums, { read: 3, refused: 1, unauthenticated: 1, written: 1 });
  assert.deepEqual(requests.counts, [
    { operation: 'GET Users', status: 200, requests: 3 },
    { operation: 'POST Users', status: 201, requests: 1 },
    { operation: 'POST Users', status: 409, requests: 1 },
    { operation: 'unauthenticated', status: 401, requests: 1 },
  ]);
  assert.equal(Date.parse(requests.to) - Date.parse(requests.from), 3_600_000);
  const minutes = (await activity('counted', 'by=minute&minutes=5')).requests.counts;
  assert.equal(minutes.reduce((sum, { requests: count }) => sum + count, 0), 6);
  assert.ok(minutes.every(({ minute }) => /:00\.000Z$/.test(minute)));
});

test('a test of the connection, the first user and the first group are marked, and what a token of a read scope asks for is shown as refused', async () => {
  const { scimFetch } = await newTenant(worker, 'marked');
  assert.deepEqual((await activity('marked')).marks, { lastRequest: null, testConnection: null, firstUser: null, firstGroup: null, cycle: null, previousCycle: null });
  await scimFetch('GET', query('/Users', `userName eq "${guid}"`));
  const tested = (await activity('marked')).marks;
  assert.deepEqual({ ...tested, lastRequest: 0, testConnection: 0 }, { lastRequest: 0, testConnection: 0, firstUser: null, firstGroup: null, cycle: null, previousCycle: null });
  assert.equal(tested.testConnection, tested.lastRequest);
  const user = await scimFetch('POST', '/Users', { userName: 'a' });
  const group = await scimFetch('POST', '/Groups', { displayName: 'g' });
  const { marks } = await activity('marked');
  assert.deepEqual([marks.testConnection, marks.firstUser, marks.firstGroup], [tested.testConnection, user.body.meta.created, group.body.meta.created]);
  assert.equal(marks.cycle.isOver, false);
  assert.ok(marks.cycle.began <= marks.cycle.lastRequest && marks.cycle.lastRequest === marks.lastRequest);
  const { body } = await admin('POST', '/tenants/marked/tokens', { scopes: ['scim:read'] });
  assert.equal((await scimFetch('POST', '/Users', { userName: 'b' }, { token: body.token })).status, 403);
  const [refused] = (await activity('marked', 'outcome=refused')).entries;
  assert.deepEqual([refused.status, refused.detail, refused.actor.id], [403, 'the token may not do this: it needs the scope `scim`', body.id]);
});

test('refusals are written a second after the response, and counts ten seconds after', async () => {
  const own = await startWorker(withAdmin);
  try {
    const { scimFetch } = await newTenant(own, 'late');
    const rows = async (table) => (await own.d1.prepare(`SELECT count(*) AS n FROM ${table} WHERE tenant = 'late'`).first()).n;
    const refused = await scimFetch('GET', '/Users?filter=nonsense', undefined, { headers: { 'X-Server-Timing': '1' } });
    assert.match(refused.headers.get('server-timing'), /rows_written=0"$/);
    assert.deepEqual([await rows('refusals'), await rows('counters'), await rows('marks')], [0, 0, 0]);
    await pause(2_500);
    assert.deepEqual([await rows('refusals'), await rows('counters'), await rows('marks')], [1, 0, 0]);
    await pause(9_000);
    assert.deepEqual([await rows('refusals'), await rows('counters'), await rows('marks')], [1, 1, 1]);
  } finally {
    await own.stop();
  }
});

test('a tenant that is removed leaves nothing of it', async () => {
  const { scimFetch } = await newTenant(worker, 'gone');
  await admin('PATCH', '/tenants/gone', { activityRetentionDays: 9 });
  await scimFetch('POST', '/Users', { userName: 'a' });
  await scimFetch('GET', '/Users?filter=nonsense');
  await activity('gone');
  await admin('PATCH', '/tenants/gone', { enabled: false });
  await worker.d1.prepare("UPDATE tenants SET suspended = suspended - 100000 WHERE id = 'gone'").run();
  assert.equal((await admin('DELETE', '/tenants/gone')).status, 204);
  for (const table of ['refusals', 'counters', 'marks', 'retention', 'trimmings', 'changes']) {
    assert.equal((await worker.d1.prepare(`SELECT count(*) AS n FROM ${table} WHERE tenant = 'gone'`).first()).n, 0, table);
  }
});

for (const [path, status, detail] of [
  ['/tenants/none/activity', 404, 'there is no tenant `none`'],
  ['/tenants/none/audit', 404, 'there is no tenant `none`'],
  ['/tenants/acme/activity?from=yesterday', 400, '`from` is not a time such as `2030-01-31T00:00:00Z`'],
  ['/tenants/acme/activity?limit=501', 400, '`limit` is not an integer from 1 to 500'],
  ['/tenants/acme/activity?minutes=0', 400, '`minutes` is not an integer from 1 to 1440'],
  ['/tenants/acme/activity?outcome=good', 400, '`outcome` is neither `changed` nor `refused`'],
  ['/tenants/acme/activity?cursor=1', 400, 'the cursor was not issued by a page of the activity'],
]) {
  test(`${path} is refused by name`, async () => {
    const answer = await admin('GET', path);
    assert.deepEqual([answer.status, answer.body], [status, { status, detail }]);
  });
}

test('a refused name leads to the resource that has it, also if the name has a backtick', async () => {
  const { scimFetch } = await newTenant(worker, 'taken');
  const { id } = (await scimFetch('POST', '/Users', { userName: 'Ada `Countess` Lovelace' })).body;
  assert.equal((await scimFetch('POST', '/Users', { userName: 'ada `countess` lovelace' })).status, 409);
  await worker.scheduled();
  const [refused] = (await admin('GET', '/tenants/taken/activity?outcome=refused')).body.entries;
  assert.deepEqual([refused.detail, refused.resource], ['another User has the userName …', { type: 'User', id, name: 'Ada `Countess` Lovelace' }]);
});

test('npm run tenant -- activity prints a line for each', async () => {
  const command = tenantCommand(worker);
  try {
    const { scimFetch } = await newTenant(worker, 'printed');
    const { id } = (await scimFetch('POST', '/Users', { userName: 'ada' })).body;
    await scimFetch('PATCH', `/Users/${id}`, patch(replace('title', 'Countess'), replace('nickName', 'A')));
    await scimFetch('POST', '/Groups', { displayName: 'Engines', members: [{ value: id }] });
    await scimFetch('POST', '/Users', { userName: 'ada' });
    await worker.scheduled();
    const output = await command.done('activity', 'printed', '--limit', '3');
    assert.match(output, /^printed\n {2}last request {5}20\S+Z\n {2}test connection {2}none yet\n/);
    assert.match(output, /since \S+: 1 refused, 3 written\n/);
    const lines = output.trim().split('\n').slice(-3).map((line) => line.replace(/^\S+Z {2}/, ''));
    assert.match(lines[0], new RegExp(`^refused {2}POST Users \\(User ${id} ada\\): 409 uniqueness, another User has the userName \`…\`, by test$`));
    assert.match(lines[1], /^created {2}Group \S+ Engines: 1 member came, by test$/);
    assert.match(lines[2], new RegExp(`^updated {2}User ${id} ada: (title, nickName|nickName, title), by test$`));
    assert.match((await command.tenant(['activity', 'printed', '--from', 'soon'])).output, /`soon` is not a time: write 2026-01-31/);
    assert.match((await command.tenant(['activity', 'printed', '--limit', '0'])).output, /--limit must be a number from 1 to 999999, but is `0`/);
    assert.ok(!(await command.done('activity', 'printed', '--outcome', 'refused', '--from', '1h')).includes('created'));
  } finally {
    command.remove();
  }
});
