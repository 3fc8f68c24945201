// The built Worker under the real runtime (workerd), with a fresh database, for tests in plain JavaScript. One call
// starts it on a TCP port of its own, so that any HTTP client can send it requests. Not here: what it should answer.

import { Miniflare } from 'miniflare';
import { applyMigrations } from './migrations.mjs';
import { counting } from './calls.mjs';
import { scimClient } from './client.mjs';
import { measured, memoryClient } from './memory.mjs';
import { local, unlimited, workerConfig } from './worker.mjs';

export { scimClient, unlimited };

/**
 * Starts a Worker of its own for the caller.
 *
 * `token`    the Secret Token it accepts; null starts it without the secret
 * `vars`     further bindings of type text or, for a value that is not a string, JSON
 * `rates`    other limits than those of wrangler.toml, by binding: { limit, period }, or null for no such binding
 * `persist`  a folder that keeps database and KV between starts; without it all is gone after stop()
 * `database` a D1 to use in the place of an own one: see faulty-d1.mjs
 * `memory`   whether the wasm module's memory is measured: then `memory` is returned too, see memory.mjs
 * `calls`    whether the calls of wasm are counted: see calls.mjs
 * `folder`   where the sources lie that the Worker was built from, within the repository, if they are not its own
 *
 * Returns { url, scim, scimFetch, dispatch, scheduled, d1, kv, logs, stop }:
 * `url`, `scim`  base addresses without a slash at the end; scim = url + '/scim/v2'
 * `scimFetch`    see client.mjs
 * `dispatch`     fetch(url, init) that brings any URL to the Worker, such as https://scim.example.com/scim/v2
 * `scheduled`    fires the cron trigger, and waits for the end of what it does
 * `d1`, `kv`     the bindings DB and DIRECTORY_COPY, to seed and to inspect
 * `logs`         what the Worker has written to its console so far: [{ level, message, timestamp }]
 * `stop`         ends the runtime and waits for its end
 */
export async function startWorker({ token = 'test-token', vars = {}, rates = {}, persist, database, memory, calls, folder } = {}) {
  const logs = [];
  const runtime = new Miniflare({
    ...local,
    resourcePersistencePath: persist,
    handleStructuredLogs: (line) => logs.push(line),
    workers: [{ config: workerConfig({ token, vars, rates, database, around: (memory && measured) || (calls && counting), folder }), ...(database && { dev: { remoteProxyConnectionString: new URL(database.url) } }) }],
  });
  const stop = () => runtime.dispose();
  try {
    const url = (await runtime.ready).origin;
    const d1 = database?.d1 ?? (await runtime.getD1Database('DB'));
    if (!database) await applyMigrations(d1);
    const scim = `${url}/scim/v2`;
    const kv = await runtime.getKVNamespace('DIRECTORY_COPY');
    const dispatch = (...request) => runtime.dispatchFetch(...request);
    /** Fires the cron trigger, as if it were that time. */
    const scheduled = async (scheduledTime = new Date()) => (await runtime.getWorker()).scheduled({ cron: '* * * * *', scheduledTime });
    const more = memory ? { memory: memoryClient(url) } : {};
    return { url, scim, scimFetch: scimClient(scim, token), dispatch, scheduled, d1, kv, logs, stop, ...more };
  } catch (error) {
    await stop();
    throw error;
  }
}
