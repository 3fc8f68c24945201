// The edge copy converges to the directory, whatever is lost, comes twice, or comes in another order.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTenant, withAdmin } from '../harness/admin.mjs';
import { assertCopied, copyOf, hold, rowOf, settled, sha256, switchOn } from '../harness/edge.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
serve((started) => (worker = started), withAdmin);

const ask = async (method, path, body) => {
  const answer = await worker.scimFetch(method, path, body);
  assert.ok(answer.status < 300 || answer.status === 404, `${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.body;
};
const user = async (userName, more = {}) => (await ask('POST', '/Users', { userName, ...more })).id;
const group = async (displayName, members = []) => (await ask('POST', '/Groups', { displayName, members: members.map((value) => ({ value })) })).id;
const patch = (path, ...Operations) => ask('PATCH', path, { Operations });
const name = (text) => `v1:default:n:${sha256(text)}`;
const external = (text) => `v1:default:x:${sha256(text)}`;

test('a directory that was there before is copied when the copy is switched on', async () => {
  const ids = [];
  for (let n = 0; n < 110; n += 1) ids.push(await user(`before${n}@x.example`, { externalId: `b${n}`, roles: [{ value: 'reader' }] }));
  const inner = await group('Inner', ids.slice(0, 102));
  await group('Outer', [inner, ids[105]]);
  assert.deepEqual(await copyOf(worker), {});
  await switchOn(worker);
  await assertCopied(worker);
});

test('a change is copied after its answer, without the cron trigger', async () => {
  const id = await user('nudge@x.example');
  await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false });
  for (let n = 0; n < 200; n += 1) {
    const value = await worker.kv.get(`v1:default:u:${id}`, 'json');
    if (value?.active === false) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail('it is not copied');
});

test('renames, deactivation, external ids and groups reach each key of a person', async () => {
  const id = await user('Old.Name@x.example', { externalId: 'old', displayName: 'Old' });
  const team = await group('Team', [id]);
  await settled(worker);
  await patch(`/Users/${id}`, { op: 'replace', value: { userName: 'new.name@x.example', externalId: 'new', active: false, displayName: 'New' } });
  await patch(`/Groups/${team}`, { op: 'replace', path: 'displayName', value: 'Crew' });
  await settled(worker);
  const copy = await copyOf(worker);
  assert.deepEqual([copy[name('old.name@x.example')], copy[external('old')]], [undefined, undefined]);
  const value = { id, active: false, userName: 'new.name@x.example', externalId: 'new', displayName: 'New', groups: [team], roles: [] };
  for (const key of [`v1:default:u:${id}`, name('new.name@x.example'), external('new')]) assert.deepEqual(copy[key], value, key);
  assert.deepEqual(copy[`v1:default:g:${team}`], { displayName: 'Crew' });
  assert.equal((await worker.kv.get(name('old.name@x.example'), 'json')).deleted, true);
  await assertCopied(worker);
});

test('a name that is given to another user leads to that one, in whatever order the changes are read', async () => {
  const held = await hold(worker);
  const first = await user('taken@x.example', { externalId: 'same' });
  await ask('DELETE', `/Users/${first}`);
  const second = await user('taken@x.example', { externalId: 'same' });
  await patch(`/Users/${second}`, { op: 'replace', path: 'userName', value: 'moved@x.example' });
  const third = await user('Taken@x.example', { externalId: 'same' });
  await held.free();
  await settled(worker);
  const copy = await copyOf(worker);
  assert.deepEqual([copy[name('taken@x.example')].id, copy[name('moved@x.example')].id, copy[external('same')].id], [third, second, second]);
  assert.equal(copy[`v1:default:u:${first}`], undefined);
  await ask('DELETE', `/Users/${second}`);
  await settled(worker);
  assert.equal((await copyOf(worker))[external('same')].id, third, 'the other one that has it');
  await assertCopied(worker);
});

test('memberships of groups in groups reach the people in them, also in a group that takes several steps and in a cycle', async () => {
  const people = [];
  for (let n = 0; n < 110; n += 1) people.push(await user(`nested${n}@x.example`));
  const leaf = await group('Leaf', people);
  const [middle, top, aside] = [await group('Middle', [leaf]), await group('Top'), await group('Aside', [people[0]])];
  await settled(worker);
  for (const [path, operation] of [
    [top, { op: 'add', path: 'members', value: [{ value: middle }] }],
    [leaf, { op: 'add', path: 'members', value: [{ value: top }] }],
    [middle, { op: 'remove', path: `members[value eq "${leaf}"]` }],
    [aside, { op: 'add', path: 'members', value: [{ value: leaf }] }],
  ]) {
    await patch(`/Groups/${path}`, operation);
    await settled(worker);
    await assertCopied(worker);
  }
  await ask('DELETE', `/Groups/${leaf}`);
  await settled(worker);
  await assertCopied(worker);
});

test('a place that is set back repeats what was done, and writes nothing new', async () => {
  await settled(worker);
  const dump = async () => {
    const { keys } = await worker.kv.list({ prefix: 'v1:default:' });
    return Promise.all(keys.map(async ({ name: key }) => [key, await worker.kv.get(key)]));
  };
  const repeat = async () => {
    await worker.d1.prepare('UPDATE edge SET sequence = 0').run();
    await settled(worker);
    return dump();
  };
  // All is written once more, since it is true up to a later sequence; then no value is replaced by an equal one.
  const before = await repeat();
  assert.deepEqual(await repeat(), before);
});

test('an older state does not replace a newer one', async () => {
  const id = await user('newer@x.example');
  await settled(worker);
  const key = `v1:default:u:${id}`;
  const newer = JSON.stringify({ ...(await worker.kv.get(key, 'json')), seq: 1_000_000, displayName: 'newer' });
  await worker.kv.put(key, newer, { metadata: { seq: 1_000_000 } });
  await patch(`/Users/${id}`, { op: 'replace', path: 'displayName', value: 'older' });
  await settled(worker);
  assert.equal(await worker.kv.get(key), newer);
  assert.equal((await worker.kv.get(name('newer@x.example'), 'json')).displayName, 'older');
  await worker.kv.delete(key);
  await worker.d1.prepare('UPDATE edge SET sequence = 0').run();
  await settled(worker);
  await assertCopied(worker);
});

test('a holder that has lost its lease sets the place back, so that what it wrote is written again', async () => {
  const id = await user('lease@x.example');
  await settled(worker);
  const held = await hold(worker);
  await patch(`/Users/${id}`, { op: 'replace', path: 'displayName', value: 'after' });
  await held.free();
  // Another one takes the lease each time that it is about to be kept.
  await worker.d1.batch([
    worker.d1.prepare("CREATE TABLE taken AS SELECT 0 AS times"),
    worker.d1.prepare(`CREATE TRIGGER robbed AFTER UPDATE OF holder ON edge WHEN NEW.holder IS NOT NULL AND NEW.holder <> 'robber' AND (SELECT times FROM taken) = 0
      BEGIN UPDATE taken SET times = 1; UPDATE edge SET holder = 'robber', sequence = sequence + 1000 WHERE tenant = NEW.tenant; END`),
  ]);
  const { sequence } = await rowOf(worker);
  await worker.scheduled();
  const robbed = await rowOf(worker);
  assert.deepEqual([robbed.holder, robbed.sequence], ['robber', sequence]);
  await worker.d1.batch([worker.d1.prepare('DROP TRIGGER robbed'), worker.d1.prepare('DROP TABLE taken'), worker.d1.prepare('UPDATE edge SET holder = NULL, held_until = 0')]);
  await settled(worker);
  await assertCopied(worker);
});

test('a lease that was never given back expires', async () => {
  await settled(worker);
  await hold(worker);
  const id = await user('expired@x.example');
  await worker.scheduled();
  assert.equal(await worker.kv.get(`v1:default:u:${id}`), null);
  await worker.scheduled(new Date(Date.now() + 3_700_000));
  await worker.d1.prepare('UPDATE edge SET holder = NULL, held_until = 0').run();
  await settled(worker);
  await assertCopied(worker);
});

test('what was trimmed from the log before it was read is found by reading everything again', async () => {
  await settled(worker);
  const held = await hold(worker);
  const id = await user('trimmed@x.example');
  await ask('DELETE', `/Users/${await user('trimmed-and-gone@x.example')}`);
  await user('last@x.example');
  const last = await worker.d1.prepare('SELECT max(seq) AS seq FROM changes').first('seq');
  await worker.d1.batch([
    worker.d1.prepare("INSERT INTO logs (tenant, trimmed) VALUES ('default', ?)").bind(last - 1),
    worker.d1.prepare("DELETE FROM changes WHERE tenant = 'default' AND seq < ?").bind(last),
  ]);
  await held.free();
  await settled(worker);
  assert.ok((await copyOf(worker))[`v1:default:u:${id}`]);
  await assertCopied(worker);
});

/** Random changes of a small directory: the same names again and again. */
test('random changes with lost, repeated and racing deliveries converge', { timeout: 120_000 }, async () => {
  const { scimFetch } = await newTenant(worker, 'random');
  await switchOn(worker, 'random');
  let seed = Number(process.env.SEED ?? 7);
  const random = (most) => ((seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) >> 8) % most;
  const pick = (list) => list[random(list.length)];
  const [users, groups] = [[], []];
  const forget = (list, id) => list.splice(list.indexOf(id), 1);
  const changes = [
    async () => {
      const { status, body } = await scimFetch('POST', '/Users', { userName: `r${random(8)}`, externalId: `e${random(5)}` });
      if (status === 201) users.push(body.id);
    },
    async () => groups.length < 6 && groups.push((await scimFetch('POST', '/Groups', { displayName: `rg${random(1_000_000)}`, members: [...users, ...groups].filter(() => random(3) === 0).map((value) => ({ value })) })).body.id),
    async () => {
      const id = pick(users);
      if (id) await scimFetch('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', value: pick([{ userName: `r${random(8)}` }, { externalId: `e${random(5)}` }, { active: random(2) === 0 }]) }] });
    },
    async () => {
      const [id, member] = [pick(groups), pick([...users, ...groups])];
      if (id && member) await scimFetch('PATCH', `/Groups/${id}`, { Operations: [pick([{ op: 'add', path: 'members', value: [{ value: member }] }, { op: 'remove', path: `members[value eq "${member}"]` }])] });
    },
    async () => {
      const list = random(3) === 0 ? groups : users;
      const id = pick(list);
      if (!id) return;
      await scimFetch('DELETE', `/${list === users ? 'Users' : 'Groups'}/${id}`);
      forget(list, id);
    },
    async () => worker.scheduled(),
    async () => worker.d1.prepare('UPDATE edge SET sequence = max(0, sequence - ?), todo = NULL WHERE tenant = \'random\'').bind(random(30)).run(),
    // Another projector at the same time: the lease is taken away.
    async () => worker.d1.prepare("UPDATE edge SET holder = NULL, held_until = 0 WHERE tenant = 'random'").run(),
  ];
  for (let round = 0; round < 8; round += 1) {
    for (let n = 0; n < 25; n += 1) await changes[random(changes.length)]();
    await Promise.all([worker.scheduled(), worker.scheduled()]);
    await settled(worker, 'random');
    await assertCopied(worker, 'random');
  }
});
