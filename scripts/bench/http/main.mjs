// `npm run bench -- http`: starts the servers, measures them in turns, and shows their ratio to the floor. It is run
// by bench.mjs with the Node that miniflare needs. It uses only loopback, and everything that it starts ends with
// this process.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../lib/paths.mjs';
import { main, UserError } from '../../lib/process.mjs';
import { chart } from './chart.mjs';
import { Client } from './client.mjs';
import { help, readOptions } from './options.mjs';
import { startPeer } from './peers.mjs';
import { measure } from './plan.mjs';
import { bars, line, table } from './report.mjs';
import { startBuilt, startEcho, startFloor } from './workers.mjs';

const heading = 'Time of a request as a multiple of the floor, a bare Worker with D1';
const [begin, end] = ['<!-- bench:http -->', '<!-- /bench:http -->'];

/** Starts all of them; a peer that cannot be started is reported and left out. */
async function startAll(options, servers) {
  servers.push(await startBuilt('scim-edge'), await startFloor());
  for (const { name, path } of options.builds) servers.push(await startBuilt(name, path));
  for (const name of options.peers) {
    try {
      servers.push(await startPeer(name));
    } catch (error) {
      console.log(`[scim-edge] ${name} ${error.message}: left out`);
    }
  }
  const echo = await startEcho();
  servers.push(echo);
  return echo;
}

function write(rows, servers) {
  const path = join(root, 'docs', 'PERFORMANCE.md');
  const text = readFileSync(path, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new UserError(`docs/PERFORMANCE.md has no ${begin} and ${end}, between which the table goes`);
  const shown = servers.filter(({ name }) => !['floor', 'echo'].includes(name));
  writeFileSync(path, `${text.slice(0, from + begin.length)}\n${table(rows, servers)}\n\n![${heading}](bench-http.svg)\n${text.slice(to)}`);
  writeFileSync(join(root, 'docs', 'bench-http.svg'), chart(bars(rows, shown), shown.map(({ name }) => name), heading));
}

// Everything that was started ends, and its files are removed, when this process exits.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

await main(async () => {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(help);
    return;
  }
  const servers = [];
  const clients = [];
  try {
    const echo = new Client(await startAll(options, servers));
    clients.push(...servers.filter(({ name }) => name !== 'echo').map((server) => new Client(server)), echo);
    const say = (row) => console.log(line(row));
    const rows = await measure({ ...options, clients: clients.slice(0, -1), echo, say });
    if (options.write) write(rows, servers);
    console.log(`\n${table(rows, servers)}`);
  } finally {
    clients.forEach((client) => client.close());
    await Promise.all(servers.map(({ stop }) => stop()));
  }
});
