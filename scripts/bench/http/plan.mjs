// What is measured, in which order: the steps at each size of the directory. Returns rows for the table (report.mjs).

import { inTurns, inTurnsOnce, those } from './measure.mjs';

/** How many users there are at the end beyond the size: those that are created and made members meanwhile. */
const spare = 50;
const connections = 16;
/** The seconds after which a server that is still filling a directory or a group of that size is left out there. */
const fillSeconds = 60;

const steps = [
  { name: 'create a user', ask: (client) => client.create() },
  { name: 'match by userName', ask: (client) => client.match() },
  { name: 'match by emails.value', ask: (client) => client.matchMail() },
  { name: 'read a user', ask: (client) => client.read() },
  { name: 'PATCH a user', ask: (client) => client.patch() },
  { name: 'a page of 100 users', ask: (client) => client.page(), size: 5 },
];

const memberSteps = [
  { name: 'add a member', ask: (client) => client.addMember() },
  { name: 'remove a member', ask: (client) => client.removeMember() },
];

/**
 * Measures everything; `say` receives each row as soon as it is complete. A row is { name, users, unit, reference,
 * results }: results as inTurns() returns them, `reference` the server that the others are compared with if it is not
 * the floor.
 */
export async function measure({ clients, echo, sizes, rounds, size, wanted, say }) {
  const rows = [];
  const record = (row) => {
    rows.push(row);
    say(row);
  };
  const failures = new Map();
  const fails = (client, reason) => failures.set(client.name, { failed: reason, rounds: [] });
  const isWanted = ({ name }) => !wanted || wanted.some((word) => name.includes(word));
  const step = async ({ name, ask, size: own = size }, users, able) => {
    if (!isWanted({ name })) return;
    const results = await inTurns(able, ask, { rounds, size: Math.min(own, size) });
    record({ name, users, unit: 'ms', results: new Map([...failures, ...results]) });
  };

  let able = clients;
  if (isWanted({ name: 'without D1' })) {
    const results = await inTurns([...clients.filter(({ name }) => name !== 'floor'), echo], (client) => client.discover(), { rounds, size });
    record({ name: 'without D1: ServiceProviderConfig', unit: 'ms', reference: 'echo', results });
  }
  for (const users of sizes) {
    failures.clear();
    able = await those(able, (client) => client.fill(users, fillSeconds), fails);
    for (const one of steps) await step(one, users, able);
    if (isWanted({ name: 'requests a second' })) {
      const results = await inTurnsOnce(able, (client) => client.throughput(connections, 2), 3);
      record({ name: `match by userName, requests a second at ${connections} connections`, users, unit: 'per s', results: new Map([...failures, ...results]) });
    }
    if (!memberSteps.some(isWanted)) continue;
    const added = (rounds + 1) * size;
    const grouped = await those(able, (client) => client.fill(users + added + spare, fillSeconds).then(() => client.createGroup(users, fillSeconds)), fails);
    for (const one of memberSteps) await step({ ...one, name: `${one.name}, group of ${users.toLocaleString('en')}` }, users, grouped);
  }
  return rows;
}
