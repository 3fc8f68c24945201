// The Worker that the tests of one file share. Not here: how it is started (index.mjs), and users that it must leave
// alone (bystanders.mjs).

import { after, before } from 'node:test';
import { startWorker } from './index.mjs';
import { assertUnharmed } from './scim.mjs';

/**
 * Starts the Worker before the tests of the file and hands it to `use`; after them it must not have failed, and is
 * stopped.
 */
export function serve(use, options) {
  let worker;
  before(async () => {
    worker = await startWorker(options);
    await use(worker);
  });
  after(async () => {
    await worker?.stop();
    assertUnharmed(worker);
  });
}
