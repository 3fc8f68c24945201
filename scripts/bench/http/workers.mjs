// The Workers of the benchmark in workerd: the built one, the floor, and an echo. Each is a runtime of its own with a D1 of its
// own in memory. Not here: the servers of other projects (peers.mjs).

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import { applyMigrations } from '../../../tests/harness/migrations.mjs';
import { local, workerConfig } from '../../../tests/harness/worker.mjs';

const token = 'bench-token-of-at-least-32-characters';

/** One statement a text, as D1's batch takes them. */
const floorSchema = [
  'CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT UNIQUE, mail TEXT, document TEXT)',
  'CREATE INDEX users_by_mail ON users (mail)',
  'CREATE TABLE members (team TEXT, user TEXT, PRIMARY KEY (team, user)) WITHOUT ROWID',
];

// The local rate limiter costs more than a request, and Cloudflare's own costs next to nothing. It is replaced by a
// limiter that always allows, rather than by none, since a missing binding takes another path through the Worker.
const unlimited = `import Worker from './index.js';
const yes = { limit: async () => ({ success: true }) };
let bindings;
export default {
  fetch(request, env, context) {
    bindings ??= { ...env, TENANT_RATE: yes, FAILURE_RATE: yes };
    return new Worker(context, bindings).fetch(request);
  },
};`;

const source = (contents) => ({ type: 'esm', contents });

// A write waits for the disk several times as long as for everything else, and other work on the machine uses the
// disk too. So databases are in memory if the system has a folder in memory (Linux).
const memory = '/dev/shm';
const folders = [];
process.once('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function storage() {
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'scim-edge-bench-'));
  folders.push(folder);
  return folder;
}

async function start(name, config, prepare) {
  const runtime = new Miniflare({ ...local, resourcePersistencePath: storage(), handleStructuredLogs: () => {}, workers: [{ config }] });
  const stop = () => runtime.dispose();
  try {
    const { origin } = await runtime.ready;
    await prepare?.(await runtime.getD1Database('DB'));
    return { name, base: `${origin}/scim/v2`, token, stop, kv: () => runtime.getKVNamespace('DIRECTORY_COPY') };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts the Worker of `folder`, by default build/, with these variables. */
export function startBuilt(name, folder, vars = {}) {
  const config = workerConfig({ token, vars, rates: {} });
  const { modules } = config.manifest;
  if (folder) {
    modules['index.js'] = source(readFileSync(join(folder, 'index.js'), 'utf8'));
    modules['index_bg.wasm'] = { type: 'wasm', contents: new Uint8Array(readFileSync(join(folder, 'index_bg.wasm'))) };
  }
  modules['unlimited.js'] = source(unlimited);
  config.manifest.mainModule = 'unlimited.js';
  return start(name, config, applyMigrations);
}

const bare = (name, contents, env) => ({
  name,
  compatibilityDate: workerConfig({ token: null, vars: {}, rates: {} }).compatibilityDate,
  manifest: { mainModule: 'index.js', modules: { 'index.js': source(contents) } },
  env: { SCIM_TOKEN: { type: 'text', value: token }, ...env },
});

/** Starts the least that a Worker with D1 can do: floor.mjs. */
export function startFloor() {
  const contents = readFileSync(new URL('floor.mjs', import.meta.url), 'utf8');
  const config = bare('floor', contents, { DB: { type: 'd1', id: 'DB' } });
  return start('floor', config, (d1) => d1.batch(floorSchema.map((sql) => d1.prepare(sql))));
}

/** Starts the least that a look-up can be: a bare Worker that checks its token and answers with one value of Workers KV. */
export function startKvFloor() {
  const contents = `export default {
    async fetch(request, { DIRECTORY_COPY: kv, SCIM_TOKEN: token }) {
      if (request.headers.get('Authorization') !== \`Bearer \${token}\`) return new Response(null, { status: 401 });
      const value = await kv.get(new URL(request.url).searchParams.get('key'));
      return new Response(value, { status: value === null ? 404 : 200, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' } });
    },
  };`;
  return start('KV floor', bare('kv-floor', contents, { DIRECTORY_COPY: { type: 'kv', id: 'DIRECTORY_COPY' } }));
}

/** Starts the least that a Worker can do: one that answers each request with its URL. */
export const startEcho = () =>
  start('echo', bare('echo', 'export default { fetch: (request) => new Response(request.url) };'));
