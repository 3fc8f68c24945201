// A Worker with one user and one group in it, whom no request of a test may touch.

import assert from 'node:assert/strict';
import { startWorker, unlimited } from './index.mjs';
import { assertAnswer, assertUnharmed, list, urn } from './scim.mjs';

const query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name";
const tablesOf = async ({ d1 }) => (await d1.prepare(query).all()).results.map(({ name }) => name);

/** Starts the Worker; `user` and `group` are the bystanders as they were created. */
export async function startWithBystanders() {
  const worker = await startWorker({ rates: unlimited });
  const tables = await tablesOf(worker);
  const ask = worker.scimFetch;
  const created = await ask('POST', '/Users', {
    schemas: [urn.user],
    userName: 'bystander',
    displayName: 'By',
    emails: [{ value: 'by@contoso.example' }],
  });
  const group = await ask('POST', '/Groups', { schemas: [urn.group], displayName: 'bystanders' });
  return { worker, ask, tables, user: created.body, group: group.body };
}

/** Removes what a test has left behind, which is no other test's business. */
export const forgetOthers = ({ worker, user, group }) =>
  worker.d1.prepare('DELETE FROM resources WHERE id NOT IN (?, ?)').bind(user.id, group.id).run();

/** Nothing but the bystanders is there, as they were, and the Worker is well. */
export async function assertUntouched({ worker, ask, tables, user, group }) {
  assertAnswer(await ask('GET', '/Users'), 200, list(user));
  assertAnswer(await ask('GET', '/Groups'), 200, list(group));
  assert.deepEqual(await tablesOf(worker), tables);
  assertUnharmed(worker);
}
