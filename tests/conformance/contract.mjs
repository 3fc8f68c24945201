// Whether D1 keeps the contract of a `Database` (crates/database/src/contract.rs), asked by the adapter that ships (src/d1.rs), in
// the runtime. Bundled SQLite answers the same suite in crates/database/tests/contract.rs. `npm run conformance -- contract` runs it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { full } from '../../scripts/conformance/full-build.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
serve((started) => (worker = started), { folder: full });

const contract = (method = 'GET') => fetch(`${worker.url}/contract`, { method });
const rows = async () => (await worker.d1.prepare('SELECT count(*) AS n FROM totals').first()).n;

test('D1 keeps the contract, keeps it again, and leaves no rows', async () => {
  const before = await rows();
  for (const turn of [1, 2]) {
    const answer = await contract();
    assert.deepEqual([turn, answer.status, await answer.json()], [turn, 200, { kept: true }]);
  }
  assert.equal(await rows(), before);
});

test('the endpoint answers GET alone', async () => {
  assert.equal((await contract('POST')).status, 405);
});
