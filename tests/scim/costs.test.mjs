// The cost table of docs/PERFORMANCE.md, from D1's own meta: each operation is sent to a directory of 100 users with
// groups of 10 members, and to one of 10,040 with a group of 10,000, and must cost the same in both, and little.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorker } from '../harness/index.mjs';
import { add, assertUnharmed, op, patch, query, remove, replace, urn } from '../harness/scim.mjs';
import { groupId, seedGroup, seedUsers, userId } from '../harness/seed.mjs';

// Group 1 is the one that is large in the large directory: the users from 41 on. Group 2 has the users 1 to 10, groups 3
// to 12 have user 20, group 13 has the users 41 to 50. So the first 50 users are in the same groups in both directories.
const sizes = { small: { users: 100, group: 10 }, large: { users: 10_040, group: 10_000 } };
const workers = {};
before(async () => {
  for (const [name, { users, group }] of Object.entries(sizes)) {
    const worker = await startWorker();
    workers[name] = worker;
    await seedUsers(worker.d1, users);
    await seedGroup(worker.d1, 1, 41, 40 + group);
    await seedGroup(worker.d1, 2, 1, 10);
    for (let n = 3; n <= 12; n += 1) await seedGroup(worker.d1, n, 20, 20);
    await seedGroup(worker.d1, 13, 41, 50);
    await strangers(worker);
  }
});
after(async () => {
  const all = Object.values(workers);
  await Promise.all(all.map((worker) => worker.stop()));
  all.forEach(assertUnharmed);
});

/** Users that are in no group of either directory, to be added to one: with the same ids in both. */
const strangerIds = [];
async function strangers({ scimFetch, d1 }) {
  for (let n = 1; n <= 40; n += 1) {
    const id = userId(0xf00000 + n);
    const { body } = await scimFetch('POST', '/Users', { userName: `stranger${n}` });
    await d1.prepare('UPDATE resources SET id = ? WHERE id = ?').bind(id, body.id).run();
    if (strangerIds.length < 40) strangerIds.push(id);
  }
}
let taken = 0;
const fresh = (count) => strangerIds.slice(taken, (taken += count));

const logged = async ({ d1 }) => (await d1.prepare('SELECT count(*) AS count FROM changes').first()).count;

