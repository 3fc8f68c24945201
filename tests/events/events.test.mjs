// The events of a tenant over HTTP: who may read them, what a page holds, and how a reader waits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { readAll, reader } from '../harness/events.mjs';
import { scimClient } from '../harness/index.mjs';
import { add, assertError, patch, remove, replace, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let acme;
let ask;
serve(async (started) => {
  worker = started;
  acme = await newTenant(worker, 'acme');
  ask = await reader(worker, 'acme');
}, withAdmin);

const made = async (path, body) => (await acme.scimFetch('POST', path, body)).body.id;
const latest = async () => (await readAll(ask)).next;

test('a user and a group are followed from creation to deletion', async () => {
  const after = await latest();
  const user = await made('/Users', { schemas: [urn.user], userName: 'ada@contoso.example', externalId: 'e1', password: 'secret' });
  const group = await made('/Groups', { schemas: [urn.group], displayName: 'Sales', externalId: 'g1', members: [{ value: user }] });
  await acme.scimFetch('PATCH', `/Users/${user}`, patch(replace('active', false), replace('title', 'Head'), add('emails[type eq "work"].value', 'a@contoso.example')));
  await acme.scimFetch('PATCH', `/Users/${user}`, patch(replace('active', true)));
  await acme.scimFetch('PATCH', `/Groups/${group}`, patch(replace('displayName', 'Sales 2'), remove('members', [{ value: user }])));
  await acme.scimFetch('DELETE', `/Groups/${group}`);
  const answer = await acme.scimFetch('DELETE', `/Users/${user}`);
  const { events } = await readAll(ask, after);
  assert.deepEqual(events.map(({ type }) => type), [
    ...['user.created', 'group.created', 'group.member_added', 'user.updated', 'user.disabled', 'user.enabled'],
    ...['group.updated', 'group.member_removed', 'group.deleted', 'user.deleted'],
  ]);
  const ada = { id: user, userName: 'ada@contoso.example', externalId: 'e1' };
  const change = (path, old, now) => ({ path, old, new: now });
  assert.deepEqual(events.map(({ data }) => data), [
    { user: { ...ada, active: true, version: 1 }, changes: [change('active', null, true), change('externalId', null, 'e1'), change('userName', null, ada.userName)] },
    { group: { id: group, displayName: 'Sales', externalId: 'g1', version: 1 }, changes: [change('displayName', null, 'Sales'), change('externalId', null, 'g1')] },
    { group: { id: group, displayName: 'Sales', externalId: 'g1', version: 1 }, user: { ...ada, active: true } },
    { user: { ...ada, active: false, version: 2 }, changes: [change('emails[type eq "work"].value', null, 'a@contoso.example'), change('title', null, 'Head')] },
    { user: { ...ada, active: false, version: 2 }, changes: [change('active', true, false)] },
    { user: { ...ada, active: true, version: 3 }, changes: [change('active', false, true)] },
    { group: { id: group, displayName: 'Sales 2', externalId: 'g1', version: 2 }, changes: [change('displayName', 'Sales', 'Sales 2')] },
    { group: { id: group, displayName: 'Sales 2', externalId: 'g1', version: 2 }, user: { ...ada, active: true } },
    { group: { id: group, displayName: 'Sales 2', externalId: 'g1', version: 3 } },
    { user: { ...ada, active: true, version: 4 } },
  ]);
  for (const { id, sequence, tenant, timestamp, actor } of events) {
    assert.match(id, new RegExp(`^evt_acme_${sequence}_\\d+$`));
    assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual([tenant, actor], ['acme', { id: acme.tokenId }]);
  }
  assert.equal(events.at(-1).correlationId, answer.headers.get('x-correlation-id'));
  assert.ok(!JSON.stringify(events).includes('secret'));
});

test('pages of any size give the same events, and each of them is a place to go on from', async () => {
  const ids = [];
  for (let n = 0; n < 5; n += 1) ids.push(await made('/Users', { userName: `page-${n}` }));
  await made('/Groups', { displayName: 'Pages', members: ids.map((value) => ({ value })) });
  const { events } = await readAll(ask);
  for (const limit of [1, 2, 3, 7]) assert.deepEqual((await readAll(ask, undefined, limit)).events, events, `${limit}`);
  for (const [place, { id }] of events.entries()) assert.deepEqual((await readAll(ask, id)).events, events.slice(place + 1));
});

test('a reader chooses types, a resource and thin events, and its cursor passes the others', async () => {
  const after = await latest();
  const user = await made('/Users', { userName: 'chosen' });
  const group = await made('/Groups', { displayName: 'Chosen', members: [{ value: user }] });
  const of = async (query) => {
    const { body } = await ask(`?after=${after}&${query}`);
    assert.deepEqual([body.next, body.more], [(await readAll(ask, after)).next, false], query);
    return body.events.map(({ type, data }) => [type, data]);
  };
  assert.deepEqual((await of('type=group.*')).map(([type]) => type), ['group.created', 'group.member_added']);
  assert.deepEqual((await of('type=user.created,group.member_added')).map(([type]) => type), ['user.created', 'group.member_added']);
  assert.deepEqual(await of('type=user.disabled'), []);
  const { body } = await ask(`?after=${after}&resource=${user}`);
  assert.deepEqual(body.events.map(({ type }) => type), ['user.created']);
  assert.deepEqual(await of('payload=thin'), [
    ['user.created', { user: { id: user, version: 1 }, changes: [{ path: 'active' }, { path: 'userName' }] }],
    ['group.created', { group: { id: group, version: 1 }, changes: [{ path: 'displayName' }] }],
    ['group.member_added', { group: { id: group, version: 1 }, user: { id: user } }],
  ]);
});

test('a reader that waits is answered when something happens, and not before; without it, when its time is up', async () => {
  const after = await latest();
  let answered = false;
  const waiting = ask(`?after=${after}&wait=20`).then((answer) => ((answered = true), answer));
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal(answered, false);
  await newTenant(worker, 'other').then((other) => other.scimFetch('POST', '/Users', { userName: 'elsewhere' }));
  await made('/Users', { userName: 'awaited' });
  const { status, body } = await waiting;
  assert.deepEqual([status, body.events.map(({ data }) => data.user.userName)], [200, ['awaited']]);
  const none = await ask(`?after=${body.next}&wait=1`);
  assert.deepEqual([none.status, none.body], [200, { events: [], next: body.next, more: false }]);
});

test('only a token with the scope opens the events of its tenant, and it opens nothing else', async () => {
  const challenge = 'Bearer realm="scim", error="insufficient_scope", scope="events"';
  for (const [base, token] of [[`${worker.url}/acme/events`, acme.token], [`${worker.url}/events`, 'test-token']]) {
    for (const path of ['', '/snapshot', '/digest', '/unknown']) {
      const answer = await scimClient(base, token)('GET', path);
      assertError(answer, 403, undefined, 'the token may not do this: it needs the scope `events`');
      assert.equal(answer.headers.get('www-authenticate'), challenge);
    }
  }
  const other = await newTenant(worker, 'third');
  for (const token of [null, 'nonsense', other.token, (await reader(worker, 'third')).token]) {
    const answer = await scimClient(`${worker.url}/acme/events`, token)('GET', '');
    assertError(answer, 401, undefined, token === null ? 'a bearer token is needed' : 'the bearer token is not valid');
  }
  assert.equal((await scimClient(acme.scim, ask.token)('GET', '/Users')).status, 403);
  const both = await reader(worker, 'acme', ['scim:read', 'events']);
  assert.equal((await both('')).status, 200);
  assert.equal((await scimClient(acme.scim, both.token)('GET', '/Users')).status, 200);
});

test('tokens of the default tenant follow its events, and are listed, replaced and revoked as others are', async () => {
  const mine = await reader(worker);
  await worker.scimFetch('POST', '/Users', { userName: 'of default' });
  const { body } = await mine('?limit=1000');
  assert.equal(body.events.at(-1).data.user.userName, 'of default');
  assert.match(body.events.at(-1).id, /^evt_default_\d+_0$/);
  assert.equal((await scimClient(`${worker.url}/default/events`, mine.token)('GET', '')).status, 401, 'its name is not part of a URL');
  const admin = adminClient(worker);
  const rotated = await admin('POST', `/tenants/default/tokens/${mine.id}/rotate`, {});
  assert.deepEqual([rotated.status, rotated.body.scopes], [201, ['events']]);
  const renewed = scimClient(`${worker.url}/events`, rotated.body.token);
  assert.equal((await renewed('GET', '')).status, 200);
  assert.equal((await admin('DELETE', `/tenants/default/tokens/${rotated.body.id}`)).status, 200);
  assert.equal((await renewed('GET', '')).status, 401);
  const full = await admin('POST', '/tenants/default/tokens', {});
  assert.equal((await scimClient(worker.scim, full.body.token)('GET', '/Users')).status, 200);
  const command = tenantCommand(worker);
  try {
    const output = await command.done('token', 'default', '--scope', 'events', '--token-name', 'app');
    const [, token] = output.match(/Secret Token: (\S+)/);
    assert.equal((await scimClient(`${worker.url}/events`, token)('GET', '')).status, 200);
    assert.match(await command.done('show', 'default'), /^ {2}token \S+ {2}in force, events alone, last used \S+: app$/m);
  } finally {
    command.remove();
  }
});

const asked = [
  ['?after=nonsense', '`after` is the id of an event of this tenant or a sequence, not `nonsense`'],
  ['?after=evt_other_1_0', '`after` is the id of an event of this tenant or a sequence, not `evt_other_1_0`'],
  ['?after=-1', '`after` is the id of an event of this tenant or a sequence, not `-1`'],
  ['?after=evt_acme_1_', '`after` is the id of an event of this tenant or a sequence, not `evt_acme_1_`'],
  ['?after=99999999999999999999', '`after` is the id of an event of this tenant or a sequence, not `99999999999999999999`'],
  ['?limit=0', '`limit` must be an integer from 1 to 1000, not `0`'],
  ['?limit=1001', '`limit` must be an integer from 1 to 1000, not `1001`'],
  ['?limit=x', '`limit` must be an integer from 1 to 1000, not `x`'],
  ['?wait=21', '`wait` must be an integer from 0 to 20, not `21`'],
  ['?wait=0.5', '`wait` must be an integer from 0 to 20, not `0.5`'],
  ['?type=user.*,user.exploded', '`type`: there are no events of the type `user.exploded`; such are `user.created` and `group.*`'],
  ['?payload=fat', '`payload` is `full` or `thin`, not `fat`'],
];
for (const [query, detail] of asked) {
  test(`${query} is refused by name`, async () => assertError(await ask(query), 400, 'invalidValue', detail));
}

test('a query that is not UTF-8, another method and another path are refused', async () => {
  assertError(await ask('?after=%FF'), 400, 'invalidSyntax', 'the query is not UTF-8');
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    const answer = await ask('', { method });
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'GET']);
  }
  assertError(await ask('/unknown'), 404, undefined, 'events have a `snapshot`, a `digest`, a `poll/<reader>` and an `openapi.json`, and nothing else below them');
  const head = await ask('?limit=1', { method: 'HEAD' });
  assert.deepEqual([head.status, head.text, head.headers.get('cache-control')], [200, '', 'no-store']);
  assert.deepEqual((await ask(`?after=9007199254740991`)).body, { events: [], next: '9007199254740991', more: false });
});

