// A copy of the directory as the vendor's application keeps it: a snapshot, and every event after it. It knows nothing but
// what docs/EVENTS.md says. Events may come twice, and again after a restart: applying them again changes nothing.

const REVISED = /^(.+)\[(type|value) eq (".*")\](?:\.(\w+))?$/;

/** Returns the object in which a path ends, and the name there: of an extension, of a sub-attribute, of a list's element. */
function place(resource, path) {
  const colon = path.includes('[') ? path.slice(0, path.indexOf('[')).lastIndexOf(':') : path.lastIndexOf(':');
  if (colon < 0) return [resource, path];
  const urn = path.slice(0, colon);
  return [(resource[urn] ??= {}), path.slice(colon + 1)];
}

function setElement(within, name, key, value, sub, to) {
  const list = (within[name] ??= []);
  let element = list.find((each) => each[key] === value);
  if (!element && to !== null) list.push((element = { [key]: value }));
  if (!element) return;
  if (to === null) delete element[sub];
  else element[sub] = to;
  // An element of which only its key is left has gone.
  if (Object.keys(element).length === 1) list.splice(list.indexOf(element), 1);
  if (list.length === 0) delete within[name];
}

/** Applies a change: what the path names is `to`, or nothing. */
export function change(resource, path, to) {
  const [within, name] = place(resource, path);
  const element = name.match(REVISED);
  if (element) setElement(within, element[1], element[2], JSON.parse(element[3]), element[4], to);
  else {
    const [attribute, ...sub] = name.split('.');
    if (sub.length) {
      const complex = (within[attribute] ??= {});
      if (to === null) delete complex[sub.join('.')];
      else complex[sub.join('.')] = to;
      if (Object.keys(complex).length === 0) delete within[attribute];
    } else if (to === null) delete within[attribute];
    else within[attribute] = to;
  }
  if (within !== resource && Object.keys(within).length === 0) delete resource[path.slice(0, path.length - name.length - 1)];
}

export class Copy {
  /** Resources by type and id: { version, attributes, members }. */
  resources = new Map();
  events = 0;

  /** Takes the lines of a snapshot. A large group has several, with a part of its members each. */
  load(lines) {
    for (const line of lines.split('\n').filter(Boolean)) {
      const { schemas, id, meta, members = [], ...attributes } = JSON.parse(line);
      const resource = this.#of(meta.resourceType, id);
      Object.assign(resource, { version: Number(meta.version.match(/\d+/)[0]), attributes });
      for (const { value } of members) resource.members.add(value);
    }
  }

  #of(type, id) {
    const key = `${type}/${id}`;
    if (!this.resources.has(key)) this.resources.set(key, { version: 0, attributes: {}, members: new Set() });
    return this.resources.get(key);
  }

  apply({ type, data }) {
    this.events += 1;
    const [kind, what] = type.split('.');
    if (kind !== 'user' && kind !== 'group') return;
    const { id, version } = data[kind];
    const name = kind === 'user' ? 'User' : 'Group';
    if (what === 'deleted') return void this.resources.delete(`${name}/${id}`);
    const resource = this.#of(name, id);
    if (what === 'member_added') resource.members.add((data.user ?? data.member).id);
    if (what === 'member_removed') resource.members.delete((data.user ?? data.member).id);
    // A snapshot may hold more than the events that follow it have told so far.
    resource.version = Math.max(resource.version, version);
    for (const { path, new: to } of data.changes ?? []) change(resource.attributes, path, to);
  }

  /** Returns the differences from what the application itself answers, as sentences. */
  differences({ users, groups }) {
    const found = [];
    const rest = new Set(this.resources.keys());
    for (const resource of [...users.resources, ...groups.resources]) {
      const key = `${resource.meta.resourceType}/${resource.id}`;
      const copy = this.resources.get(key);
      rest.delete(key);
      if (!copy) found.push(`${key} is missing`);
      else this.#compare(key, copy, resource, found);
    }
    for (const key of rest) found.push(`${key} is extra`);
    return found;
  }

  #compare(key, copy, { schemas, id, meta, members = [], groups, ...attributes }, found) {
    const [mine, its] = [canonical(copy.attributes), canonical(attributes)];
    if (mine !== its) found.push(`${key} is ${mine}, should be ${its}`);
    if (meta.version !== `W/"${copy.version}"`) found.push(`${key} has version ${copy.version}, should have ${meta.version}`);
    const shown = members.map(({ value }) => value).sort().join();
    if ([...copy.members].sort().join() !== shown) found.push(`${key} has other members`);
  }
}

/** Returns the JSON of a value with its names in order, and lists of objects too: a list has no order in SCIM. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  // The service adds the URL of what is referred to.
  const names = Object.keys(value).filter((name) => name !== '$ref').sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}
