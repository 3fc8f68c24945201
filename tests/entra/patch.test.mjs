// Every form of PATCH that Entra and Microsoft's test tools send for a user, for active, value paths, manager and
// roles (docs/IDP-TRAFFIC.md 1.3, 1.6 to 1.8, 1.10, 2.1, 5): what is stored afterwards, in full. Not here: the order
// of a provisioning cycle (cycle.test.mjs), extensions and clearing (values.test.mjs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from '../harness/serve.mjs';
import { createUser, userBecomes } from '../harness/users.mjs';
import { add, assertResource, op, remove, replace, urn } from '../harness/scim.mjs';

const { enterprise } = urn;

let worker;
let ask;
serve((started) => {
  worker = started;
  ask = started.scimFetch;
});

const create = (attributes) => createUser(worker, attributes);
const becomes = (...change) => userBecomes(worker, ...change);

for (const [name, change] of [
  ['"False" with a capital op', replace('active', 'False')],
  ['false with a capital op', replace('active', false)],
  ['"false"', op('replace', 'active', 'false')],
  ['false', op('replace', 'active', false)],
  ['no path', op('replace', undefined, { active: false })],
  ['no path and a text', op('Replace', undefined, { active: 'False' })],
  ['add', add('active', 'FALSE')],
]) {
  test(`active: ${name} disables, and the same with true enables again`, async () => {
    const user = await create({ active: true });
    await becomes(user, [change], { active: false });
    const opposite = JSON.parse(JSON.stringify(change).replace(/false/gi, (found) => (found === 'False' ? 'True' : 'true')));
    await becomes(user, [opposite], { active: true });
  });
}

test('create: strings for booleans, empty lists and nulls, an extension listed without values', async () => {
  const answer = await ask('POST', '/Users', {
    schemas: [urn.user, enterprise],
    userName: 'created',
    active: 'True',
    externalId: 'ext',
    addresses: null,
    phoneNumbers: [],
    roles: [],
    title: null,
    manager: null,
    emails: [
      { primary: 'True', type: 'work', value: 'a@contoso.example' },
      { primary: 'false', type: 'other', value: 'b' },
    ],
    meta: { resourceType: 'User' },
    name: { givenName: null, familyName: 'F' },
    id: 'chosen',
    groups: [{ value: 'x' }],
    password: 'a-Secret-1',
  });
  assertResource(answer, {
    status: 201,
    base: worker.scim,
    version: 1,
    userName: 'created',
    active: true,
    externalId: 'ext',
    name: { familyName: 'F' },
    emails: [
      { primary: true, type: 'work', value: 'a@contoso.example' },
      { primary: false, type: 'other', value: 'b' },
    ],
  });
  assert.notEqual(answer.body.id, 'chosen');
});

test('value paths that match nothing make the element, once for all the operations on it', async () => {
  await becomes(
    await create(),
    [
      add('emails[type eq "work"].value', 'w@contoso.example'),
      add('emails[type eq "work"].primary', 'true'),
      replace('emails[type eq "other"].Value', 'o@contoso.example'),
      replace('phoneNumbers[type eq "fax"].value', '56-357-7743'),
      add('phoneNumbers[type eq "work"].value', '1'),
      add('addresses[type eq "work"].streetAddress', 'S'),
      add('addresses[type eq "work"].country', 'Belize'),
      add('addresses[type eq "other"].Formatted', 'Office 7'),
      add('emails[type eq "untyped"].value', 'u@contoso.example'),
    ],
    {
      emails: [
        { type: 'work', value: 'w@contoso.example', primary: true },
        { type: 'other', value: 'o@contoso.example' },
        { type: 'untyped', value: 'u@contoso.example' },
      ],
      phoneNumbers: [
        { type: 'fax', value: '56-357-7743' },
        { type: 'work', value: '1' },
      ],
      addresses: [
        { type: 'work', streetAddress: 'S', country: 'Belize' },
        { type: 'other', formatted: 'Office 7' },
      ],
    },
  );
  await becomes(await create(), [op('replace', 'emails[primary EQ true].value', 'p@contoso.example')], {
    emails: [{ primary: true, value: 'p@contoso.example' }],
  });
  await becomes(
    await create(),
    [op('add', 'emails[type eq "work"].primary', 'True'), op('add', 'emails[type eq "work"].value', 'x')],
    { emails: [{ type: 'work', primary: true, value: 'x' }] },
  );
});

