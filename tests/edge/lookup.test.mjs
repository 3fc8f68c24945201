// `GET /lookup`: one person, from the edge copy or from the database.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { hold, lookupClient, settled, sha256, switchOn } from '../harness/edge.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let acme;
let lookup;
let ada;
let groups;
serve(async (started) => {
  worker = started;
  acme = await newTenant(worker, 'acme');
  lookup = await lookupClient(worker, 'acme');
  const user = { userName: 'Ada@x.example', externalId: 'e 1', displayName: 'Ada', roles: [{ value: 'admin' }, { value: 'reader' }] };
  ada = (await acme.scimFetch('POST', '/Users', user)).body.id;
  const inner = (await acme.scimFetch('POST', '/Groups', { displayName: 'Inner', members: [{ value: ada }] })).body.id;
  const outer = (await acme.scimFetch('POST', '/Groups', { displayName: 'Outer', members: [{ value: inner }] })).body.id;
  groups = [{ id: inner, displayName: 'Inner' }, { id: outer, displayName: 'Outer' }].sort((one, other) => (one.id < other.id ? -1 : 1));
}, withAdmin);

const error = (status, detail, more = {}) => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status), ...more, detail });
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Fails unless the answer is Ada's, from that source. */
function assertAda(answer, source, more = {}) {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.headers.get('content-type'), 'application/json');
  const { asOf, sequence, ...body } = answer.body;
  assert.match(asOf, time);
  assert.ok(Number.isInteger(sequence));
  const person = { id: ada, active: true, userName: 'Ada@x.example', externalId: 'e 1', displayName: 'Ada', groups, roles: ['admin', 'reader'] };
  assert.deepEqual(body, { found: true, ...person, ...more, source });
}

const queries = () => ['?userName=aDA%40x.example', '?externalId=e+1', `?id=${ada}`];

test('a tenant without an edge copy is answered from the database', async () => {
  for (const query of queries()) assertAda(await lookup(query), 'database');
  const { body } = await lookup('?userName=none');
  assert.deepEqual(body, { found: false, asOf: body.asOf, sequence: body.sequence, source: 'database' });
  assert.equal((await lookup('?externalId=E+1')).body.found, false, 'externalId is caseExact');
});

test('a tenant with one is answered from Workers KV, and with fresh=1 from the database', async () => {
  await switchOn(worker, 'acme');
  for (const query of queries()) {
    assertAda(await lookup(query), 'kv');
    assertAda(await lookup(`${query}&fresh=0`), 'kv');
    assertAda(await lookup(`${query}&fresh=1`), 'database');
  }
});

test('roles are the own ones and those that groups give, each once, and a mapping writes the group alone', async () => {
  const admin = adminClient(worker);
  const copied = async (kind, id) => JSON.stringify(await worker.kv.get(`v1:acme:${kind}:${id}`, 'json'));
  const [inner, outer] = ['Inner', 'Outer'].map((name) => groups.find(({ displayName }) => displayName === name).id);
  const before = [await copied('u', ada), await copied('g', inner)];
  const mapped = [];
  for (const role of ['reader', 'approver']) mapped.push((await admin('POST', '/tenants/acme/roles', { group: 'Outer', role })).body.id);
  await settled(worker, 'acme');
  assert.deepEqual([await copied('u', ada), await copied('g', inner)], before);
  assert.deepEqual(JSON.parse(await copied('g', outer)).roles, ['approver', 'reader']);
  const roles = ['admin', 'reader', 'approver'];
  assertAda(await lookup(`?id=${ada}&fresh=1`), 'database', { roles });
  // What the instance remembers of a group is a minute old at most.
  const found = await lookup(`?id=${ada}`);
  assert.ok([['admin', 'reader'], roles].some((each) => isDeepStrictEqual(found.body.roles, each)), found.text);
  for (const id of mapped) assert.equal((await admin('DELETE', `/tenants/acme/roles/${id}`)).status, 200);
  await settled(worker, 'acme');
  assert.equal(JSON.parse(await copied('g', outer)).roles, undefined);
  assertAda(await lookup(`?id=${ada}&fresh=1`), 'database');
});

test('an instance that remembers nothing answers roles of groups from Workers KV', async () => {
  const user = (await acme.scimFetch('POST', '/Users', { userName: 'eve', roles: [{ value: 'own' }] })).body.id;
  await acme.scimFetch('POST', '/Groups', { displayName: 'New', members: [{ value: user }] });
  const mapped = await adminClient(worker)('POST', '/tenants/acme/roles', { group: 'New', role: 'approver' });
  assert.equal(mapped.status, 201, mapped.text);
  await settled(worker, 'acme');
  const found = await lookup(`?id=${user}`);
  assert.deepEqual([found.body.source, found.body.roles], ['kv', ['own', 'approver']]);
});

test('a look-up in Workers KV makes no call of the database, a miss makes one', async () => {
  const trips = async (query) => {
    const answer = await lookup(query, { headers: { 'x-server-timing': '1' } });
    return Number(answer.headers.get('server-timing').match(/round_trips=(\d+)/)[1]);
  };
  await trips(`?id=${ada}`);
  assert.deepEqual([await trips(`?id=${ada}`), await trips('?userName=ada@x.example'), await trips('?externalId=e%201')], [0, 0, 0]);
  assert.deepEqual([await trips('?userName=none'), await trips(`?id=${ada}&fresh=1`)], [1, 1]);
});

