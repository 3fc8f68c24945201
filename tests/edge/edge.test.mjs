// The copy in Workers KV, and looking people up: whatever becomes of single deliveries, the copy converges to what the directory
// says, and a miss is never wrong.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { reader } from '../harness/events.mjs';
import { scimClient, startWorker } from '../harness/index.mjs';
import { add, assertError, assertUnharmed, patch, remove, replace, urn } from '../harness/scim.mjs';

let worker;
let admin;
before(async () => {
  worker = await startWorker(withAdmin);
  admin = adminClient(worker);
});
after(async () => {
  await worker?.stop();
  assertUnharmed(worker);
});

const sha = (text) => createHash('sha256').update(text).digest('hex');
let tenants = 0;
async function tenant({ edge = true } = {}) {
  const id = `edge${(tenants += 1)}`;
  const made = await newTenant(worker, id);
  if (edge) assert.equal((await admin('PATCH', `/tenants/${id}/edge`, { edge: true })).status, 200);
  const { token } = await reader(worker, id, ['lookup']);
  const ask = scimClient(`${worker.url}/${id}/lookup`, token);
  const post = async (path, body) => (await made.scimFetch('POST', path, body)).body.id;
  return { ...made, lookupToken: token, look: (query, options) => ask('GET', query, undefined, options), post };
}

/** Runs the cron trigger until the copy is not behind. */
async function settle({ id }) {
  for (let tries = 0; tries < 100; tries += 1) {
    await worker.scheduled();
    const { body } = await admin('GET', `/tenants/${id}/edge`);
    if (!body.behind && !body.isBeingBuilt && body.edge !== 'removing') return;
  }
  assert.fail('the copy does not settle');
}

/** Returns the values of a tenant by key; tombstones are left out. */
async function contents({ id }) {
  const found = new Map();
  for (let cursor, complete = false; !complete; ) {
    const page = await worker.kv.list({ prefix: `v1:${id}:`, cursor });
    for (const { name } of page.keys) {
      const value = await worker.kv.get(name, 'json');
      if (value && !value.gone) found.set(name.slice(`v1:${id}:`.length), value);
    }
    ({ cursor, list_complete: complete } = page);
  }
  return found;
}

/** Checks that the copy says what the directory says: all of it, and nothing else. */
async function assertIsTheDirectory(of) {
  const { body } = await of.scimFetch('GET', '/Users?count=1000');
  const { body: groups } = await of.scimFetch('GET', '/Groups?count=1000&excludedAttributes=members');
  const expected = new Map();
  for (const { id, userName, externalId, displayName, active, groups: its = [], roles = [] } of body.Resources) {
    const value = { active, id, userName, externalId: externalId ?? null, displayName: displayName ?? null, groups: its.map(({ value: group }) => group).sort(), roles: roles.map(({ value }) => value) };
    for (const key of [`u:${id}`, `n:${sha(userName.toLowerCase())}`, ...(externalId ? [`x:${sha(externalId)}`] : [])]) {
      // Of several with one externalId it is the first.
      if (!expected.has(key)) expected.set(key, value);
    }
  }
  const copied = await contents(of);
  const names = copied.get('groups:0');
  copied.delete('groups:0');
  const plain = ({ seq, at, groups: its, ...value }) => ({ ...value, groups: [...its].sort() });
  assert.deepEqual(new Map([...copied].map(([key, value]) => [key, plain(value)]).sort()), new Map([...expected].sort()));
  assert.deepEqual(names?.groups ?? {}, Object.fromEntries(groups.Resources.map(({ id, displayName }) => [id, displayName])));
}

