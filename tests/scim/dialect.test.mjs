// The setting DIALECT: what the tolerant dialect reads as the client means it, the strict one refuses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWorker } from '../harness/index.mjs';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

test('the strict dialect takes the RFC and nothing else', async () => {
  const worker = await startWorker({ vars: { DIALECT: 'strict' } });
  try {
    const created = await worker.scimFetch('POST', '/Users', { schemas: [USER], userName: 'ada', active: true });
    assert.equal(created.status, 201);
    const patch = (operation) => worker.scimFetch('PATCH', `/Users/${created.body.id}`, { schemas: [PATCH], Operations: [operation] });
    for (const [operation, scimType] of [
      [{ op: 'Replace', path: 'active', value: false }, 'invalidSyntax'],
      [{ op: 'replace', path: 'active', value: 'False' }, 'invalidValue'],
      [{ op: 'replace', path: 'emails[type eq "work"].value', value: 'a@x.example' }, 'noTarget'],
      [{ op: 'replace', path: 'name.giveName', value: 'A' }, 'invalidPath'],
      [{ op: 'replace', path: 'manager', value: 'x' }, 'invalidPath'],
    ]) {
      const answer = await patch(operation);
      assert.deepEqual([answer.status, answer.body.scimType], [400, scimType], JSON.stringify(operation));
    }
    const unknown = await worker.scimFetch('POST', '/Users', { schemas: [USER], userName: 'bob', shoeSize: 1 });
    assert.deepEqual([unknown.status, unknown.body.scimType], [400, 'invalidSyntax']);
    assert.equal((await patch({ op: 'replace', path: 'active', value: false })).body.active, false);
  } finally {
    await worker.stop();
  }
});

test('an unknown dialect is logged, and no client is served', async () => {
  const worker = await startWorker({ vars: { DIALECT: 'strikt' } });
  try {
    const answer = await worker.scimFetch('GET', '/Users');
    assert.equal(answer.status, 500);
    const id = answer.body.detail.match(/`([0-9a-f-]{36})`/)[1];
    const line = worker.logs.map((entry) => entry.message).find((message) => message.includes(id));
    assert.match(line, /DIALECT is neither `tolerant` nor `strict`: `strikt`/);
  } finally {
    await worker.stop();
  }
});
