// The whole simulation: a directory, a job, cycles with time between them, and the comparison at the end.
// Not here: the command line (main.mjs) and the printed report (report.mjs).

import { Application } from './application.mjs';
import { Client } from './client.mjs';
import { compare } from './compare.mjs';
import { Directory } from './directory.mjs';
import { passTime } from './events.mjs';
import { startFaults } from './faults.mjs';
import { Job } from './job.mjs';
import { Random } from './random.mjs';
import { readBack } from './readback.mjs';
import { Statistics } from './statistics.mjs';

/** Cycles without a change that may be needed until nothing must be retried. */
const settling = 30;

/**
 * `users`, `groups`  the size of the directory at the beginning
 * `cycles`           incremental cycles after the initial one
 * `faults`           per cent of the requests that meet a fault (faults.mjs)
 * `flag`             the dialect of aadOptscim062020
 * `seed`             whatever is random follows from it
 * `scim`, `token`    the application: Tenant URL and Secret Token
 * `timeout`          how long the client waits, in milliseconds
 * `application`      { events, token, endpoint, tick } of a vendor's application that follows (application.mjs); none by default
 * `inspect`          called before reading back, with { scim, client, directory, job }
 *
 * Returns { differences, statistics, retries, faults, ... }; `differences` is empty when all is right.
 */
export async function simulate({ users, groups, cycles = 5, faults = 0, flag = false, seed = 1, concurrency = 16, scim, token, timeout, progress, inspect, application }) {
  timeout ??= faults ? 3000 : 60_000;
  const statistics = new Statistics();
  progress.requests = () => statistics.requests;
  const directory = new Directory({ users, groups, seed });
  const direct = new Client({ base: scim, token });
  const proxy = faults ? await startFaults({ target: scim, percent: faults, late: timeout + 300, seed }) : undefined;
  const client = new Client({ base: proxy?.url ?? scim, token, flag: flag && 'aadOptscim062020', timeout, concurrency, statistics });
  const job = new Job({ directory, client, flag, seed, concurrency, progress });
  const retries = [];
  const follower = application && new Application({ ...application, percent: 4 * faults, seed });
  try {
    await follower?.start(application.endpoint);
    await seedLocalUsers(directory, direct);
    const begun = performance.now();
    const oneCycle = async (name) => {
      await job.cycle(name);
      // The next cycle is forty minutes later: by then the Worker has finished what it is working on.
      await proxy?.idle();
      retries.push(job.retries.size);
    };
    await job.testConnection();
    await oneCycle('initial cycle');
    const initial = { seconds: (performance.now() - begun) / 1000, requests: statistics.requests };
    for (let number = 1; number <= cycles; number += 1) {
      passTime(directory);
      await follower?.restart();
      await deleteElsewhere(directory, job.links, direct, seed, number);
      await oneCycle(`cycle ${number}`);
    }
    for (let number = 1; job.retries.size && number <= settling; number += 1) await oneCycle(`retries ${number}`);
    const seconds = (performance.now() - begun) / 1000;
    await inspect?.({ scim, client: direct, directory, job });
    const begunReading = performance.now();
    const answer = await readBack(direct);
    const reading = (performance.now() - begunReading) / 1000;
    const followed = (await follower?.settle({ tick: application.tick, answer })) ?? [];
    const differences = [
      ...[...job.retries].map(([objectId, reason]) => `${objectId} never came through: ${reason}`),
      ...job.faults.map((text) => `unexpected answer: ${text}`),
      ...compare({ directory, links: job.links, flag, answer }),
      ...followed,
    ];
    const memberships = answer.groups.resources.reduce((sum, group) => sum + (group.members?.length ?? 0), 0);
    const counts = { users: answer.users.resources.length, groups: answer.groups.resources.length, memberships };
    return { differences, statistics, initial, seconds, reading, retries, counts, injected: proxy?.counts, followed: follower && { events: follower.byEvents.events, ...follower.counts } };
  } finally {
    follower?.stop();
    client.close();
    direct.close();
    proxy?.stop();
  }
}

/**
 * Creates accounts for some users before the job begins: with another letter case, and an attribute of the
 * application's own.
 */
async function seedLocalUsers(directory, client) {
  const staff = directory.staff();
  for (const user of staff.slice(0, Math.ceil(staff.length / 200))) {
    user.local = { nickName: `local ${user.attributes.givenName}` };
    const userName = user.attributes.userPrincipalName.toUpperCase();
    const body = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, displayName: 'local', ...user.local };
    const { status, text } = await client.request('seed', 'POST', '/Users', body);
    if (status !== 201) throw new Error(`the application is not empty, or does not answer: ${status} ${text}`);
  }
}

/**
 * Deletes a few resources, as a vendor's administrator might; Azure AD learns of it by the 404 of its next request.
 */
async function deleteElsewhere(directory, links, client, seed, cycle) {
  const random = new Random('elsewhere', seed, cycle);
  const linked = (list) => list.filter((object) => links.id(object.objectId));
  const staff = linked(directory.staff());
  const victims = [...random.some(staff, Math.ceil(staff.length / 500)), ...random.some(linked(directory.groups()), 1)];
  for (const victim of victims) {
    await client.request('delete elsewhere', 'DELETE', `/${victim.kind}s/${links.id(victim.objectId)}`);
    // The application's own attribute was deleted with the account.
    victim.local = undefined;
    directory.touch(victim);
  }
}
