// The console's page of what people did, and the evidence that it hands out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { hidden, oneTimeLink, sender, setupLink, signedIn } from '../harness/console.mjs';
import { lineOf } from '../harness/log.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
let staff;

serve(async (started) => {
  worker = started;
  admin = adminClient(worker);
  staff = await signedIn(worker, await oneTimeLink(worker, 'admin', 'Grace <b>of</b> the vendor'));
}, withAdmin);

const DAY = 86_400_000;
const lines = (text) => text.trim().split('\n').map((line) => JSON.parse(line));

async function audit(tenant, browser = staff, query = '') {
  const { status, text } = await browser.get(`/console/${tenant}/audit${query}`);
  assert.equal(status, 200, text);
  return text;
}

/** Returns the rows of a page as [who, what, to what], escaped as they are. */
const rowsOf = (text) =>
  [...text.matchAll(/<tr><th scope="row"><bdi>(.*?)<\/bdi><\/th><td>(.*?)<\/td><td><bdi>(.*?)<\/bdi><\/td>/gs)].map(([, ...row]) => row);

test('credentials that were made, revoked and expired are shown, the newest first', async () => {
  const { id, token } = await newTenant(worker, 'acme');
  const made = (await admin('POST', `/tenants/${id}/tokens`, { name: '<script>alert(1)</script>', expires: new Date(Date.now() + DAY).toISOString() })).body;
  await worker.d1.prepare('UPDATE tokens SET created = ?2, expires = ?3 WHERE id = ?1').bind(made.id, Date.now() - 3 * DAY, Date.now() - DAY).run();
  const client = (await admin('POST', `/tenants/${id}/clients`, { name: 'Entra' })).body;
  const second = (await admin('POST', `/tenants/${id}/tokens`, { name: 'second' })).body;
  await admin('DELETE', `/tenants/${id}/tokens/${second.id}`);
  const customer = await signedIn(worker, await setupLink(worker, id, 'Ada <i>of</i> Acme'));
  const text = await audit(id, customer);
  const ada = 'Ada &#60;i&#62;of&#60;/i&#62; Acme';
  const script = '&#60;script&#62;alert(1)&#60;/script&#62;';
  const rows = rowsOf(text);
  assert.deepEqual(rows.slice(0, 2), [[ada, 'signed in', 'the console, as the administrator of this tenant'], ['an administrator', 'made a set-up link', `for ${ada}`]]);
  assert.ok(rowsOf(await audit(id)).some((row) => row.join() === `an administrator,made a set-up link,for ${ada}`), 'the holder of the token has no name');
  assert.deepEqual(rows.slice(-2), [['the service', 'expired: a token', script], ['an administrator', 'made a token', script]]);
  const among = rows.map((row) => row.join(' | '));
  for (const row of ['an administrator | made a token | test', 'an administrator | made an OAuth client | Entra', 'an administrator | made the secret of an OAuth client | Entra', 'an administrator | revoked a token | second']) assert.ok(among.includes(row), row);
  assert.ok(among.includes('an administrator | made the tenant | acme'));
  assert.equal(rows.length, 10);
  for (const secret of [token, made.token, client.clientSecret, second.token, ...customer.cookies.values()]) assert.ok(!text.includes(secret));
  await customer.post('/console/sign-out', { form_token: hidden(text, 'form_token') });
  assert.deepEqual(rowsOf(await audit(id))[0], [ada, 'signed out', 'the console, as the administrator of this tenant']);
});

