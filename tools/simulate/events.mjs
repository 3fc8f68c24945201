// What happens in the directory between two cycles: people come, go, marry, move; groups as well. Each event is a
// function (directory, random, count of users); the list at the end says how often it happens.

import { inventAttribute, inventGroup, inventGroupName, inventNames, inventRoles, inventUser, optional } from './people.mjs';

const joinGroups = (directory, random, user) => {
  for (const group of random.some(directory.groups(), 1 + random.whole(3))) directory.touch(group).members.add(user.objectId);
};

function join(directory, random, userPrincipalName) {
  const user = inventUser(random, directory.number());
  if (userPrincipalName) user.attributes.userPrincipalName = userPrincipalName;
  user.enabled = random.chance(0.9);
  user.manager = random.pick(directory.staff())?.objectId;
  directory.add(user);
  joinGroups(directory, random, user);
}

/** Removes a user from the application: it is disabled there, and left alone from then on, whatever happens to it. */
const leave = (directory, random, user) => {
  user.assigned = false;
};

const comeBack = (directory, random, user) => {
  user.assigned = true;
};

function rename(directory, random, user) {
  const before = user.attributes.userPrincipalName;
  const [local, domain] = before.split('@');
  if (random.chance(0.2)) {
    user.attributes.userPrincipalName = local === local.toLowerCase() ? `${local.toUpperCase()}@${domain}` : before.toLowerCase();
    return;
  }
  Object.assign(user.attributes, inventNames(random, directory.number()));
  if (user.attributes.mail) user.attributes.mail = inventAttribute(random, user, 'mail');
  // In the same cycle another user gets the name that became free.
  if (random.chance(0.3)) join(directory, random, before);
}

const displayName = (directory, random, user) => {
  user.attributes.displayName = `${inventNames(random, directory.number()).displayName} ${random.whole(100)}`;
};

const attributes = (directory, random, user) => {
  for (const name of random.some(optional, 1 + random.whole(5))) user.attributes[name] = inventAttribute(random, user, name);
};

const clear = (directory, random, user) => {
  const present = optional.filter((name) => user.attributes[name] !== undefined);
  for (const name of random.some(present, 1 + random.whole(4))) delete user.attributes[name];
};

const roles = (directory, random, user) => {
  user.roles = random.chance(0.3) ? [] : inventRoles(random);
};

function manager(directory, random, user) {
  const leader = random.chance(0.2) ? undefined : random.pick(directory.staff());
  user.manager = leader === user ? undefined : leader?.objectId;
}

const disable = (directory, random, user) => {
  user.enabled = false;
};

const enable = (directory, random, user) => {
  user.enabled = true;
};

/**
 * Moves a user into the recycle bin: the next cycle disables it. Its reports get its own manager; memberships stay.
 */
function softDelete(directory, random, user) {
  user.deleted = 'soft';
  for (const report of directory.all('User', (other) => other.manager === user.objectId)) {
    directory.touch(report).manager = user.manager === report.objectId ? undefined : user.manager;
  }
}

const restore = (directory, random, user) => {
  user.deleted = undefined;
};

function hardDelete(directory, random, user) {
  user.deleted = 'hard';
  for (const object of directory.referrers(user.objectId)) {
    object.members?.delete(user.objectId);
    if (object.manager === user.objectId) directory.touch(object).manager = undefined;
  }
}

function move(directory, random, user) {
  const [from] = random.some(directory.groups().filter((group) => group.members.has(user.objectId)), 1);
  const [to] = random.some(directory.groups().filter((group) => !group.members.has(user.objectId)), 1);
  if (from) directory.touch(from).members.delete(user.objectId);
  if (to) directory.touch(to).members.add(user.objectId);
}

const renameGroup = (directory, random, group) => {
  group.attributes.displayName = inventGroupName(random, directory.number());
};

function reshuffle(directory, random, group) {
  const present = [...group.members];
  for (const id of random.some(present, random.chance(0.2) ? present.length : Math.ceil(present.length / 3))) group.members.delete(id);
  const staff = directory.staff();
  for (const user of random.some(staff, Math.ceil(staff.length / 20))) group.members.add(user.objectId);
}

function deleteGroup(directory, random, group) {
  group.deleted = 'hard';
  group.members.clear();
  // Sometimes a group of the same name is created in the same cycle.
  const next = inventGroup(random, directory.number());
  if (random.chance(0.3)) next.attributes.displayName = group.attributes.displayName;
  for (const user of random.some(directory.staff(), 1 + random.whole(30))) next.members.add(user.objectId);
  directory.add(next);
}

const staff = (directory) => directory.staff();
const assigned = (condition) => (directory) => directory.all('User', (user) => user.assigned && condition(user));

/** [event, the objects that it can happen to, the share of them that it happens to in a cycle] */
const events = [
  [attributes, staff, 0.04],
  [clear, staff, 0.02],
  [rename, staff, 0.02],
  [displayName, staff, 0.01],
  [roles, staff, 0.02],
  [manager, staff, 0.03],
  [move, staff, 0.03],
  [enable, assigned((user) => !user.enabled && !user.deleted), 0.3],
  [disable, staff, 0.01],
  [restore, assigned((user) => user.deleted === 'soft'), 0.2],
  [hardDelete, assigned((user) => user.deleted === 'soft'), 0.5],
  [softDelete, staff, 0.015],
  [comeBack, (directory) => directory.all('User', (user) => !user.assigned), 0.2],
  [leave, staff, 0.01],
  [renameGroup, (directory) => directory.groups(), 0.06],
  [reshuffle, (directory) => directory.groups(), 0.04],
  [deleteGroup, (directory) => directory.groups().slice(1), 0.03],
];
const joining = 0.02;

/** Lets the time between two cycles pass. */
export function passTime(directory) {
  const { random } = directory;
  const arrivals = Math.ceil(directory.staff().length * joining);
  for (let n = 0; n < arrivals; n += 1) join(directory, random);
  for (const [event, whom, share] of events) {
    const candidates = whom(directory);
    for (const object of random.some(candidates, Math.ceil(candidates.length * share))) {
      event(directory, random, object);
      directory.touch(object);
    }
  }
}