test('a person is looked up by userName, externalId and id, from the copy and from the directory alike', async () => {
  const of = await tenant();
  const user = await of.post('/Users', { schemas: [urn.user], userName: 'Ada@x.example', externalId: 'e1', displayName: 'Ada', roles: [{ value: 'admin' }] });
  const inner = await of.post('/Groups', { displayName: 'Inner', members: [{ value: user }] });
  const outer = await of.post('/Groups', { displayName: 'Outer', members: [{ value: inner }] });
  await settle(of);
  const groups = [{ id: inner, displayName: 'Inner' }, { id: outer, displayName: 'Outer' }];
  const expected = { found: true, active: true, id: user, userName: 'Ada@x.example', externalId: 'e1', displayName: 'Ada', groups, roles: ['admin'] };
  for (const query of ['userName=ada%40X.example', 'externalId=e1', `id=${user}`]) {
    for (const [fresh, source] of [['', 'kv'], ['&fresh=1', 'database']]) {
      const { status, body, headers } = await of.look(`?${query}${fresh}`);
      const { asOf, ...rest } = body;
      rest.groups.sort((one, other) => one.displayName.localeCompare(other.displayName));
      assert.deepEqual([status, rest], [200, { ...expected, source }], query);
      assert.ok(Math.abs(Date.now() - Date.parse(asOf)) < 60_000);
      assert.equal(headers.get('cache-control'), 'no-store');
    }
  }
  const { asOf, ...missed } = (await of.look('?userName=nobody')).body;
  assert.deepEqual(missed, { found: false, source: 'database' });
  // What is new is found although the copy does not have it yet.
  await worker.d1.prepare("UPDATE edge_copies SET lease = 'other', lease_until = 9e15 WHERE tenant = ?").bind(of.id).run();
  await of.post('/Users', { userName: 'new' });
  assert.deepEqual([(await of.look('?userName=new')).body.source, (await of.look('?userName=new')).body.found], ['database', true]);
});

test('without a copy the directory answers, and a hit in the copy asks the database nothing', async () => {
  const off = await tenant({ edge: false });
  const id = await off.post('/Users', { userName: 'ada' });
  assert.equal((await off.look(`?id=${id}`)).body.source, 'database');
  const of = await tenant();
  await of.post('/Users', { userName: 'ada' });
  await settle(of);
  await of.look('?userName=ada');
  const { headers, body } = await of.look('?userName=ada', { headers: { 'x-server-timing': '1' } });
  assert.deepEqual([body.source, headers.get('server-timing')], ['kv', 'd1;desc="round_trips=0 rows_read=0 rows_written=0"']);
});

test('who may not look up, and what is not asked well, is refused by name', async () => {
  const of = await tenant({ edge: false });
  const refused = await scimClient(`${worker.url}/${of.id}/lookup`, of.token)('GET', '?id=x');
  assertError(refused, 403, undefined, 'the token may not do this: it needs the scope `lookup`');
  assert.equal(refused.headers.get('www-authenticate'), 'Bearer realm="scim", error="insufficient_scope", scope="lookup"');
  assert.equal((await scimClient(of.scim, of.lookupToken)('GET', '/Users')).status, 403);
  const one = 'one of `userName`, `externalId` and `id` is needed, and not several';
  for (const [query, detail] of [
    ['', 'whom? One of `userName`, `externalId` and `id` is needed'],
    ['?userName=', 'whom? One of `userName`, `externalId` and `id` is needed'],
    ['?userName=a&id=b', one],
    ['?id=a&fresh=2', '`fresh` is 0 or 1, not `2`'],
  ]) {
    assertError(await of.look(query), 400, 'invalidValue', detail);
  }
  assertError(await of.look('/more?id=a'), 404, undefined, 'there is nothing below `lookup`');
  const ask = scimClient(`${worker.url}/${of.id}/lookup`, of.lookupToken);
  assert.equal((await ask('POST', '?id=a', {})).status, 405);
  assert.equal((await ask('HEAD', '?id=a')).status, 200);
  // What looks like a filter is a name.
  assert.deepEqual((await of.look(`?userName=${encodeURIComponent('x" or userName pr or userName eq "')}`)).body.found, false);
});

