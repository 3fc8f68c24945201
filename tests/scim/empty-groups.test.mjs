// A group without members shows `"members": []` wherever its members would be shown. In RFC 7643 s2.5 an empty array
// and an absent attribute are the same, but authentik never fills a group again that is shown without `members`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, assertAnswer, list, patch, query, remove, replace, search as searchRequest, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let ask;
let user;
serve(async (started) => {
  worker = started;
  ask = worker.scimFetch;
  user = (await ask('POST', '/Users', { schemas: [urn.user], userName: 'member' })).body;
});

let made = 0;
const create = (more = {}, parameters = '') =>
  ask('POST', `/Groups${parameters}`, { schemas: [urn.group], displayName: `Group ${(made += 1)}`, ...more });
const search = (body) => ask('POST', '/Groups/.search', searchRequest(body));

test('POST, GET, PUT, PATCH with attributes, lists and /.search answer an empty list of members', async () => {
  for (const more of [{}, { members: [] }, { members: null }]) {
    const created = await create(more);
    assert.deepEqual([created.status, created.body.members], [201, []], created.text);
    const { id, displayName } = created.body;
    assertAnswer(await ask('GET', `/Groups/${id}`), 200, created.body);
    assertAnswer(await ask('PUT', `/Groups/${id}`, { schemas: [urn.group], displayName }), 200, created.body);
    for (const attributes of ['members', 'members.value', 'members[value pr].value', `${urn.group}:members`, 'MEMBERS,displayName']) {
      const path = `/Groups/${id}?attributes=${encodeURIComponent(attributes)}`;
      assert.deepEqual((await ask('GET', path)).body.members, [], attributes);
      const same = await ask('PATCH', path, patch(replace('displayName', displayName)));
      assert.deepEqual([same.status, same.body.members], [200, []], attributes);
      const put = await ask('PUT', path, { schemas: [urn.group], displayName });
      assert.deepEqual([put.status, put.body.members], [200, []], attributes);
    }
    const filter = `id eq "${id}"`;
    for (const found of [await ask('GET', query('/Groups', filter)), await ask('GET', query('/', filter)), await search({ filter })])
      assertAnswer(found, 200, list(created.body));
    assert.deepEqual((await search({ filter, attributes: ['members'] })).body.Resources[0].members, []);
    assert.equal((await ask('PATCH', `/Groups/${id}`, patch(replace('members', [])))).status, 204);
    assertAnswer(await ask('GET', `/Groups/${id}`), 200, created.body);
  }
});

test('a POST that asks for members alone is answered with an empty list, and costs one round trip', async () => {
  for (const attributes of ['members', 'members.value']) {
    const created = await ask('POST', `/Groups?attributes=${attributes}`, { displayName: `Asked ${attributes}` }, { headers: { 'x-server-timing': '1' } });
    assert.deepEqual([created.status, created.body.members], [201, []], created.text);
    assert.match(created.headers.get('server-timing'), /round_trips=1 /);
  }
});

test('members are not shown unless they are asked for', async () => {
  const { id, displayName } = (await create()).body;
  for (const parameters of ['?excludedAttributes=members', '?attributes=displayName', '?attributes=id', `?excludedAttributes=${urn.group}:members`]) {
    const without = (answer) => assert.ok(!('members' in (answer.body.Resources?.[0] ?? answer.body)), `${parameters}: ${answer.text}`);
    without(await ask('GET', `/Groups/${id}${parameters}`));
    without(await ask('GET', query('/Groups', `id eq "${id}"`, parameters.replace('?', '&'))));
    without(await ask('PUT', `/Groups/${id}${parameters}`, { displayName }));
    without(await create({}, parameters));
    without(await create({ members: [{ value: user.id }] }, parameters));
  }
  const patched = await ask('PATCH', `/Groups/${id}?attributes=displayName`, patch(replace('displayName', displayName)));
  assert.ok(!('members' in patched.body), patched.text);
});

test('the last member that goes leaves an empty list, however it goes', async () => {
  const members = [{ value: user.id }];
  const { id, displayName } = (await create({ members })).body;
  for (const [method, body] of [
    ['PATCH', patch(remove('members', members))],
    ['PATCH', patch(remove(`members[value eq "${user.id}"]`))],
    ['PATCH', patch(remove('members'))],
    ['PATCH', patch(replace('members', []))],
    ['PUT', { displayName }],
    ['PUT', { displayName, members: [] }],
  ]) {
    await ask('PATCH', `/Groups/${id}`, patch(add('members', members)));
    assert.equal((await ask('GET', `/Groups/${id}`)).body.members.length, 1);
    const answer = await ask(method, `/Groups/${id}`, body);
    if (method === 'PUT') assert.deepEqual([answer.status, answer.body.members], [200, []]);
    else assert.deepEqual([answer.status, answer.text], [204, '']);
    assert.deepEqual((await ask('GET', `/Groups/${id}`)).body.members, []);
  }
});

test('a member is shown as before, and what is not there of a member makes no empty list', async () => {
  const { id } = (await create({ members: [{ value: user.id }] })).body;
  const read = async (attributes) => (await ask('GET', `/Groups/${id}?attributes=${attributes}`)).body.members;
  assert.deepEqual(await read('members.value'), [{ value: user.id }]);
  assert.equal(await read('members.display'), undefined);
});

test('a user without groups has no groups, as before', async () => {
  for (const path of [`/Users/${user.id}`, `/Users/${user.id}?attributes=groups`]) {
    await ask('DELETE', `/Groups/${(await create()).body.id}`);
    const alone = (await ask('POST', '/Users', { userName: `alone ${(made += 1)}` })).body;
    assert.ok(!('groups' in alone));
    assert.ok(!('groups' in (await ask('GET', path.replace(user.id, alone.id))).body));
  }
});
