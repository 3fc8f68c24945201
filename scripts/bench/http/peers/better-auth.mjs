// @better-auth/scim as a process, as its documents set it up: better-auth on node:http with SQLite, here node:sqlite in memory.
// Arguments: the folder that it is installed in, and the token. Prints the address as JSON. Started by peers.mjs.

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

const [folder, token] = process.argv.slice(2);
const { resolve } = createRequire(join(folder, 'index.js'));
const load = (name) => import(pathToFileURL(resolve(name)));
const [{ betterAuth }, { toNodeHandler }, { getMigrations }, { scim }] = await Promise.all(
  ['better-auth', 'better-auth/node', 'better-auth/db/migration', '@better-auth/scim'].map(load),
);

const server = createServer();
server.listen(0, '127.0.0.1', async () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const options = {
    baseURL: origin,
    secret: token,
    database: new DatabaseSync(':memory:'),
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    plugins: [scim({ connections: [{ id: 'bench', credentials: [{ type: 'bearer', id: 'bench', token }] }] })],
  };
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  server.on('request', toNodeHandler(betterAuth(options)));
  console.log(JSON.stringify({ base: `${origin}/api/auth/scim/v2` }));
});
// Ends with the process that started it.
process.stdin.resume().on('end', () => process.exit());
