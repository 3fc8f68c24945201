// The bodies that Entra sends, without and with the flag aadOptscim062020. If Entra is known to write something in
// several ways, `dice` chooses one. Not here: which values differ (mapping.mjs), and when each body is sent (objects,
// references).

import { CORE_GROUP, CORE_USER, CUSTOM, ENTERPRISE, MANAGER } from './mapping.mjs';
import { dice } from './random.mjs';

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const LEGACY_GROUP = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';

const patch = (operations) => ({ schemas: [PATCH], Operations: operations });
const element = /^(\w+)\[(\w+) eq "(\w+)"\]\.(\w+)$/;

/** Makes the body of POST /Users. The URN of the custom extension is not listed, as Entra does not list it. */
export function newUser(target, { flag, seed }) {
  const body = { schemas: [CORE_USER, ENTERPRISE] };
  for (const [path, value] of target) place(body, path, value);
  body.meta = { resourceType: 'User' };
  if (flag && target.has('roles')) body.roles = roleElements(target.get('roles'), seed);
  else body.roles ??= [];
  if (!flag && dice(seed, target.get('externalId'), 'active') < 0.5) body.active = body.active ? 'True' : 'False';
  return body;
}

function place(body, path, value) {
  const [, name, selector, selected, sub] = path.match(element) ?? [];
  if (name) {
    const elements = (body[name] ??= []);
    const wanted = selector === 'primary' ? true : selected;
    let found = elements.find((one) => one[selector] === wanted);
    if (!found) elements.push((found = { [selector]: wanted }));
    found[sub] = value;
  } else if (path.startsWith('urn:')) {
    const urn = path.startsWith(CUSTOM) ? CUSTOM : ENTERPRISE;
    (body[urn] ??= {})[path.slice(urn.length + 1)] = value;
  } else if (path.includes('.')) {
    const [complex, sub] = path.split('.');
    (body[complex] ??= {})[sub] = value;
  } else body[path] = value;
}

/** Makes roles as the newer mapping writes them: `displayName` for `display`, and `primary` as text. */
const roleElements = (list, seed) =>
  JSON.parse(list).map(({ display, primary, ...role }) =>
    dice(seed, role.value, 'roles') < 0.5 ? { ...role, displayName: display, primary: `${primary}` } : { ...role, display, primary });

export const newGroup = (target) => ({
  schemas: [CORE_GROUP, LEGACY_GROUP],
  externalId: target.get('externalId'),
  displayName: target.get('displayName'),
  meta: { resourceType: 'Group' },
});

/** Makes the PATCH of the attributes that differ. */
export function changes(differences, { flag, seed }) {
  const cleared = new Set();
  const wanted = differences.filter(({ path, after }) => {
    // An e-mail or a role is removed as a whole when its value is removed.
    const selected = path.match(element) && /^(emails|roles)/.test(path) && path.slice(0, path.lastIndexOf('.'));
    if (!selected || after !== undefined) return true;
    return !cleared.has(selected) && cleared.add(selected);
  });
  const written = wanted.map((difference) => ({ ...difference, value: writtenValue(difference, { flag, seed }) }));
  // `.primary` has been seen before the `.value` that it belongs to.
  if (dice(seed, written[0].path, written[0].after, 'order') < 0.3) written.reverse();
  return patch(flag ? merged(written) : written.map(({ path, before, value }) => ({ op: before === undefined ? 'Add' : 'Replace', path, value })));
}

function writtenValue({ path, before, after }, { flag, seed }) {
  if (path === 'roles') return after === undefined ? [] : roleElements(after, seed);
  if (after === undefined) return flag && dice(seed, path, before, 'clear') < 0.3 ? null : '';
  if (typeof after === 'boolean' && !flag) return after ? 'True' : 'False';
  return after;
}

/**
 * Merges operations: with the flag, value paths stay operations of their own and the others become one replace
 * without a path.
 */
function merged(written) {
  const isPath = ({ path }) => path.includes('[') || path === 'roles';
  const apart = written.filter(isPath).map(({ path, before, value }) => ({ op: before === undefined ? 'add' : 'replace', path, value }));
  const rest = written.filter((one) => !isPath(one));
  if (rest.length === 0) return apart;
  if (rest.length > 1) return [...apart, { op: 'replace', value: Object.fromEntries(rest.map(({ path, value }) => [path, value])) }];
  const [{ path, before, value }] = rest;
  return [...apart, { op: before === undefined ? 'add' : 'replace', path, value }];
}

/** Makes the PATCH of the manager, or of its removal. */
export function newManager(id, before, user, { flag, seed, base }) {
  const chance = dice(seed, user.objectId, user.manager, 'manager');
  if (id === undefined) return patch([{ op: flag ? 'replace' : 'Replace', path: MANAGER, value: chance < 0.5 ? '' : { value: '' } }]);
  const word = before === undefined ? 'Add' : 'Replace';
  const op = flag ? word.toLowerCase() : word;
  if (chance < 0.4) return patch([{ op, path: 'manager', value: [{ $ref: `${base}/Users/${id}`, value: id }] }]);
  return patch([{ op, path: MANAGER, value: chance < 0.8 ? id : { value: id } }]);
}

/** Makes the PATCHes of members to add and to remove: several values an operation, several operations a request. */
export function newMembers(add, remove, { flag }) {
  const values = (ids) => ids.map((value) => ({ $ref: null, value }));
  const listed = (op, ids) => parts(ids, 25).map((part) => ({ op, path: 'members', value: values(part) }));
  if (!flag) return patch([...listed('Remove', remove), ...listed('Add', add)]);
  return patch([...remove.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` })), ...listed('add', add)]);
}

export function parts(list, size) {
  const found = [];
  for (let from = 0; from < list.length; from += size) found.push(list.slice(from, from + size));
  return found;
}
