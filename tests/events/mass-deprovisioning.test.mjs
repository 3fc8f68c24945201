// The event `directory.mass_deprovisioning`: when it is raised, and what each reader of the change log makes of it. When it is raised again
// and what a look costs is tested natively (crates/directory/tests/directory/activity/guard.rs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { scimClient } from '../harness/client.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { readAll, reader } from '../harness/events.mjs';
import { startReceiver } from '../harness/receiver.mjs';
import { patch, replace } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
serve((started) => {
  worker = started;
  admin = adminClient(worker);
}, { ...withAdmin, vars: { ...withAdmin.vars, SECURITY_EVENTS: 'on' } });

const TYPE = 'directory.mass_deprovisioning';

/** Makes a tenant of 30 users, of whom so many are disabled. Returns it with its users and a reader of its events. */
async function losing(id, count, tenant) {
  tenant ??= await newTenant(worker, id);
  const operations = Array.from({ length: 30 }, (_, n) => ({ method: 'POST', path: '/Users', bulkId: `b${n}`, data: { userName: `u${n}` } }));
  const { body } = await tenant.scimFetch('POST', '/Bulk', { Operations: operations });
  const users = body.Operations.map(({ location }) => location.split('/').at(-1));
  const disable = async (these) => {
    const Operations = these.map((user) => ({ method: 'PATCH', path: `/Users/${user}`, data: patch(replace('active', false)) }));
    assert.equal((await tenant.scimFetch('POST', '/Bulk', { Operations })).status, 200);
  };
  await disable(users.slice(0, count));
  return { ...tenant, users, disable, ask: await reader(worker, id) };
}

const types = async (ask) => (await readAll(ask)).events.map(({ type }) => type);
const warnings = async (ask) => (await ask(`?type=${TYPE}&limit=1000`)).body.events;

test('it is raised above the threshold alone, once, in the order of the log, by two triggers at once', async () => {
  const { ask, disable, users, scimFetch } = await losing('acme', 20);
  await worker.scheduled();
  assert.deepEqual(await warnings(ask), []);
  await disable(users.slice(20, 21));
  const from = Date.now();
  await Promise.all([worker.scheduled(), worker.scheduled()]);
  await worker.scheduled();
  await scimFetch('POST', '/Users', { userName: 'after' });
  assert.deepEqual((await types(ask)).slice(-3), ['user.disabled', TYPE, 'user.created']);
  const [event, ...others] = await warnings(ask);
  assert.deepEqual(others, []);
  const { timestamp, sequence, correlationId, data } = event;
  const expected = { id: `evt_acme_${sequence}_0`, type: TYPE, timestamp, tenant: 'acme', sequence, actor: { id: 'guard' }, correlationId };
  assert.deepEqual(event, { ...expected, data: { users: 21, of: 30, since: data.since, threshold: 20 } });
  const since = Date.parse(timestamp) - Date.parse(data.since);
  assert.ok(Math.abs(Date.parse(timestamp) - from) < 60_000 && since === 3_600_000, `${timestamp}, ${data.since}`);
  assert.deepEqual((await ask(`?type=directory.*&resource=acme&payload=thin`)).body.events, [event]);
  assert.deepEqual(worker.logs.map(({ message }) => JSON.parse(message)).filter(({ message }) => message.includes('very many users')).map(({ message, correlationId: id }) => [message, id]), [['very many users of acme were disabled or deleted in one cycle', correlationId]]);
});

test('an endpoint of webhooks gets it, one of users alone does not, and a type that is not known is refused', async () => {
  const receivers = [await startReceiver(), await startReceiver()];
  try {
    const tenant = await newTenant(worker, 'hooked');
    const endpoint = (url, wanted) => admin('POST', '/tenants/hooked/endpoints', { url, types: wanted });
    const made = await Promise.all([endpoint(receivers[0].url, [TYPE]), endpoint(receivers[1].url, ['user.disabled'])]);
    made.forEach(({ body }, at) => receivers[at].secrets.push(body.secret));
    const refused = await endpoint(receivers[0].url, ['directory.deleted']);
    assert.deepEqual([refused.status, refused.body.detail], [400, '`types`: there are no events of the type `directory.deleted`; such are `user.created` and `group.*`']);
    const { ask } = await losing('hooked', 22, tenant);
    await worker.scheduled();
    await receivers[0].until(1);
    await receivers[1].until(22);
    const [{ id, body, verified }] = receivers[0].received;
    const [event] = await warnings(ask);
    assert.deepEqual([id, body, verified.length], [event.id, event, 1]);
    assert.deepEqual(new Set(receivers[1].received.map(({ body: { type } }) => type)), new Set(['user.disabled']));
  } finally {
    for (const to of receivers) await to.stop();
  }
});

