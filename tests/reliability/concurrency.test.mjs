// Simultaneous requests: nothing is lost, nothing is there twice, and every client reads the true result of its own
// request.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unlimited } from '../harness/index.mjs';
import { serve } from '../harness/serve.mjs';
import { add, assertAnswer, assertError, list, op, patch, query, remove, replace, urn } from '../harness/scim.mjs';

let worker;
let ask;
serve(
  (started) => {
    worker = started;
    ask = started.scimFetch;
  },
  { rates: unlimited },
);

const times = (count, body) => Promise.all(Array.from({ length: count }, (_, n) => body(n)));
const tally = (answers) => {
  const counts = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};
const people = async (name, count) =>
  (await times(count, (n) => ask('POST', '/Users', { schemas: [urn.user], userName: `${name}-${n}` }))).map(
    ({ body }) => body.id,
  );
const createGroup = async (displayName, ids = []) =>
  (await ask('POST', '/Groups', { schemas: [urn.group], displayName, members: ids.map((value) => ({ value })) })).body;
const membersOf = async (group) => (await ask('GET', `/Groups/${group.id}`)).body.members?.map(({ value }) => value).sort() ?? [];

test("200 PATCHes of one group's members, adds and removes in mixed forms, leave exactly the right members", async () => {
  const ids = await people('member', 300);
  const group = await createGroup('Crowd', ids.slice(0, 100));
  const forms = {
    add: [
      (value) => add('members', [{ $ref: null, value }]),
      (value) => op('add', 'members', [{ value }]),
      (value) => op('add', undefined, { members: [{ value }] }),
    ],
    remove: [
      (value) => remove('members', [{ $ref: null, value }]),
      (value) => op('remove', `members[value eq "${value}"]`),
      (value) => op('remove', 'members', { value }),
    ],
  };
  // 0 to 99 are members and are removed, each in a request of its own; 100 to 299 are added, two in a request.
  const answers = await times(200, (n) => {
    const pick = (kind, value) => forms[kind][n % 3](value);
    if (n % 2) return ask('PATCH', `/Groups/${group.id}`, patch(pick('remove', ids[(n - 1) / 2])));
    return ask('PATCH', `/Groups/${group.id}`, patch(pick('add', ids[100 + n]), pick('add', ids[101 + n])));
  });
  assert.deepEqual(tally(answers), { 204: 200 });
  assert.deepEqual(await membersOf(group), ids.slice(100).sort());
  const tags = answers.map(({ headers }) => headers.get('etag'));
  assert.equal(new Set(tags).size, 200, 'every change makes a version of its own');
  assert.equal((await ask('GET', `/Groups/${group.id}`)).headers.get('etag'), 'W/"201"');
});

test('50 creations of one userName in different letter cases: one 201, the others 409', async () => {
  const name = 'simultaneous';
  const cased = (n) => [...name].map((letter, at) => ((n >> (at % 6)) & 1 ? letter.toUpperCase() : letter)).join('');
  const answers = await times(50, (n) => ask('POST', '/Users', { schemas: [urn.user], userName: cased(n), externalId: `${n}` }));
  assert.deepEqual(tally(answers), { 201: 1, 409: 49 });
  answers.forEach(
    (answer, n) =>
      answer.status === 409 && assertError(answer, 409, 'uniqueness', `another User has the userName \`${cased(n)}\``),
  );
  const winner = answers.find(({ status }) => status === 201);
  assertAnswer(await ask('GET', query('/Users', `userName eq "${name}"`)), 200, list(winner.body));
});

test('50 creations of one group name: one 201, the others 409', async () => {
  const answers = await times(50, (n) =>
    ask('POST', '/Groups', { schemas: [urn.group], displayName: n % 2 ? 'Straße' : 'STRASSE' }),
  );
  assert.deepEqual(tally(answers), { 201: 1, 409: 49 });
  const winner = answers.find(({ status }) => status === 201);
  assertAnswer(await ask('GET', query('/Groups', 'displayName eq "strasse"')), 200, list(winner.body));
});