test('look-ups that the copy has answered are logged together, and others each by itself', { timeout: 60_000 }, async () => {
  const lines = () => worker.logs.map(({ message }) => message).filter((line) => line.includes('"operation":"lookup"')).map((line) => JSON.parse(line));
  const [before, began] = [lines().length, Date.now()];
  for (let n = 0; n < 3; n += 1) assertAda(await lookup(`?id=${ada}`), 'kv');
  assertAda(await lookup(`?id=${ada}&fresh=1`), 'database');
  await new Promise((resolve) => setTimeout(resolve, 10_100));
  assertAda(await lookup(`?id=${ada}`), 'kv');
  const together = () => lines().slice(before).filter(({ message }) => message === 'requests');
  for (let tries = 0; together().length === 0 && tries < 100; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  const single = lines().slice(before).filter(({ message }) => message === 'request');
  assert.deepEqual(single.map(({ operation, status, roundTrips }) => [operation, status, roundTrips]), [['lookup', 200, 1]]);
  const sum = together().reduce((all, { count }) => all + count, 0);
  assert.ok(sum >= 4, `${sum}`);
  const [{ level, since, slowest }] = together();
  assert.deepEqual([level, Object.keys(together()[0]).sort()], ['info', ['count', 'level', 'message', 'operation', 'since', 'slowest']]);
  assert.ok(Date.parse(since) < Date.now() && Date.parse(since) > began - 60_000 && slowest < 10_000);
});

test('a miss is never wrong: who is not in the copy yet is found in the database', async () => {
  await settled(worker, 'acme');
  const held = await hold(worker, 'acme');
  const { body } = await acme.scimFetch('POST', '/Users', { userName: 'late@x.example' });
  const late = await lookup('?userName=late@x.example');
  assert.deepEqual([late.body.found, late.body.id, late.body.source], [true, body.id, 'database']);
  await acme.scimFetch('DELETE', `/Users/${body.id}`);
  await held.free();
  await settled(worker, 'acme');
  const gone = await lookup(`?id=${body.id}`);
  assert.deepEqual([gone.body.found, gone.body.source], [false, 'database']);
});

test('a value that cannot be read, or lacks the name of a group, is a miss', async () => {
  await settled(worker, 'acme');
  const key = `v1:acme:n:${sha256('ada@x.example')}`;
  const value = await worker.kv.get(key, 'json');
  for (const broken of ['{', '[]', '{"seq":"x"}', JSON.stringify({ ...value, groups: [...value.groups, 'unknown'] })]) {
    await worker.kv.put(key, broken);
    assertAda(await lookup('?userName=ada@x.example'), 'database');
  }
  await worker.kv.put(key, JSON.stringify(value), { metadata: { seq: value.seq } });
  assertAda(await lookup('?userName=ada@x.example'), 'kv');
});

test('HEAD has the headers of GET and no body, and other methods are refused', async () => {
  const head = await lookup(`?id=${ada}`, { method: 'HEAD' });
  assert.deepEqual([head.status, head.text, head.headers.get('cache-control'), head.headers.get('content-type')], [200, '', 'no-store', 'application/json']);
  const post = await lookup(`?id=${ada}`, { method: 'POST' });
  assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
});

test('parameters that do not name one person are refused, and the refusal says why', async () => {
  const known = 'known are `userName`, `externalId`, `id`, `fresh`';
  for (const [query, detail] of [
    ['', 'one of `userName`, `externalId` and `id` is needed'],
    ['?fresh=1', 'one of `userName`, `externalId` and `id` is needed'],
    ['?userName=a&id=b', '`userName` and `id` were sent; a person is looked up by one of them'],
    ['?userName=', '`userName` is empty'],
    ['?id=+', '`id` is empty'],
    ['?username=a', `\`username\` is not a parameter here; ${known}`],
    ['?id=a&x=1', `\`x\` is not a parameter here; ${known}`],
    ['?id=a&id=b', '`id` was sent more than once'],
    ['?id=a&fresh=yes', '`fresh` is `1` or `0`, not `yes`'],
  ]) {
    const answer = await lookup(query);
    assert.deepEqual([answer.status, answer.body], [400, error(400, detail, { scimType: 'invalidValue' })], query);
  }
  const bytes = await lookup('?userName=%FF');
  assert.deepEqual([bytes.status, bytes.body.scimType], [400, 'invalidSyntax']);
});

test('only a token with the scope `lookup` looks up, and only in its tenant', async () => {
  for (const scopes of [['scim'], ['scim:read'], ['events']]) {
    const other = await lookupClient(worker, 'acme', scopes);
    const { status, body, headers } = await other(`?id=${ada}`);
    assert.deepEqual([status, body], [403, error(403, 'the token may not do this: it needs the scope `lookup`')]);
    assert.equal(headers.get('www-authenticate'), 'Bearer realm="scim", error="insufficient_scope", scope="lookup"');
  }
  const stranger = await lookupClient(worker, 'default');
  assert.deepEqual([(await stranger('?id=x')).body.found, (await stranger('?id=x')).status], [false, 200]);
  assert.equal((await lookup(`?id=${ada}`, { token: null })).status, 401);
  const { token } = await newTenant(worker, 'other');
  assert.equal((await lookup(`?id=${ada}`, { token })).status, 401);
  assert.equal((await acme.scimFetch('GET', '/Users', undefined, { token: 'x' })).status, 401);
});

test('changes of the person and of groups come with the copy', async () => {
  await acme.scimFetch('PATCH', `/Users/${ada}`, { Operations: [{ op: 'replace', path: 'active', value: false }] });
  await settled(worker, 'acme');
  assertAda(await lookup(`?id=${ada}`), 'kv', { active: false });
  await acme.scimFetch('PATCH', `/Users/${ada}`, { Operations: [{ op: 'replace', path: 'active', value: true }] });
  await settled(worker, 'acme');
});

test('after the copy was switched off the database answers', async () => {
  assert.equal((await adminClient(worker)('PATCH', '/tenants/acme', { edge: false })).status, 200);
  assertAda(await lookup(`?id=${ada}`), 'database');
});
