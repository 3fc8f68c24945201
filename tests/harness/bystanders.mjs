// A Worker with one user, or one user and one group, which no request of a test may change.

import assert from 'node:assert/strict';
import { afterEach } from 'node:test';
import { assertAnswer, assertUnharmed, list, urn } from './scim.mjs';
import { serve } from './serve.mjs';

const query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name";
const tablesOf = async ({ d1 }) => (await d1.prepare(query).all()).results.map(({ name }) => name);
const endpoints = { user: '/Users', group: '/Groups' };

/** A user with a value of each form by which names are looked up, and a group. */
export const bystanders = {
  user: { schemas: [urn.user], userName: 'bystander', displayName: 'By', emails: [{ value: 'by@contoso.example' }] },
  group: { schemas: [urn.group], displayName: 'bystanders' },
};

/** Removes what a test has left, which does not concern the next test. */
const forgetOthers = (worker, kept) =>
  worker.d1.prepare('DELETE FROM resources WHERE id NOT IN (SELECT value FROM json_each(?))').bind(JSON.stringify(kept.map(({ id }) => id))).run();

/**
 * Serves the tests of a file beside these bystanders, which are `user` and `group` as a POST creates them, and hands
 * `use` the worker, `ask`, each bystander as it was created, and `assertUntouched()`, which asserts that nothing else
 * exists. After each test the bystanders must be as they were.
 */
export function serveBeside(bodies, use, options) {
  const own = {};
  const created = () => Object.keys(bodies).map((name) => [endpoints[name], own[name]]);
  serve(async (worker) => {
    const tables = await tablesOf(worker);
    Object.assign(own, { worker, ask: worker.scimFetch });
    for (const [name, body] of Object.entries(bodies)) own[name] = (await own.ask('POST', endpoints[name], body)).body;
    own.assertUntouched = async () => {
      for (const [endpoint, resource] of created()) assertAnswer(await own.ask('GET', endpoint), 200, list(resource));
      assert.deepEqual(await tablesOf(worker), tables);
      assertUnharmed(worker);
    };
    await use(own);
  }, options);
  afterEach(async () => {
    await forgetOthers(own.worker, created().map(([, resource]) => resource));
    assertUnharmed(own.worker);
    for (const [endpoint, resource] of created()) assertAnswer(await own.ask('GET', `${endpoint}/${resource.id}`), 200, resource);
  });
}
