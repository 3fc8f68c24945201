// The Worker as a process of its own with persistent storage, to be killed without a chance to tidy up. Run as a
// program it is that process: it starts the Worker on the given folder and prints the address.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { scimClient } from './client.mjs';
import { startWorker, unlimited } from './index.mjs';

const program = fileURLToPath(import.meta.url);

if (process.argv[1] === program) {
  const { scim } = await startWorker({ persist: process.argv[2], rates: unlimited });
  console.log(JSON.stringify({ scim }));
  // If the process that started this one is gone, no other would end it.
  process.stdin.resume().on('end', () => process.exit());
}

/**
 * Starts the process. Returns { scim, scimFetch, kill }; kill() ends it and the runtime that it started by SIGKILL,
 * and returns when both are gone.
 */
export async function startProcess(persist) {
  // A group of its own, so that the runtime, which is a child of the child, dies in the same instant.
  const child = spawn(process.execPath, [program, persist], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const kill = async () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
    await ended;
  };
  const first = new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  const line = await Promise.race([first, ended.then(() => undefined)]);
  if (line === undefined) throw new Error('the Worker did not start');
  const { scim } = JSON.parse(line);
  return { scim, scimFetch: scimClient(scim, 'test-token'), kill };
}
