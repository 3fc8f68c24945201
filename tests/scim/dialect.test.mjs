// The setting DIALECT: what the tolerant dialect reads as the client means it, the strict one refuses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWorker } from '../harness/index.mjs';
import { lineWith } from '../harness/log.mjs';
import { assertError, bulk, op, patch, search, urn } from '../harness/scim.mjs';

test('the strict dialect takes the RFC and nothing else', async () => {
  const worker = await startWorker({ vars: { DIALECT: 'strict' } });
  try {
    const created = await worker.scimFetch('POST', '/Users', { schemas: [urn.user], userName: 'ada', active: true });
    assert.equal(created.status, 201);
    const patched = (operation) => worker.scimFetch('PATCH', `/Users/${created.body.id}`, patch(operation));
    for (const [operation, scimType] of [
      [{ op: 'Replace', path: 'active', value: false }, 'invalidSyntax'],
      [{ op: 'replace', path: 'active', value: 'False' }, 'invalidValue'],
      [{ op: 'replace', path: 'emails[type eq "work"].value', value: 'a@x.example' }, 'noTarget'],
      [{ op: 'replace', path: 'name.giveName', value: 'A' }, 'invalidPath'],
      [{ op: 'replace', path: 'manager', value: 'x' }, 'invalidPath'],
    ]) {
      const answer = await patched(operation);
      assert.deepEqual([answer.status, answer.body.scimType], [400, scimType], JSON.stringify(operation));
    }
    const unknown = await worker.scimFetch('POST', '/Users', { schemas: [urn.user], userName: 'bob', shoeSize: 1 });
    assert.deepEqual([unknown.status, unknown.body.scimType], [400, 'invalidSyntax']);
    assert.equal((await patched(op('replace', 'active', false))).body.active, false);
  } finally {
    await worker.stop();
  }
});

test('the strict dialect wants the URN of each message and resource, in any letter case', async () => {
  const worker = await startWorker({ vars: { DIALECT: 'strict' } });
  try {
    const user = { schemas: [urn.user], userName: 'ada' };
    const { id } = (await worker.scimFetch('POST', '/Users', user)).body;
    for (const [method, path, body, status] of [
      ['POST', '/Users', { ...user, userName: 'bob' }, 201],
      ['PUT', `/Users/${id}`, user, 200],
      ['PATCH', `/Users/${id}`, patch(op('replace', 'title', 'T')), 200],
      ['POST', '/Users/.search', search(), 200],
      ['POST', '/Bulk', bulk([]), 200],
    ]) {
      const [known] = body.schemas;
      const under = (urn) => worker.scimFetch(method, path, { ...body, schemas: [urn] });
      for (const unknown of [`${known}s`, urn.error]) {
        assertError(await under(unknown), 400, 'invalidSyntax', `\`schemas\` does not list \`${known}\``);
      }
      assert.equal((await under(known.toUpperCase())).status, status, `${method} ${path}`);
    }
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
    const { message } = await lineWith(worker, ({ level, correlationId }) => level === 'error' && correlationId === id);
    assert.match(message, /DIALECT is neither `tolerant` nor `strict`: `strikt`/);
    const status = async (path, token) => (await fetch(`${worker.url}/${path}`, { headers: { Authorization: `Bearer ${token}` } })).status;
    assert.deepEqual([await status('events', 'test-token'), await status('lookup?userName=ada', 'test-token')], [500, 500]);
    assert.equal(await status('events', 'wrong'), 401);
  } finally {
    await worker.stop();
  }
});
