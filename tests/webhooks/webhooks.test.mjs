// Webhooks over HTTP: events come in their order, signed, at least once, and an administrator has them in hand.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { dump } from '../harness/dump.mjs';
import { readAll, reader } from '../harness/events.mjs';
import { startWorker } from '../harness/index.mjs';
import { startReceiver } from '../harness/receiver.mjs';
import { patch, replace } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
const receivers = [];
serve((started) => {
  worker = started;
  admin = adminClient(worker);
}, withAdmin);
afterEach(() => receivers.splice(0).forEach((each) => each.stop()));

async function receiver(options) {
  const started = await startReceiver(options);
  receivers.push(started);
  return started;
}

let tenants = 0;
/** Makes a tenant with an endpoint that sends to that receiver. */
async function connected(to, settings = {}) {
  const id = `hooks${(tenants += 1)}`;
  const tenant = await newTenant(worker, id);
  const { status, body, text } = await admin('POST', `/tenants/${id}/endpoints`, { url: to.url, ...settings });
  assert.equal(status, 201, text);
  to.secrets.push(body.secret);
  const path = `/tenants/${id}/endpoints/${body.id}`;
  const act = (name, sent) => admin('POST', `${path}/${name}`, sent);
  const shown = async () => (await admin('GET', `/tenants/${id}/endpoints`)).body.endpoints[0];
  return { ...tenant, endpoint: body, path, act, shown, user: async (userName) => (await tenant.scimFetch('POST', '/Users', { userName })).body.id };
}

const names = (to) => to.events().map(({ data }) => data.user?.userName ?? data.group?.displayName);
const later = (hours) => new Date(Date.now() + 3_600_000 * hours);

test('events come in their order, each signed, with its id, and as the events of the API are', async () => {
  const to = await receiver();
  const acme = await connected(to);
  const ids = [];
  for (let n = 0; n < 5; n += 1) ids.push(await acme.user(`u${n}`));
  await acme.scimFetch('POST', '/Groups', { displayName: 'g', members: ids.map((value) => ({ value })) });
  await acme.scimFetch('PATCH', `/Users/${ids[0]}`, patch(replace('active', false)));
  await to.until(12);
  const { events } = await readAll(await reader(worker, acme.id));
  assert.deepEqual(to.received.map(({ id }) => id), events.map(({ id }) => id));
  // Names of members are those of the moment.
  const still = ({ type }) => !type.startsWith('group.member');
  assert.deepEqual(to.events().filter(still), events.filter(still));
  for (const { headers, method, verified } of to.received) {
    assert.deepEqual([method, headers['content-type'], verified], ['POST', 'application/json', [acme.endpoint.secret]]);
    assert.ok(!headers.authorization);
  }
  const { behind, deliveries, failures, state, lastStatus, cursor } = await acme.shown();
  assert.deepEqual([behind, deliveries, failures, state, lastStatus, cursor], [0, 12, 0, 'active', 204, String(events.at(-1).sequence)]);
});

