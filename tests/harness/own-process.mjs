// The Worker as a process of its own with persistent storage, to be killed without a chance to tidy up. Run as a
// program it is that process: it starts the Worker on the given folder and prints the address; then it answers each line
// of SQL with the rows that it selects.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { scimClient } from './client.mjs';
import { startWorker, unlimited } from './index.mjs';

const program = fileURLToPath(import.meta.url);

if (process.argv[1] === program) {
  const { scim, url, d1 } = await startWorker({ persist: process.argv[2], rates: unlimited, vars: JSON.parse(process.argv[3]) });
  console.log(JSON.stringify({ scim, url }));
  createInterface({ input: process.stdin }).on('line', async (sql) => console.log(JSON.stringify((await d1.prepare(sql).all()).results)));
  // If the process that started this one is gone, no other would end it.
  process.stdin.resume().on('end', () => process.exit());
}

/**
 * Starts the process, with these variables of the Worker. Returns { scim, scimFetch, adminFetch, select, kill }; select(sql) reads rows, one call at a time; kill() ends it and the runtime that it started by SIGKILL,
 * and returns when both are gone.
 */
export async function startProcess(persist, vars = {}) {
  // A group of its own, so that the runtime, which is a child of the child, dies in the same instant.
  const child = spawn(process.execPath, [program, persist, JSON.stringify(vars)], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const kill = async () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
    await ended;
  };
  const lines = createInterface({ input: child.stdout });
  const next = () => Promise.race([new Promise((resolve) => lines.once('line', resolve)), ended.then(() => undefined)]);
  const line = await next();
  if (line === undefined) throw new Error('the Worker did not start');
  const { scim, url } = JSON.parse(line);
  const select = async (sql) => {
    const answer = next();
    child.stdin.write(`${sql}\n`);
    return JSON.parse(await answer);
  };
  return { scim, scimFetch: scimClient(scim, 'test-token'), adminFetch: scimClient(`${url}/admin`, vars.ADMIN_TOKEN ?? null), select, kill };
}
