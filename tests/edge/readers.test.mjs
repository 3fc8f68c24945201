// The readers of examples/edge-reader, which docs/EDGE.md shows, on what the Worker has written: the one in TypeScript reads
// Workers KV itself, the one in Rust, which is compiled natively, a dump of it.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { adminClient, withAdmin } from '../harness/admin.mjs';
import { settled, switchOn } from '../harness/edge.mjs';
import { serve } from '../harness/serve.mjs';

const { allRoles, fold, groupName, read } = await import('../../examples/edge-reader/reader.ts');
const root = fileURLToPath(new URL('../..', import.meta.url));
const names = ['Ada@X.example', 'STRASSE', 'ΣΊΣΥΦΟΣ', 'İıI', 'E\u0301va', 'Å', 'ﬁn', 'ᾼ'];

let worker;
let ids;
let group;
serve(async (started) => {
  worker = started;
  const created = await Promise.all(names.map((userName, n) => worker.scimFetch('POST', '/Users', { userName, externalId: `ext ${n}` })));
  ids = created.map(({ body }) => body.id);
  group = (await worker.scimFetch('POST', '/Groups', { displayName: 'Team', members: [{ value: ids[0] }] })).body.id;
  const mapped = await adminClient(worker)('POST', '/tenants/default/roles', { group, role: 'approver' });
  assert.equal(mapped.status, 201, mapped.text);
  const gone = await worker.scimFetch('POST', '/Users', { userName: 'gone' });
  await switchOn(worker);
  await worker.scimFetch('DELETE', `/Users/${gone.body.id}`);
  await settled(worker);
}, withAdmin);

test('the reader in TypeScript finds each person by each of the names', async () => {
  for (const [n, userName] of names.entries()) {
    const person = await read(worker.kv, 'default', { id: ids[n] });
    assert.deepEqual([person.userName, person.active, person.groups], [userName, true, n ? [] : [group]]);
    assert.deepEqual(await read(worker.kv, 'default', { userName }), person);
    assert.deepEqual(await read(worker.kv, 'default', { externalId: `ext ${n}` }), person);
    const { unique_key: key } = await worker.d1.prepare('SELECT unique_key FROM resources WHERE id = ?').bind(ids[n]).first();
    assert.equal(fold(userName), key);
  }
  assert.deepEqual([await read(worker.kv, 'default', { userName: 'gone' }), await read(worker.kv, 'other', { id: ids[0] })], [undefined, undefined]);
  assert.equal(await groupName(worker.kv, 'default', group), 'Team');
  const roles = ids.map(async (id) => allRoles(worker.kv, 'default', await read(worker.kv, 'default', { id })));
  assert.deepEqual(await Promise.all(roles), ids.map((_, n) => (n ? [] : ['approver'])));
});

test('the reader in Rust finds the same', async () => {
  const { keys } = await worker.kv.list();
  const dump = Object.fromEntries(await Promise.all(keys.map(async ({ name }) => [name, await worker.kv.get(name)])));
  const args = [...names.flatMap((name, n) => [`default=${name}`, `default!ext ${n}`, `default#${ids[n]}`]), 'default=gone', 'other=STRASSE'];
  const run = spawnSync('cargo', ['run', '--quiet', '--locked', '--package', 'edge-reader', '--', ...args], { cwd: root, input: JSON.stringify(dump), encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  const found = await Promise.all(ids.map((id) => read(worker.kv, 'default', { id })));
  const people = await Promise.all(found.map(async (person) => ({ ...person, roles: await allRoles(worker.kv, 'default', person) })));
  assert.deepEqual(run.stdout.trim().split('\n').map((line) => JSON.parse(line)), [...people.flatMap((person) => [person, person, person]), null, null]);
});
