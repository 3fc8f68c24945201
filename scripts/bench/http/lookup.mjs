// `npm run bench -- lookup`: a look-up that is answered from the edge copy, beside a bare Worker that reads the same value of
// Workers KV, in turns. It uses only loopback, and everything that it starts ends with this process.

import { main } from '../../lib/process.mjs';
import { Connection, request } from './connection.mjs';
import { compare, inTurns, median } from './measure.mjs';
import { startBuilt, startKvFloor } from './workers.mjs';

const admin = 'bench-admin-token-of-32-characters';
const users = 200;
const [rounds, size] = [60, 20];

async function ask(base, token, method, path, body) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Creates people in three groups each, and their copy. Returns the token that looks them up. */
async function prepare({ base, token }, origin) {
  const ids = [];
  for (let n = 0; n < users; n += 1) ids.push((await ask(base, token, 'POST', '/Users', { userName: `user${n}@contoso.example`, externalId: `e${n}`, displayName: `User ${n}` })).id);
  for (let n = 0; n < 3; n += 1) await ask(base, token, 'POST', '/Groups', { displayName: `Group ${n}`, members: ids.map((value) => ({ value })) });
  await ask(`${origin}/admin`, admin, 'PATCH', '/tenants/default', { edge: true });
  for (let state; state !== 'following'; ) ({ state } = await ask(`${origin}/admin`, admin, 'POST', '/tenants/default/edge'));
  const { token: lookup } = await ask(`${origin}/admin`, admin, 'POST', '/tenants/default/tokens', { name: 'bench', scopes: ['lookup'] });
  return { ids, lookup };
}

function client(name, origin, token, path, check) {
  const connection = new Connection(`${origin}/`);
  let turn = 0;
  const once = async () => {
    turn = (turn + 7919) % users;
    const { status, body, ms } = await connection.send(request(`${origin}/`, token, 'GET', path(turn)));
    if (status !== 200 || !body.includes(check)) throw new Error(`answers ${status} ${body.slice(0, 100)}`);
    return ms;
  };
  return { name, once, close: () => connection.close() };
}

await main(async () => {
  const servers = [];
  const clients = [];
  try {
    servers.push(await startBuilt('scim-edge', undefined, { ADMIN_TOKEN: admin, SIGNING_SECRET: 'bench' }), await startKvFloor());
    const [ours, floor] = servers.map(({ base }) => new URL(base).origin);
    const { ids, lookup } = await prepare(servers[0], ours);
    const [from, to] = [await servers[0].kv(), await servers[1].kv()];
    for (const id of ids) await to.put(`v1:default:u:${id}`, await from.get(`v1:default:u:${id}`));
    clients.push(client('scim-edge', ours, lookup, (n) => `/lookup?id=${ids[n]}`, '"source":"kv"'));
    clients.push(client('KV floor', floor, servers[1].token, (n) => `/?key=v1:default:u:${ids[n]}`, '"seq"'));
    const results = await inTurns(clients, ({ once }) => once(), { rounds, size });
    for (const [name, { rounds: times, failed }] of results) console.log(`${name.padEnd(12)} ${failed ?? `${median(times).toFixed(3)} ms`}`);
    const { ratio, spread } = compare(results.get('scim-edge'), results.get('KV floor')) ?? {};
    if (ratio) console.log(`a look-up in the edge copy takes ${ratio.toFixed(2)} times (${spread.map((each) => each.toFixed(2)).join(' to ')}) as long as reading one value of Workers KV`);
  } finally {
    clients.forEach(({ close }) => close());
    await Promise.all(servers.map(({ stop }) => stop()));
  }
});
