// The edge copy of a tenant: what it must be by the tables of the directory, what it is in Workers KV, and waiting until it
// follows.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { adminClient } from './admin.mjs';
import { scimClient } from './client.mjs';

export const sha256 = (text) => createHash('sha256').update(text).digest('hex');

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Switches the copy of a tenant on, and waits until it is filled. */
export async function switchOn(worker, tenant = 'default') {
  const { status, text } = await adminClient(worker)('PATCH', `/tenants/${tenant}`, { edge: true });
  assert.equal(status, 200, text);
  await settled(worker, tenant);
}

/** Returns the row of the copy; null if there is none. */
export const rowOf = ({ d1 }, tenant = 'default') => d1.prepare('SELECT * FROM edge WHERE tenant = ?').bind(tenant).first();

const latest = ({ d1 }, tenant) => d1.prepare('SELECT coalesce(max(seq), 0) AS seq FROM changes WHERE tenant = ?').bind(tenant).first('seq');

/** Fires the cron trigger until the copy has everything. */
export async function settled(worker, tenant = 'default') {
  for (let n = 0; n < 400; n += 1) {
    const [row, seq] = [await rowOf(worker, tenant), await latest(worker, tenant)];
    if (row === null) return;
    if (!row.holder && row.sequence >= seq && row.todo === null && row.filling === null && row.clearing === null) return;
    await worker.scheduled();
    await pause(5);
  }
  assert.fail(`the copy does not follow: ${JSON.stringify(await rowOf(worker, tenant))}`);
}

/** Keeps others from writing the copy, as if each call after a change were lost; `free` lets them. */
export async function hold({ d1 }, tenant = 'default') {
  for (let n = 0; ; n += 1) {
    const until = Date.now() + 3_600_000;
    const { meta } = await d1.prepare("UPDATE edge SET holder = 'test', held_until = ? WHERE tenant = ? AND holder IS NULL").bind(until, tenant).run();
    if (meta.changes) break;
    assert.ok(n < 2_000, 'the lease is not given back');
    await pause(5);
  }
  return { free: () => d1.prepare("UPDATE edge SET holder = NULL, held_until = 0 WHERE tenant = ? AND holder = 'test'").bind(tenant).run() };
}

/** Returns what the copy holds, by key, without sequences and times, and without tombstones. */
export async function copyOf({ kv }, tenant = 'default') {
  const copy = {};
  for (let cursor; ; ) {
    const page = await kv.list({ prefix: `v1:${tenant}:`, cursor });
    const values = await Promise.all(page.keys.map(({ name }) => kv.get(name, 'json')));
    page.keys.forEach(({ name, metadata }, at) => {
      const { seq, asOf, ...value } = values[at];
      assert.deepEqual(metadata, { seq }, name);
      if (value.deleted) assert.deepEqual(value, { deleted: true }, name);
      else copy[name] = value;
    });
    if (page.list_complete) return copy;
    cursor = page.cursor;
  }
}

/** Returns what the copy must hold, from the tables. */
export async function expectedCopy({ d1 }, tenant = 'default') {
  const rows = async (sql) => (await d1.prepare(sql).bind(tenant).all()).results;
  const resources = await rows('SELECT type, id, unique_key, external_id, document FROM resources WHERE tenant = ? ORDER BY id');
  const given = await rows('SELECT group_id, role FROM group_roles WHERE tenant = ? ORDER BY role');
  const groupsOf = new Map();
  for (const { member_id: member, group_id: group } of await rows('SELECT member_id, group_id FROM memberships WHERE tenant = ?')) {
    groupsOf.set(member, [...(groupsOf.get(member) ?? []), group]);
  }
  const allGroups = (id) => {
    const found = new Set();
    const walk = (member) => {
      for (const group of groupsOf.get(member) ?? []) {
        if (found.has(group)) continue;
        found.add(group);
        walk(group);
      }
    };
    walk(id);
    return [...found].sort();
  };
  const [copy, key] = [{}, (...parts) => ['v1', tenant, ...parts].join(':')];
  for (const { type, id, unique_key: name, external_id: external, document } of resources) {
    const { displayName = null, userName, active = true, externalId = null, roles = [] } = JSON.parse(document);
    const gives = given.filter((each) => each.group_id === id).map(({ role }) => role);
    if (type === 'Group') copy[key('g', id)] = { displayName, ...(gives.length > 0 && { roles: gives }) };
    if (type !== 'User') continue;
    const value = { id, active, userName, externalId, displayName, groups: allGroups(id), roles: roles.map((role) => role.value).filter((role) => role !== undefined) };
    copy[key('u', id)] = value;
    copy[key('n', sha256(name))] = value;
    // Of several with the same, the first.
    if (external !== null) copy[key('x', sha256(external))] ??= value;
  }
  return copy;
}

/** Fails unless the copy is what the directory is; names only the keys that differ. */
export async function assertCopied(worker, tenant = 'default') {
  const [copy, expected] = [await copyOf(worker, tenant), await expectedCopy(worker, tenant)];
  const differ = [...new Set([...Object.keys(copy), ...Object.keys(expected)])].filter((key) => !isDeepStrictEqual(copy[key], expected[key]));
  const of = (values) => Object.fromEntries(differ.slice(0, 5).map((key) => [key, values[key]]));
  assert.deepEqual(of(copy), of(expected), `${differ.length} keys differ`);
}

/** Makes a token that looks people up. Returns ask(query, options) -> { status, headers, body, text }. */
export async function lookupClient(worker, tenant = 'default', scopes = ['lookup']) {
  const { status, body, text } = await adminClient(worker)('POST', `/tenants/${tenant}/tokens`, { name: 'lookup', scopes });
  assert.equal(status, 201, text);
  const ask = scimClient(`${worker.url}${tenant === 'default' ? '' : `/${tenant}`}/lookup`, body.token);
  return (query = '', { method = 'GET', ...options } = {}) => ask(method, query, undefined, options);
}
