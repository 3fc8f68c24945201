// The Worker's process is killed in mid-load and started again on the same storage: whatever was acknowledged is
// there, and nothing is half applied. Power failure is another matter: it is the storage's, and not asked here.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startProcess } from './harness/own-process.mjs';

const rounds = 3;
const lanes = 8;
/** So many requests are acknowledged in a round before the Worker is killed. */
const enough = 250;
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const patch = (...operations) => ({ schemas: [PATCH], Operations: operations });

let folder;
let worker;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'scim-edge-crash-'));
});
after(async () => {
  await worker?.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** What the test knows: of each user what may be so (one possibility, or two without an answer), and what is in doubt. */
const known = { users: new Map(), groups: [], inDoubt: [], acknowledged: 0 };

/** Sends a request; `then` notes what it did once it is acknowledged, `doubt` what to expect where no answer came. */
async function send(method, path, body, expected, then, doubt) {
  let answer;
  try {
    answer = await worker.scimFetch(method, path, body);
  } catch {
    known.inDoubt.push(doubt);
    return false;
  }
  assert.equal(answer.status, expected, `${method} ${path}: ${answer.text}`);
  known.acknowledged += 1;
  then(answer.body);
  return true;
}

/** What user number `n` looks like at a step: all of it changes together. */
const state = (n, step) => ({ title: `title ${n}.${step}`, nickName: `nick ${n}.${step}`, email: `u${n}.${step}@x.example` });

/** One lane: makes users, changes them, puts five at a time into its group, deletes some, until the Worker is gone. */
async function lane(round, number, group) {
  for (let n = 0; ; n += 1) {
    const fresh = [];
    for (let member = 0; member < 5; member += 1) {
      const userName = `${round}-${number}-${n}-${member}`;
      const { title, nickName, email } = state(userName, 0);
      const body = { schemas: [USER], userName, title, nickName, emails: [{ type: 'work', value: email }] };
      const created = ({ id }) => {
        fresh.push(id);
        known.users.set(id, { userName, states: [0], gone: [false], groups: new Map() });
      };
      if (!(await send('POST', '/Users', body, 201, created, { kind: 'create', userName }))) return;
    }
    for (const id of fresh) known.users.get(id).groups.set(group.id, [true]);
    const joined = () => {};
    const inDoubt = () => fresh.forEach((id) => known.users.get(id).groups.set(group.id, [false, true]));
    const add = patch({ op: 'Add', path: 'members', value: fresh.map((value) => ({ value })) });
    if (!(await send('PATCH', `/Groups/${group.id}`, add, 204, joined, { kind: 'join', ids: fresh, group: group.id }))) return inDoubt();

    const [changed, deleted] = fresh;
    const user = known.users.get(changed);
    const next = state(user.userName, 1);
    user.states = [0, 1];
    const change = patch(
      { op: 'Replace', path: 'title', value: next.title },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: next.email },
      { op: 'Replace', path: 'nickName', value: next.nickName },
    );
    if (!(await send('PATCH', `/Users/${changed}`, change, 200, () => (user.states = [1]), { kind: 'change' }))) return;
    const victim = known.users.get(deleted);
    victim.gone = [false, true];
    if (!(await send('DELETE', `/Users/${deleted}`, undefined, 204, () => (victim.gone = [true]), { kind: 'delete' }))) return;
  }
}

async function load(round) {
  const groups = await Promise.all(Array.from({ length: lanes }, async (_, number) => {
    const { body } = await worker.scimFetch('POST', '/Groups', { displayName: `group ${round}-${number}` });
    known.groups.push(body.id);
    return body;
  }));
  const working = groups.map((group, number) => lane(round, number, group));
  for (const before = known.acknowledged; known.acknowledged < before + enough; ) await new Promise((resolve) => setTimeout(resolve, 5));
  await worker.kill();
  await Promise.all(working);
}

async function everything(endpoint) {
  const found = [];
  for (let cursor = ''; cursor !== undefined; ) {
    const { body } = await worker.scimFetch('GET', `${endpoint}?count=200&cursor=${cursor}`);
    found.push(...body.Resources);
    cursor = body.nextCursor;
    assert.ok(cursor !== undefined || body.totalResults === found.length, `${endpoint}: ${found.length} are there, totalResults is ${body.totalResults}`);
  }
  return new Map(found.map((resource) => [resource.id, resource]));
}

const matches = async (filter) => (await worker.scimFetch('GET', `/Users?filter=${encodeURIComponent(filter)}`)).body.Resources.map(({ id }) => id);

async function check() {
  const users = await everything('/Users');
  const groups = await everything('/Groups');
  assert.deepEqual([...groups.keys()].sort(), [...known.groups].sort());
  const creating = new Set(known.inDoubt.filter(({ kind }) => kind === 'create').map(({ userName }) => userName));
  for (const [id, user] of users) {
    if (!known.users.has(id)) assert.ok(creating.has(user.userName), `${user.userName} was never asked for`);
    const step = Number(user.title.split('.').at(-1));
    const { title, nickName, email } = state(user.userName, step);
    assert.deepEqual([user.title, user.nickName, user.emails[0].value], [title, nickName, email], 'half a change');
    assert.ok(!known.users.has(id) || known.users.get(id).states.includes(step), `${user.userName} is at step ${step}`);
  }
  for (const [id, { userName, gone }] of known.users) {
    assert.ok(gone.includes(!users.has(id)), `${userName} ${users.has(id) ? 'is there, though deleted' : 'is missing'}`);
  }
  checkMembers(users, groups);
  // The indexes tell the same as the list.
  for (const user of [...users.values()].filter((_, place) => place % 25 === 0)) {
    assert.deepEqual(await matches(`userName eq "${user.userName}"`), [user.id]);
    assert.deepEqual(await matches(`emails.value eq "${user.emails[0].value}"`), [user.id]);
  }
  return { users: users.size, groups: groups.size };
}

function checkMembers(users, groups) {
  const members = new Map([...groups].map(([id, group]) => [id, new Set((group.members ?? []).map(({ value }) => value))]));
  for (const [id, present] of members) for (const member of present) assert.ok(users.has(member), `group ${id} has ${member}, who is not there`);
  for (const [id, user] of users) {
    const shown = (user.groups ?? []).map(({ value }) => value).sort();
    assert.deepEqual(shown, [...members].filter(([, present]) => present.has(id)).map(([group]) => group).sort());
    for (const [group, allowed] of known.users.get(id)?.groups ?? []) assert.ok(allowed.includes(members.get(group).has(id)), `${user.userName} and group ${group}`);
  }
  for (const { ids, group } of known.inDoubt.filter(({ kind }) => kind === 'join')) {
    const joined = ids.filter((id) => members.get(group).has(id)).length;
    assert.ok([0, ids.length].includes(joined), `${joined} of ${ids.length} members of one PATCH are there`);
  }
}

test('a Worker that is killed under load keeps what it acknowledged, and half of nothing', { skip: process.platform === 'win32' }, async (context) => {
  for (let round = 0; round < rounds; round += 1) {
    worker = await startProcess(folder);
    if (round) await check();
    await load(round);
  }
  worker = await startProcess(folder);
  const { users, groups } = await check();
  const doubts = known.inDoubt.map(({ kind }) => kind).sort().join(', ');
  context.diagnostic(`${known.acknowledged} acknowledged requests, ${users} users, ${groups} groups; without an answer: ${doubts}`);
  assert.ok(known.inDoubt.length > 0, 'nothing was under way when the Worker was killed');
});
