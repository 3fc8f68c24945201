// The second pass of a cycle: managers and members, once the objects exist. Members are never read; the job knows
// what it has sent, and asks about single ones for which no answer came.

import { newManager, newMembers, parts } from './dialect.mjs';
import { Retry } from './links.mjs';
import { filter } from './objects.mjs';
import { dice } from './random.mjs';

/** Members that one PATCH names. */
const batch = 100;
/** Members of a group that are asked about one by one; if there are more, all are sent again. */
const doubts = 20;

const holds = async (job, endpoint, id, attribute, other) => {
  const query = `filter=${filter(`id eq "${id}" and ${attribute} eq "${other}"`)}&attributes=id`;
  const { body } = await job.ask(`reference check ${endpoint}`, 'GET', `${endpoint}?${query}`, undefined, [200]);
  return body.totalResults === 1;
};

export async function syncManager(job, user) {
  const link = job.links.of(user.objectId);
  if (!link || user.deleted === 'hard') return;
  const wanted = user.manager && job.links.id(user.manager);
  if (link.manager === wanted) return;
  const known = link.manager;
  if (known && dice(job.seed, user.objectId, user.manager) < 0.3 && !(await holds(job, '/Users', link.id, 'manager', known))) {
    job.report(`/Users?filter=id eq "${link.id}" and manager eq "${known}" finds nothing, but GET shows this manager`);
  }
  const answer = await job.ask('PATCH manager', 'PATCH', `/Users/${link.id}`, newManager(wanted, known, user, job), [200, 204, 404]);
  if (answer.status === 404) throw new Retry('404 on PATCH of the manager');
  link.manager = wanted;
}

/** Returns the PATCHes that a group needs, as tasks that may run side by side. */
export async function memberTasks(job, group) {
  const link = job.links.of(group.objectId);
  if (!link || group.deleted === 'hard') return [];
  const { members } = link;
  const uncertain = [...members].filter(([, known]) => !known).map(([id]) => id);
  for (const id of uncertain.length > doubts ? [] : uncertain) {
    if (await holds(job, '/Groups', link.id, 'members', id)) members.set(id, true);
    else members.delete(id);
  }
  const wanted = new Set([...group.members].map((objectId) => job.links.id(objectId)).filter(Boolean));
  const add = [...wanted].filter((id) => !members.get(id)).map((id) => ({ id, comes: true }));
  const remove = [...members.keys()].filter((id) => !wanted.has(id)).map((id) => ({ id, comes: false }));
  return parts([...remove, ...add], batch).map((part) => () => sendMembers(job, link, part));
}

async function sendMembers(job, link, part) {
  for (const { id } of part) link.members.set(id, false);
  const ids = (comes) => part.filter((member) => member.comes === comes).map(({ id }) => id);
  const answer = await job.ask('PATCH members', 'PATCH', `/Groups/${link.id}`, newMembers(ids(true), ids(false), job), [200, 204, 400, 404]);
  if (answer.status === 404) throw new Retry('404 on PATCH of members');
  if (answer.status === 400) await areGone(job, ids(true), answer);
  for (const { id, comes } of part) {
    if (comes) link.members.set(id, true);
    else link.members.delete(id);
  }
}

/**
 * Returns whether members no longer exist: the application refuses members that it does not have, and names them.
 * This happens if it deleted users by other means and the job has not learnt of it yet, since the answer to its GET
 * was lost; they are matched again in the next cycle.
 */
async function areGone(job, ids, { text, body }) {
  const named = ids.filter((id) => body?.detail?.includes(id));
  if (named.length === 0) job.report(`PATCH members -> 400 ${text}`);
  for (const id of named) {
    const { status } = await job.ask('GET a member', 'GET', `/Users/${id}`, undefined, [200, 404]);
    if (status === 200) job.report(`PATCH members -> 400, though /Users/${id} is there`);
  }
  throw new Retry('a member is gone');
}
