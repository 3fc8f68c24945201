// A page of the activity reads as few rows of a million as of a hundred.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { adminClient, withAdmin } from '../harness/admin.mjs';
import { startWorker } from '../harness/index.mjs';
import { assertUnharmed } from '../harness/scim.mjs';
import { seedActivity, seededFrom, userId } from '../harness/seed.mjs';

const start = seededFrom;
const sizes = { small: 100, large: 1_000_000 };
const workers = {};

before(async () => {
  for (const [name, rows] of Object.entries(sizes)) {
    workers[name] = await startWorker(withAdmin);
    await seedActivity(workers[name].d1, rows, rows);
  }
}, { timeout: 300_000 });
after(async () => {
  const all = Object.values(workers);
  await Promise.all(all.map((worker) => worker.stop()));
  all.forEach(assertUnharmed);
});

/** Returns what a request costs, as D1 counts it. */
async function cost(name, path) {
  const middle = new Date(start + 500 * sizes[name]).toISOString();
  const answer = await adminClient(workers[name])('GET', `/tenants/default/${path.replaceAll('MIDDLE', middle)}`, undefined, { headers: { 'X-Server-Timing': '1' } });
  assert.equal(answer.status, 200, answer.text);
  const [, trips, read, written] = answer.headers.get('server-timing').match(/round_trips=(\d+) rows_read=(\d+) rows_written=(\d+)/).map(Number);
  return { trips, read, written };
}

for (const [path, most] of [
  ['activity?limit=10', 150],
  ['activity?limit=10&from=MIDDLE', 400],
  ['activity?limit=10&to=MIDDLE', 2_500],
  [`activity?limit=4&resource=${userId(4)}`, 100],
  [`activity?limit=4&resource=${userId(4)}&to=MIDDLE`, 2_500],
  ['activity?limit=10&outcome=refused&to=MIDDLE', 1_200],
  ['activity?limit=10&actor=nobody', 3_500],
  ['audit?from=MIDDLE&to=MIDDLE', 1_000],
]) {
  test(`${path} reads few rows of a million`, async () => {
    const [small, large] = [await cost('small', path), await cost('large', path)];
    assert.ok(large.read <= most, `${large.read} rows`);
    assert.ok(large.trips <= 6 && large.trips >= small.trips, `${large.trips} round trips`);
    // What is exported is recorded.
    const written = path.startsWith('audit') ? 4 : 0;
    assert.deepEqual([small.written, large.written], [written, written]);
  });
}

test('a minute of trimming deletes a bounded number of rows, and the next goes on', async () => {
  const { large } = workers;
  const count = async () => (await large.d1.prepare('SELECT (SELECT count(*) FROM changes) AS changes, (SELECT count(*) FROM refusals) AS refusals').first());
  const all = await count();
  await large.scheduled(new Date(start + 400 * 86_400_000));
  const left = await count();
  assert.deepEqual([all.changes - left.changes, all.refusals - left.refusals], [2_500, 5_000]);
  await large.scheduled(new Date(start + 400 * 86_400_000));
  assert.equal((await count()).changes, all.changes - 5_000);
});