test('value paths that match change that element and no other', async () => {
  const emails = [
    { type: 'work', value: 'w', primary: true },
    { type: 'home', value: 'h' },
  ];
  const user = await create({ emails });
  await becomes(user, [replace('emails[type eq "WORK"].value', 'W2')], {
    emails: [{ type: 'work', value: 'W2', primary: true }, emails[1]],
  });
  await becomes(user, [replace('EMAILS[Type Eq "home"].Primary', true)], {
    emails: [
      { type: 'work', value: 'W2', primary: false },
      { type: 'home', value: 'h', primary: true },
    ],
  });
  await becomes(user, [remove('emails[type eq "work"]')], { emails: [{ type: 'home', value: 'h', primary: true }] });
});

test('manager: every form of setting it reads as manager.value, every form of clearing it clears', async () => {
  const boss = (await create()).id;
  const $ref = `https://contoso.example/scim/Users/${boss}`;
  const has = (manager) => ({ schemas: [enterprise], [enterprise]: { manager } });
  for (const [change, manager] of [
    [add('manager', [{ $ref, value: boss }]), { $ref, value: boss }],
    [add('manager', { value: boss }), { value: boss }],
    [add('manager', boss), { value: boss }],
    [add(`${enterprise}:manager`, boss), { value: boss }],
    [op('add', `${enterprise}:Manager`, { value: 'NOBODY' }), { value: 'NOBODY' }],
    [op('replace', `${enterprise}:manager.value`, boss), { value: boss }],
    [op('replace', 'manager.value', boss), { value: boss }],
    [op('replace', undefined, { [`${enterprise}:manager`]: boss }), { value: boss }],
    [op('replace', undefined, { [enterprise]: { manager: boss } }), { value: boss }],
    [op('replace', enterprise, { manager: { value: boss, displayName: 'ignored' } }), { value: boss }],
    [op('add', `${enterprise}:manager`, [boss]), { value: boss }],
  ]) {
    for (const clearing of [
      op('replace', `${enterprise}:manager`, ''),
      op('replace', `${enterprise}:manager`, { value: '' }),
      op('replace', `${enterprise}:manager`, null),
      op('remove', `${enterprise}:manager`),
      remove('manager'),
      op('replace', undefined, { [`${enterprise}:manager`]: '' }),
      replace('manager', [{ value: null }]),
    ]) {
      const user = await create();
      await becomes(user, [change], has(manager));
      await becomes(user, [clearing], {});
      await becomes(user, [clearing], {});
    }
  }
});

test('manager: a bare id in POST, within the extension and outside it', async () => {
  for (const body of [{ [enterprise]: { manager: 'boss' } }, { manager: 'boss' }, { [`${enterprise}:manager`]: 'boss' }]) {
    const user = await create(body);
    await becomes(user, [], { schemas: [enterprise], [enterprise]: { manager: { value: 'boss' } } });
  }
});

test('roles: one role by a quoted boolean, its sub-attributes one by one', async () => {
  const user = await create();
  await becomes(
    user,
    [
      op('add', 'roles[primary eq "True"].display', 'Administrator'),
      op('add', 'roles[primary eq "True"].value', 'Admin'),
      op('add', 'roles[primary eq "True"].type', 'WindowsAzureActiveDirectoryRole'),
    ],
    { roles: [{ primary: true, display: 'Administrator', value: 'Admin', type: 'WindowsAzureActiveDirectoryRole' }] },
  );
  await becomes(user, [replace('roles[primary EQ true].value', 'User')], {
    roles: [{ primary: true, display: 'Administrator', value: 'User', type: 'WindowsAzureActiveDirectoryRole' }],
  });
});

test('roles: added as JSON text, added in several, and replaced as a whole', async () => {
  const text = '{"id":"06b0","value":"25","displayName":"Role1234"}';
  const user = await create({ roles: [{ primary: 'True', type: 'WindowsAzureActiveDirectoryRole', value: 'Admin' }] });
  const first = { primary: true, type: 'WindowsAzureActiveDirectoryRole', value: 'Admin' };
  await becomes(user, [add('roles', [{ value: text }])], { roles: [first, { value: text }] });
  await becomes(user, [add('roles', [{ value: text }, { value: 'b', primary: 'False', displayName: 'B' }])], {
    roles: [first, { value: text }, { value: 'b', primary: false, display: 'B' }],
  });
  await becomes(user, [replace('roles', [{ value: 'c', display: 'C', primary: false }])], {
    roles: [{ value: 'c', display: 'C', primary: false }],
  });
  await becomes(user, [replace('roles', [])], {});
  const created = await create({ roles: [{ value: 'x', displayName: 'X', primary: 'false', type: 't' }, 'bare'] });
  await becomes(created, [], { roles: [{ value: 'x', display: 'X', primary: false, type: 't' }, { value: 'bare' }] });
});