test('events before those that are kept are gone, and the answer says where to go on', async () => {
  const trimmed = await newTenant(worker, 'trimmed');
  const follow = await reader(worker, 'trimmed');
  for (const userName of ['one', 'two', 'three']) await trimmed.scimFetch('POST', '/Users', { userName });
  const { events } = await readAll(follow);
  const [first, second, third] = events.map(({ sequence }) => sequence);
  await worker.d1.prepare('DELETE FROM changes WHERE tenant = ? AND seq <= ?').bind('trimmed', second).run();
  await worker.d1.prepare('INSERT INTO logs (tenant, trimmed) VALUES (?, ?)').bind('trimmed', second).run();
  for (const after of ['0', first, events[0].id, events[1].id]) {
    assertError(await follow(`?after=${after}`), 410, undefined, `events after this one were deleted, since they are older than they are kept; the oldest sequence is ${third}: begin with a snapshot`);
  }
  for (const query of ['', `?after=${second}`]) assert.deepEqual((await follow(query)).body.events, [events[2]], query);
});

test('what a page costs does not depend on the length of the log', async () => {
  const many = await newTenant(worker, 'many');
  const follow = await reader(worker, 'many');
  const cost = async (after) => {
    const { headers, body } = await follow(`?limit=10&after=${after}`, { headers: { 'x-server-timing': '1' } });
    return [body.events.length, headers.get('server-timing')];
  };
  const bulk = (from) => ({ Operations: Array.from({ length: 500 }, (_, n) => ({ method: 'POST', path: '/Users', bulkId: `b${n}`, data: { userName: `u${from + n}` } })) });
  assert.equal((await many.scimFetch('POST', '/Bulk', bulk(0))).status, 200);
  await cost(0);
  const few = await cost(0);
  for (let from = 500; from < 3000; from += 500) await many.scimFetch('POST', '/Bulk', bulk(from));
  const { next } = await readAll(follow);
  assert.deepEqual(await cost(0), few);
  assert.deepEqual(await cost(Number(next) - 100), few);
  assert.match(few[1], /^d1;desc="round_trips=1 rows_read=1[01]\d rows_written=0"$/);
});
