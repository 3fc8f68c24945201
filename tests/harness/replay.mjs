// A reader that knows nothing but the rows of the change log: it applies them in their order, and compares what comes out with
// the rows of the directory.

import assert from 'node:assert/strict';

/** Sets the value and returns the one before. What holds nothing any more is removed. */
function set(within, [name, ...rest], value) {
  if (rest.length === 0) {
    const old = within[name] ?? null;
    if (value === null) delete within[name];
    else within[name] = value;
    return old;
  }
  within[name] ??= {};
  const old = set(within[name], rest, value);
  if (Object.keys(within[name]).length === 0) delete within[name];
  return old;
}

/** Returns the names on the way to an attribute: the URN of its extension, if it is of one, its own, a sub-attribute's. */
function names({ path, at }) {
  if (at) return at;
  const colon = path.lastIndexOf(':');
  const [name, ...sub] = path.slice(colon + 1).split('.');
  return [...(colon < 0 ? [] : [path.slice(0, colon)]), name, ...(sub.length ? [sub.join('.')] : [])];
}

/** Applies rows of the log, oldest first. Returns the resources by type and id. */
export function replay(rows) {
  const resources = new Map();
  for (const { resource_type: type, resource_id: id, version, change: text } of rows) {
    const change = JSON.parse(text);
    const key = `${type}/${id}`;
    if (change.op === 'deleted') {
      const { document, members } = resources.get(key);
      assert.deepEqual([document, members.size], [change.document, 0], key);
      resources.delete(key);
      continue;
    }
    if (change.op === 'created') {
      assert.ok(!resources.has(key), `${key} is created twice`);
      resources.set(key, { created: change.created, document: change.document, members: new Set() });
    }
    const resource = resources.get(key);
    Object.assign(resource, { version, lastModified: change.lastModified });
    for (const each of change.changes ?? []) {
      const old = set(resource.document, names(each), each.new);
      if ('old' in each) assert.deepEqual(old, each.old, `${key} ${each.path}`);
    }
    for (const member of change.went ?? []) assert.ok(resource.members.delete(member), `${member} was not a member of ${key}`);
    for (const member of change.came ?? []) {
      assert.ok(!resource.members.has(member), `${member} was a member of ${key}`);
      resource.members.add(member);
    }
  }
  return resources;
}

/**
 * Checks that the log, read from its beginning, gives the directory of that tenant. `select` returns the rows that SQL selects.
 * Returns how many rows the log has.
 */
export async function assertLogGivesTheDirectory(select, tenant = 'default') {
  const rows = await select(`SELECT * FROM changes WHERE tenant = '${tenant}' ORDER BY seq`);
  const replayed = replay(rows);
  const resources = await select(`SELECT * FROM resources WHERE tenant = '${tenant}'`);
  const memberships = await select(`SELECT group_id, member_id FROM memberships WHERE tenant = '${tenant}'`);
  const members = new Map();
  for (const { group_id: group, member_id: member } of memberships) members.set(group, [...(members.get(group) ?? []), member]);
  assert.deepEqual([...replayed.keys()].sort(), resources.map(({ type, id }) => `${type}/${id}`).sort());
  for (const { type, id, version, created, last_modified: lastModified, document } of resources) {
    const { members: its, ...resource } = replayed.get(`${type}/${id}`);
    assert.deepEqual(resource, { version, created, lastModified, document: JSON.parse(document) }, id);
    assert.deepEqual([...its].sort(), (members.get(id) ?? []).sort(), id);
  }
  return rows.length;
}
