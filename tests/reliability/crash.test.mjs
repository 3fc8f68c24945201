// The Worker's process is killed under load and started again on the same storage: everything that was acknowledged
// is there, nothing is half applied, and the change log has all of it. A power failure is not tested: it concerns the storage.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startProcess } from '../harness/own-process.mjs';
import { assertLogGivesTheDirectory } from '../harness/replay.mjs';
import { patch } from '../harness/scim.mjs';

const rounds = 3;
const lanes = 8;
/** The number of requests that are acknowledged in a round before the Worker is killed. */
const enough = 250;
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';

let folder;
let worker;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'scim-edge-crash-'));
});
after(async () => {
  await worker?.kill();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * What the test knows: the possible states of each user and group (one, or two without an answer), and which requests
 * were under way when the Worker was killed.
 */
const known = { users: new Map(), groups: new Map(), inDoubt: [], acknowledged: 0 };

const newUser = (id, userName, groups = []) =>
  known.users.set(id, { userName, states: [0], gone: [false], groups: new Map(groups.map((group) => [group, [true]])) });

/**
 * Sends a request; `then` records what it did once it is acknowledged, `doubt` what was asked if no answer came.
 * Returns whether the lane can go on.
 */
async function send(method, path, body, expected, doubt, then = () => {}) {
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

/** The attributes of a user at a step: all of them change together. */
const state = (userName, step) => ({ title: `title ${userName}.${step}`, nickName: `nick ${userName}.${step}`, email: `u${userName}.${step}@x.example` });
const userAt = (userName, step) => {
  const { title, nickName, email } = state(userName, step);
  return { schemas: [USER], userName, title, nickName, emails: [{ type: 'work', value: email }] };
};
const patchTo = (userName, step) => {
  const { title, nickName, email } = state(userName, step);
  return patch(
    { op: 'Replace', path: 'title', value: title },
    { op: 'Replace', path: 'emails[type eq "work"].value', value: email },
    { op: 'Replace', path: 'nickName', value: nickName },
  );
};

/** Records a state that is possible until the answer comes; returns a function that settles it. */
function mayBecome(holder, key, value) {
  holder[key] = [...holder[key], value];
  return () => (holder[key] = [value]);
}

/** Puts users into a group of its own, changes and replaces some, takes one out, deletes one; then all of it as a bulk. */
async function lane(round, number, group) {
  let last;
  for (let n = 0; ; n += 1) {
    const name = `${round}-${number}-${n}`;
    const fresh = [];
    for (let member = 0; member < 5; member += 1) {
      const userName = `${name}-${member}`;
      const created = ({ id }) => fresh.push(id) && newUser(id, userName);
      if (!(await send('POST', '/Users', userAt(userName, 0), 201, { kind: 'create', userNames: [userName] }, created))) return;
    }
    const users = fresh.map((id) => known.users.get(id));
    const members = (op, ids) => patch({ op, path: 'members', value: ids.map((value) => ({ value })) });

    for (const user of users) user.groups.set(group, [false, true]);
    const joined = () => users.forEach((user) => user.groups.set(group, [true]));
    if (!(await send('PATCH', `/Groups/${group}`, members('Add', fresh), 204, { kind: 'join', ids: fresh, group }, joined))) return;

    const changed = mayBecome(users[0], 'states', 1);
    if (!(await send('PATCH', `/Users/${fresh[0]}`, patchTo(users[0].userName, 1), 200, { kind: 'change' }, changed))) return;
    const replaced = mayBecome(users[1], 'states', 2);
    if (!(await send('PUT', `/Users/${fresh[1]}`, userAt(users[1].userName, 2), 200, { kind: 'replace' }, replaced))) return;

    users[2].groups.set(group, [true, false]);
    const left = () => users[2].groups.set(group, [false]);
    if (!(await send('PATCH', `/Groups/${group}`, members('Remove', [fresh[2]]), 204, { kind: 'leave' }, left))) return;
    const deleted = mayBecome(users[3], 'gone', true);
    if (!(await send('DELETE', `/Users/${fresh[3]}`, undefined, 204, { kind: 'delete' }, deleted))) return;

    last = await bulk(name, [fresh[4], users[4]], last);
    if (!last) return;
  }
}

/**
 * Creates two users and a group of them, makes a change, and deletes the group of the previous bulk. Returns the
 * group, if an answer came.
 */
async function bulk(name, [changedId, changedUser], before) {
  const userNames = [`${name}-x`, `${name}-y`];
  const Operations = [
    ...userNames.map((userName) => ({ method: 'POST', path: '/Users', bulkId: userName, data: userAt(userName, 0) })),
    { method: 'POST', path: '/Groups', bulkId: name, data: { displayName: name, members: userNames.map((userName) => ({ value: `bulkId:${userName}` })) } },
    { method: 'PATCH', path: `/Users/${changedId}`, data: patchTo(changedUser.userName, 1) },
    ...(before ? [{ method: 'DELETE', path: `/Groups/${before}` }] : []),
  ];
  const settled = [mayBecome(changedUser, 'states', 1), ...(before ? [mayBecome(known.groups.get(before), 'gone', true)] : [])];
  let made;
  const done = ({ Operations: results }) => {
    assert.deepEqual(results.map(({ status }) => status), ['201', '201', '201', '200', '204'].slice(0, results.length));
    const [first, second, group] = results.map(({ location }) => location.split('/').at(-1));
    newUser(first, userNames[0], [group]);
    newUser(second, userNames[1], [group]);
    known.groups.set(group, { gone: [false] });
    settled.forEach((settle) => settle());
    made = group;
  };
  await send('POST', '/Bulk', { Operations }, 200, { kind: 'bulk', userNames, displayName: name }, done);
  return made;
}

async function load(round) {
  const groups = await Promise.all(Array.from({ length: lanes }, async (_, number) => {
    const { body } = await worker.scimFetch('POST', '/Groups', { displayName: `group ${round}-${number}` });
    known.groups.set(body.id, { gone: [false] });
    return body.id;
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
  const creating = new Set(known.inDoubt.flatMap(({ userNames = [], displayName }) => [...userNames, displayName]));
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
  for (const [id, { gone }] of known.groups) assert.ok(gone.includes(!groups.has(id)), `group ${id}: ${groups.has(id)}`);
  for (const [id, group] of groups) {
    if (known.groups.has(id)) continue;
    assert.ok(creating.has(group.displayName), `${group.displayName} was never asked for`);
    assert.equal(group.members.length, 2, `${group.displayName} is half of what was asked for`);
  }
  checkMembers(users, groups);
  // The indexes agree with the list.
  for (const user of [...users.values()].filter((_, place) => place % 25 === 0)) {
    assert.deepEqual(await matches(`userName eq "${user.userName}"`), [user.id]);
    assert.deepEqual(await matches(`emails.value eq "${user.emails[0].value}"`), [user.id]);
  }
  const log = await assertLogGivesTheDirectory(worker.select);
  return { users: users.size, groups: groups.size, log };
}

function checkMembers(users, groups) {
  const members = new Map([...groups].map(([id, group]) => [id, new Set((group.members ?? []).map(({ value }) => value))]));
  for (const [id, present] of members) for (const member of present) assert.ok(users.has(member), `group ${id} has ${member}, who is not there`);
  for (const [id, user] of users) {
    const shown = (user.groups ?? []).map(({ value }) => value).sort();
    assert.deepEqual(shown, [...members].filter(([, present]) => present.has(id)).map(([group]) => group).sort());
    for (const [group, allowed] of known.users.get(id)?.groups ?? []) {
      assert.ok(!members.has(group) || allowed.includes(members.get(group).has(id)), `${user.userName} and group ${group}`);
    }
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
  const { users, groups, log } = await check();
  const doubts = known.inDoubt.map(({ kind }) => kind).sort().join(', ');
  context.diagnostic(`${known.acknowledged} acknowledged requests, ${users} users, ${groups} groups, ${log} changes; without an answer: ${doubts}`);
  assert.ok(known.inDoubt.length > 0, 'nothing was under way when the Worker was killed');
});