/** Sends the request to both and returns what each cost, and how many rows of the change log it wrote. */
async function costs(method, path, body, statuses = [200, 201, 204]) {
  const found = {};
  for (const [name, worker] of Object.entries(workers)) {
    const { scimFetch } = worker;
    const before = await logged(worker);
    const answer = await scimFetch(method, path, body, { headers: { 'x-server-timing': '1' } });
    assert.ok(statuses.includes(answer.status), `${method} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
    const numbers = answer.headers
      .get('server-timing')
      ?.match(/^d1;desc="round_trips=(\d+) rows_read=(\d+) rows_written=(\d+)"$/);
    assert.ok(numbers, `Server-Timing: ${answer.headers.get('server-timing')}`);
    const [round_trips, rows_read, rows_written] = numbers.slice(1).map(Number);
    found[name] = { round_trips, rows_read, rows_written, logged: (await logged(worker)) - before };
  }
  return found;
}

/**
 * Declares a test: the operation costs the same in both directories and no more than [round trips, rows read, rows
 * written], and writes so many rows of the change log: one if it changes something. `request` is made again when the
 * test runs.
 */
function cost(name, most, request, changes = most[2] > 5 ? 1 : 0) {
  test(`${name}: at most ${most[0]} round trip(s), ${most[1]} rows read, ${most[2]} written`, async (t) => {
    const { small, large } = await costs(...request());
    t.diagnostic(
      `${name.padEnd(64)} small ${Object.values(small).join(' / ').padStart(14)}   large ${Object.values(large).join(' / ').padStart(14)}`,
    );
    assert.deepEqual(large, small);
    const [measured, rows] = [Object.entries(small).slice(0, 3), small.logged];
    measured.forEach(([key, value], at) => assert.ok(value <= most[at], `${key} ${value} > ${most[at]}`));
    assert.equal(rows, changes, 'rows of the change log');
  });
}

const find = (filter, more) => () => ['GET', query('/Users', filter, more)];
const findGroup = (filter, more) => () => ['GET', query('/Groups', filter, more)];
const guid = '3f1b7f2c-0000-4000-8000-000000000000';

cost('Test Connection: user probe', [1, 5, 0], find(`userName eq "${guid}"`));
cost('Test Connection: group probe', [1, 5, 0], findGroup(`displayName eq "${guid}"`, '&excludedAttributes=members'));
cost('Test Connection: first user', [1, 20, 0], () => ['GET', '/Users?startIndex=1&count=1']);
for (const [name, filter] of Object.entries({
  userName: 'userName eq "user7@contoso.example"',
  'userName in capitals': 'userName eq "USER7@CONTOSO.EXAMPLE"',
  externalId: 'externalId eq "ext-7"',
  displayName: 'displayName eq "user 7"',
  id: `id eq "${userId(7)}"`,
  'emails.value': 'emails.value eq "user7@contoso.example"',
  'emails[type eq "work"].value': 'emails[type eq "work"].value eq "user7@contoso.example"',
  'emails[type eq "work" and value]': 'emails[type eq "work" and value eq "user7@contoso.example"]',
})) {
  cost(`filter eq on ${name}, one found`, [1, 60, 0], find(filter));
  cost(`filter eq on ${name}, one found, its id alone`, [1, 12, 0], find(filter, '&attributes=id'));
  cost(`filter eq on ${name}, none found`, [1, 8, 0], find(filter.replace(/7(?!.*7)/, 'x7x')));
}
cost('filter eq on two attributes', [1, 60, 0], find('userName eq "user7@contoso.example" and externalId eq "ext-7"'));
cost(
  'filter: reference check of a manager',
  [1, 12, 0],
  find(`id eq "${userId(7)}" and manager eq "${userId(8)}"`, '&attributes=id'),
);
cost('group displayName eq, without members', [1, 8, 0], findGroup('displayName eq "GROUP 1"', '&excludedAttributes=members'));
cost('group externalId eq, without members', [1, 8, 0], findGroup('externalId eq "gext-1"', '&excludedAttributes=members'));
cost(
  'group: reference check of a member',
  [1, 30, 0],
  findGroup(`id eq "${groupId(1)}" and members eq "${userId(42)}"`, '&attributes=id'),
);

cost('GET user in two groups, one of them large', [1, 30, 0], () => ['GET', `/Users/${userId(42)}`]);
cost('GET user without groups', [1, 3, 0], () => ['GET', `/Users/${userId(7)}?excludedAttributes=groups`]);
cost('GET user that is not there', [1, 5, 0], () => ['GET', '/Users/unknown', undefined, [404]]);
cost('GET group 1 without members', [1, 3, 0], () => ['GET', `/Groups/${groupId(1)}?excludedAttributes=members`]);
cost('GET group 2 with its 10 members', [1, 60, 0], () => ['GET', `/Groups/${groupId(2)}`]);

const ada = (userName) => ({
  schemas: [urn.user, urn.enterprise],
  userName,
  externalId: userName,
  active: true,
  displayName: 'Ada',
  name: { givenName: 'Ada', familyName: 'L' },
  emails: [{ primary: true, type: 'work', value: `${userName}@contoso.example` }],
  [urn.enterprise]: { department: 'R' },
});
cost('POST user', [1, 20, 20], () => ['POST', '/Users', ada('ada')]);
cost('POST user whose name is taken', [1, 20, 5], () => ['POST', '/Users', ada('USER7@contoso.example'), [409]]);
cost('POST group', [1, 20, 20], () => ['POST', '/Groups', { schemas: [urn.group], displayName: 'New' }]);
cost('POST group with 2 members', [1, 40, 30], () => [
  'POST',
  '/Groups',
  { schemas: [urn.group], displayName: 'New 2', members: [{ value: userId(1) }, { value: userId(2) }] },
]);
cost('PATCH user: disable', [2, 60, 12], () => ['PATCH', `/Users/${userId(7)}`, patch(replace('active', 'False'))]);
cost('PATCH user: five attributes', [2, 60, 15], () => [
  'PATCH',
  `/Users/${userId(7)}`,
  patch(
    replace('displayName', 'X'),
    replace('name.familyName', 'Y'),
    add('title', 'T'),
    add(`${urn.enterprise}:department`, 'D'),
    add('phoneNumbers[type eq "mobile"].value', '1'),
  ),
]);
cost('PATCH user: e-mail', [2, 60, 15], () => [
  'PATCH',
  `/Users/${userId(7)}`,
  patch(replace('emails[type eq "work"].value', 'x@contoso.example')),
]);
cost('PATCH user: rename', [2, 60, 15], () => ['PATCH', `/Users/${userId(7)}`, patch(replace('userName', 'renamed'))]);
cost('PATCH user: nothing changes', [1, 60, 0], () => ['PATCH', `/Users/${userId(7)}`, patch(replace('userName', 'renamed'))]);
cost('PUT user', [2, 60, 20], () => ['PUT', `/Users/${userId(8)}`, ada('put')]);
cost('PATCH group 1: displayName', [2, 20, 10], () => [
  'PATCH',
  `/Groups/${groupId(1)}`,
  patch(replace('displayName', 'Renamed')),
]);
cost('PATCH group 1: displayName and 1 member', [2, 60, 20], () => [
  'PATCH',
  `/Groups/${groupId(1)}`,
  patch(
    replace('displayName', 'Renamed again'),
    add(
      'members',
      fresh(1).map((value) => ({ value })),
    ),
  ),
]);

for (const n of [1, 2]) {
  for (const [count, read, written] of [
    [1, 40, 15],
    [5, 120, 40],
  ]) {
    const valueArray = (values) => [
      add(
        'members',
        values.map((value) => ({ $ref: null, value })),
      ),
    ];
    const removal = {
      'value array': (values) => [
        remove(
          'members',
          values.map((value) => ({ $ref: null, value })),
        ),
      ],
      'path filter': (values) => values.map((value) => op('remove', `members[value eq "${value}"]`)),
    };
    const addition = {
      'one operation': valueArray,
      'an operation each': (values) => values.map((value) => add('members', [{ value }])),
    };
    const request = (operations) => ['PATCH', `/Groups/${groupId(n)}`, patch(...operations)];
    Object.keys(addition).forEach((form, at) => {
      const goneForm = Object.keys(removal)[at];
      let ids;
      cost(`PATCH group ${n}: add ${count}, ${form}`, [1, read, written], () => request(addition[form]((ids = fresh(count)))));
      cost(`PATCH group ${n}: add ${count} who are members, ${form}`, [1, read, 0], () => request(addition[form](ids)));
      cost(`PATCH group ${n}: remove ${count}, ${goneForm}`, [1, read, written], () => request(removal[goneForm](ids)));
      cost(`PATCH group ${n}: remove ${count} who are not members, ${goneForm}`, [1, read, 0], () => request(removal[goneForm](ids)));
    });
  }
}

cost('list: first page of 20 users', [1, 300, 0], () => ['GET', '/Users?startIndex=1&count=20']);
cost('list: first page of 20 users, their ids alone', [1, 25, 0], () => ['GET', '/Users?startIndex=1&count=20&attributes=id']);
cost('list: the first page of 20 users without their groups', [1, 25, 0], () => [
  'GET',
  '/Users?startIndex=1&count=20&excludedAttributes=groups',
]);
cost('list: the second page of 20 users', [1, 300, 0], () => ['GET', '/Users?startIndex=21&count=20']);
cost('list: how many users', [1, 2, 0], () => ['GET', '/Users?count=0']);
cost('list: first page of groups without members', [1, 25, 0], () => [
  'GET',
  '/Groups?startIndex=1&count=20&excludedAttributes=members',
]);
cost('DELETE user in no group', [1, 15, 15], () => ['DELETE', `/Users/${strangerIds[39]}`]);
cost('DELETE user in two groups, one of them large', [1, 60, 30], () => ['DELETE', `/Users/${userId(43)}`], 3);
cost('DELETE group of one member', [1, 25, 15], () => ['DELETE', `/Groups/${groupId(12)}`], 2);

test('a row of the change log is three rows written: itself and its places in two indexes', async () => {
  const { d1 } = workers.small;
  const columns = 'tenant, at, resource_type, resource_id, version, change, actor, correlation_id';
  const sql = `INSERT INTO changes (${columns}) SELECT ${columns} FROM changes ORDER BY seq DESC LIMIT 1`;
  assert.equal((await d1.prepare(sql).run()).meta.rows_written, 3);
});

test("a user's own memberships are all that reading it costs more", async () => {
  const [none, ten] = [await costs('GET', `/Users/${userId(21)}`), await costs('GET', `/Users/${userId(20)}`)];
  assert.deepEqual([none.large, ten.large], [none.small, ten.small]);
  const more = ten.small.rows_read - none.small.rows_read;
  assert.ok(more <= 100, `${more} rows more for 10 groups`);
});

test('the header must be asked for: without it the answer reveals nothing about the database', async () => {
  assert.equal((await workers.small.scimFetch('GET', '/Users?count=0')).headers.get('server-timing'), null);
});
