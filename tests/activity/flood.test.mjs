// What is written because of requests is bounded, whichever client sends them and however many they are.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { dump } from '../harness/dump.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let acme;
serve(async (started) => {
  worker = started;
  acme = await newTenant(worker, 'acme');
}, withAdmin);

const count = async (table) => (await worker.d1.prepare(`SELECT count(*) AS n FROM ${table}`).first()).n;

async function inParallel(times, send) {
  for (let from = 0; from < times; from += 100) await Promise.all(Array.from({ length: Math.min(100, times - from) }, (_, n) => send(from + n)));
}

test('5,000 requests without a valid token, to as many tenants and paths, write a few counters and nothing else', async () => {
  await worker.scheduled();
  const before = await dump(worker.d1, { activity: true });
  const began = Date.now();
  await inParallel(5_000, async (n) => {
    const path = [`/t${n}/scim/v2/Users/${n}`, `/acme/scim/v2/x${n}?a=${n}`, `/scim/v2/Groups`, `/${'x'.repeat(70)}${n}/scim/v2/Users`][n % 4];
    const token = n % 3 ? `scim_${`${n}`.padEnd(43, 'x')}` : `${n}`;
    const response = await fetch(worker.url + path, { method: ['GET', 'POST', 'PATCH', 'DELETE'][n % 5] ?? 'PUT', headers: { authorization: `Bearer ${token}` } });
    await response.arrayBuffer();
    assert.equal(response.status, 401);
  });
  await worker.scheduled();
  const { tables } = await dump(worker.d1, { activity: true });
  const minutes = Math.ceil((Date.now() - began) / 60_000) + 1;
  const counters = tables.counters.map((row) => JSON.parse(row));
  // For each minute: tenants that exist, and no tenant, with or without its status.
  assert.ok(counters.length <= 4 * minutes, `${counters.length} rows`);
  assert.deepEqual([...new Set(counters.map(({ tenant }) => tenant))].sort(), ['', 'acme', 'default']);
  assert.equal(counters.reduce((sum, { requests }) => sum + requests, 0), 5_000);
  assert.ok(counters.every(({ operation }) => operation === 'unauthenticated'));
  for (const [name, rows] of Object.entries(tables)) if (name !== 'counters') assert.deepEqual(rows, before.tables[name], name);
});

test('a client whose every request is refused leaves sixty rows a minute, and the others are counted', async () => {
  const minute = () => Math.floor(Date.now() / 60_000);
  const began = minute();
  await inParallel(500, async () => assert.equal((await acme.scimFetch('GET', '/Users?filter=nonsense')).status, 400));
  await worker.scheduled();
  const kept = await count('refusals');
  assert.ok(kept >= 60 && kept <= 60 * (minute() - began + 1), `${kept}`);
  const { requests } = (await adminClient(worker)('GET', '/tenants/acme/activity?limit=1')).body;
  assert.equal(requests.sums.refused, 500);
});

test('reads write no row, and requests are counted in a row for all of a minute', async () => {
  await worker.scheduled();
  const rows = async () => [await count('refusals'), await count('changes'), await count('marks')];
  const before = await rows();
  const counters = await count('counters');
  await inParallel(300, async (n) => {
    const answer = await acme.scimFetch('GET', n % 2 ? '/Users' : '/Groups?count=0', undefined, { headers: { 'X-Server-Timing': '1' } });
    assert.match(answer.headers.get('server-timing'), /rows_written=0"$/);
  });
  await worker.scheduled();
  assert.deepEqual(await rows(), [before[0], before[1], 1]);
  assert.ok((await count('counters')) <= counters + 4, 'two operations, in two minutes at most');
});
