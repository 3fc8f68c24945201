// What the tests of memory have in common: a request, with a new instance of the module, and the bound.

import assert from 'node:assert/strict';
import { test } from 'node:test';

export const MIB = 1 << 20;

/** Half of what an isolate has; the rows of D1 and the answer need their part in JavaScript's memory. */
const most = 64 * MIB;

/**
 * Returns bounded(name, request, setUp), which declares a test: `request` keeps the memory below the bound. It gets
 * what `setUp` returns, whose memory does not count. `worker` returns the Worker under test.
 */
export const boundedFor = (worker) => (name, request, setUp = async () => undefined) =>
  test(name, async (t) => {
    const given = await setUp();
    await worker().memory.renew();
    await request(given);
    const bytes = await worker().memory();
    t.diagnostic(`${name}: ${(bytes / MIB).toFixed(1)} MiB`);
    assert.ok(bytes < most, `${(bytes / MIB).toFixed(1)} MiB`);
  });

/** Asserts the status of an answer that may be long. */
export const assertStatus = (answer, expected) => assert.equal(answer.status, expected, answer.text.slice(0, 500));
