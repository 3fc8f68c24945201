// The harness itself, on which every other test relies.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startWorker } from '../harness/index.mjs';

const user = (userName) => ({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName });

test('answers on a port of its own, and only with the token', async () => {
  const worker = await startWorker();
  try {
    const answer = await worker.scimFetch('GET', '/Users');
    assert.equal(answer.status, 200);
    assert.equal(typeof answer.body, 'object');
    assert.equal((await worker.scimFetch('GET', '/Users', undefined, { token: null })).status, 401);
    assert.equal((await worker.scimFetch('GET', '/Users', undefined, { token: 'wrong' })).status, 401);
  } finally {
    await worker.stop();
  }
});

test('without the secret it lets no client in', async () => {
  const worker = await startWorker({ token: null });
  try {
    const { status } = await worker.scimFetch('GET', '/Users', undefined, { token: 'test-token' });
    assert.equal(status, 401);
  } finally {
    await worker.stop();
  }
});

test('bears 300 requests at once', async () => {
  const worker = await startWorker();
  try {
    const creations = Array.from({ length: 300 }, (_, n) => worker.scimFetch('POST', '/Users', user(`parallel-${n}`)));
    const statuses = new Set((await Promise.all(creations)).map(({ status }) => status));
    assert.deepEqual([...statuses], [201]);
  } finally {
    await worker.stop();
  }
});

test('data stay in the folder to persist into, and nowhere else', async () => {
  const persist = mkdtempSync(join(tmpdir(), 'scim-edge-test-'));
  const found = async (options) => {
    const worker = await startWorker(options);
    try {
      const filter = encodeURIComponent('userName eq "kept"');
      const { body } = await worker.scimFetch('GET', `/Users?filter=${filter}`);
      if (body.totalResults === 0) await worker.scimFetch('POST', '/Users', user('kept'));
      return body.totalResults;
    } finally {
      await worker.stop();
    }
  };
  try {
    assert.equal(await found({ persist }), 0);
    assert.equal(await found({ persist }), 1);
    assert.equal(await found({}), 0);
  } finally {
    rmSync(persist, { recursive: true, force: true });
  }
});

test('stop leaves no process', async () => {
  const children = () => process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length;
  const before = children();
  const worker = await startWorker();
  assert.equal(children(), before + 1);
  await worker.stop();
  assert.equal(children(), before);
  await assert.rejects(fetch(worker.url), 'the port is closed');
});