test('sign-ins of the vendor are shown to the vendor alone, and those of a customer to that customer', async () => {
  for (const id of ['mine', 'theirs']) await newTenant(worker, id);
  const customer = await signedIn(worker, await setupLink(worker, 'mine', 'Mine'));
  await signedIn(worker, await setupLink(worker, 'theirs', 'Theirs'));
  const grace = 'Grace &#60;b&#62;of&#60;/b&#62; the vendor';
  assert.ok((await audit('mine')).includes(grace) && (await audit('theirs')).includes(grace));
  assert.ok(rowsOf(await audit('mine')).some((row) => row.join() === `${grace},signed in,the console, as admin of every tenant`));
  const own = await audit('mine', customer);
  assert.ok(own.includes('Mine') && !own.includes('Theirs'));
  assert.ok(!own.includes(grace));
  for (const path of ['audit', 'audit/export']) {
    for (const id of ['theirs', 'none']) assert.equal((await customer.get(`/console/${id}/${path}`)).status, 404);
    assert.equal((await customer.post(`/console/mine/${path}`, { form_token: hidden(own, 'form_token') })).status, 405);
  }
});

test('pages have each row once, and a cursor of no page is refused', async () => {
  const { id } = await newTenant(worker, 'long');
  const customer = await signedIn(worker, await setupLink(worker, id));
  const sql = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 240) INSERT INTO tokens (id, tenant, name, hash, created, scopes) SELECT 'many' || n, ?1, 'name' || n, 'hash' || n, n / 2, 'scim' FROM n";
  await worker.d1.prepare(sql).bind(id).run();
  const all = [];
  let query = '';
  for (let pages = 1; ; pages += 1) {
    const text = await audit(id, customer, query);
    all.push(...rowsOf(text));
    assert.ok(Buffer.byteLength(text) < 30_000, `${Buffer.byteLength(text)} bytes`);
    query = text.match(/href="[^"?]*\/audit(\?cursor=[^"]*)" rel="next"/)?.[1].replaceAll('&#38;', '&');
    if (!query) {
      assert.equal(pages, 3);
      break;
    }
  }
  assert.equal(all.length, 244);
  assert.equal(new Set(all.map((row) => row.join())).size, 244);
  for (const cursor of ['x', '1_2', '', '<script>_x_y']) {
    const refused = await customer.get(`/console/${id}/audit?cursor=${encodeURIComponent(cursor)}`);
    assert.equal(refused.status, 400, cursor);
    assert.match(refused.text, /The cursor was not issued by a page of the audit/);
  }
});

test('the evidence is what the Admin API hands out, all pages of it in one download', async () => {
  const acme = await newTenant(worker, 'evidence');
  await acme.scimFetch('POST', '/Users', { userName: 'ada' });
  assert.equal((await acme.scimFetch('POST', '/Users', { userName: 'ada' })).status, 409);
  await worker.scheduled();
  const sql = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 900) INSERT INTO changes (tenant, at, resource_type, resource_id, version, change, actor, correlation_id) SELECT ?1, ?2, 'User', n, 1, '{\"op\":\"created\",\"resource\":{\"userName\":\"u\"}}', 't', 'r' FROM n";
  await worker.d1.prepare(sql).bind(acme.id, Date.now()).run();
  const to = new Date(Date.now() + 1_000).toISOString();
  const download = await staff.get(`/console/evidence/audit/export?from=&to=${to}`);
  assert.deepEqual(
    [download.status, download.headers.get('content-type'), download.headers.get('content-disposition'), download.headers.get('cache-control')],
    [200, 'application/jsonl; charset=utf-8', 'attachment; filename="evidence-evidence.jsonl"', 'no-store'],
  );
  const expected = [];
  for (let cursor = ''; cursor !== null; ) {
    const { text, headers } = await admin('GET', `/tenants/evidence/audit?to=${to}&cursor=${cursor}`);
    expected.push(...lines(text));
    cursor = headers.get('x-next-cursor');
  }
  // The download itself is listed in the next one.
  const got = lines(download.text);
  assert.deepEqual(expected.filter(({ kind, operation }) => kind === 'deed' && operation === 'exported').map(({ by }) => by), ['Grace <b>of</b> the vendor']);
  expected.splice(expected.findIndex(({ operation }) => operation === 'exported'), 1);
  // The time at which the settings were read differs.
  for (const all of [expected, got]) delete all[0].at;
  assert.deepEqual(got, expected);
  assert.equal(got.filter(({ kind }) => kind === 'change').length, 901);
  assert.deepEqual([got.filter(({ kind }) => kind === 'refusal').length, got[0].kind], [1, 'settings']);
  assert.ok(!download.text.includes(acme.token));
  assert.equal((await lineOf(worker, download)).operation, 'console export evidence');
});

