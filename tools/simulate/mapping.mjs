// The attribute mappings of the provisioning job: a user as a flat list of target paths and values, as Entra treats
// it. Also a resource converted to the same paths, so that the two can be compared.

export const CORE_USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const CORE_GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const CUSTOM = 'urn:ietf:params:scim:schemas:extension:contoso:2.0:User';
export const MANAGER = `${ENTERPRISE}:manager`;
const ROLE_TYPE = 'WindowsAzureActiveDirectoryRole';

const mappings = [
  ['userPrincipalName', 'userName'],
  ['displayName', 'displayName'],
  ['jobTitle', 'title'],
  ['preferredLanguage', 'preferredLanguage'],
  ['givenName', 'name.givenName'],
  ['surname', 'name.familyName'],
  ['fullName', 'name.formatted'],
  ['mail', 'emails[type eq "work"].value'],
  ['otherMail', 'emails[type eq "other"].value'],
  ['telephoneNumber', 'phoneNumbers[type eq "work"].value'],
  ['mobile', 'phoneNumbers[type eq "mobile"].value'],
  ['fax', 'phoneNumbers[type eq "fax"].value'],
  ['streetAddress', 'addresses[type eq "work"].streetAddress'],
  ['city', 'addresses[type eq "work"].locality'],
  ['state', 'addresses[type eq "work"].region'],
  ['postalCode', 'addresses[type eq "work"].postalCode'],
  ['country', 'addresses[type eq "work"].country'],
  ['office', 'addresses[type eq "other"].formatted'],
  ['employeeId', `${ENTERPRISE}:employeeNumber`],
  ['department', `${ENTERPRISE}:department`],
  ['costCenter', `${ENTERPRISE}:costCenter`],
  ['badge', `${CUSTOM}:badge`],
  ['clearance', `${CUSTOM}:clearance`],
];

/** SingleAppRoleAssignment, which the job without the flag uses. */
const singleRole = { value: (role) => role, display: (role) => `Role ${role}`, type: () => ROLE_TYPE };
const singleRolePath = (sub) => `roles[primary eq "True"].${sub}`;

const PRIMARY_MAIL = 'emails[type eq "work"].primary';

/** Every path that the job provisions; it leaves all others alone. */
export const flown = new Set([
  ...mappings.map(([, path]) => path),
  ...['active', 'externalId', 'roles', PRIMARY_MAIL, ...Object.keys(singleRole).map(singleRolePath)],
]);

/** Returns the paths and values that a user of the directory should have in the application, without the manager. */
export function userTarget(user, flag) {
  const target = new Map([['externalId', user.objectId]]);
  for (const [name, path] of mappings) if (user.attributes[name] !== undefined) target.set(path, user.attributes[name]);
  target.set('active', user.enabled && user.assigned && !user.deleted);
  if (target.has('emails[type eq "work"].value')) target.set(PRIMARY_MAIL, true);
  const [role] = user.roles;
  if (flag && role) target.set('roles', roleList(user.roles.map((value) => ({ value, display: `Role ${value}`, type: ROLE_TYPE, primary: false }))));
  else if (role) for (const [sub, value] of Object.entries(singleRole)) target.set(singleRolePath(sub), value(role));
  return target;
}

/** AssertiveAppRoleAssignmentsComplex, which the job with the flag uses, compares the list as a whole. */
const roleList = (roles) =>
  JSON.stringify(roles.map(({ value, display, type, primary }) => ({ value, display, type, primary })).sort((a, b) => (a.value < b.value ? -1 : 1)));

export const groupTarget = (group) => new Map([['externalId', group.objectId], ['displayName', group.attributes.displayName]]);

/** What the service adds itself, or what is compared separately. */
const notFlat = new Set(['schemas', 'id', 'meta', 'groups', 'members']);

/** Converts a resource to paths and values. Elements that are there twice get paths that are not expected. */
export function flatten(resource, flag) {
  const flat = new Map();
  const put = (path, value) => flat.set(flat.has(path) ? `${path} (again)` : path, value);
  for (const [name, value] of Object.entries(resource)) {
    if (notFlat.has(name)) continue;
    else if (name === 'roles' && flag && Array.isArray(value)) put('roles', roleList(value));
    else if (Array.isArray(value)) value.forEach((element) => flattenElement(put, name, element));
    else if (name.startsWith('urn:')) flattenExtension(put, name, value);
    else if (value !== null && typeof value === 'object') for (const [sub, inner] of Object.entries(value)) put(`${name}.${sub}`, inner);
    else put(name, value);
  }
  return flat;
}

function flattenElement(put, name, element) {
  const byPrimary = name === 'roles' && element.primary === true;
  const selected = byPrimary ? `${name}[primary eq "True"]` : `${name}[type eq "${element.type}"]`;
  for (const [sub, value] of Object.entries(element)) {
    if (sub !== (byPrimary ? 'primary' : 'type')) put(`${selected}.${sub}`, value);
  }
}

function flattenExtension(put, urn, extension) {
  for (const [name, value] of Object.entries(extension)) put(`${urn}:${name}`, `${urn}:${name}` === MANAGER ? value?.value : value);
}

/** Returns [{ path, before, after }] of what must change; `paths` limits what is looked at. */
export function differences(current, target, paths = new Set([...current.keys(), ...target.keys()])) {
  const found = [];
  for (const path of paths) {
    const [before, after] = [current.get(path), target.get(path)];
    if (before !== after) found.push({ path, before, after });
  }
  return found;
}