test('100 PATCHes of one user, each of another attribute, all land', async () => {
  const [id] = await people('patched', 1);
  const plain = [
    'displayName',
    'nickName',
    'title',
    'userType',
    'preferredLanguage',
    'locale',
    'timezone',
    'profileUrl',
    'externalId',
    'name.givenName',
    'name.familyName',
    'name.formatted',
    'name.middleName',
  ];
  const enterprise = ['employeeNumber', 'costCenter', 'organization', 'division', 'department'].map(
    (name) => `${urn.enterprise}:${name}`,
  );
  const typed = ['work', 'home', 'mobile', 'fax', 'pager', 'other'].map((type) => `phoneNumbers[type eq "${type}"].value`);
  const address = ['streetAddress', 'locality', 'region', 'postalCode', 'country', 'formatted'].map(
    (sub) => `addresses[type eq "work"].${sub}`,
  );
  const paths = [...plain, ...enterprise, ...typed, ...address];
  for (let n = 0; paths.length < 100; n += 1) paths.push(`urn:example:${n % 3}.0:User:attribute${n}`);
  const answers = await times(100, (n) => ask('PATCH', `/Users/${id}`, patch(replace(paths[n], `value ${n}`))));
  assert.deepEqual(tally(answers), { 200: 100 });
  const { body } = await ask('GET', `/Users/${id}`);
  const at = (path) => {
    const [, list, type, sub] = path.match(/^(\w+)\[type eq "(\w+)"\]\.(\w+)$/) ?? [];
    if (list) return body[list].find((element) => element.type === type)?.[sub];
    const [, urn, name] = path.match(/^(urn:.*):(\w+)$/) ?? [];
    return urn ? body[urn]?.[name] : path.split('.').reduce((value, key) => value?.[key], body);
  };
  assert.deepEqual(
    paths.map(at),
    paths.map((_, n) => `value ${n}`),
  );
  assert.equal(body.addresses.length, 1);
  assert.equal(body.meta.version, 'W/"101"');
  answers.forEach(({ body: seen }, n) =>
    assert.ok(JSON.stringify(seen).includes(`"value ${n}"`), 'each answer shows its own change'),
  );
});

test('PATCHes and a DELETE of one user: each PATCH is done or 404, and the user is gone', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [id] = await people(`doomed-${round}`, 1);
    const group = await createGroup(`Doomed ${round}`, [id]);
    const answers = await times(40, (n) =>
      n === 20
        ? ask('DELETE', `/Users/${id}`)
        : ask(
            'PATCH',
            `/Users/${id}`,
            patch(replace('title', `T${n}`), add('emails[type eq "work"].value', `${n}@contoso.example`)),
          ),
    );
    assertAnswer(answers[20], 204);
    for (const answer of answers.filter(({ status }) => status !== 200 && status !== 204))
      assertError(answer, 404, undefined, `there is no User \`${id}\``);
    assertError(await ask('GET', `/Users/${id}`), 404, undefined, `there is no User \`${id}\``);
    assert.deepEqual(await membersOf(group), []);
    for (const table of [
      `resources WHERE id = '${id}'`,
      `emails WHERE resource_id = '${id}'`,
      `memberships WHERE member_id = '${id}'`,
    ]) {
      assert.deepEqual(await worker.d1.prepare(`SELECT count(*) AS n FROM ${table}`).first(), { n: 0 }, table);
    }
  }
});

test('a DELETE of a user and adding it to groups at once leaves no member', async () => {
  const groups = await times(10, (n) => createGroup(`Vanishing ${n}`));
  const ids = await people('vanishing', 10);
  const answers = await Promise.all(
    ids.flatMap((id) => [
      ...groups.map((group) => ask('PATCH', `/Groups/${group.id}`, patch(add('members', [{ value: id }])))),
      ask('DELETE', `/Users/${id}`),
    ]),
  );
  for (const answer of answers.filter(({ status }) => status !== 204))
    assertError(answer, 400, 'invalidValue', /^no user or group has the id of these members: /);
  for (const group of groups) assert.deepEqual(await membersOf(group), []);
});