test('the evidence is of the days that were chosen, and another date is refused in words', async () => {
  const acme = await newTenant(worker, 'days');
  for (const userName of ['before', 'within', 'after']) await acme.scimFetch('POST', '/Users', { userName });
  const times = { before: '2026-03-01T23:59:59.999Z', within: '2026-03-03T23:59:59.999Z', after: '2026-03-04T00:00:00Z' };
  for (const [name, at] of Object.entries(times)) await worker.d1.prepare("UPDATE changes SET at = ?3 WHERE tenant = ?1 AND change->>'$.resource.userName' = ?2").bind(acme.id, name, Date.parse(at)).run();
  const changes = async (query, browser = staff) => {
    const { status, text } = await browser.get(`/console/days/audit/export?${query}`);
    assert.equal(status, 200, text);
    return lines(text).filter(({ kind }) => kind === 'change').map(({ resource }) => resource.name);
  };
  assert.deepEqual(await changes(''), ['before', 'within', 'after']);
  assert.deepEqual(await changes('from=2026-03-02&to=2026-03-03'), ['within']);
  assert.deepEqual(await changes('from=2026-03-03&to=2026-03-03'), ['within']);
  assert.deepEqual(await changes('from=2026-03-02'), ['within', 'after']);
  assert.deepEqual(await changes('to=2026-03-03T23:59:59.999Z'), ['before']);
  for (const browser of [await signedIn(worker, await setupLink(worker, 'days')), await signedIn(worker, await oneTimeLink(worker, 'viewer'))]) assert.deepEqual(await changes('to=2026-03-01', browser), ['before']);
  for (const query of ['from=yesterday', 'to=2026-13-01', 'from=2026-03-01T00', 'from=%3Cscript%3E']) {
    const refused = await staff.get(`/console/days/audit/export?${query}`);
    assert.equal(refused.status, 400, query);
    assert.match(refused.text, /must be a day such as/);
    assert.ok(!refused.text.includes('<script>') && !refused.headers.get('content-disposition'));
  }
  assert.match((await staff.get('/console/days/audit/export?from=2026-03-03&to=2026-03-01')).text, /The first day must not be later than the last one/);
  assert.equal((await staff.get('/console/none/audit/export')).status, 404);
});

/** Sends a form of a page of the tenant, which must not be refused. */
async function send(browser, tenant, path, fields) {
  const answer = await sender(browser, tenant)(path, fields);
  assert.ok(answer.status < 400, answer.text);
  return answer;
}

