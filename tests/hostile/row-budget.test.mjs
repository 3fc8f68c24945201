// What the most expensive requests read, as D1 counts it, in a directory of 10,000 users who are all in the lowest of
// 200 groups that are nested one within the other: each reads 2,000,000 rows at most, or is refused before any rows
// are read. And the cheap ones find what they should.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unlimited } from '../harness/index.mjs';
import { search as searchRequest, urn } from '../harness/scim.mjs';
import { groupId, seedChain, seedUsers, userId } from '../harness/seed.mjs';
import { serve } from '../harness/serve.mjs';

const most = 2_000_000;
const users = 10_000;
const groups = 200;

let worker;
serve(async (started) => {
  worker = started;
  await seedUsers(worker.d1, users);
  await seedChain(worker.d1, groups, 1, users);
}, { rates: unlimited });

async function search(endpoint, query) {
  const answer = await worker.scimFetch('POST', `${endpoint}/.search`, searchRequest(query), { headers: { 'x-server-timing': '1' } });
  const rows = Number(answer.headers.get('server-timing')?.match(/rows_read=(\d+)/)[1]);
  return { ...answer, rows };
}

const many = (count, term) => Array.from({ length: count }, (_, n) => term(n)).join(' or ');
const every = (count, term) => Array.from({ length: count }, (_, n) => term(n)).join(' and ');

/** Declares a test: the query finds that many, and reads no more than `rows`. */
function finds(name, endpoint, query, total, rows = most) {
  test(`${name}: ${total} found, at most ${rows} rows`, async (t) => {
    const answer = await search(endpoint, query);
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    t.diagnostic(`${name}: ${answer.rows} rows`);
    assert.equal(answer.body.totalResults, total);
    assert.equal(answer.body.Resources?.length ?? 0, Math.min(total, query.count ?? 100));
    assert.ok(answer.rows <= rows, `${answer.rows} rows`);
  });
}

/** Declares a test: the query is refused before any rows are read. */
function refuses(name, endpoint, query) {
  test(`${name}: refused before anything is walked through`, async () => {
    const answer = await search(endpoint, query);
    assert.deepEqual(answer.body, {
      schemas: [urn.error],
      status: '400',
      scimType: 'tooMany',
      detail:
        'the query makes too many comparisons for a directory of this size; ask with fewer terms, or add an `eq` of userName, externalId, id, displayName, emails.value or members.value',
    });
    assert.ok(answer.rows <= 60, `${answer.rows} rows`);
  });
}

// Filters that once cost too much.
finds('one comparison without an index', '/Users', { filter: 'title co "zzz"', count: 1 }, 0, 11_000);
refuses('a thousand comparisons without an index', '/Users', { filter: many(1_000, (n) => `title co "z${n}"`), count: 1 });
refuses('a thousand comparisons of e-mails', '/Users', { filter: many(1_000, (n) => `emails.value ew "z${n}"`), count: 1 });
finds('groups by a part of their name', '/Users', { filter: 'groups.display co "zzz"', count: 1 }, 0, 12_000);
finds('ten of them', '/Users', { filter: many(10, (n) => `groups.display co "zzz${n}"`), count: 1 }, 0, 20_000);
finds('sorted by groups', '/Users', { sortBy: 'groups.display', count: 1 }, users);
finds('members of a large group', '/Users', { filter: `groups.value eq "${groupId(1)}"`, count: 1 }, users, 150_000);
finds('a range of an index', '/Users', { filter: 'userName sw "user99"', count: 1 }, 111, 2_500);
// Filters that resemble them.
finds('as many comparisons as are taken', '/Users', { filter: many(150, (n) => `emails.value ew "z${n}"`), count: 1 }, 0);
finds('as many of another kind', '/Users', { filter: every(75, (n) => `emails[type eq "work" or display co "${n}"]`), count: 1 }, users);
finds('all groups by name', '/Users', { filter: 'groups.display co "group"', count: 1 }, users, 200_000);
finds('none of the groups', '/Users', { filter: 'not (groups.display co "group")', count: 1 }, 0, 200_000);
finds('users who are in any group', '/Users', { filter: 'groups pr', count: 1 }, users, 60_000);
finds('users who are in a group by way of another', '/Users', { filter: 'groups.type eq "indirect"', count: 1 }, users, 200_000);
finds('users who are so in one group', '/Users', { filter: `groups[type eq "indirect" and value eq "${groupId(7)}"]`, count: 1 }, users, 500_000);
finds('users who are members themselves', '/Users', { filter: `groups[type eq "direct" and value eq "${groupId(1)}"]`, count: 1 }, users, 200_000);
finds('groups and a user', '/Users', { filter: 'userName eq "user7@contoso.example" and groups.display sw "group 19"', count: 1 }, 1, 200_000);
finds('groups by the names of their members', '/Groups', { filter: 'members.display co "zzz"', count: 1, excludedAttributes: ['members'] }, 0, 60_000);
finds('groups by the type of their members', '/Groups', { filter: 'members.type eq "group"', count: 1, excludedAttributes: ['members'] }, 199, 60_000);
refuses('a thousand names of members', '/Groups', { filter: many(1_000, (n) => `members.display co "z${n}"`), count: 1 });
finds('sorted by an attribute', '/Users', { sortBy: 'name.familyName', count: 1 }, users, 60_000);

test('a page of users in 200 groups each ends when its memberships are as many as a page holds', async (t) => {
  const answer = await search('/Users', { count: 1_000, attributes: ['groups'] });
  t.diagnostic(`${answer.rows} rows`);
  assert.deepEqual([answer.body.totalResults, answer.body.itemsPerPage], [users, 50]);
  assert.equal(answer.body.Resources[49].groups.length, groups);
  assert.ok(answer.rows <= 200_000, `${answer.rows} rows`);
});

test('what an identity provider asks is never refused for its price', async () => {
  for (const [endpoint, filter, total] of [
    ['/Users', 'employeeNumber eq "x"', 0],
    ['/Users', 'emails[type eq "work"].value eq "user7@contoso.example"', 1],
    ['/Users', `id eq "${userId(7)}" and manager eq "x"`, 0],
    ['/Groups', `id eq "${groupId(1)}" and members eq "${userId(7)}"`, 1],
    ['/Users', many(900, (n) => `externalId eq "ext-${n + 1}"`), 900],
    ['/Users', `userName eq "user7@contoso.example" and (${many(900, (n) => `title ne "${n}"`)})`, 1],
  ]) {
    const answer = await search(endpoint, { filter, count: 1, attributes: ['id'] });
    assert.deepEqual([answer.status, answer.body.totalResults], [200, total], filter.slice(0, 80));
    assert.ok(answer.rows <= 10_100, `${answer.rows}: ${filter.slice(0, 80)}`);
  }
});