test('renames, deletions, names that are used again, memberships and groups within groups converge', async () => {
  const of = await tenant();
  const ids = {};
  for (const name of ['a', 'b', 'c', 'd', 'e']) ids[name] = await of.post('/Users', { userName: name, externalId: `x-${name}`, displayName: name.toUpperCase() });
  const inner = await of.post('/Groups', { displayName: 'inner', members: [{ value: ids.a }, { value: ids.b }] });
  const outer = await of.post('/Groups', { displayName: 'outer', members: [{ value: inner }, { value: ids.c }] });
  await settle(of);
  await assertIsTheDirectory(of);
  const steps = [
    () => of.scimFetch('PATCH', `/Users/${ids.a}`, patch(replace('userName', 'a2'), replace('externalId', 'x-a2'))),
    () => of.scimFetch('PATCH', `/Users/${ids.b}`, patch(replace('userName', 'a'), replace('active', false))),
    () => of.scimFetch('DELETE', `/Users/${ids.c}`),
    () => of.post('/Users', { userName: 'c', externalId: 'x-c' }),
    () => of.scimFetch('PATCH', `/Users/${ids.d}`, patch(replace('externalId', 'x-e'), remove('displayName'))),
    () => of.scimFetch('DELETE', `/Users/${ids.e}`),
    () => of.scimFetch('PATCH', `/Groups/${inner}`, patch(add('members', [{ value: ids.d }]), remove('members', [{ value: ids.a }]))),
    () => of.scimFetch('PATCH', `/Groups/${outer}`, patch(replace('displayName', 'renamed'))),
    () => of.scimFetch('PATCH', `/Groups/${outer}`, patch(remove('members', [{ value: inner }]))),
    () => of.scimFetch('DELETE', `/Groups/${inner}`),
  ];
  for (const step of steps) {
    const answer = await step();
    assert.ok(answer.status === undefined || answer.status < 300, answer.text);
    await settle(of);
    await assertIsTheDirectory(of);
  }
});

test('parts that are lost, repeated and copied out of their order converge, and an older value never replaces a newer one', async () => {
  const of = await tenant();
  const ids = [];
  for (let n = 0; n < 12; n += 1) ids.push(await of.post('/Users', { userName: `u${n}`, externalId: `x${n}` }));
  const group = await of.post('/Groups', { displayName: 'g', members: ids.map((value) => ({ value })) });
  for (let n = 0; n < 12; n += 1) await of.scimFetch('PATCH', `/Users/${ids[n]}`, patch(replace('userName', `v${n}`), replace('active', n % 2 === 0)));
  await of.scimFetch('DELETE', `/Users/${ids[3]}`);
  await of.scimFetch('PATCH', `/Groups/${group}`, patch(remove('members', [{ value: ids[4] }])));
  await settle(of);
  const to = (sequence) => worker.d1.prepare('UPDATE edge_copies SET sequence = ?, within = NULL WHERE tenant = ?').bind(sequence, of.id).run();
  const { sequence } = (await admin('GET', `/tenants/${of.id}/edge`)).body;
  for (const back of [0, sequence - 10, sequence - 3, 0, sequence - 20]) {
    await to(Math.max(0, back));
    await settle(of);
    await assertIsTheDirectory(of);
  }
  const key = `v1:${of.id}:u:${ids[0]}`;
  const newer = { ...(await worker.kv.get(key, 'json')), seq: sequence + 1_000_000, displayName: 'of the future' };
  await worker.kv.put(key, JSON.stringify(newer));
  await to(0);
  await settle(of);
  assert.deepEqual(await worker.kv.get(key, 'json'), newer);
});

test('two that copy at once do no harm, and many members of one group are copied in parts', async () => {
  const of = await tenant();
  const operations = Array.from({ length: 250 }, (_, n) => ({ method: 'POST', path: '/Users', bulkId: `b${n}`, data: { userName: `u${n}` } }));
  const { body } = await of.scimFetch('POST', '/Bulk', { Operations: operations });
  const ids = body.Operations.map(({ location }) => location.split('/').at(-1));
  await of.post('/Groups', { displayName: 'all', members: ids.map((value) => ({ value })) });
  await Promise.all([worker.scheduled(), worker.scheduled(), worker.scheduled()]);
  await settle(of);
  await assertIsTheDirectory(of);
});

