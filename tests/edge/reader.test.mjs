// The reader of the edge copy in TypeScript (examples/edge/reader.ts), on what the service has written.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, withAdmin } from '../harness/admin.mjs';
import { startWorker } from '../harness/index.mjs';
import { byExternalId, byId, byUserName, groupNames } from '../../examples/edge/reader.ts';

test('the reader finds by id, userName and externalId what the directory says, and misses what is gone', async () => {
  const worker = await startWorker(withAdmin);
  try {
    assert.equal((await adminClient(worker)('PATCH', '/tenants/default/edge', { edge: true })).status, 200);
    const post = async (path, body) => (await worker.scimFetch('POST', path, body)).body.id;
    const id = await post('/Users', { userName: 'Straße@X.example', externalId: 'e1', displayName: 'Ada' });
    const group = await post('/Groups', { displayName: 'Sales', members: [{ value: id }] });
    const gone = await post('/Users', { userName: 'gone' });
    await worker.scimFetch('DELETE', `/Users/${gone}`);
    for (let n = 0; n < 5; n += 1) await worker.scheduled();
    const { kv } = worker;
    const person = await byId(kv, 'default', id);
    assert.deepEqual([person.userName, person.active, person.groups], ['Straße@X.example', true, [group]]);
    assert.deepEqual(await byUserName(kv, 'default', 'STRASSE@x.EXAMPLE'), person);
    assert.deepEqual(await byExternalId(kv, 'default', 'e1'), person);
    assert.deepEqual(await groupNames(kv, 'default'), { [group]: 'Sales' });
    for (const missed of [await byId(kv, 'default', gone), await byUserName(kv, 'default', 'gone'), await byExternalId(kv, 'default', 'E1'), await byId(kv, 'acme', id)]) {
      assert.equal(missed, null);
    }
  } finally {
    await worker.stop();
  }
});
