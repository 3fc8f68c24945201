// A folder in the system's temporary folder that is removed after its use, or when this process ends.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

// The exit codes that shells report of a process that a signal ended.
const exit = (signal, number) => process.exit(128 + number);

/**
 * Runs `body` with the path of a new folder that only this user can read, and removes it afterwards. A signal that ends the
 * process, such as Ctrl-C, removes it too.
 */
export async function withTemporaryFolder(body) {
  const folder = mkdtempSync(join(tmpdir(), 'scim-edge-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  for (const signal of signals) process.on(signal, exit);
  try {
    return await body(folder);
  } finally {
    for (const signal of signals) process.off(signal, exit);
    process.off('exit', remove);
    remove();
  }
}
