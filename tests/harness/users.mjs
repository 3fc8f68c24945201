// A user to be changed, and the result of changing it: for the tests of PATCH.

import assert from 'node:assert/strict';
import { assertResource, patch, urn } from './scim.mjs';

let users = 0;

/** Creates a user with a name that no other user has. */
export async function createUser(worker, attributes = {}) {
  const body = { schemas: [urn.user, urn.enterprise], userName: `user-${++users}`, ...attributes };
  const answer = await worker.scimFetch('POST', '/Users', body);
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

/**
 * Sends the operations and asserts what the user then has, besides its userName, in the answer and when read.
 * `schemas` are the extensions that it has values of.
 */
export async function userBecomes(worker, user, operations, { schemas = [], ...attributes }) {
  const expected = { userName: user.userName, ...attributes, schemas, id: user.id, base: worker.scim };
  assertResource(await worker.scimFetch('PATCH', `/Users/${user.id}`, patch(...operations)), expected);
  assertResource(await worker.scimFetch('GET', `/Users/${user.id}`), expected);
}
