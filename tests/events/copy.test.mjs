// A reader's copy of the directory: by snapshot and events it becomes what the directory is, also while many write, and the digest
// proves it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTenant, withAdmin } from '../harness/admin.mjs';
import { digestOf, readAll, reader } from '../harness/events.mjs';
import { add, patch, remove, replace, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';
import { Client } from '../../tools/simulate/client.mjs';
import { Copy } from '../../tools/simulate/copy.mjs';
import { readBack } from '../../tools/simulate/readback.mjs';

let worker;
serve((started) => (worker = started), withAdmin);

async function tenant(id) {
  const made = await newTenant(worker, id);
  return { ...made, ask: await reader(worker, id) };
}

/** Checks that a copy is what the directory is: by reading all of it, and by its digest. */
async function assertIsTheDirectory(copy, { scim, token, ask }) {
  const client = new Client({ base: scim, token });
  const all = await readBack(client);
  client.close();
  assert.deepEqual(copy.differences(all), []);
  const resources = [...copy.resources].map(([key, { version }]) => ({ type: key.split('/')[0], id: key.split('/')[1], version }));
  const { status, body } = await ask('/digest');
  assert.equal(status, 200);
  const count = (type) => resources.filter((each) => each.type === type).length;
  const memberships = [...copy.resources.values()].reduce((sum, { members }) => sum + members.size, 0);
  const counts = body.resources.map(({ type }) => ({ type, count: count(type) }));
  assert.equal(counts.reduce((sum, each) => sum + each.count, 0), resources.length);
  assert.deepEqual(body, { sequence: body.sequence, consistent: true, resources: counts, memberships, buckets: await digestOf(resources) });
}

test('200 parallel writers, and a reader that follows: nothing is lost, late or twice', { timeout: 120_000 }, async (context) => {
  const of = await tenant('writers');
  const copy = new Copy();
  const seen = [];
  let writing = true;
  const follow = async () => {
    let place = '0';
    for (let more = true; more || writing; ) {
      const { status, body, text } = await of.ask(`?after=${place}&limit=200&wait=1`);
      assert.equal(status, 200, text);
      for (const event of body.events) {
        seen.push(event.id);
        copy.apply(event);
      }
      ({ next: place, more } = body);
    }
    return place;
  };
  const write = async (n) => {
    const { body: user } = await of.scimFetch('POST', '/Users', { schemas: [urn.user], userName: `writer-${n}` });
    const { body: group } = await of.scimFetch('POST', '/Groups', { schemas: [urn.group], displayName: `group-${n}`, members: [{ value: user.id }] });
    await of.scimFetch('PATCH', `/Users/${user.id}`, patch(replace('title', `t${n}`), add('emails[type eq "work"].value', `w${n}@x.example`)));
    await of.scimFetch('PATCH', `/Groups/${shared}`, patch(add('members', [{ value: user.id }])));
    if (n % 3 === 0) await of.scimFetch('PATCH', `/Groups/${shared}`, patch(remove('members', [{ value: user.id }])));
    if (n % 5 === 0) await of.scimFetch('DELETE', `/Groups/${group.id}`);
    if (n % 7 === 0) await of.scimFetch('DELETE', `/Users/${user.id}`);
  };
  const shared = (await of.scimFetch('POST', '/Groups', { displayName: 'shared' })).body.id;
  const following = follow();
  await Promise.all(Array.from({ length: 200 }, (_, n) => write(n)));
  writing = false;
  // Those of the last moment.
  const last = await readAll(of.ask, await following);
  for (const event of last.events) {
    seen.push(event.id);
    copy.apply(event);
  }
  const all = (await readAll(of.ask)).events.map(({ id }) => id);
  assert.deepEqual(seen, all, 'what the reader saw while they wrote is the log, in its order');
  assert.equal(new Set(seen).size, seen.length);
  await assertIsTheDirectory(copy, of);
  context.diagnostic(`${seen.length} events`);
});

test('a reader that begins with a snapshot while others write has the directory in the end', async () => {
  const of = await tenant('snapshot');
  const ids = [];
  const operations = Array.from({ length: 700 }, (_, n) => ({ method: 'POST', path: '/Users', bulkId: `b${n}`, data: { userName: `u${n}`, [urn.enterprise]: { department: 'D' }, schemas: [urn.user, urn.enterprise] } }));
  const { body } = await of.scimFetch('POST', '/Bulk', { Operations: operations });
  ids.push(...body.Operations.map(({ location }) => location.split('/').at(-1)));
  const members = (some) => some.map((value) => ({ value }));
  const { body: group } = await of.scimFetch('POST', '/Groups', { displayName: 'all', members: members(ids) });
  const writing = (async () => {
    for (let n = 0; n < 40; n += 1) {
      await of.scimFetch('PATCH', `/Users/${ids[n]}`, patch(replace('active', n % 2 === 0), replace(`${urn.enterprise}:department`, `D${n}`)));
      await of.scimFetch('PATCH', `/Groups/${group.id}`, patch(remove('members', members([ids[n + 100]]))));
      await of.scimFetch('DELETE', `/Users/${ids[n + 200]}`);
    }
  })();
  const snapshot = await of.ask('/snapshot');
  assert.deepEqual([snapshot.status, snapshot.headers.get('content-type')], [200, 'application/jsonl; charset=utf-8']);
  const copy = new Copy();
  copy.load(snapshot.text);
  const sequence = snapshot.headers.get('x-sequence');
  assert.ok(Number(sequence) >= 701);
  await writing;
  for (const event of (await readAll(of.ask, sequence)).events) copy.apply(event);
  await assertIsTheDirectory(copy, of);
  // A reader that has lost its place a little applies events again.
  for (const event of (await readAll(of.ask, sequence)).events) copy.apply(event);
  await assertIsTheDirectory(copy, of);
});

test('the snapshot of an empty directory is empty, and its sequence goes on after everything is deleted', async () => {
  const of = await tenant('empty');
  const first = await of.ask('/snapshot');
  assert.deepEqual([first.status, first.text, first.headers.get('x-sequence')], [200, '', '0']);
  const { body } = await of.scimFetch('POST', '/Users', { userName: 'short' });
  await of.scimFetch('DELETE', `/Users/${body.id}`);
  const { events, next } = await readAll(of.ask);
  const second = await of.ask('/snapshot');
  assert.deepEqual([second.text, second.headers.get('x-sequence')], ['', next]);
  assert.equal(events.length, 2);
  await assertIsTheDirectory(new Copy(), of);
});
