// Groups as Entra provisions them (docs/IDP-TRAFFIC.md 1.4, 1.9, 1.10): match, create, members in both forms, rename,
// PUT, delete. A PATCH is answered 204, as Microsoft's samples show it, since a group may be large.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { serve } from '../harness/serve.mjs';
import { add, assertAnswer, assertError, assertResource, list, op, patch, query, remove, replace, urn } from '../harness/scim.mjs';

const legacy = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';

let worker;
let ask;
serve((started) => {
  worker = started;
  ask = started.scimFetch;
});

/** Creates that many users, some without a displayName; returns what a group shows of each. */
async function people(name, count) {
  const created = await Promise.all(
    Array.from({ length: count }, (_, n) =>
      ask('POST', '/Users', { schemas: [urn.user], userName: `${name}-${n}`, ...(n % 3 ? { displayName: `${name} ${n}` } : {}) }),
    ),
  );
  const shown = ({ id, displayName }) => ({
    value: id,
    $ref: `${worker.scim}/Users/${id}`,
    type: 'User',
    ...(displayName ? { display: displayName } : {}),
  });
  return created.map(({ body }) => shown(body)).sort((a, b) => (a.value < b.value ? -1 : 1));
}

async function createGroup(displayName, more = {}) {
  const answer = await ask('POST', '/Groups', {
    schemas: [urn.group, legacy],
    displayName,
    meta: { resourceType: 'Group' },
    ...more,
  });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

/** Sends the operations, which are answered with only the version, and asserts all members of the group. */
async function becomes(group, operations, members, version) {
  const answer = await ask('PATCH', `/Groups/${group.id}`, patch(...operations));
  assertAnswer(answer, 204);
  if (version) assert.equal(answer.headers.get('etag'), `W/"${version}"`);
  await has(group, members);
}

async function has(group, members) {
  const { status, body } = await ask('GET', `/Groups/${group.id}`);
  assert.equal(status, 200);
  assert.deepEqual(body.members?.toSorted((a, b) => (a.value < b.value ? -1 : 1)) ?? [], members);
}

const entra = ({ value }) => ({ $ref: null, value });
const byFilter = ({ value }) => op('remove', `members[value eq "${value}"]`);

test('a group: probed, created with the legacy schema, read, renamed, replaced, deleted', async () => {
  const match = (name) => query('/Groups', `displayName eq "${name}"`, '&excludedAttributes=members');
  assertAnswer(await ask('GET', match('Sales (EMEA) & more')), 200, list());
  const body = {
    schemas: [urn.group, legacy],
    externalId: '8aa1a0c0',
    displayName: 'Sales (EMEA) & more',
    meta: { resourceType: 'Group' },
  };
  const expected = { type: 'Group', base: worker.scim, displayName: 'Sales (EMEA) & more', externalId: '8aa1a0c0' };
  const group = assertResource(await ask('POST', '/Groups', body), { ...expected, members: [], status: 201, version: 1 });
  const { id } = group;
  const { members: none, ...withoutMembers } = group;
  for (const name of ['Sales (EMEA) & more', 'SALES (emea) & MORE'])
    assertAnswer(await ask('GET', match(name)), 200, list(withoutMembers));
  assertAnswer(await ask('GET', query('/Groups', 'externalId eq "8aa1a0c0"')), 200, list(group));
  assertResource(await ask('GET', `/Groups/${id}?excludedAttributes=members`), { ...expected, id, version: 1 });
  assertError(
    await ask('POST', '/Groups', { ...body, displayName: 'sales (emea) & more' }),
    409,
    'uniqueness',
    'another Group has the displayName `sales (emea) & more`',
  );

  assertAnswer(await ask('PATCH', `/Groups/${id}`, patch(replace('displayName', 'Sales'))), 204);
  assertAnswer(
    await ask('PATCH', `/Groups/${id}`, patch(op('replace', undefined, { externalId: 'ext', id, schemas: [urn.group] }))),
    204,
  );
  const renamed = { ...expected, id, displayName: 'Sales', externalId: 'ext', version: 3 };
  const seen = assertResource(await ask('GET', `/Groups/${id}?excludedAttributes=members`), renamed);
  assertAnswer(await ask('GET', match('sales (emea) & more')), 200, list());
  assertAnswer(await ask('GET', match('SALES')), 200, list(seen));

  const [ann] = await people('put', 1);
  const put = {
    schemas: [urn.group],
    displayName: 'Sales',
    members: [{ value: ann.value, display: 'whatever', $ref: 'ignored' }],
  };
  const { externalId, ...replaced } = { ...renamed, members: [ann], version: 4 };
  assertResource(await ask('PUT', `/Groups/${id}`, put), replaced);
  assertResource(await ask('PUT', `/Groups/${id}`, put), replaced);
  assertResource(await ask('GET', `/Groups/${id}`), replaced);
  const { members, ...without } = replaced;
  assertResource(await ask('GET', `/Groups/${id}?excludedAttributes=members`), without);
  assertResource(await ask('PUT', `/Groups/${id}`, { schemas: [urn.group], displayName: 'Sales' }), { ...without, members: [], version: 5 });

  assertAnswer(await ask('DELETE', `/Groups/${id}`), 204);
  assertError(await ask('GET', `/Groups/${id}`), 404, undefined, `there is no Group \`${id}\``);
  assertError(await ask('DELETE', `/Groups/${id}`), 404, undefined, `there is no Group \`${id}\``);
  assertAnswer(await ask('GET', match('Sales')), 200, list());
});

test('a member comes and goes in every form; what is so already stays so and makes no new version', async () => {
  const [a, b] = await people('forms', 2);
  const group = await createGroup('Forms');
  let version = 1;
  for (const adding of [
    add('members', [entra(a)]),
    add('members', [{ value: a.value }]),
    op('add', 'members', a.value),
    op('add', 'Members', [a.value]),
    op('add', undefined, { members: [{ value: a.value }] }),
    op('replace', 'members', [{ value: a.value }]),
    add('members', { value: a.value }),
  ]) {
    for (const removing of [
      remove('members', [entra(a)]),
      byFilter(a),
      op('remove', `members[value eq"${a.value}"]`),
      op('remove', 'members', { value: a.value }),
      op('remove', 'members', a.value),
      op('Remove', `Members[VALUE EQ "${a.value}"]`),
      op('remove', `members[type eq "User" and value eq "${a.value}"]`),
    ]) {
      await becomes(group, [adding], [a], ++version);
      await becomes(group, [adding], [a], version);
      await becomes(group, [removing], [], ++version);
      await becomes(group, [removing], [], version);
    }
  }
  await becomes(group, [add('members', [entra(a), entra(b), entra(a)])], [a, b], ++version);
  await becomes(group, [remove('members', [])], [a, b], version);
  await becomes(group, [remove('members', [entra({ value: randomUUID() })])], [a, b], version);
  await becomes(group, [remove('members', [entra(a)])], [b], ++version);
  await becomes(group, [add('members', [entra(a)]), remove('members', [entra(a), entra(b)])], [], ++version);
  await becomes(group, [add('members', [entra(b)]), byFilter(b), add('members', [entra(a)])], [a], ++version);
  await becomes(group, [remove('members')], [], ++version);
});

test('300 members come in one operation or in 300, and go in either form', async () => {
  const all = await people('many', 300);
  const group = await createGroup('Many');
  await becomes(group, [add('members', all.map(entra))], all, 2);
  await becomes(group, all.slice(0, 290).map(byFilter), all.slice(290), 3);
  await becomes(
    group,
    all.map((one) => add('members', [entra(one)])),
    all,
    4,
  );
  await becomes(group, [remove('members', all.slice(5).map(entra))], all.slice(0, 5), 5);
  await becomes(
    group,
    [remove('members', all.slice(0, 3).map(entra)), ...all.slice(100, 110).map((one) => add('members', [entra(one)]))],
    [...all.slice(3, 5), ...all.slice(100, 110)],
    6,
  );
});

test('members that do not exist are refused by name, and none is added', async () => {
  const [a] = await people('nobody', 1);
  const group = await createGroup('Nobody');
  const ghost = randomUUID();
  const detail = `no user or group has the id of these members: \`${ghost}\``;
  const members = [entra(a), { value: ghost }];
  assertError(await ask('PATCH', `/Groups/${group.id}`, patch(add('members', members))), 400, 'invalidValue', detail);
  assertError(await ask('PUT', `/Groups/${group.id}`, { displayName: 'Nobody', members }), 400, 'invalidValue', detail);
  assertError(await ask('POST', '/Groups', { displayName: 'Never', members }), 400, 'invalidValue', detail);
  await has(group, []);
  assertAnswer(await ask('GET', query('/Groups', 'displayName eq "Never"')), 200, list());
  assertError(await ask('PATCH', '/Groups/none', patch(add('members', [entra(a)]))), 404, undefined, 'there is no Group `none`');
});

test('the reference check finds a member, and only a member', async () => {
  const [a, b] = await people('check', 2);
  const group = await createGroup('Check');
  await becomes(group, [add('members', [entra(a)])], [a]);
  const check = (member) => query('/Groups', `id eq "${group.id}" and members eq "${member}"`, '&attributes=id');
  assertAnswer(await ask('GET', check(a.value)), 200, list({ schemas: [urn.group], id: group.id }));
  assertAnswer(await ask('GET', check(b.value)), 200, list());
  const { body } = await ask('GET', `/Groups/${group.id}?excludedAttributes=members`);
  for (const filter of [`members.value eq "${a.value}"`, `members[value eq "${a.value}"]`]) {
    assertAnswer(await ask('GET', query('/Groups', filter, '&excludedAttributes=members')), 200, list(body));
  }
});

test('a user shows its groups, nested ones as indirect, keeps them while disabled and loses them when deleted', async () => {
  const [a, b] = await people('shown', 2);
  const inner = await createGroup('Inner');
  const outer = await createGroup('Outer', { members: [{ value: inner.id }] });
  await becomes(inner, [add('members', [entra(a), entra(b)])], [a, b]);
  const group = (of, type) => ({ value: of.id, $ref: `${worker.scim}/Groups/${of.id}`, type, display: of.displayName });
  const sorted = (groups) => groups?.toSorted((x, y) => (x.value < y.value ? -1 : 1));
  const both = sorted([group(inner, 'direct'), group(outer, 'indirect')]);
  assert.deepEqual(sorted((await ask('GET', `/Users/${a.value}`)).body.groups), both);
  const disabled = await ask('PATCH', `/Users/${a.value}`, patch(replace('active', 'False')));
  assert.deepEqual(sorted(disabled.body.groups), both);
  assert.equal(disabled.body.active, false);
  assert.deepEqual(sorted((await ask('PATCH', `/Users/${a.value}`, patch(replace('active', 'True')))).body.groups), both);
  await has(inner, [a, b]);
  await has(outer, [{ value: inner.id, $ref: `${worker.scim}/Groups/${inner.id}`, type: 'Group', display: 'Inner' }]);
  assertAnswer(await ask('DELETE', `/Users/${a.value}`), 204);
  await has(inner, [b]);
  assertAnswer(await ask('DELETE', `/Groups/${inner.id}`), 204);
  await has(outer, []);
  assert.equal((await ask('GET', `/Users/${b.value}`)).body.groups, undefined);
});

test('members are shown by the names that they have today', async () => {
  const [a] = await people('named', 1);
  const group = await createGroup('Named');
  await becomes(group, [add('members', [entra(a)])], [a]);
  assert.equal((await ask('PATCH', `/Users/${a.value}`, patch(replace('displayName', 'Ann')))).status, 200);
  await has(group, [{ ...a, display: 'Ann' }]);
});

test('attributes and members change in one PATCH, all of it or nothing', async () => {
  const [a] = await people('both', 1);
  const group = await createGroup('Both');
  await createGroup('Taken');
  await becomes(group, [replace('displayName', 'Both 2'), add('members', [entra(a)]), replace('externalId', 'x')], [a], 2);
  assertResource(await ask('GET', `/Groups/${group.id}`), {
    type: 'Group',
    id: group.id,
    base: worker.scim,
    displayName: 'Both 2',
    externalId: 'x',
    members: [a],
    version: 2,
  });
  assertError(
    await ask('PATCH', `/Groups/${group.id}`, patch(remove('members', [entra(a)]), replace('displayName', 'TAKEN'))),
    409,
    'uniqueness',
    'another Group has the displayName `TAKEN`',
  );
  await has(group, [a]);
});

test('groups that contain each other are read and deleted like any others', async () => {
  const [a] = await people('circle', 1);
  const [one, two] = [await createGroup('One'), await createGroup('Two')];
  for (const [group, members] of [
    [one, [a.value, two.id]],
    [two, [one.id]],
  ]) {
    assertAnswer(
      await ask(
        'PATCH',
        `/Groups/${group.id}`,
        patch(
          add(
            'members',
            members.map((value) => ({ value })),
          ),
        ),
      ),
      204,
    );
  }
  const groupsOf = async () =>
    (await ask('GET', `/Users/${a.value}`)).body.groups?.map(({ value, type }) => [value, type]).sort();
  assert.deepEqual(
    await groupsOf(),
    [
      [one.id, 'direct'],
      [two.id, 'indirect'],
    ].sort(),
  );
  assertAnswer(
    await ask('GET', query('/Users', `groups.value eq "${two.id}"`, '&attributes=id')),
    200,
    list({ schemas: [urn.user], id: a.value }),
  );
  assertAnswer(await ask('DELETE', `/Groups/${two.id}`), 204);
  assert.deepEqual(await groupsOf(), [[one.id, 'direct']]);
  assertAnswer(await ask('DELETE', `/Groups/${one.id}`), 204);
  assert.equal(await groupsOf(), undefined);
});
