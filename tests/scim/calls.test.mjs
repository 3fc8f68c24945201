// How often one request calls out of wasm into JavaScript. A call takes from a fraction of a microsecond up to twenty of them, by what it does.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeCalls } from '../harness/calls.mjs';
import { unlimited } from '../harness/index.mjs';
import { add, patch, query, replace, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let user;
let group;
const users = [];
let made = 0;
const created = async (path, body) => {
  const answer = await worker.scimFetch('POST', path, body);
  assert.equal(answer.status, 201);
  return answer.body.id;
};
const newUser = () => ({ schemas: [urn.user], userName: `user${(made += 1)}`, displayName: 'Ada', emails: [{ type: 'work', value: `user${made}@example.com` }] });

serve(async (started) => {
  worker = started;
  user = await created('/Users', newUser());
  for (let n = 0; n < 4; n += 1) users.push(await created('/Users', newUser()));
  group = await created('/Groups', { schemas: [urn.group], displayName: 'Team' });
}, { calls: true, rates: unlimited });

const sum = (calls) => Object.values(calls).reduce((total, one) => total + one, 0);

/**
 * Sends a request four times, and returns the calls of the one that made the fewest: the first of a kind looks for things that an instance
 * then remembers, and during another one the instance may write its counts.
 */
async function callsOf(method, path, body) {
  const all = [];
  for (let n = 0; n < 4; n += 1) {
    await takeCalls(worker.url);
    const { status } = await worker.scimFetch(method, path, body());
    assert.ok(status < 300, `${method} ${path}: ${status}`);
    all.push(await takeCalls(worker.url));
  }
  return all.sort((one, other) => sum(one) - sum(other))[0];
}

for (const [what, most, request] of [
  ['a request without D1', 30, () => ['GET', '/ServiceProviderConfig', () => undefined]],
  ['a read', 64, () => ['GET', `/Users/${user}`, () => undefined]],
  ['a match', 62, () => ['GET', query('/Users', 'userName eq "user1"'), () => undefined]],
  ['a create', 88, () => ['POST', '/Users', newUser]],
  ['a PATCH of a user', 105, () => ['PATCH', `/Users/${user}`, () => patch(replace('title', `Title ${(made += 1)}`))]],
  ['one more member', 98, () => ['PATCH', `/Groups/${group}`, () => patch(add('members', [{ value: users.pop() }]))]],
]) {
  test(`${what} calls JavaScript at most ${most} times, and waits for no turn of its own, in the cheapest of four`, async () => {
    const calls = await callsOf(...request());
    assert.ok(sum(calls) > 0 && sum(calls) <= most, `${sum(calls)}: ${JSON.stringify(calls)}`);
    assert.deepEqual([calls.queueMicrotask, calls.setTimeout], [undefined, undefined]);
  });
}
