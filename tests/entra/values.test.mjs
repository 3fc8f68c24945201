// The values that Entra and Microsoft's test tools set and clear for a user: extensions, "" and null, free text,
// Visibly's attributes (docs/IDP-TRAFFIC.md 1.7, 1.11, 1.12, 2.1): what is stored afterwards, in full. Not here: the
// forms of single operations (patch.test.mjs).

import { test } from 'node:test';
import { serve } from '../harness/serve.mjs';
import { createUser, userBecomes } from '../harness/users.mjs';
import { add, assertAnswer, assertError, list, op, patch, query, remove, replace, urn } from '../harness/scim.mjs';

const custom = 'urn:ietf:params:scim:schemas:extension:Contoso:2.0:User';
const { enterprise } = urn;

let worker;
let ask;
serve((started) => {
  worker = started;
  ask = started.scimFetch;
});

const create = (attributes) => createUser(worker, attributes);
const becomes = (...change) => userBecomes(worker, ...change);

test('extensions: declared and undeclared attributes, by path, without a path, and in POST', async () => {
  const user = await create({ [custom]: { tag: 'T', empty: null }, [`${custom}:floor`]: '3' });
  const seen = { schemas: [custom], [custom]: { tag: 'T', floor: '3' } };
  await becomes(user, [], seen);
  await becomes(user, [add(`${enterprise}:costCenter`, 'CC'), add(`${custom}:badge`, 7)], {
    schemas: [custom, enterprise],
    [custom]: { tag: 'T', floor: '3', badge: 7 },
    [enterprise]: { costCenter: 'CC' },
  });
  await becomes(
    user,
    [op('replace', undefined, { [`${custom}:TAG`]: 'T2', [`${enterprise}:Division`]: 'D', [`${custom}:flag`]: 'True' })],
    {
      schemas: [custom, enterprise],
      [custom]: { tag: 'T2', floor: '3', badge: 7, flag: 'True' },
      [enterprise]: { costCenter: 'CC', division: 'D' },
    },
  );
  const { body } = await ask('GET', `/Users/${user.id}`);
  for (const filter of [
    `${custom}:tag eq "t2"`,
    `${custom}:badge eq 7`,
    `${enterprise}:costCenter eq "cc" and ${custom}:floor eq "3"`,
  ]) {
    assertAnswer(await ask('GET', query('/Users', filter)), 200, list(body));
  }
  await becomes(
    user,
    [replace(`${custom}:floor`, ''), remove(`${custom}:badge`), op('remove', enterprise), replace(`${custom}:flag`, null)],
    { schemas: [custom], [custom]: { tag: 'T2' } },
  );
  await becomes(user, [op('remove', custom)], {});
});

test('clearing: "" and then null, attribute by attribute, each a success and the second too', async () => {
  const full = {
    displayName: 'D',
    title: 'T',
    preferredLanguage: 'en',
    name: { givenName: 'G', familyName: 'F' },
    emails: [{ type: 'work', value: 'w', primary: true }],
    phoneNumbers: [{ type: 'mobile', value: '1' }],
    addresses: [{ type: 'work', streetAddress: 'S', country: 'C' }],
    roles: [{ primary: true, value: 'R' }],
    [enterprise]: { department: 'X', employeeNumber: '1' },
    [custom]: { tag: 'T' },
  };
  const paths = [
    'displayName',
    'title',
    'preferredLanguage',
    'name.givenName',
    'name.familyName',
    'emails[type eq "work"].value',
    'phoneNumbers[type eq "mobile"].value',
    'addresses[type eq "work"].streetAddress',
    'addresses[type eq "work"].country',
    'roles[primary eq "True"].value',
    `${enterprise}:department`,
    `${enterprise}:employeeNumber`,
    `${enterprise}:manager`,
    `${custom}:tag`,
    'emails[type eq "other"].value',
  ];
  const verbose = (value) => paths.map((path) => op('replace', path, value));
  const brief = (value) => [
    ...paths.filter((path) => path.includes('[')).map((path) => op('replace', path, value)),
    op('replace', undefined, Object.fromEntries(paths.filter((path) => !path.includes('[')).map((path) => [path, value]))),
  ];
  for (const shape of [verbose, brief]) {
    const user = await create(full);
    await becomes(user, [], { schemas: [enterprise, custom], ...full });
    await becomes(user, shape(''), {});
    await becomes(user, shape(null), {});
    const other = await create(full);
    await becomes(other, shape(null), {});
    await becomes(other, shape(''), {});
  }
});

