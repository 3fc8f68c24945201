// Compares what was read back with the directory: every attribute, active, manager, membership; nothing missing and
// nothing extra. Returns the differences as sentences.

import { CORE_GROUP, CORE_USER, differences, flatten, groupTarget, MANAGER, userTarget } from './mapping.mjs';

const word = (value) => (value === undefined ? 'absent' : JSON.stringify(value));

export function compare({ directory, links, flag, answer }) {
  const found = [];
  const sides = [
    ['User', answer.users, (user) => expectedUser(user, links, flag), userShape],
    ['Group', answer.groups, groupTarget, groupShape],
  ];
  const byId = { User: index(found, 'User', answer.users), Group: index(found, 'Group', answer.groups) };
  for (const [kind, , target, shape] of sides) {
    const rest = new Map(byId[kind]);
    for (const object of directory.all(kind)) {
      const name = `${kind} ${object.attributes.userPrincipalName ?? object.attributes.displayName}`;
      const id = links.id(object.objectId);
      const resource = rest.get(id);
      rest.delete(id);
      if (object.deleted === 'hard' || id === undefined) {
        if (id !== undefined) found.push(`${name} is deleted, but linked to ${id}`);
        if (object.deleted !== 'hard' && shouldBeThere(object)) found.push(`${name} was never created`);
      } else if (!resource) found.push(`${name} (${id}) is missing`);
      else {
        const say = (text) => found.push(`${name} (${id}): ${text}`);
        for (const { path, before, after } of differences(flatten(resource, flag), target(object))) say(`${path} is ${word(before)}, should be ${word(after)}`);
        shape(resource, say);
        if (kind === 'Group') compareMembers(object, resource, links, say);
        else compareGroups(id, resource, byId.Group, say);
      }
    }
    for (const [id, resource] of rest) found.push(`${kind} ${resource.userName ?? resource.displayName} (${id}) is extra`);
  }
  return found;
}

const shouldBeThere = (object) => object.kind === 'Group' || (object.enabled && object.assigned && !object.deleted);

function index(found, kind, { resources, totals }) {
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  if (byId.size !== resources.length) found.push(`the list of ${kind}s shows ${resources.length - byId.size} of them twice`);
  if (totals.some((total) => total !== byId.size)) found.push(`the list of ${kind}s has ${byId.size}, but says totalResults ${totals.join(', ')}`);
  return byId;
}

function expectedUser(user, links, flag) {
  const target = userTarget(user, flag);
  for (const [path, value] of Object.entries(user.local ?? {})) target.set(path, value);
  const manager = user.manager && links.id(user.manager);
  if (manager) target.set(MANAGER, manager);
  return target;
}

function sameSchemas(resource, expected, say) {
  const shown = [...(resource.schemas ?? [])].sort();
  if (JSON.stringify(shown) !== JSON.stringify(expected.sort())) say(`schemas are ${word(shown)}, should be ${word(expected)}`);
}

function userShape(resource, say) {
  sameSchemas(resource, [CORE_USER, ...Object.keys(resource).filter((name) => name.startsWith('urn:'))], say);
  if (resource.meta?.resourceType !== 'User') say(`meta.resourceType is ${word(resource.meta?.resourceType)}`);
}

function groupShape(resource, say) {
  sameSchemas(resource, [CORE_GROUP], say);
  if (resource.meta?.resourceType !== 'Group') say(`meta.resourceType is ${word(resource.meta?.resourceType)}`);
}

const ids = (list) => (list ?? []).map(({ value }) => value);

function compareMembers(group, resource, links, say) {
  const wanted = new Set([...group.members].map((objectId) => links.id(objectId)).filter(Boolean));
  const shown = ids(resource.members);
  if (new Set(shown).size !== shown.length) say('shows a member twice');
  for (const id of new Set(shown)) if (!wanted.has(id)) say(`has the member ${id}, which it should not have`);
  const present = new Set(shown);
  for (const id of wanted) if (!present.has(id)) say(`lacks the member ${id}`);
}

/** Compares the `groups` of a user, which are the same memberships, seen from the other side. */
function compareGroups(id, user, groups, say) {
  const shown = new Set(ids(user.groups));
  for (const group of shown) if (!groups.get(group)) say(`groups shows ${group}, which is not a group`);
  for (const [groupId, group] of groups) {
    group.memberIds ??= new Set(ids(group.members));
    if (group.memberIds.has(id) !== shown.has(groupId)) say(`groups ${shown.has(groupId) ? 'shows' : 'lacks'} ${groupId}, against the group's members`);
  }
}