test('30 users renamed to one name: one has it, the others keep theirs', async () => {
  const ids = await people('rename', 30);
  const answers = await times(30, (n) =>
    ask('PATCH', `/Users/${ids[n]}`, patch(replace('userName', n % 2 ? 'Chosen' : 'CHOSEN'), replace('title', 'renamed'))),
  );
  assert.deepEqual(tally(answers), { 200: 1, 409: 29 });
  const users = (await times(30, (n) => ask('GET', `/Users/${ids[n]}`))).map(({ body }) => body);
  users.forEach(({ userName, title }, n) => {
    const won = answers[n].status === 200;
    assert.deepEqual([userName, title], won ? [n % 2 ? 'Chosen' : 'CHOSEN', 'renamed'] : [`rename-${n}`, undefined]);
  });
});

test('two users that swap names at once never both have one', async () => {
  const [a, b] = await people('swap', 2);
  const answers = await Promise.all([
    ask('PATCH', `/Users/${a}`, patch(replace('userName', 'swap-1'))),
    ask('PATCH', `/Users/${b}`, patch(replace('userName', 'swap-0'))),
  ]);
  assert.deepEqual(tally(answers), { 409: 2 });
});

test("PUT and PATCH of a group's members at once: the sum is one that some order of them gives", async () => {
  const ids = await people('put', 60);
  for (let round = 0; round < 5; round += 1) {
    const group = await createGroup(`Put ${round}`, ids.slice(0, 10));
    const kept = ids.slice(50);
    const put = { schemas: [urn.group], displayName: `Put ${round}`, members: kept.map((value) => ({ value })) };
    const answers = await times(41, (n) =>
      n === 20
        ? ask('PUT', `/Groups/${group.id}`, put)
        : ask('PATCH', `/Groups/${group.id}`, patch(add('members', [{ value: ids[10 + (n > 20 ? n - 1 : n)] }]))),
    );
    assert.deepEqual(tally(answers), { 200: 1, 204: 40 });
    // The version shows the order: a user added after the PUT is a member, one added before is not.
    const version = (answer) => Number(answer.headers.get('etag').slice(3, -1));
    const turn = version(answers[20]);
    const later = answers.flatMap((answer, n) => (n !== 20 && version(answer) > turn ? [ids[10 + (n > 20 ? n - 1 : n)]] : []));
    assert.deepEqual(await membersOf(group), [...kept, ...later].sort());
    assert.deepEqual(
      answers[20].body.members.map(({ value }) => value).sort(),
      kept.toSorted(),
      'the PUT is answered with what it made',
    );
  }
});

test('renames and members of one group at once: none is lost', async () => {
  const ids = await people('mixed', 40);
  const group = await createGroup('Mixed');
  const answers = await times(40, (n) =>
    ask(
      'PATCH',
      `/Groups/${group.id}`,
      n % 2
        ? patch(add('members', [{ value: ids[n] }]))
        : patch(replace('externalId', `e${n}`), add('members', [{ value: ids[n] }])),
    ),
  );
  assert.deepEqual(tally(answers), { 204: 40 });
  assert.deepEqual(await membersOf(group), ids.toSorted());
});

test('a removal of all users by filter among adds: a user added after it is a member, and no other', async () => {
  const ids = await people('filtered', 40);
  const group = await createGroup('Filtered', ids.slice(0, 10));
  const answers = await times(31, (n) => {
    const operation =
      n === 15 ? op('remove', 'members[type eq "User"]') : add('members', [{ value: ids[10 + (n > 15 ? n - 1 : n)] }]);
    return ask('PATCH', `/Groups/${group.id}`, patch(operation));
  });
  assert.deepEqual(tally(answers), { 204: 31 });
  const version = (answer) => Number(answer.headers.get('etag').slice(3, -1));
  const turn = version(answers[15]);
  const later = answers.flatMap((answer, n) => (n !== 15 && version(answer) > turn ? [ids[10 + (n > 15 ? n - 1 : n)]] : []));
  assert.deepEqual(await membersOf(group), later.sort());
});

test('the counts of users and groups are exact', async () => {
  for (const type of ['User', 'Group']) {
    const { n } = await worker.d1.prepare('SELECT count(*) AS n FROM resources WHERE type = ?').bind(type).first();
    assert.equal((await ask('GET', `/${type}s?count=0`)).body.totalResults, n);
  }
});
