// The first pass of a cycle: one user or group at a time. Read or match it, create it if there is none, send what
// differs. Not here: managers and members (references.mjs), and the order (job.mjs).

import { changes, newGroup, newUser } from './dialect.mjs';
import { differences, flatten, flown, groupTarget, MANAGER, userTarget } from './mapping.mjs';
import { Retry } from './links.mjs';

const types = {
  User: {
    endpoint: '/Users',
    query: '',
    matching: ['userName', 'externalId'],
    target: userTarget,
    create: newUser,
    // A user that is disabled before the first cycle is not created.
    worthCreating: (target) => target.get('active'),
    manager: (resource, flag) => flatten(resource, flag).get(MANAGER),
  },
  Group: {
    endpoint: '/Groups',
    query: 'excludedAttributes=members',
    matching: ['displayName', 'externalId'],
    target: groupTarget,
    create: newGroup,
    worthCreating: () => true,
    manager: () => undefined,
  },
};

/** Provisions one object without its references. Throws `Retry` or `Unanswered` if it must be tried again. */
export async function syncObject(job, object) {
  const type = types[object.kind];
  if (object.deleted === 'hard') return remove(job, type, object);
  const target = type.target(object, job.flag);
  let current = (await read(job, type, object)) ?? (await match(job, type, object, target));
  if (!current && !type.worthCreating(target)) return;
  current ??= await create(job, type, object, target);
  const wanted = differences(flatten(current, job.flag), target, flown);
  if (wanted.length) await update(job, type, current.id, changes(wanted, job));
}

const resourceOf = (answer) => (answer.status < 300 ? answer.body : undefined);

/** Returns the resource that the object is linked to; a link to a missing resource is forgotten. */
async function read(job, type, object) {
  const link = job.links.of(object.objectId);
  if (!link) return undefined;
  const answer = await job.ask(`GET ${type.endpoint}/{id}`, 'GET', `${type.endpoint}/${link.id}${type.query && `?${type.query}`}`, undefined, [200, 404]);
  if (answer.status === 404) job.links.drop(object.objectId);
  else link.manager = type.manager(answer.body, job.flag);
  if (answer.body.members) job.report(`GET ${type.endpoint}/${link.id} shows members that are excluded`);
  return resourceOf(answer);
}

const quoted = (value) => `"${value.replace(/["\\]/g, '\\$&')}"`;
export const filter = (expression) => encodeURIComponent(expression).replaceAll('%20', '+');

/** Returns the resource that has the object's name, or otherwise its externalId, and links it. */
async function match(job, type, object, target, matching = type.matching) {
  for (const attribute of matching) {
    const query = [type.query, `filter=${filter(`${attribute} eq ${quoted(target.get(attribute))}`)}`].filter(Boolean).join('&');
    const { body } = await job.ask(`match ${type.endpoint} by ${attribute}`, 'GET', `${type.endpoint}?${query}`, undefined, [200]);
    if (body.totalResults > 1) throw new Retry(`${body.totalResults} resources match ${query}`);
    const [resource] = body.Resources ?? [];
    if (body.totalResults === 1 && resource?.id) {
      job.links.set(object.objectId, resource, type.manager(resource, job.flag));
      return resource;
    }
  }
  return undefined;
}

async function create(job, type, object, target) {
  const answer = await job.ask(`POST ${type.endpoint}`, 'POST', type.endpoint, type.create(target, job), [201, 409]);
  if (answer.status === 201) {
    job.links.set(object.objectId, answer.body);
    return answer.body;
  }
  const found = await match(job, type, object, target);
  if (!found) throw new Retry('409 on create, and no match');
  return found;
}

async function update(job, type, id, body) {
  const { status } = await job.ask(`PATCH ${type.endpoint}/{id}`, 'PATCH', `${type.endpoint}/${id}`, body, [200, 204, 404, 409]);
  if (status > 204) throw new Retry(`${status} on PATCH`);
}

async function remove(job, type, object) {
  // An object without a link may still exist: perhaps its creation was never answered. Another object may have its
  // name by now.
  if (!job.links.of(object.objectId)) await match(job, type, object, type.target(object, job.flag), ['externalId']);
  const id = job.links.id(object.objectId);
  if (id === undefined) return;
  await job.ask(`DELETE ${type.endpoint}/{id}`, 'DELETE', `${type.endpoint}/${id}`, undefined, [204, 404]);
  job.links.drop(object.objectId);
}