test('tokens pass it over, and a snapshot and a digest are of resources alone', async () => {
  const { ask, users } = await losing('tokens', 25);
  await worker.scheduled();
  const [{ sequence }] = await warnings(ask);
  const client = scimClient(`${worker.url}/tokens/events`, ask.token);
  const poll = async (ack) => (await client('POST', '/poll/app', { ack, returnImmediately: true, maxEvents: 100 }, { headers: { 'content-type': 'application/json' } })).body;
  const { sets, moreAvailable } = await poll([]);
  assert.deepEqual([Object.keys(sets).length, moreAvailable ?? false], [55, false]);
  assert.ok(!Object.keys(sets).some((jti) => jti.includes(`_${sequence}_`)));
  assert.deepEqual((await poll(Object.keys(sets))).sets, {}, 'all are acknowledged');
  const snapshot = await ask('/snapshot');
  assert.equal(snapshot.headers.get('x-sequence'), String(sequence));
  assert.equal(snapshot.text.trim().split('\n').length, users.length);
  const { body } = await ask('/digest');
  assert.deepEqual([body.sequence, body.consistent, body.resources], [sequence, true, [{ type: 'User', count: 30 }]]);
});

test('a number that could never be exceeded is refused by the administration and at the command line', async () => {
  const command = tenantCommand(worker);
  try {
    await newTenant(worker, 'most');
    const set = async (massDeprovisioning) => {
      const { status, body } = await admin('PATCH', '/tenants/most', { massDeprovisioning });
      return [status, body.detail ?? (await admin('GET', '/tenants/most')).body.massDeprovisioning];
    };
    const detail = '`massDeprovisioning` is not an integer from 0 to 10000';
    assert.deepEqual(await set(10_000), [200, 10_000]);
    assert.deepEqual(await set(10_001), [400, detail]);
    const { code, output } = await command.tenant(['set', 'most', '--mass-deprovisioning', '10001']);
    assert.equal(code, 1, output);
    assert.ok(output.includes(detail), output);
    assert.equal((await admin('GET', '/tenants/most')).body.massDeprovisioning, 10_000);
  } finally {
    command.remove();
  }
});

test('it is found by the id of its job, although counts were written for seconds before', async () => {
  await losing('slow', 25);
  const seconds = 'SELECT max(n) FROM (WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000000) SELECT n FROM n)';
  await worker.d1.prepare(`CREATE TRIGGER slow AFTER INSERT ON marks WHEN new.tenant = 'slow' BEGIN ${seconds}; END`).run();
  await worker.scheduled();
  await worker.d1.prepare('DROP TRIGGER slow').run();
  const { entries } = (await admin('GET', '/tenants/slow/activity')).body;
  const { correlationId, ...said } = entries.find(({ operation }) => operation === 'mass_deprovisioning');
  const found = await admin('GET', `/tenants/slow/activity?correlationId=${correlationId}`);
  assert.deepEqual([found.status, found.body.entries], [200, [{ ...said, correlationId }]]);
});

test('how many may go is set by the administration and at the command line', async () => {
  const command = tenantCommand(worker);
  try {
    const { ask } = await losing('few', 3);
    assert.equal((await admin('GET', '/tenants/few')).body.massDeprovisioning, null);
    const refused = await admin('PATCH', '/tenants/few', { massDeprovisioning: -1 });
    assert.equal(refused.status, 400, refused.text);
    assert.match(await command.done('set', 'few', '--mass-deprovisioning', '2'), /users who may be disabled or deleted in one cycle: 2\n/);
    await worker.scheduled();
    assert.deepEqual((await warnings(ask)).map(({ data: { users, threshold } }) => [users, threshold]), [[3, 2]]);
    assert.match(await command.done('set', 'few', '--mass-deprovisioning', 'default'), /one cycle: 20, or 10 %/);
    assert.equal((await admin('GET', '/tenants/few')).body.massDeprovisioning, null);
    const own = await admin('PATCH', '/tenants/default', { massDeprovisioning: 7 });
    assert.deepEqual([own.status, own.body.massDeprovisioning], [200, 7]);
    assert.equal((await admin('PATCH', '/tenants/default', { massDeprovisioning: null })).body.massDeprovisioning, null);
  } finally {
    command.remove();
  }
});
