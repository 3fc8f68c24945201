// The Worker that the tests of one file share. Not here: how it is started (index.mjs), and users that it must leave
// alone (bystanders.mjs).

import { after, before } from 'node:test';
import { startWorker } from './index.mjs';
import { assertUnharmed } from './scim.mjs';

/**
 * Starts the Worker before the tests of the file, or of the suite, and hands it to `use`; after them it is stopped, and
 * must not have failed. `options` are those of startWorker(), or a function that returns them, which may start what the
 * Worker needs. `end` ends what `options` and `use` have started; it is called even if one of them has thrown.
 */
export function serve(use, options, end) {
  let worker;
  before(async () => {
    worker = await startWorker(typeof options === 'function' ? await options() : options);
    await use(worker);
  });
  after(async () => {
    try {
      await worker?.stop();
    } finally {
      await end?.();
    }
    if (worker) assertUnharmed(worker);
  });
}