test('a rebuild writes everything anew and deletes what should not be there', { timeout: 120_000 }, async () => {
  const of = await tenant();
  const id = await of.post('/Users', { userName: 'kept', externalId: 'x' });
  await of.post('/Groups', { displayName: 'g', members: [{ value: id }] });
  await settle(of);
  const stale = await worker.kv.get(`v1:${of.id}:u:${id}`, 'json');
  await worker.kv.delete(`v1:${of.id}:u:${id}`);
  await worker.kv.put(`v1:${of.id}:u:gone`, JSON.stringify({ ...stale, id: 'gone' }), { metadata: 'gone' });
  await worker.kv.put(`v1:${of.id}:n:${sha('old')}`, JSON.stringify(stale), { metadata: id });
  const command = tenantCommand(worker);
  try {
    const { code, output } = await command.npmRun('edge', 'rebuild', of.id);
    assert.equal(code, 0, output);
    assert.match(output, new RegExp(`the edge copy of ${of.id} is built anew, up to sequence \\d+`));
  } finally {
    command.remove();
  }
  await assertIsTheDirectory(of);
});

test('a copy is switched off and on, goes with its tenant, and is refused where data must stay', { timeout: 120_000 }, async () => {
  const of = await tenant();
  for (let n = 0; n < 110; n += 1) await of.post('/Users', { userName: `u${n}` });
  await settle(of);
  assert.ok((await contents(of)).size > 220 - 1);
  assert.equal((await admin('PATCH', `/tenants/${of.id}/edge`, { residency: 'eu' })).status, 409);
  const command = tenantCommand(worker);
  try {
    assert.match(await command.done('set', of.id, '--edge', 'off'), /^ {2}edge copy {5}removing/m);
    await settle(of);
    assert.equal((await worker.kv.list({ prefix: `v1:${of.id}:` })).keys.length, 0);
    assert.match(await command.done('set', of.id, '--residency', 'eu'), /^ {2}residency {5}eu$/m);
    const refused = await command.tenant(['set', of.id, '--edge', 'on']);
    assert.equal(refused.code, 1);
    assert.match(refused.output, /the tenant's data must stay in `eu`, and Workers KV does not keep data in one place/);
    await command.done('set', of.id, '--residency', 'none');
    assert.match(await command.done('set', of.id, '--edge', 'on'), /^ {2}edge copy {5}on, /m);
  } finally {
    command.remove();
  }
  await settle(of);
  await assertIsTheDirectory(of);
  for (let tries = 0; tries < 20; tries += 1) {
    const { status, body } = await admin('DELETE', `/tenants/${of.id}`);
    if (status === 204 || body.resourcesLeft === 0) break;
  }
  assert.equal((await worker.kv.list({ prefix: `v1:${of.id}:` })).keys.length, 0);
});

test('an erased person is in no key and no value of the copy', async () => {
  const of = await tenant();
  const id = await of.post('/Users', { userName: 'erased@x.example', externalId: 'secret-id', displayName: 'Erased Person' });
  await settle(of);
  for (let after = 0, done = false; !done; ) {
    const { status, body, text } = await admin('POST', `/tenants/${of.id}/erase`, { user: id, after });
    assert.ok([200, 202].includes(status), text);
    done = body.done;
    after = body.next;
  }
  await settle(of);
  const { keys } = await worker.kv.list({ prefix: `v1:${of.id}:` });
  for (const { name } of keys) {
    const text = await worker.kv.get(name);
    assert.ok(!/erased@x|secret-id|Erased Person/.test(text), `${name}: ${text}`);
  }
  assert.equal((await contents(of)).has(`u:${id}`), false);
});
