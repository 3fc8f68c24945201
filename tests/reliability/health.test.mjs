// What the operator sees of the service's database: an incomplete schema, and room that runs out. What a client reads
// if the database is full, and what the log says.

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { adminClient, withAdmin } from '../harness/admin.mjs';
import { startFaultyD1 } from '../harness/faulty-d1.mjs';
import { startWorker } from '../harness/index.mjs';
import { linesOf } from '../harness/log.mjs';
import { bulk, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

const health = async ({ url }) => {
  const response = await fetch(`${url}/healthz`);
  return [response.status, await response.json()];
};
// D1's answer is reused for a second.
const later = () => new Promise((resolve) => setTimeout(resolve, 1_100));
const parsed = ({ logs }) => logs.map(({ message }) => JSON.parse(message));
const ok = [200, { status: 'ok' }];
const unavailable = [503, { status: 'unavailable' }];

describe('a schema', () => {
  let worker;
  serve((started) => (worker = started));
  const run = (sql) => worker.d1.prepare(sql).run();

  test('is complete if the last migration is applied, or a later one', async () => {
    assert.deepEqual(await health(worker), ok);
    const { name } = await worker.d1.prepare('SELECT name FROM d1_migrations ORDER BY name DESC').first();
    await run(`DELETE FROM d1_migrations WHERE name = '${name}'`);
    await later();
    assert.deepEqual(await health(worker), unavailable);
    assert.ok(parsed(worker).some(({ level, message }) => level === 'error' && message === `the migration ${name} is not applied`));
    // The next release migrates before its code is there.
    await run(`INSERT INTO d1_migrations (name) VALUES ('9999_later.sql')`);
    await later();
    assert.deepEqual(await health(worker), ok);
    await run(`UPDATE d1_migrations SET name = '${name}' WHERE name = '9999_later.sql'`);
  });

  test('is not whole without a trigger, an index, a column or a table, or without any migration', async () => {
    for (const [change, missing] of [
      ['DROP TRIGGER resources_resized', 'resources_resized'],
      ['DROP INDEX resources_by_unique_key', 'resources_by_unique_key, resources_resized'],
      ['ALTER TABLE tenants RENAME COLUMN dialect TO other', 'resources_by_unique_key, resources_resized, tenants.dialect'],
      ['DROP TABLE emails', 'emails, resources_by_unique_key, resources_resized, tenants.dialect'],
    ]) {
      await run(change);
      await later();
      assert.deepEqual(await health(worker), unavailable, change);
      assert.ok(parsed(worker).some(({ message }) => message === `the database lacks ${missing}`), missing);
    }
    await run('DROP TABLE d1_migrations');
    await later();
    assert.deepEqual(await health(worker), unavailable);
  });
});

describe('a full database', () => {
  let database;
  let worker;
  const options = async () => ({ ...withAdmin, database: (database = await startFaultyD1()) });
  serve((started) => (worker = started), options, () => database?.stop());
  afterEach(() => database.recover());
  const detail = 'the directory is full; its operator must make room before this can be stored';

  test('is answered with the time to come again, logged in words of its own, and reported by healthz', async () => {
    assert.deepEqual(await health(worker), ok);
    for (const words of ['Exceeded maximum DB size', 'database or disk is full: SQLITE_FULL']) {
      database.fail('says', words, { times: 99 });
      const answer = await worker.scimFetch('POST', '/Users', { userName: 'ada' });
      assert.equal(database.recover(), 1, 'a write is tried once');
      assert.deepEqual([answer.status, answer.body], [503, { schemas: [urn.error], status: '503', detail }]);
      assert.equal(answer.headers.get('retry-after'), '600');
      const [reason, line] = await linesOf(worker, answer);
      assert.deepEqual([reason.level, reason.message], ['error', `the database failed: it is full: D1_ERROR: ${words}`]);
      assert.deepEqual([line.status, line.limited], [503, 'database']);
    }
    assert.deepEqual(await health(worker), [503, { status: 'full' }]);
    assert.equal((await worker.scimFetch('GET', '/Users')).status, 200);
  });

  test('is answered to each operation of a bulk, and to the administration', async () => {
    const operations = ['a', 'b'].map((bulkId) => ({ method: 'POST', path: '/Groups', bulkId, data: { displayName: bulkId } }));
    database.fail('says', 'Exceeded maximum DB size', { times: 99 });
    const refused = await worker.scimFetch('POST', '/Bulk', bulk(operations));
    assert.deepEqual(refused.body.Operations.map(({ response }) => response), Array(2).fill({ schemas: [urn.error], status: '503', detail }));
    const made = await adminClient(worker)('POST', '/tenants', { id: 'acme' });
    assert.deepEqual([made.status, made.body, made.headers.get('retry-after')], [503, { status: 503, detail }, '600']);
  });
});

describe('a database that fills', () => {
  const warnings = (worker) => parsed(worker).filter(({ message }) => /^the database is \d+ % full/.test(message));

  for (const [percent, status] of [
    [70, ok],
    [85, [200, { status: 'ok', databasePercent: 85 }]],
    [101, [503, { status: 'full' }]],
  ]) {
    test(`at ${percent} % of what it may have`, async () => {
      // The size of an empty database, which is the same when the Worker asks.
      const probe = await startWorker();
      const { meta } = await probe.d1.prepare('SELECT 1').run();
      await probe.stop();
      const most = Math.floor((meta.size_after * 100) / percent);
      const worker = await startWorker({ vars: { DATABASE_BYTES: `${most}` } });
      try {
        for (let n = 0; n < 3; n += 1) await worker.scimFetch('GET', '/Users');
        assert.deepEqual(await health(worker), status);
        const expected = percent < 80 ? [] : [['warn', `the database is ${percent} % full: it has ${meta.size_after} of ${most} bytes`]];
        assert.deepEqual(warnings(worker).map(({ level, message }) => [level, message]), expected, 'once in a minute');
      } finally {
        await worker.stop();
      }
    });
  }

  test('a maximum that is not a number is logged, and the usual one applies', async () => {
    const worker = await startWorker({ vars: { DATABASE_BYTES: '10 GB' } });
    try {
      assert.deepEqual(await health(worker), ok);
      const [{ level, message }] = parsed(worker).filter(({ message }) => message.includes('DATABASE_BYTES'));
      assert.deepEqual([level, message], ['error', 'the variable DATABASE_BYTES is not a number: `10 GB`']);
    } finally {
      await worker.stop();
    }
  });
});
