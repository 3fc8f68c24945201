// The directory of the simulated Azure AD, which is the truth: users and groups by objectId, and what has changed
// since the last cycle. Deleted objects stay as tombstones. Not here: what happens to it (events.mjs) and SCIM
// (mapping.mjs).

import { inventGroup, inventUser } from './people.mjs';
import { Random } from './random.mjs';

export class Directory {
  /** Users and groups by objectId. */
  objects = new Map();
  /** The objectIds that a cycle must look at. */
  changed = new Set();
  #numbers = 0;

  constructor({ users, groups, seed }) {
    this.random = new Random('directory', seed);
    for (let n = 0; n < users; n += 1) this.add(inventUser(this.random, this.number()));
    for (let n = 0; n < groups; n += 1) this.add(inventGroup(this.random, this.number()));
    this.#appointManagers();
    this.#fillGroups();
  }

  /** Returns a number that no name has yet. */
  number() {
    this.#numbers += 1;
    return this.#numbers;
  }

  add(object) {
    this.objects.set(object.objectId, object);
    return this.touch(object);
  }

  touch(object) {
    this.changed.add(object.objectId);
    return object;
  }

  get(objectId) {
    return this.objects.get(objectId);
  }

  all(kind, condition = () => true) {
    return [...this.objects.values()].filter((object) => object.kind === kind && condition(object));
  }

  /** Returns the users that are employed and whose data are sent as they are. */
  staff() {
    return this.all('User', (user) => user.enabled && user.assigned && !user.deleted);
  }

  groups() {
    return this.all('Group', (group) => !group.deleted);
  }

  /** Returns the objects that refer to a user: groups and reports. */
  referrers(objectId) {
    return [...this.objects.values()].filter((object) => object.manager === objectId || object.members?.has(objectId));
  }

  // Makes the first of every ten users the manager of the nine that follow.
  #appointManagers() {
    const staff = this.staff();
    staff.forEach((user, place) => {
      const leader = staff[place % 10 ? place - (place % 10) : Math.floor(place / 100) * 100];
      if (leader !== user && this.random.chance(0.9)) user.manager = leader.objectId;
    });
  }

  // Fills the groups: the first has nearly every user, the next ones a third, a quarter and so on, the last few only
  // a handful.
  #fillGroups() {
    const staff = this.staff();
    this.groups().forEach((group, place) => {
      const size = place === 0 ? Math.ceil(staff.length * 0.95) : Math.ceil(staff.length / (place + 2) ** 1.3);
      for (const user of this.random.some(staff, size)) group.members.add(user.objectId);
    });
  }
}