test('an endpoint chooses types and thin events, and takes several in one delivery', async () => {
  const [few, many] = [await receiver(), await receiver()];
  const acme = await connected(few, { types: ['user.deleted', 'group.*'], thin: true });
  const made = await admin('POST', `/tenants/${acme.id}/endpoints`, { url: many.url, batch: 100 });
  assert.equal(made.status, 201);
  many.secrets.push(made.body.secret);
  const operations = Array.from({ length: 60 }, (_, n) => ({ method: 'POST', path: '/Users', bulkId: `b${n}`, data: { userName: `u${n}` } }));
  const { body } = await acme.scimFetch('POST', '/Bulk', { Operations: operations });
  const id = body.Operations[0].location.split('/').at(-1);
  await acme.scimFetch('DELETE', `/Users/${id}`);
  await few.until(1);
  assert.deepEqual(few.events().map(({ type, data }) => [type, data]), [['user.deleted', { user: { id, version: 2 } }]]);
  for (let tries = 0; many.events().length < 61 && tries < 200; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  const { events } = await readAll(await reader(worker, acme.id));
  assert.deepEqual(many.events(), events);
  assert.ok(many.received.length <= 3, `${many.received.length} deliveries of ${events.length} events`);
  for (const { body: sent, id: name, verified } of many.received) {
    assert.deepEqual([sent.type, verified.length], ['events.batch', 1]);
    const all = sent.data.events;
    assert.equal(name, all.length === 1 ? all[0].id : `${all[0].id}-${all.at(-1).id}`);
  }
});

test('an event that is not taken is sent again with the same id, and those after it wait', async () => {
  let refuse = 2;
  const to = await receiver({ answer: () => ((refuse -= 1) >= 0 ? 500 : 204) });
  const acme = await connected(to);
  await acme.user('first');
  await to.until(1);
  await acme.user('second');
  const { failures, lastStatus, lastError, nextAttempt, behind } = await acme.shown();
  assert.deepEqual([failures, lastStatus, lastError, behind], [1, 500, 'the answer was 500', 2]);
  const pause = Date.parse(nextAttempt) - to.received[0].at;
  assert.ok(pause > 4_000 && pause < 7_000, `${pause}`);
  await worker.scheduled();
  assert.equal(to.received.length, 1, 'its time has not come');
  await worker.scheduled(later(0.01));
  assert.equal(to.received.length, 2);
  await worker.scheduled(later(0.05));
  assert.equal(to.received.length, 2, 'the second pause is longer');
  await worker.scheduled(later(1));
  const [one, two, three, four] = to.received.map(({ id }) => id);
  assert.deepEqual([one, two, names(to)], [three, three, ['first', 'first', 'first', 'second']]);
  assert.notEqual(four, one);
  assert.deepEqual([(await acme.shown()).failures, (await acme.shown()).behind], [0, 0]);
});

test('an endpoint that is down for three days loses nothing, keeps the order, and is then switched off until it is resumed', async () => {
  let down = true;
  const to = await receiver({ answer: () => (down ? 503 : 200) });
  const acme = await connected(to);
  for (let n = 0; n < 3; n += 1) await acme.user(`u${n}`);
  await to.until(1);
  // The specification's schedule, with at most a tenth more.
  let hours = 0;
  for (const pause of [0.002, 0.084, 0.5, 2, 5, 10, 14, 20, 24]) {
    hours += pause * 1.11 + 0.02;
    await worker.scheduled(later(hours));
  }
  assert.equal(to.received.length, 10);
  assert.equal(new Set(to.received.map(({ id }) => id)).size, 1);
  const off = await acme.shown();
  assert.deepEqual([off.state, off.reason, off.behind], ['disabled', '10 attempts over three days have failed', 3]);
  await acme.user('u3');
  await worker.scheduled(later(hours + 100));
  assert.equal(to.received.length, 10, 'nothing is sent to it');
  down = false;
  to.received.length = 0;
  assert.equal((await acme.act('resume')).body.state, 'active');
  await to.until(4);
  assert.deepEqual(names(to), ['u0', 'u1', 'u2', 'u3']);
});

test('a receiver that asks to wait is waited for, and one that is gone is left alone', async () => {
  const slow = await receiver({ answer: () => ({ status: 429, headers: { 'retry-after': '7200' } }) });
  const waited = await connected(slow);
  await waited.user('u');
  await slow.until(1);
  await worker.scheduled(later(1.9));
  assert.equal(slow.received.length, 1);
  await worker.scheduled(later(2.1));
  assert.equal(slow.received.length, 2);
  const gone = await receiver({ answer: () => 410 });
  const left = await connected(gone);
  await left.user('u');
  await gone.until(1);
  await worker.scheduled(later(500));
  assert.equal(gone.received.length, 1);
  const { state, reason, behind } = await left.shown();
  assert.deepEqual([state, reason, behind], ['disabled', 'the receiver answered 410: it is gone', 1]);
});

test('a redirect is not followed, and a connection that breaks is a failure', async () => {
  const other = await receiver();
  for (const [answer, error] of [[{ status: 302, headers: { location: other.url } }, 'the answer was 302; redirects are not followed'], [0, 'there was no connection']]) {
    const to = await receiver({ answer: () => answer });
    const acme = await connected(to);
    await acme.user('u');
    await to.until(1);
    for (let tries = 0; tries < 100 && !(await acme.shown()).failures; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual([(await acme.shown()).lastError, (await acme.shown()).behind], [error, 1]);
  }
  assert.equal(other.received.length, 0);
});

test('an endpoint is paused, resumed, replayed, tested, and an event is skipped', async () => {
  let refused = '';
  const to = await receiver({ answer: ({ body }) => (body.data.user?.userName === refused ? 400 : 204) });
  const acme = await connected(to);
  await acme.user('a');
  await to.until(1);
  assert.equal((await acme.act('pause')).body.state, 'paused');
  await acme.user('b');
  await acme.user('c');
  await worker.scheduled(later(1));
  assert.deepEqual(names(to), ['a']);
  const tested = await acme.act('test');
  assert.deepEqual(tested.body, { delivered: true, status: 204, error: null });
  assert.deepEqual([to.received[1].body.type, to.received[1].verified.length], ['endpoint.test', 1]);
  refused = 'b';
  await acme.act('resume');
  await to.until(3);
  assert.deepEqual(names(to), ['a', undefined, 'b']);
  const { events } = await readAll(await reader(worker, acme.id));
  const skipped = await acme.act('skip');
  assert.deepEqual([skipped.status, skipped.body.skipped], [200, events[1].id]);
  await to.until(4);
  assert.deepEqual(names(to).slice(3), ['c']);
  refused = '';
  to.received.length = 0;
  assert.equal((await acme.act('replay', { sequence: events[1].sequence })).status, 200);
  await to.until(2);
  assert.deepEqual(to.received.map(({ id }) => id), [events[1].id, events[2].id], 'the ids are the same');
  to.received.length = 0;
  await acme.act('replay', { time: events[0].timestamp });
  await to.until(3);
  assert.deepEqual(names(to), ['a', 'b', 'c']);
  for (let tries = 0; tries < 100 && (await acme.shown()).behind; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal((await acme.act('skip')).body.skipped, null);
  for (const [body, detail] of [[{}, 'either `sequence` or `time` must say from where'], [{ sequence: 1, time: '2026-01-01T00:00:00Z' }, 'either `sequence` or `time` must say from where'], [{ time: 'x' }, '`time` is not a time such as `2030-01-31T00:00:00Z`']]) {
    const answer = await acme.act('replay', body);
    assert.deepEqual([answer.status, answer.body.detail], [400, detail]);
  }
  assert.equal((await admin('DELETE', acme.path)).status, 200);
  await acme.user('d');
  await worker.scheduled(later(1));
  assert.equal(to.received.length, 3);
  assert.equal((await acme.act('pause')).body.detail, `the tenant \`${acme.id}\` has no endpoint \`${acme.endpoint.id}\``);
});

test('a new secret signs beside the old one for a day, and each is shown once and stored nowhere', async () => {
  const to = await receiver();
  const acme = await connected(to);
  const rotated = await acme.act('rotate');
  assert.equal(rotated.status, 201);
  const both = [acme.endpoint.secret, rotated.body.secret];
  assert.notEqual(both[0], both[1]);
  to.secrets.push(both[1]);
  await acme.user('u');
  await to.until(1);
  assert.deepEqual(to.received[0].verified, both);
  await worker.d1.prepare('UPDATE webhook_endpoints SET old_until = 0').run();
  await acme.user('v');
  await to.until(2);
  assert.deepEqual(to.received[1].verified, [both[1]]);
  const shown = JSON.stringify((await admin('GET', `/tenants/${acme.id}/endpoints`)).body);
  const stored = JSON.stringify(await dump(worker.d1));
  const logged = JSON.stringify(worker.logs);
  for (const secret of both) {
    for (const [where, text] of Object.entries({ shown, stored, logged })) {
      assert.ok(!text.includes(secret) && !text.includes(secret.slice(6)), where);
      assert.ok(!text.includes(Buffer.from(secret.slice(6), 'base64').toString('hex')), where);
    }
  }
});

test('a type that no event has is refused, since its endpoint would get nothing', async () => {
  const { url } = await receiver();
  for (const type of ['user.exploded', 'users.created', 'user', '*', 'user.*.created']) {
    const answer = await admin('POST', '/tenants/default/endpoints', { url, types: ['user.*', type] });
    assert.deepEqual([answer.status, answer.body.detail], [400, `\`types\`: there are no events of the type \`${type}\`; such are \`user.created\` and \`group.*\``]);
  }
});

test('a replay from where the log does not reach is refused, and moves nothing', async () => {
  const to = await receiver();
  const acme = await connected(to);
  await acme.user('a');
  await to.until(1);
  const { cursor } = await acme.shown();
  const { seq } = await worker.d1.prepare('SELECT max(seq) AS seq FROM changes WHERE tenant = ?1').bind(acme.id).first();
  const late = await acme.act('replay', { sequence: seq + 2 });
  assert.deepEqual([late.status, late.body.detail], [400, `\`sequence\` is later than what happens next: the latest one is ${seq}`]);
  await worker.d1.prepare('INSERT INTO logs (tenant, trimmed) VALUES (?1, ?2)').bind(acme.id, seq - 1).run();
  const gone = await acme.act('replay', { sequence: seq - 1 });
  assert.equal(gone.status, 410);
  assert.match(gone.body.detail, new RegExp(`the oldest sequence is ${seq}`));
  assert.ok([cursor, `${seq}`].includes((await acme.shown()).cursor));
  assert.equal((await acme.act('replay', { time: '2000-01-01T00:00:00Z' })).status, 200);
  await to.until(2);
  assert.deepEqual(names(to), ['a', 'a'], 'from what is kept');
  assert.equal((await acme.act('replay', { sequence: seq + 1 })).status, 200, 'from the next one on');
});

test('a skip of what was trimmed leaves every event that is kept to be delivered', async () => {
  let down = true;
  const to = await receiver({ answer: () => (down ? 500 : 204) });
  const acme = await connected(to);
  for (const name of ['a', 'b', 'c']) await acme.user(name);
  await to.until(1);
  const { events } = await readAll(await reader(worker, acme.id));
  await worker.d1.prepare('DELETE FROM changes WHERE tenant = ?1 AND seq <= ?2').bind(acme.id, events[1].sequence).run();
  await worker.d1.prepare('INSERT INTO logs (tenant, trimmed) VALUES (?1, ?2)').bind(acme.id, events[1].sequence).run();
  await worker.scheduled(later(1));
  assert.match((await acme.shown()).reason, /^events after its cursor were trimmed/);
  down = false;
  to.received.length = 0;
  assert.equal((await acme.act('skip')).body.skipped, String(events[1].sequence));
  assert.equal((await acme.act('resume')).status, 200);
  await to.until(1);
  assert.deepEqual(names(to), ['c']);
});

test('a receiver that names a date is waited for, and one that is overloaded for a minute at least', async () => {
  for (const [answer, least, most] of [[{ status: 503, headers: { 'retry-after': new Date(Date.now() + 7_200_000).toUTCString() } }, 7_100, 7_300], [{ status: 502 }, 55, 70], [{ status: 429 }, 55, 70], [{ status: 503 }, 3, 7]]) {
    const to = await receiver({ answer: () => answer });
    const acme = await connected(to);
    await acme.user('u');
    await to.until(1);
    let shown = await acme.shown();
    for (let tries = 0; tries < 100 && !shown.failures; tries += 1) shown = await acme.shown();
    const wait = (Date.parse(shown.nextAttempt) - Date.now()) / 1000;
    assert.ok(wait > least && wait < most, `${wait} s after ${JSON.stringify(answer)}`);
  }
});

test('a Worker on this machine does not send to itself', async () => {
  for (const url of [worker.url, worker.url.replace('127.0.0.1', 'localhost.'), `${worker.url.replace('127.0.0.1', '[::1]')}/scim/v2/Users`]) {
    const answer = await admin('POST', '/tenants/default/endpoints', { url });
    assert.deepEqual([answer.status, answer.body.detail], [400, '`url`: the address must not be this service itself'], url);
  }
});

for (const [url, detail] of [
  ['http://app.example.com/', 'the address must begin with `https://`'],
  ['https://10.0.0.1/', 'the host must be a public name, and not the address of a machine'],
  ['https://0x7f.1/', 'the host must be a public name, and not the address of a machine'],
  ['https://user:pass@app.example.com/', 'the address must not have a user name or a password in it'],
  ['nonsense', 'the address must begin with `https://`'],
]) {
  test(`the address ${url} is refused`, async () => {
    const id = `addr${(tenants += 1)}`;
    await newTenant(worker, id);
    const answer = await admin('POST', `/tenants/${id}/endpoints`, { url });
    assert.deepEqual([answer.status, answer.body], [400, { status: 400, detail: `\`url\`: ${detail}` }]);
  });
}

test('a Worker that runs elsewhere sends neither to this machine nor to itself', async () => {
  const [ADMIN_TOKEN, SIGNING_SECRET] = ['a'.repeat(43), 's'.repeat(43)];
  const elsewhere = await startWorker({ vars: { ADMIN_TOKEN, SIGNING_SECRET } });
  try {
    const ask = async (url) => {
      const init = { method: 'POST', headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' }, body: JSON.stringify({ url }) };
      const answer = await elsewhere.dispatch('https://scim.example.com/admin/tenants/default/endpoints', init);
      return [answer.status, (await answer.json()).detail];
    };
    const notPublic = '`url`: the host must be a public name, and not the address of a machine';
    assert.deepEqual(await ask('http://127.0.0.1:9/'), [400, '`url`: the address must begin with `https://`']);
    assert.deepEqual(await ask('https://localhost/'), [400, notPublic]);
    assert.deepEqual(await ask('https://[::1]/'), [400, notPublic]);
    assert.deepEqual(await ask('https://SCIM.example.com./x'), [400, '`url`: the address must not be this service itself']);
    assert.deepEqual(await ask('https://app.example.com/x'), [201, undefined]);
  } finally {
    await elsewhere.stop();
  }
});

test('endpoints are managed at the command line, of the default tenant too', { timeout: 120_000 }, async () => {
  const to = await receiver();
  const command = tenantCommand(worker);
  try {
    const output = await command.done('endpoint', 'default', '--url', to.url, '--types', 'user.*', '--batch', '10', '--thin');
    const [, id] = output.match(/Endpoint: (\S+)/);
    to.secrets.push(output.match(/Secret: +(whsec_\S+)/)[1]);
    assert.match(await command.done('test-endpoint', 'default', '--id', id), /^the test event was taken: 204$/m);
    await worker.scimFetch('POST', '/Users', { userName: 'by command' });
    await to.until(2);
    assert.equal(to.received[1].verified.length, 1);
    assert.match(await command.done('endpoints', 'default'), new RegExp(`^endpoint ${id}  active: ${to.url} \\(user\\.\\*, up to 10 in one, thin\\)\\n  1 delivery, the last \\S+; after \\d+, 0 changes behind$`, 'm'));
    assert.match(await command.done('pause-endpoint', 'default', '--id', id), / paused: /);
    assert.match(await command.done('rotate-secret', 'default', '--id', id), /The old secret signs beside it until/);
    assert.match(await command.done('replay', 'default', '--id', id, '--sequence', '1'), / paused: /);
    assert.match(await command.done('replay', 'default', '--id', id, '--time', '7d'), / paused: /);
    assert.match(await command.done('skip', 'default', '--id', id), /skipped: evt_default_\d+_0/);
    assert.match(await command.done('resume-endpoint', 'default', '--id', id), / active: /);
    assert.match(await command.done('delete-endpoint', 'default', '--id', id), /is deleted/);
    assert.match(await command.done('endpoints', 'default'), /has no endpoint/);
    for (const [args, message] of [
      [['endpoint', 'default'], /`endpoint` needs --url/],
      [['replay', 'default', '--id', id, '--time', 'x'], /`x` is not a time/],
      [['replay', 'default', '--id', id], /either --sequence <number> or --time 2026-01-31 must say from where/],
      [['skip', 'default'], /which endpoint\? Add --id/],
      [['endpoint', 'default', '--url', 'https://10.0.0.1/'], /the host must be a public name/],
      [['endpoint', 'default', '--url', to.url, '--batch', '101'], /`batch` is not an integer from 1 to 100/],
    ]) {
      const refused = await command.tenant(args);
      assert.equal(refused.code, 1);
      assert.match(refused.output, message);
    }
  } finally {
    command.remove();
  }
});
