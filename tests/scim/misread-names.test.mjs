// Names that clients write wrongly, and names under URNs: a successful answer means that the change was made, and a
// name that names nothing is refused. Each form is tested wherever a name may stand. The single rules are tested in
// crates/scim/tests/patch.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorker } from '../harness/index.mjs';
import { assertError, assertUnharmed, op, patch, query, remove, replace, urn } from '../harness/scim.mjs';

let worker;
let strict;
let ask;
before(async () => {
  [worker, strict] = await Promise.all([startWorker(), startWorker({ vars: { DIALECT: 'strict' } })]);
  ask = worker.scimFetch;
});
after(async () => {
  await Promise.all([worker?.stop(), strict?.stop()]);
  [worker, strict].forEach(assertUnharmed);
});

let number = 0;

/** Creates a user; returns the answer's body. */
async function create(attributes = {}, of = worker) {
  const body = { schemas: [urn.user], userName: `user-${++number}`, ...attributes };
  const answer = await of.scimFetch('POST', '/Users', body);
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

/** Returns the part of a body that the client chose. */
function own({ schemas, id, userName, meta, ...attributes }) {
  return attributes;
}

const becomes = async (user, change, expected) => {
  const answer = await ask('PATCH', `/Users/${user.id}`, patch(change));
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(own(answer.body), expected);
  assert.deepEqual((await ask('GET', `/Users/${user.id}`)).body, answer.body);
};

const bulk = (operation) => ask('POST', '/Bulk', { Operations: [operation] });

for (const name of [`${urn.user}.active`, `${urn.user}:active`, `${urn.user.toUpperCase()}.ACTIVE`]) {
  test(`a deactivation by ${name} takes effect wherever it is written`, async () => {
    await becomes(await create(), replace(name, false), { active: false });
    await becomes(await create(), op('replace', undefined, { [name]: 'False' }), { active: false });
    assert.equal((await create({ [name]: false })).active, false);
    const user = await create();
    const put = await ask('PUT', `/Users/${user.id}`, { userName: user.userName, [name]: false });
    assert.equal(put.body.active, false, put.text);
    const other = await create();
    const done = await bulk({ method: 'PATCH', path: `/Users/${other.id}`, data: patch(replace(name, false)) });
    assert.equal(done.body.Operations[0].status, '200', done.text);
    assert.equal((await ask('GET', `/Users/${other.id}`)).body.active, false);
    const found = await ask('GET', query('/Users', `${name} eq false and id eq "${other.id}"`, `&attributes=${name}`));
    assert.equal(found.body.totalResults, 1, found.text);
    assert.deepEqual(Object.keys(found.body.Resources[0]).sort(), ['active', 'id', 'schemas']);
    const without = await ask('GET', `/Users/${other.id}?excludedAttributes=${name}`);
    assert.equal('active' in without.body, false);
    assert.equal((await ask('GET', `/Users?sortBy=${name}&count=1`)).status, 200);
  });
}

test('an attribute in the sub-attribute form of other clients is that sub-attribute', async () => {
  const managed = { active: true, [urn.enterprise]: { manager: { value: 'm' } } };
  for (const name of [`${urn.enterprise}:manager:value`, `${urn.enterprise}.manager.value`, `${urn.enterprise}:manager.value`]) {
    await becomes(await create(), replace(name, 'm'), managed);
    assert.deepEqual(own(await create({ [name]: 'm' })), managed);
    assert.ok((await ask('GET', query('/Users', `${name} eq "m"`))).body.totalResults > 0, name);
  }
});

for (const name of [
  'urn:ietf:params:scim:schemas:core:2.0:active',
  'urn:ietf:params:scim:schemas:core:2.0:User.nosuch',
  'urn:ietf:params:scim:schemas:core:2.0:Group:displayName',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:department',
  'urn:ietf:params:scim:api:messages:2.0:active',
  'urn:scim:schemas:core:1.0:active',
  'urn:scim:schemas:core:2.0:User:active',
  'urn:scim:schemas:extension:enterprise:1.0:department',
]) {
  test(`${name} names nothing: refused alone, and dropped beside good attributes`, async () => {
    const user = await create();
    for (const change of [replace(name, false), op('add', undefined, { [name]: { a: 1 } }), remove(name)]) {
      assertError(await ask('PATCH', `/Users/${user.id}`, patch(change)), 400, 'invalidPath');
      const inBulk = await bulk({ method: 'PATCH', path: `/Users/${user.id}`, data: patch(change) });
      assert.equal(inBulk.body.Operations[0].response.scimType, 'invalidPath', inBulk.text);
    }
    assertError(await ask('GET', query('/Users', `${name} eq "x"`)), 400, 'invalidFilter');
    assertError(await ask('GET', `/Users?sortBy=${name}`), 400, 'invalidValue');
    assert.deepEqual(own((await ask('GET', `/Users/${user.id}?attributes=${name}`)).body), {});
    const answer = await ask('PATCH', `/Users/${user.id}`, patch(replace(name, false), replace('title', 'T')));
    assert.deepEqual(own(answer.body), { active: true, title: 'T' });
    const put = await ask('PUT', `/Users/${user.id}`, { userName: user.userName, [name]: { a: 1 } });
    assert.deepEqual([put.status, own(put.body), put.body.schemas], [200, { active: true }, [urn.user]]);
    assert.deepEqual(own(await create({ [name]: 'x' })), { active: true });
  });
}

for (const name of [
  'urn:okta:acme_app:1.0:user:custom',
  'urn:scim:schemas:extension:atlassian-external:1.0',
  'urn:example:hr:2.0:Employee',
  'urn:example:hr:2.0:User',
]) {
  test(`${name} is an extension in POST, PUT, PATCH, filters and projections`, async () => {
    const unique = `v-${++number}`;
    const user = await create({ [name]: { a: unique, b: 'x' }, title: 'T' });
    const extended = (extension) => ({ active: true, title: 'T', [name]: extension });
    assert.deepEqual([own(user), user.schemas], [extended({ a: unique, b: 'x' }), [urn.user, name]]);
    const found = await ask('GET', query('/Users', `${name}:a eq "${unique}"`));
    assert.deepEqual(found.body.Resources, [user]);
    assert.deepEqual(own((await ask('GET', `/Users/${user.id}?attributes=${name}`)).body), { [name]: { a: unique, b: 'x' } });
    assert.deepEqual(own((await ask('GET', `/Users/${user.id}?attributes=${name}:b`)).body), { [name]: { b: 'x' } });
    const { [name]: _, ...rest } = extended();
    assert.deepEqual(own((await ask('GET', `/Users/${user.id}?excludedAttributes=${name}`)).body), rest);
    assert.deepEqual(own((await ask('GET', `/Users/${user.id}?excludedAttributes=${name}:b`)).body), extended({ a: unique }));
    await becomes(user, op('replace', undefined, { [name]: { a: '2' } }), extended({ a: '2', b: 'x' }));
    await becomes(user, replace(name, [{ a: '3' }]), extended({ a: '3', b: 'x' }));
    await becomes(user, replace(`${name}:a`, '4'), extended({ a: '4', b: 'x' }));
    await becomes(user, remove(`${name}:b`), extended({ a: '4' }));
    await becomes(user, remove(name), rest);
    await becomes(user, op('add', undefined, { [name]: { c: [1, 2] } }), extended({ c: [1, 2] }));
    const put = await ask('PUT', `/Users/${user.id}`, { userName: user.userName, title: 'T', [`${name}:a`]: '5' });
    assert.deepEqual(own(put.body), extended({ a: '5' }));
  });
}

test('the strict dialect takes none of the misspelt forms, and no name under a standard URN that no schema declares', async () => {
  const { id } = await create({ active: true }, strict);
  for (const name of [`${urn.user}.active`, `${urn.user}:name:givenName`, 'urn:scim:schemas:core:1.0:active']) {
    const change = patch(op('replace', name, false));
    assertError(await strict.scimFetch('PATCH', `/Users/${id}`, change), 400, 'invalidPath');
    assertError(await strict.scimFetch('GET', query('/Users', `${name} eq "x"`)), 400, 'invalidFilter');
    const body = { schemas: [urn.user], userName: 'b', [name]: false };
    assertError(await strict.scimFetch('POST', '/Users', body), 400, 'invalidSyntax');
  }
  const user = await strict.scimFetch('POST', '/Users', { schemas: [urn.user], userName: 'defaulted' });
  assert.equal(user.body.active, true);
});

test('the attributes of the core schema in an object under its URN are the resource’s own', async () => {
  const user = await create({ [urn.user]: { title: 'T', 'name.givenName': 'G', nosuch: 1 } });
  assert.deepEqual(own(user), { active: true, title: 'T', name: { givenName: 'G' } });
  const put = await ask('PUT', `/Users/${user.id}`, { userName: user.userName, [urn.user]: [{ title: 'U' }] });
  assert.deepEqual(own(put.body), { active: true, title: 'U' });
  const data = { userName: `bulk-${++number}`, [urn.user]: { active: false } };
  const created = await bulk({ method: 'POST', path: '/Users', bulkId: 'b', data });
  const { location } = created.body.Operations[0];
  assert.deepEqual(own((await ask('GET', `/Users/${location.split('/').pop()}`)).body), { active: false });
  const group = { [urn.group]: { displayName: `g-${++number}`, members: [{ value: user.id.toUpperCase() }] } };
  const { body } = await ask('POST', '/Groups', group);
  assert.deepEqual(body.members.map(({ value }) => value), [user.id]);
});

test('a PATCH of unknown sub-attributes alone is refused', async () => {
  const user = await create({ emails: [{ type: 'work', value: 'w' }] });
  for (const change of [
    replace('emails.work', 'x'),
    replace('name.nosuch', 'x'),
    replace('emails[type eq "work"].nosuch', 'x'),
    op('replace', undefined, { 'name.nosuch': 'x' }),
    op('replace', undefined, { emails: [{ nosuch: 'x' }] }),
  ]) {
    assertError(await ask('PATCH', `/Users/${user.id}`, patch(change)), 400, 'invalidPath');
  }
  assert.deepEqual((await ask('GET', `/Users/${user.id}`)).body, user);
});

for (const quoted of ["'x'", '`x`', '´x´', '“x”', '‘x’', '„x“', '«x»', '‹x›', '＂x＂', '%22x%22', '&quot;x&quot;', '<x>', '$x', ';x', '\\x']) {
  test(`a filter with ${quoted} is refused with what it should have been`, async () => {
    for (const name of ['userName', 'emails[type eq "work"].value', 'urn:example:hr:2.0:User:a', 'active']) {
      const answer = await ask('GET', query('/Users', `${name} eq ${quoted}`));
      assertError(answer, 400, 'invalidFilter', /text stands between double quotes$/);
    }
    const user = await create();
    const change = patch(replace(`emails[type eq ${quoted}].value`, 'e'));
    assertError(await ask('PATCH', `/Users/${user.id}`, change), 400, 'invalidPath', /text stands between double quotes$/);
  });
}

test('a JSON text is the object that it says, or refused, and never an address', async () => {
  const text = '{"type":"home","value":"h"}';
  const home = { active: true, emails: [{ type: 'home', value: 'h' }] };
  assert.deepEqual(own(await create({ emails: [text] })), home);
  await becomes(await create({ emails: ['old'] }), replace('emails[value eq "old"]', text), home);
  const user = await create();
  for (const value of ['{"value":"h"', [{ value: text }]]) {
    assertError(await ask('PATCH', `/Users/${user.id}`, patch(replace('emails', value))), 400, 'invalidValue');
    assertError(await ask('POST', '/Users', { userName: 'json', emails: value }), 400, 'invalidValue');
  }
});

test('an element without a value is kept in no way, and `pr` does not meet it', async () => {
  const user = await create({ emails: [{ type: 'work', primary: true }], phoneNumbers: [{ type: 'work', value: '' }] });
  assert.deepEqual(own(user), { active: true });
  await becomes(user, op('add', 'emails', [{ type: 'home', value: null }]), { active: true });
  await becomes(user, replace('emails[type eq "work"].primary', true), { active: true });
  const put = await ask('PUT', `/Users/${user.id}`, { userName: user.userName, roles: [{ display: 'R' }] });
  assert.deepEqual(own(put.body), { active: true });
  assert.equal((await ask('GET', query('/Users', `id eq "${user.id}" and emails pr`))).body.totalResults, 0);
});