test('the page says who has done what in the console, and the customer learns no name of the vendor', async () => {
  const [{ id }, ada] = [await newTenant(worker, 'deeds', { name: 'Deeds' }), 'Ada of Deeds'];
  const grace = await signedIn(worker, await oneTimeLink(worker, 'admin', 'Grace'));
  const customer = await signedIn(worker, await setupLink(worker, id, ada));
  await send(customer, id, 'connect/tokens', { name: 'of Ada' });
  const made = await send(grace, id, 'connect/tokens', { name: 'of Grace' });
  const { body } = await admin('GET', `/tenants/${id}`);
  const [token] = body.tokens.filter(({ name }) => name === 'of Grace');
  await send(grace, id, `connect/tokens/${token.id}/revoke`, { confirm: 'of Grace' });
  const settings = { name: 'New name', log_days: '90', activity_days: '30', dialect: 'tolerant', residency: '', maxUsers: '5', maxGroups: '', maxMemberships: '', maxBytes: '' };
  await send(grace, id, 'settings', settings);
  await send(grace, id, 'suspend', { confirm: id });
  await send(grace, id, 'resume');
  await send(grace, id, 'deliveries', { url: 'https://receiver.example.com/hook', batch: '1' });
  assert.equal((await customer.get(`/console/${id}/activity/export`)).status, 200);
  assert.equal((await grace.get(`/console/${id}/audit/export`)).status, 200);
  const all = rowsOf(await audit(id, grace)).map((row) => row.join(' | '));
  for (const row of [
    `${ada} | made a token | of Ada`,
    'Grace | made a token | of Grace',
    'Grace | revoked a token | of Grace',
    'Grace | changed the settings | maxUsers from nothing to 5, name from Deeds to New name',
    'Grace | suspended the tenant | New name',
    'Grace | resumed the tenant | New name',
    'Grace | made an endpoint of webhooks | receiver.example.com',
    `${ada} | exported the activity | deeds`,
    'Grace | exported the evidence | deeds',
    'an administrator | made the tenant | Deeds',
  ]) assert.ok(all.includes(row), `${row}\n${all.join('\n')}`);
  const own = await audit(id, await signedIn(worker, await setupLink(worker, id, ada)));
  const seen = rowsOf(own).map((row) => row.join(' | '));
  for (const row of [`${ada} | made a token | of Ada`, 'the vendor | made a token | of Grace', 'the vendor | suspended the tenant | New name']) assert.ok(seen.includes(row), row);
  assert.ok(!own.includes('Grace |') && !seen.some((row) => row.startsWith('Grace')) && !own.includes('receiver.example.com'));
  for (const secret of [made.text.match(/scim_[\w-]{43}/)[0], ...grace.cookies.values()]) assert.ok(!JSON.stringify((await worker.d1.prepare('SELECT * FROM audit_log').all()).results).includes(secret));
});

test('the evidence shows the vendor who did each deed, and does not show the customer the names of the vendor', async () => {
  const { id } = await newTenant(worker, 'told');
  await send(staff, id, 'connect/tokens', { name: 'new' });
  await send(staff, id, 'deliveries', { url: 'https://receiver.example.com/told', batch: '1' });
  const deeds = async (browser) => {
    const { status, text } = await browser.get(`/console/${id}/audit/export`);
    assert.equal(status, 200, text);
    return lines(text).filter(({ kind }) => kind === 'deed').map(({ by, operation, target }) => [by, operation, target.kind, target.name].join(' | '));
  };
  const grace = 'Grace <b>of</b> the vendor';
  const first = ['administrator | created | tenant | told', 'administrator | created | token | test', `${grace} | created | token | new`, `${grace} | created | endpoint | receiver.example.com`];
  assert.deepEqual(await deeds(staff), first);
  const customer = await signedIn(worker, await setupLink(worker, id, 'Ada'));
  assert.deepEqual(await deeds(customer), ['administrator | created | tenant | told', 'administrator | created | token | test', 'the vendor | created | token | new', 'the vendor | exported | evidence | told', 'administrator | created | set-up link | Ada']);
});

test('a session that another person has ended, and what belongs to no tenant, are shown to the vendor', async () => {
  const { id } = await newTenant(worker, 'ended');
  const eve = await signedIn(worker, await oneTimeLink(worker, 'viewer', 'Eve'));
  const [session] = (await admin('GET', '/console/sessions')).body.sessions.filter(({ person }) => person === 'Eve');
  await admin('DELETE', `/console/sessions/${session.id}`);
  await admin('POST', '/signing-keys');
  const rows = rowsOf(await audit(id)).map((row) => row.slice(0, 2).join(' | '));
  for (const row of ['an administrator | ended a session of the console', 'an administrator | made a signing key', 'an administrator | made a one-time link']) assert.ok(rows.includes(row), row);
  assert.equal((await eve.get('/console')).status, 303);
  const customer = await signedIn(worker, await setupLink(worker, id));
  assert.ok(!(await audit(id, customer)).includes('signing key'));
});
