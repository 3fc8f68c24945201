// Requests of one tenant cannot see, guess, filter, refer to or count anything of another: every operation is tried
// across tenants, and answered exactly as it would be if the other's directory were empty.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { scimClient } from '../harness/index.mjs';
import { lineOf } from '../harness/log.mjs';
import { bulk, patch, search, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

// An id that no resource has, of the same form.
const nobody = '01890000-0000-7000-8000-000000000000';

let worker;
let acme;
let globex;
let own;
const secrets = ['hidden@acme.example', 'Hidden Name', 'Hidden Group', 'hidden-external'];

serve(async (started) => {
  worker = started;
  acme = await newTenant(worker, 'acme');
  globex = await newTenant(worker, 'globex');
  const user = { userName: secrets[0], displayName: secrets[1], externalId: secrets[3], emails: [{ value: secrets[0], type: 'work' }] };
  acme.user = (await acme.scimFetch('POST', '/Users', user)).body;
  acme.second = (await acme.scimFetch('POST', '/Users', { userName: 'second' })).body;
  acme.group = (await acme.scimFetch('POST', '/Groups', { displayName: secrets[2], members: [{ value: acme.user.id }] })).body;
  own = (await globex.scimFetch('POST', '/Users', { userName: 'own@globex.example' })).body;
  own.group = (await globex.scimFetch('POST', '/Groups', { displayName: 'Own' })).body;
}, withAdmin);

const others = () => [globex, { scim: worker.scim, scimFetch: worker.scimFetch }];
const everything = async (of) => {
  const lists = await Promise.all(['/Users', '/Groups'].map((path) => of.scimFetch('GET', path)));
  return lists.map(({ body }) => body.Resources);
};

/** Asks for the other tenant's id and for one that no resource has: the answers may differ only in the id. */
async function asForUnknownIds(of, id, ask) {
  const [real, none] = [await ask(id), await ask(nobody)];
  const text = (answer, asked) => answer.text.replaceAll(asked, '<id>').replace(/"(created|lastModified)":"[^"]*"/g, '');
  assert.equal(real.status, none.status);
  assert.equal(text(real, id), text(none, nobody));
  for (const secret of secrets) assert.ok(!real.text.includes(secret), real.text);
  return real;
}

for (const kind of ['Users', 'Groups']) {
  const id = () => (kind === 'Users' ? acme.user.id : acme.group.id);
  const name = kind === 'Users' ? 'userName' : 'displayName';
  for (const [what, ask, status] of [
    ['GET', (of, id) => of.scimFetch('GET', `/${kind}/${id}`), 404],
    ['HEAD', (of, id) => of.scimFetch('HEAD', `/${kind}/${id}`), 404],
    ['GET with If-None-Match', (of, id) => of.scimFetch('GET', `/${kind}/${id}`, undefined, { headers: { 'if-none-match': 'W/"1"' } }), 404],
    ['PUT', (of, id) => of.scimFetch('PUT', `/${kind}/${id}`, { [name]: 'taken over' }), 404],
    ['PUT with If-Match', (of, id) => of.scimFetch('PUT', `/${kind}/${id}`, { [name]: 'x' }, { headers: { 'if-match': 'W/"1"' } }), 404],
    ['PATCH', (of, id) => of.scimFetch('PATCH', `/${kind}/${id}`, patch({ op: 'replace', path: name, value: 'taken over' })), 404],
    ['PATCH with a wrong If-Match', (of, id) => of.scimFetch('PATCH', `/${kind}/${id}`, patch({ op: 'replace', path: name, value: 'x' }), { headers: { 'if-match': 'W/"99"' } }), 404],
    ['DELETE', (of, id) => of.scimFetch('DELETE', `/${kind}/${id}`), 404],
    ['DELETE with If-Match', (of, id) => of.scimFetch('DELETE', `/${kind}/${id}`, undefined, { headers: { 'if-match': '*' } }), 404],
    ['Bulk', (of, id) => of.scimFetch('POST', '/Bulk', bulk([
      { method: 'PATCH', path: `/${kind}/${id}`, data: patch({ op: 'replace', path: name, value: 'taken over' }) },
      { method: 'PUT', path: `/${kind}/${id}`, data: { [name]: 'taken over' } },
      { method: 'DELETE', path: `/${kind}/${id}` },
    ])), 200],
  ]) {
    test(`${what} of another tenant's id in /${kind} is answered as one that no resource has`, async () => {
      const before = await everything(acme);
      for (const of of others()) {
        const answer = await asForUnknownIds(of, id(), (id) => ask(of, id));
        assert.equal(answer.status, status);
        if (status === 200) assert.deepEqual(answer.body.Operations.map((each) => each.status), ['404', '404', '404']);
      }
      assert.deepEqual(await everything(acme), before, 'nothing changed');
    });
  }
}

test('members of another tenant do not exist, in every operation that names members', async () => {
  for (const of of others()) {
    const group = (await of.scimFetch('POST', '/Groups', { displayName: 'tries' })).body;
    for (const member of [acme.user.id, acme.group.id]) {
      for (const ask of [
        (value) => of.scimFetch('POST', '/Groups', { displayName: 'with a member', members: [{ value }] }),
        (value) => of.scimFetch('PUT', `/Groups/${group.id}`, { displayName: 'tries', members: [{ value }] }),
        (value) => of.scimFetch('PATCH', `/Groups/${group.id}`, patch({ op: 'add', path: 'members', value: [{ value }] })),
        (value) => of.scimFetch('PATCH', `/Groups/${group.id}`, patch({ op: 'replace', path: 'members', value: [{ value }] })),
        (value) => of.scimFetch('POST', '/Bulk', bulk([{ method: 'PATCH', path: `/Groups/${group.id}`, data: patch({ op: 'add', path: 'members', value: [{ value }] }) }])),
      ]) {
        const answer = await asForUnknownIds(of, member, ask);
        assert.equal(answer.body.Operations?.[0].status ?? `${answer.status}`, '400');
      }
      const remove = (value) => of.scimFetch('PATCH', `/Groups/${group.id}`, patch({ op: 'remove', path: `members[value eq "${value}"]` }));
      assert.equal((await asForUnknownIds(of, member, remove)).status, 204);
    }
    assert.deepEqual((await of.scimFetch('GET', `/Groups/${group.id}`)).body.members, []);
    await of.scimFetch('DELETE', `/Groups/${group.id}`);
  }
  assert.deepEqual((await acme.scimFetch('GET', `/Groups/${acme.group.id}`)).body.members.map(({ value }) => value), [acme.user.id]);
});

test('a manager of another tenant is a text like any other, and filters by it find nothing there', async () => {
  const ask = async (value) => {
    const written = await globex.scimFetch('PATCH', `/Users/${own.id}?attributes=${urn.enterprise}:manager`, patch({ op: 'replace', path: `${urn.enterprise}:manager`, value }));
    return { ...written, text: written.text.replace(/"version":"[^"]*"/, '') };
  };
  assert.equal((await asForUnknownIds(globex, acme.user.id, ask)).status, 200);
  await ask(acme.user.id);
  const filter = encodeURIComponent(`${urn.enterprise}:manager.value eq "${acme.user.id}"`);
  assert.equal((await globex.scimFetch('GET', `/Users?filter=${filter}`)).body.totalResults, 1);
  assert.equal((await acme.scimFetch('GET', `/Users?filter=${filter}`)).body.totalResults, 0);
  await globex.scimFetch('PATCH', `/Users/${own.id}`, patch({ op: 'remove', path: `${urn.enterprise}:manager` }));
});

for (const filter of [
  'userName eq "hidden@acme.example"',
  'userName co "hidden"',
  'emails.value eq "hidden@acme.example"',
  'emails[type eq "work" and value sw "hidden"]',
  'displayName eq "Hidden Name"',
  'displayName eq "Hidden Group"',
  'externalId eq "hidden-external"',
  'externalId pr',
  'id eq "<user>"',
  'id eq "<group>"',
  'members eq "<user>"',
  'members[value eq "<user>"]',
  'id eq "<group>" and members eq "<user>"',
  'groups eq "<group>"',
  'groups.value eq "<group>"',
  'groups.display co "Hidden"',
  'not (userName eq "own@globex.example") and not (displayName eq "Own") and not (userName sw "default")',
  'meta.version eq "W/\\"1\\"" and displayName co "hidden"',
]) {
  test(`the filter ${filter} finds nothing of another tenant`, async () => {
    const text = filter.replaceAll('<user>', acme.user.id).replaceAll('<group>', acme.group.id);
    const query = encodeURIComponent(text);
    for (const of of others()) {
      for (const ask of [
        () => of.scimFetch('GET', `/Users?filter=${query}`),
        () => of.scimFetch('GET', `/Groups?filter=${query}`),
        () => of.scimFetch('GET', `/?filter=${query}`),
        () => of.scimFetch('POST', '/.search', search({ filter: text })),
        () => of.scimFetch('POST', '/Users/.search', search({ filter: text, sortBy: 'userName' })),
      ]) {
        const { status, body, text: answer } = await ask();
        if (status === 400) continue; // That endpoint does not have the attribute.
        assert.deepEqual([status, body.totalResults, body.Resources], [200, 0, []], answer);
      }
    }
  });
}

test('those filters do find what there is, in the tenant itself', async () => {
  for (const filter of ['userName co "hidden"', 'externalId pr', `id eq "${acme.user.id}"`, `groups eq "${acme.group.id}"`]) {
    assert.equal((await acme.scimFetch('GET', `/Users?filter=${encodeURIComponent(filter)}`)).body.totalResults, 1, filter);
  }
});

test('lists, totals and searches at the root count the own directory alone', async () => {
  const counts = async (of) => {
    const asked = ['/Users', '/Groups', '/', '/Users?count=0', '/Users?sortBy=meta.created&sortOrder=descending', '/Users?cursor=', '/?cursor='];
    const answers = await Promise.all(asked.map((path) => of.scimFetch('GET', path)));
    answers.push(await of.scimFetch('POST', '/.search', search()));
    return answers.map(({ body }) => body.totalResults);
  };
  assert.deepEqual(await counts(acme), [2, 1, 3, 2, 2, 2, 3, 3]);
  assert.deepEqual(await counts(globex), [1, 1, 2, 1, 1, 1, 2, 2]);
  assert.deepEqual(await counts({ scimFetch: worker.scimFetch }), [0, 0, 0, 0, 0, 0, 0, 0]);
});

test('a cursor of another tenant leads through the own directory alone', async () => {
  for (const path of ['/Users?count=1', '/?count=1', '/Users?count=1&sortBy=userName&sortOrder=descending']) {
    const { nextCursor } = (await acme.scimFetch('GET', `${path}&cursor=`)).body;
    assert.ok(nextCursor);
    const { status, body, text } = await globex.scimFetch('GET', `${path}&cursor=${nextCursor}`);
    for (const secret of [...secrets, 'second', acme.user.id, acme.second.id]) assert.ok(!text.includes(secret), text);
    if (status === 200) for (const found of body.Resources) assert.ok([own.id, own.group.id].includes(found.id), text);
    else assert.deepEqual([status, body.scimType], [400, 'invalidCursor']);
  }
});

test('names, ids and external ids that another tenant has are free', async () => {
  const created = await globex.scimFetch('POST', '/Users', { userName: secrets[0], externalId: secrets[3] });
  assert.equal(created.status, 201);
  const group = await globex.scimFetch('POST', '/Groups', { displayName: secrets[2], members: [{ value: created.body.id }] });
  assert.equal(group.status, 201);
  const renamed = await globex.scimFetch('PATCH', `/Users/${own.id}`, patch({ op: 'replace', path: 'userName', value: 'second' }));
  assert.equal(renamed.status, 200);
  const inBulk = await globex.scimFetch('POST', '/Bulk', bulk([{ method: 'POST', path: '/Users', bulkId: 'a', data: { userName: 'SECOND2' } }]));
  assert.equal(inBulk.body.Operations[0].status, '201');
  for (const id of [created.body.id, inBulk.body.Operations[0].location.split('/').at(-1)]) await globex.scimFetch('DELETE', `/Users/${id}`);
  await globex.scimFetch('DELETE', `/Groups/${group.body.id}`);
  assert.equal((await acme.scimFetch('GET', `/Users/${acme.user.id}`)).body.userName, secrets[0]);
});

test('every address in an answer carries the tenant', async () => {
  const { body, headers } = await acme.scimFetch('POST', '/Groups', { displayName: 'addresses', members: [{ value: acme.user.id }] });
  assert.equal(body.meta.location, `${acme.scim}/Groups/${body.id}`);
  assert.equal(headers.get('location'), body.meta.location);
  assert.equal(body.members[0].$ref, `${acme.scim}/Users/${acme.user.id}`);
  const inBulk = await acme.scimFetch('POST', '/Bulk', bulk([{ method: 'DELETE', path: `/Groups/${body.id}` }]));
  assert.equal(inBulk.body.Operations[0].location, body.meta.location);
  const types = await acme.scimFetch('GET', '/ResourceTypes');
  for (const type of types.body.Resources) assert.equal(type.meta.location, `${acme.scim}/ResourceTypes/${type.id}`);
});

test('a token opens its own tenant and nothing else', async () => {
  const place = (path, token) => scimClient(`${worker.url}${path}`, token)('GET', '/Users');
  assert.equal((await place('/acme/scim/v2', acme.token)).status, 200);
  const wrong = await place('/globex/scim/v2', 'wrong');
  assert.equal(wrong.status, 401);
  for (const [path, token] of [
    ['/globex/scim/v2', acme.token],
    ['/acme/scim/v2', globex.token],
    ['/acme/scim/v2', 'test-token'],
    ['/acme/scim/v2', withAdmin.vars.ADMIN_TOKEN],
    ['/acme/scim/v2', `${acme.token}x`],
    ['/acme/scim/v2', acme.token.toLowerCase()],
    ['/scim/v2', acme.token],
    ['/unknown/scim/v2', acme.token],
    ['/unknown/scim/v2', 'wrong'],
    ['/default/scim/v2', 'test-token'],
    ['/default/scim/v2', acme.token],
    ['/ACME/scim/v2', acme.token],
    ['/%61cme/scim/v2', acme.token],
    ['/acme%2Fscim/scim/v2', acme.token],
  ]) {
    const answer = await place(path, token);
    assert.equal(answer.status, 401, `${path} ${token}`);
    assert.equal(answer.text, wrong.text);
    assert.equal(answer.headers.get('www-authenticate'), wrong.headers.get('www-authenticate'));
    assert.equal(answer.headers.get('server-timing'), null);
  }
  const missing = await place('/acme/scim/v2', null);
  assert.equal((await place('/unknown/scim/v2', null)).text, missing.text);
  assert.equal(missing.status, 401);
});

test('a token that is wrong near its end costs what one costs that is wrong at its start', async () => {
  // A token is looked up by its hash, so that no part of it is compared, and an attacker does not learn how much of a
  // guess was right.
  const other = (letter) => (letter === 'A' ? 'B' : 'A');
  const wrongAt = (n) => `${acme.token.slice(0, n)}${other(acme.token[n])}${acme.token.slice(n + 1)}`;
  const costs = [];
  for (const n of [5, 6, 20, 45, 46]) {
    const { status, headers } = await scimClient(acme.scim, wrongAt(n))('GET', '/Users');
    assert.equal(status, 401);
    const { roundTrips, rowsRead, rowsWritten } = await lineOf(worker, { headers });
    costs.push([roundTrips, rowsRead, rowsWritten]);
  }
  assert.deepEqual(costs, costs.map(() => [1, 0, 0]));
});

test('an export holds the own directory alone', async () => {
  const admin = adminClient(worker);
  const lines = async (id) => {
    let text = '';
    for (let cursor = ''; cursor !== null; ) {
      const page = await admin('GET', `/tenants/${id}/export?cursor=${cursor}`);
      assert.equal(page.status, 200, page.text);
      text += page.text;
      cursor = page.headers.get('x-next-cursor');
    }
    return text.split('\n').filter(Boolean).map((line) => JSON.parse(line).id);
  };
  assert.deepEqual(await lines('acme'), [acme.user.id, acme.second.id, acme.group.id]);
  assert.deepEqual(await lines('globex'), [own.id, own.group.id]);
  assert.deepEqual(await lines('default'), []);
  // A cursor names a place, not a tenant.
  const elsewhere = await admin('GET', `/tenants/globex/export?cursor=Group~${acme.group.id}~`);
  for (const secret of [...secrets, acme.user.id]) assert.ok(!elsewhere.text.includes(secret));
});

test('a strict tenant lives beside a tolerant one', async () => {
  const strict = await newTenant(worker, 'strict', { dialect: 'strict' });
  const ask = async (of) => {
    const { id } = (await of.scimFetch('POST', '/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'dialect' })).body;
    const answer = await of.scimFetch('PATCH', `/Users/${id}`, patch({ op: 'Replace', path: 'active', value: 'False' }));
    await of.scimFetch('DELETE', `/Users/${id}`);
    return answer.status;
  };
  assert.deepEqual([await ask(strict), await ask(acme)], [400, 200]);
});
