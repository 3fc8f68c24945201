// `attributes` and `excludedAttributes` with a path that has a filter in it, as in a PATCH: the tolerant dialect
// ignores the filter, the strict one refuses it. And empty parameters, which count as not given.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorker } from '../harness/index.mjs';
import { assertAnswer, assertError, assertUnharmed, list, patch, query, replace, search, urn } from '../harness/scim.mjs';

const content = {
  schemas: [urn.user],
  userName: 'ada',
  title: 'T',
  active: true,
  emails: [
    { type: 'work', value: 'a@contoso.example' },
    { type: 'home', value: 'b@contoso.example' },
  ],
};
const workers = {};
const users = {};
before(async () => {
  for (const dialect of ['tolerant', 'strict']) {
    workers[dialect] = await startWorker({ vars: { DIALECT: dialect } });
    users[dialect] = (await workers[dialect].scimFetch('POST', '/Users', content)).body;
  }
});
after(async () => {
  for (const worker of Object.values(workers)) {
    await worker.stop();
    assertUnharmed(worker);
  }
});

/** Returns every way to ask for a list: [method, path, body], and where the user stands in the answer. */
function ways(id, parameter, text) {
  const asked = `${parameter}=${encodeURIComponent(text)}`;
  const one = (answer) => answer.body;
  const first = (answer) => answer.body.Resources[0];
  return [
    [one, 'GET', `/Users/${id}?${asked}`],
    [one, 'PUT', `/Users/${id}?${asked}`, content],
    [first, 'GET', `/Users?${asked}`],
    [first, 'GET', `/?${asked}`],
    [first, 'POST', '/Users/.search', search({ [parameter]: [text] })],
    [first, 'POST', '/.search', search({ [parameter]: text.split(/,(?=title|userName)/) })],
    ...(parameter === 'attributes' ? [[one, 'PATCH', `/Users/${id}?${asked}`, patch(replace('title', 'T'))]] : []),
  ];
}

const selections = [
  ['emails[type eq "work"]', { emails: content.emails }],
  ['emails[type eq "work"].value', { emails: content.emails.map(({ value }) => ({ value })) }],
  ['emails[type eq "a,b" and value pr].type', { emails: content.emails.map(({ type }) => ({ type })) }],
  ['emails[value eq "]\\"],x[" or not (type pr)].value,title', { emails: content.emails.map(({ value }) => ({ value })), title: 'T' }],
  [`title,${urn.user}:emails[type eq "work"].value`, { emails: content.emails.map(({ value }) => ({ value })), title: 'T' }],
];

for (const [text, expected] of selections) {
  test(`the tolerant dialect reads attributes=${text} without its filter`, async () => {
    const { scimFetch } = workers.tolerant;
    const { schemas, id } = users.tolerant;
    for (const [shown, ...request] of ways(id, 'attributes', text)) {
      const answer = await scimFetch(...request);
      assert.equal(answer.status, 200, answer.text);
      const { meta, ...found } = shown(answer);
      assert.deepEqual(found, { schemas, id, ...expected }, request.join(' '));
    }
  });

  test(`the tolerant dialect reads excludedAttributes=${text} without its filter`, async () => {
    const { scimFetch } = workers.tolerant;
    for (const [shown, ...request] of ways(users.tolerant.id, 'excludedAttributes', text)) {
      const answer = await scimFetch(...request);
      assert.equal(answer.status, 200, answer.text);
      const { emails, title, userName } = shown(answer);
      const sub = Object.keys(expected.emails[0]);
      const rest = sub.length > 1 ? undefined : content.emails.map(({ [sub[0]]: _, ...others }) => others);
      assert.deepEqual({ emails, title, userName }, { emails: rest, title: expected.title ? undefined : 'T', userName: 'ada' }, request.join(' '));
    }
  });

  test(`the strict dialect refuses ${text} in either list`, async () => {
    for (const parameter of ['attributes', 'excludedAttributes']) {
      for (const [, ...request] of ways(users.strict.id, parameter, text)) {
        const answer = await workers.strict.scimFetch(...request);
        assertError(answer, 400, 'invalidValue', new RegExp(`^\`${parameter}\`: \`.*\\[.*\` has a filter in it; name the attribute alone$`));
      }
    }
  });
}

test('a group is asked for its members by such a path too, and so is a user for its groups', async () => {
  const { scimFetch } = workers.tolerant;
  const { id } = users.tolerant;
  const group = (await scimFetch('POST', '/Groups', { displayName: 'G', members: [{ value: id }] })).body;
  const read = async (path) => (await scimFetch('GET', path)).body;
  const value = encodeURIComponent(`members[value eq "${id}"].value`);
  assert.deepEqual((await read(`/Groups/${group.id}?attributes=${value}`)).members, [{ value: id }]);
  assert.equal((await read(`/Groups/${group.id}?excludedAttributes=${encodeURIComponent('members[type eq "User"]')}`)).members, undefined);
  assert.deepEqual((await read(`/Users/${id}?attributes=${encodeURIComponent('groups[type eq "direct"].value')}`)).groups, [{ value: group.id }]);
  await scimFetch('DELETE', `/Groups/${group.id}`);
});

test('a parameter that is empty or blank counts as not given, in a query and in a body, to either dialect', async () => {
  for (const [dialect, { scimFetch }] of Object.entries(workers)) {
    const user = users[dialect];
    const all = list((await scimFetch('GET', `/Users/${user.id}`)).body);
    for (const blank of ['', '+', '%20%09']) {
      for (const name of ['filter', 'count', 'startIndex', 'sortBy', 'sortOrder', 'attributes', 'excludedAttributes']) {
        for (const path of ['/Users', '/']) assertAnswer(await scimFetch('GET', `${path}?${name}=${blank}`), 200, all);
        for (const path of ['/ServiceProviderConfig', '/ResourceTypes', '/Schemas', '/openapi.json'])
          assert.equal((await scimFetch('GET', `${path}?${name}=${blank}`)).status, 200, `${path} ${name}`);
      }
      assertAnswer(await scimFetch('GET', `/Users?filter=${blank}&count=${blank}&startIndex=${blank}`), 200, all);
    }
    for (const blank of ['', ' ', '\t ', null]) {
      const body = search({ filter: blank, count: blank, startIndex: blank, sortBy: blank, sortOrder: blank, attributes: blank });
      for (const path of ['/Users/.search', '/.search']) assertAnswer(await scimFetch('POST', path, body), 200, all);
    }
    assertError(await scimFetch('GET', '/Users?count=x'), 400, 'invalidValue', '`count` is not an integer: `x`');
    assertError(await scimFetch('GET', '/Users?filter=&filter=userName'), 400, 'invalidFilter', /operator/);
    assertError(await scimFetch('GET', query('/Schemas', 'x')), 403, undefined, 'this endpoint does not take a `filter`');
    assertError(await scimFetch('GET', '/openapi.json?filter=&filter=x'), 403, undefined, 'this endpoint does not take a `filter`');
  }
});
