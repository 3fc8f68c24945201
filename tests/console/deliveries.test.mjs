// The console's pages of webhooks: every form, every refusal in words, and that a secret is shown once.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { oneTimeLink, sender, setupLink, signedIn } from '../harness/console.mjs';
import { lineOf } from '../harness/log.mjs';
import { startReceiver } from '../harness/receiver.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let staff;
const receivers = [];
afterEach(() => receivers.splice(0).forEach((each) => each.stop()));

serve(async (started) => {
  worker = started;
  staff = await signedIn(worker, await oneTimeLink(worker));
}, withAdmin);

const secretIn = (text) => text.match(/whsec_[\w+/=&#;]+/)?.[0].replaceAll('&#43;', '+').replaceAll('&#47;', '/').replaceAll('&#61;', '=');

async function receiver(options) {
  const started = await startReceiver(options);
  receivers.push(started);
  return started;
}

let tenants = 0;
/** Makes a tenant with an endpoint by the form; returns { ...tenant, to, send, id, page, text }. */
async function connected(options) {
  const tenant = await newTenant(worker, `pages${(tenants += 1)}`);
  const to = await receiver(options);
  const send = sender(staff, tenant.id);
  const made = await send('deliveries', { url: to.url, batch: '1' });
  assert.equal(made.status, 200, made.text);
  const secret = secretIn(made.text);
  to.secrets.push(secret);
  const id = made.text.match(/<dt>Id<\/dt><dd><code>([\w-]+)</)[1];
  const page = (query = '') => staff.get(`/console/${tenant.id}/deliveries/${id}${query}`);
  const act = (name, fields) => send(`deliveries/${id}/${name}`, fields);
  const follow = async (answer) => {
    assert.equal(answer.status, 303, answer.text);
    return staff.get(answer.location);
  };
  return { ...tenant, to, send, act, follow, endpoint: id, secret, page, made };
}

test('an endpoint is made, its secret is shown once, and the list says how far it is', async () => {
  const empty = await newTenant(worker, 'nothing');
  assert.match((await staff.get(`/console/${empty.id}/deliveries`)).text, /Events are sent nowhere/);
  const acme = await connected();
  assert.ok(acme.secret);
  assert.match(acme.made.text, /The secret of the endpoint/);
  assert.equal(acme.made.headers.get('cache-control'), 'no-store');
  await acme.scimFetch('POST', '/Users', { userName: 'ada' });
  const [received] = await acme.to.until(1);
  assert.deepEqual(received.verified, [acme.secret]);
  const list = await staff.get(`/console/${acme.id}/deliveries`);
  assert.equal(list.status, 200);
  assert.ok(list.text.includes(acme.to.url) && list.text.includes(acme.endpoint));
  for (const path of ['deliveries', `deliveries/${acme.endpoint}`, 'health', 'audit', 'audit/export']) {
    const { text } = await staff.get(`/console/${acme.id}/${path}`);
    assert.ok(!text.includes('whsec_'), path);
  }
  assert.ok(!worker.logs.some(({ message }) => message.includes(acme.secret)));
  assert.equal((await lineOf(worker, acme.made)).operation, 'console create endpoint');
});

test('what is wrong with a new endpoint is said in words, and what was entered stays', async () => {
  const { id } = await newTenant(worker, 'wrong');
  const send = sender(staff, id);
  for (const [fields, words] of [
    [{ url: 'ftp://app.example/x', batch: '1' }, /must begin with <code>https:/],
    [{ url: 'https://10.0.0.1/x', batch: '1' }, /public name/],
    [{ url: 'https://a:b@app.example/x', batch: '1' }, /user name or a password/],
    [{ url: '', batch: '1' }, /address is missing/],
    [{ url: 'https://app.example/x', batch: '0' }, /must be an integer from 1 to 100/],
    [{ url: 'https://app.example/x', batch: '101' }, /must be an integer from 1 to 100/],
    [{ url: 'https://app.example/x', batch: 'many' }, /must be an integer from 1 to 100/],
    [{ url: 'https://app.example/x', batch: '5', types: 'user.dances' }, /no events of the type/],
  ]) {
    const refused = await send('deliveries', fields);
    assert.equal(refused.status, 400, `${JSON.stringify(fields)} ${refused.text}`);
    assert.match(refused.text.replaceAll('&#96;', '`').replaceAll('&#58;', ':'), words);
    assert.match(refused.text, /role="alert"/);
  }
  const hostile = await send('deliveries', { url: '"><script>alert(1)</script>', types: '"><b>x', batch: '"><i>', thin: 'on' });
  assert.equal(hostile.status, 400);
  assert.ok(!/<script>alert|<b>x|"><i>/.test(hostile.text));
  assert.match(hostile.text, /name="thin" value="on" checked/);
  assert.match(hostile.text, /value="&#34;&#62;&#60;script&#62;/);
  const { text } = await staff.get(`/console/${id}/deliveries`);
  assert.match(text, /Events are sent nowhere/);
  assert.match(text, /name="batch" [^>]*value="1"/);
});

test('types, batch and thin events are taken as they were chosen', async () => {
  const { id } = await newTenant(worker, 'chosen');
  const to = await receiver();
  const made = await sender(staff, id)('deliveries', { url: to.url, types: ' user.* , ,group.member_added', batch: '7', thin: 'on' });
  assert.equal(made.status, 200);
  assert.match(made.text, /user\.\*, group\.member_added, up to 7 in one, ids and paths alone/);
  const { endpoints } = (await adminClient(worker)('GET', `/tenants/${id}/endpoints`)).body;
  assert.deepEqual([endpoints[0].types, endpoints[0].batch, endpoints[0].thin], [['user.*', 'group.member_added'], 7, true]);
  for (let n = 1; n < 20; n += 1) assert.equal((await adminClient(worker)('POST', `/tenants/${id}/endpoints`, { url: to.url })).status, 201);
  const full = await sender(staff, id)('deliveries', { url: to.url, batch: '1' });
  assert.equal(full.status, 409);
  assert.match(full.text, /The tenant has 20 endpoints/);
});

test('an endpoint is paused and resumed, and what waited comes in its order', async () => {
  const acme = await connected();
  const paused = await acme.follow(await acme.act('pause'));
  assert.match(paused.text, /Deliveries are paused/);
  assert.match(paused.text, /class="state off">paused/);
  for (const userName of ['a', 'b']) await acme.scimFetch('POST', '/Users', { userName });
  assert.match((await acme.page()).text, /<dt>Lag<\/dt><dd>2 changes/);
  assert.equal(acme.to.received.length, 0);
  const resumed = await acme.follow(await acme.act('resume'));
  assert.match(resumed.text, /Deliveries go on/);
  await acme.to.until(2);
  assert.deepEqual(acme.to.events().map(({ data }) => data.user.userName), ['a', 'b']);
});

test('a test event says what the receiver answered', async () => {
  const acme = await connected();
  const taken = await acme.act('test');
  assert.equal(taken.status, 200);
  assert.match(taken.text, /The receiver took the test event and answered 204/);
  assert.equal(acme.to.received[0].body.type, 'endpoint.test');
  acme.to.answer = () => 500;
  assert.match((await acme.act('test')).text, /The test event was not taken: the answer was 500/);
  acme.to.answer = () => ({ status: 302, headers: { location: 'https://example.com' } });
  assert.match((await acme.act('test')).text, /redirects are not followed/);
  acme.to.stop();
  assert.match((await acme.act('test')).text, /there was no connection/);
});

test('events are sent again from a sequence, and one that cannot be taken is skipped', async () => {
  const acme = await connected();
  for (const userName of ['a', 'b', 'c']) await acme.scimFetch('POST', '/Users', { userName });
  await acme.to.until(3);
  const first = acme.to.events()[0].sequence;
  const replayed = await acme.follow(await acme.act('replay', { sequence: String(first) }));
  assert.match(replayed.text, /sent again from there on/);
  await acme.to.until(6);
  for (const [sequence, words] of [['', /Either a sequence or a time/], ['-1', /must be an integer/], ['1e3', /must be an integer/], ['99999999999999999999', /must be an integer/], ['900000', /later than what happens next/]]) {
    const refused = await acme.act('replay', { sequence });
    assert.equal(refused.status, 400, sequence);
    assert.match(refused.text, words);
    assert.ok(refused.text.includes(acme.endpoint), 'it is the page of the endpoint');
  }
  const unsure = await acme.act('skip');
  assert.equal(unsure.status, 400);
  assert.match(unsure.text, /The box must be ticked/);
  await acme.act('pause');
  assert.match((await acme.follow(await acme.act('skip', { confirm: 'on' }))).text, /No event waits/);
  await acme.scimFetch('POST', '/Users', { userName: 'poison' });
  assert.match((await acme.follow(await acme.act('skip', { confirm: 'on' }))).text, /One event was left out/);
  await acme.act('resume');
  await acme.scimFetch('POST', '/Users', { userName: 'after' });
  await acme.to.until(7);
  assert.equal(acme.to.events().at(-1).data.user.userName, 'after');
});

test('events are sent again from a time on, as the field of the page writes it', async () => {
  const acme = await connected();
  for (const userName of ['a', 'b']) await acme.scimFetch('POST', '/Users', { userName });
  await acme.to.until(2);
  assert.match((await acme.page()).text, /<input name="time" type="datetime-local">/);
  await worker.d1.prepare("UPDATE changes SET at = at - 7200000 WHERE tenant = ?1 AND change->>'$.resource.userName' = 'a'").bind(acme.id).run();
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
  for (const [at, time] of [hourAgo.slice(0, 16), hourAgo].entries()) {
    const replayed = await acme.follow(await acme.act('replay', { time }));
    assert.match(replayed.text, /sent again from there on/);
    await acme.to.until(3 + at);
    assert.deepEqual(acme.to.events().slice(2 + at).map(({ data }) => data.user.userName), ['b']);
  }
  for (const [fields, words] of [[{ time: 'yesterday' }, /The time must be one such as/], [{ time: hourAgo, sequence: '1' }, /Either a sequence or a time/]]) {
    const refused = await acme.act('replay', fields);
    assert.equal(refused.status, 400);
    assert.match(refused.text, words);
  }
});

test('a replay from what was trimmed is refused on the page', async () => {
  const acme = await connected();
  await acme.act('pause');
  for (const userName of ['a', 'b']) await acme.scimFetch('POST', '/Users', { userName });
  const { seq } = await worker.d1.prepare('SELECT max(seq) AS seq FROM changes WHERE tenant = ?1').bind(acme.id).first();
  await worker.d1.prepare('INSERT INTO logs (tenant, trimmed) VALUES (?1, ?2)').bind(acme.id, seq).run();
  await worker.d1.prepare('DELETE FROM changes WHERE tenant = ?1').bind(acme.id).run();
  const refused = await acme.act('replay', { sequence: '1' });
  assert.equal(refused.status, 410, refused.text);
  assert.match(refused.text, /role="alert"/);
});

test('the secret is rotated with an overlap, and shown once', async () => {
  const acme = await connected();
  for (const overlap_hours of ['', '-1', '721', 'x']) {
    const refused = await acme.act('secret', { overlap_hours });
    assert.equal(refused.status, 400);
    assert.match(refused.text, /overlap in hours must be an integer from 0 to 720/);
    assert.equal(secretIn(refused.text), undefined);
  }
  const rotated = await acme.act('secret', { overlap_hours: '1' });
  assert.equal(rotated.status, 200);
  const secret = secretIn(rotated.text);
  assert.ok(secret && secret !== acme.secret);
  acme.to.secrets.push(secret);
  await acme.act('test');
  assert.deepEqual(acme.to.received.at(-1).verified.toSorted(), [acme.secret, secret].toSorted());
  const { text } = await acme.page();
  assert.match(text, /<dt>Old secret<\/dt>/);
  assert.ok(!text.includes('whsec_'));
});

test('an endpoint is deleted by its id alone', async () => {
  const acme = await connected();
  for (const confirm of ['', 'delete', acme.id]) {
    const refused = await acme.act('delete', { confirm });
    assert.equal(refused.status, 400);
    assert.match(refused.text, /not the one of this endpoint/);
  }
  const gone = await acme.follow(await acme.act('delete', { confirm: acme.endpoint }));
  assert.match(gone.text, /The endpoint was deleted/);
  assert.match(gone.text, /Events are sent nowhere/);
  assert.equal((await acme.page()).status, 404);
  for (const name of ['pause', 'resume', 'test', 'skip', 'replay', 'secret', 'delete', 'dance']) {
    const answer = await acme.act(name, { confirm: acme.endpoint, sequence: '1', overlap_hours: '1' });
    assert.equal(answer.status, 404, name);
  }
});

test('what a receiver made of its errors and an address is text', async () => {
  const acme = await connected();
  const hostile = '<script>alert("x")</script>\u202Eright ' + 'x'.repeat(1000);
  const sql = 'UPDATE webhook_endpoints SET error = ?2, status = 500, failures = 3, url = ?3 WHERE id = ?1';
  await worker.d1.prepare(sql).bind(acme.endpoint, hostile, 'https://x.example/"><script>alert(2)</script>').run();
  const pages = [`deliveries/${acme.endpoint}`, 'deliveries', 'health'].map((path) => staff.get(`/console/${acme.id}/${path}`));
  for (const { status, text } of await Promise.all(pages)) {
    assert.equal(status, 200);
    assert.ok(!text.includes('<script>alert'));
    assert.match(text, /failed 3 times/);
  }
  await worker.d1.prepare("UPDATE webhook_endpoints SET state = 'disabled', reason = ?2 WHERE id = ?1").bind(acme.endpoint, '<b>gone</b>').run();
  const { text } = await acme.page();
  assert.match(text, /class="state bad">stopped<\/span> &#60;b&#62;gone/);
  assert.ok(!text.includes('<b>gone'));
  for (const done of ['<b>x', 'unknown', 'paused&done=paused']) assert.ok(!/role="status"/.test((await acme.page(`?done=${done}`)).text), done);
});

test('a page costs one round trip', async () => {
  const acme = await connected();
  for (const path of ['deliveries', `deliveries/${acme.endpoint}`, 'audit']) {
    await staff.get(`/console/${acme.id}/health`);
    const { headers } = await staff.get(`/console/${acme.id}/${path}`, { 'x-server-timing': '1' });
    assert.equal(headers.get('server-timing').match(/round_trips=(\d+)/)[1], '1', path);
  }
});

test('a viewer sees and changes nothing, a customer sees nothing, and no endpoint of another tenant is found', async () => {
  const [acme, other] = [await connected(), await connected()];
  const viewer = await signedIn(worker, await oneTimeLink(worker, 'viewer'));
  const seen = await viewer.get(`/console/${acme.id}/deliveries/${acme.endpoint}`);
  assert.equal(seen.status, 200);
  assert.ok(!seen.text.includes('/pause"') && !seen.text.includes('Make a secret'));
  assert.ok(!(await viewer.get(`/console/${acme.id}/deliveries`)).text.includes('Add an endpoint'));
  assert.equal((await sender(viewer, acme.id)(`deliveries/${acme.endpoint}/pause`)).status, 403);
  const customer = await signedIn(worker, await setupLink(worker, acme.id));
  for (const path of ['deliveries', `deliveries/${acme.endpoint}`]) assert.equal((await customer.get(`/console/${acme.id}/${path}`)).status, 404);
  assert.equal((await sender(customer, acme.id)(`deliveries/${acme.endpoint}/pause`)).status, 404);
  assert.equal((await staff.get(`/console/${acme.id}/deliveries/${other.endpoint}`)).status, 404);
  assert.equal((await acme.send(`deliveries/${other.endpoint}/pause`)).status, 404);
  assert.equal((await staff.post(`/console/${acme.id}/deliveries/${acme.endpoint}/pause`, {})).status, 403);
  assert.equal((await staff.get(`/console/${acme.id}/deliveries/${acme.endpoint}/pause`)).status, 404);
});