test('required and server-kept attributes are not cleared, and nothing else of that PATCH is done', async () => {
  const user = await create({ title: 'T' });
  for (const [change, scimType, detail] of [
    [replace('userName', ''), 'invalidValue', 'a User needs a value for `userName`'],
    [replace('userName', null), 'invalidValue', 'a User needs a value for `userName`'],
    [remove('userName'), 'mutability', 'Operations[1]: `userName` is required and cannot be removed'],
    [replace('id', 'x'), 'mutability', 'Operations[1]: `id` is readOnly'],
    [
      replace('meta.created', 'x'),
      'mutability',
      /^Operations\[1\]: `created` is readOnly$|^Operations\[1\]: `meta` is readOnly$/,
    ],
    [replace('groups', [{ value: 'x' }]), 'mutability', 'Operations[1]: `groups` is readOnly'],
  ]) {
    assertError(await ask('PATCH', `/Users/${user.id}`, patch(replace('title', 'lost'), change)), 400, scimType, detail);
    await becomes(user, [], { title: 'T' });
  }
});

test("Microsoft's validator: values wrapped in arrays, free text in every field, operations on the same attribute", async () => {
  const user = await create({ preferredLanguage: 'en' });
  await becomes(
    user,
    [
      op('replace', 'displayName', ['X']),
      op('add', 'locale', 'RJWNTUNNOHNZ'),
      op('add', 'profileUrl', 'BAPNQLJSRQGD'),
      op('add', 'timezone', 'upd-1'),
    ],
    { preferredLanguage: 'en', displayName: 'X', locale: 'RJWNTUNNOHNZ', profileUrl: 'BAPNQLJSRQGD', timezone: 'upd-1' },
  );
  await becomes(
    user,
    [
      op('remove', 'preferredLanguage'),
      op('add', 'preferredLanguage', 'de'),
      op('replace', 'preferredLanguage', 'fr'),
      op('remove', 'locale'),
      op('remove', 'profileUrl'),
    ],
    { preferredLanguage: 'fr', displayName: 'X', timezone: 'upd-1' },
  );
});

test('values come back exactly as they were sent', async () => {
  const attributes = {
    displayName: ' Ada  \u00e9\u0301 \u{1F600} <b>&amp;"\\ \t',
    externalId: '00 42',
    nickName: 'ſtraße',
    emails: [
      { value: 'Ada@CONTOSO.example', type: 'Work' },
      { value: 'not an address', type: 'whatever', display: '0' },
    ],
    phoneNumbers: [{ value: '+1 (555) 0100 x7' }],
    name: { formatted: '0', honorificPrefix: 'Dr.' },
  };
  const user = await create(attributes);
  await becomes(user, [], attributes);
});

test("Visibly's attributes arrive, and a misspelt `name.giveName` takes nothing with it", async () => {
  const created = {
    schemas: [urn.user],
    active: true,
    displayName: 'Ada',
    externalId: 'v1',
    name: { familyName: 'L', formatted: 'Ada L', giveName: 'Ada' },
  };
  const user = await create(created);
  const stored = { active: true, displayName: 'Ada', externalId: 'v1', name: { familyName: 'L', formatted: 'Ada L' } };
  await becomes(user, [], stored);
  const after = {
    active: false,
    displayName: 'Ada King',
    externalId: 'v2',
    name: { familyName: 'King', formatted: 'Ada King', givenName: 'A' },
  };
  await becomes(
    user,
    [
      replace('displayName', 'Ada King'),
      add('name.giveName', 'Ada'),
      replace('name.familyName', 'King'),
      replace('name.formatted', 'Ada King'),
      add('name.givenName', 'A'),
      replace('externalId', 'v2'),
      replace('active', 'False'),
    ],
    after,
  );
  await becomes(user, [op('replace', undefined, { 'name.giveName': 'x', 'name.givenName': 'B', displayName: 'B' })], {
    ...after,
    displayName: 'B',
    name: { ...after.name, givenName: 'B' },
  });
  const alone = await ask('PATCH', `/Users/${user.id}`, patch(replace('name.giveName', 'alone')));
  assertError(alone, 400, 'invalidPath', 'Operations[0]: `name.giveName` is not an attribute of User');
  await becomes(user, [replace('dispalyName', 'lost'), replace('displayName', 'kept')], {
    ...after,
    displayName: 'kept',
    name: { ...after.name, givenName: 'B' },
  });
});
