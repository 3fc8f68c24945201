// The console's page of a tenant's health: cycles, requests, the forecast of a quarantine, expiry, mass deprovisioning, lag.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { hidden, oneTimeLink, setupLink, signedIn } from '../harness/console.mjs';
import { patch, replace } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
let staff;

serve(async (started) => {
  worker = started;
  admin = adminClient(worker);
  staff = await signedIn(worker, await oneTimeLink(worker));
}, withAdmin);

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const minute = (back = 0) => Math.floor(Date.now() / MINUTE - back) * MINUTE;

/** Returns the text of the page of that tenant. */
async function health(tenant, browser = staff) {
  const { status, text } = await browser.get(`/console/${tenant}/health`);
  assert.equal(status, 200, text);
  return text;
}

const counted = (tenant, rows) =>
  worker.d1.batch(
    rows.map(([back, operation, status, requests]) =>
      worker.d1.prepare('INSERT INTO counters (tenant, minute, operation, status, requests) VALUES (?1, ?2, ?3, ?4, ?5)').bind(tenant, minute(back), operation, status, requests),
    ),
  );

/** Sets the marks of a tenant, in minutes before now. */
const marked = (tenant, { last, began, ended, previous }) =>
  worker.d1
    .prepare('INSERT OR REPLACE INTO marks (tenant, last_request, cycle_began, cycle_ended, previous_began, previous_ended) VALUES (?1, ?2, ?3, ?4, ?5, ?6)')
    .bind(tenant, ...[last, began, ended, previous, previous].map((back) => (back === undefined ? null : Date.now() - back * MINUTE)))
    .run();

/** Creates users. */
async function made(scimFetch, count) {
  const operations = Array.from({ length: count }, (_, n) => ({ method: 'POST', path: '/Users', bulkId: `b${n}`, data: { userName: `u${n}` } }));
  const { body } = await scimFetch('POST', '/Bulk', { Operations: operations });
  return { users: body.Operations.map(({ location }) => location.split('/').at(-1)) };
}

async function leave(scimFetch, users) {
  const Operations = users.map((id) => ({ method: 'DELETE', path: `/Users/${id}` }));
  assert.equal((await scimFetch('POST', '/Bulk', { Operations })).status, 200);
}

test('a tenant to which no request has come says what to do next', async () => {
  await newTenant(worker, 'empty');
  const text = await health('empty');
  assert.match(text, /No request has come yet/);
  assert.match(text, /class="state good">no failures</);
  assert.match(text, /<dt>Cycle<\/dt><dd><span class="dim">none yet/);
  assert.match(text, /<dt>Edge copy<\/dt><dd><span class="state off">off/);
  assert.ok(!text.includes('<svg') && !text.includes('were disabled or deleted'));
  assert.ok(Buffer.byteLength(text) < 30_000);
});

test('requests of the client are plotted, with their table beneath', async () => {
  const acme = await newTenant(worker, 'acme');
  await acme.scimFetch('POST', '/Users', { userName: 'ada' });
  assert.equal((await acme.scimFetch('POST', '/Users', { userName: 'ada' })).status, 409);
  await acme.scimFetch('GET', '/Users?filter=userName eq "ada"');
  await worker.scheduled();
  const text = await health('acme');
  const plot = text.match(/<svg.*<\/svg>/s)[0];
  assert.match(plot, /Upwards at most 2 answered, downwards at most 1 refused or failed/);
  assert.equal(plot.match(/<rect/g).length, 3, 'two bars and the line');
  assert.match(text, /<td class="n">2<\/td><td class="n">1<\/td><td class="n">0<\/td>/);
  assert.equal(text.match(/<details><summary>The same as a table.*?<\/details>/s)[0].match(/<tr><td>/g).length, 48);
  assert.match(text, /<span class="state good">running/);
  assert.match(text, /far from quarantine.*1 request has failed, 33 % of all/s);
  assert.ok(Buffer.byteLength(text) < 30_000, `${Buffer.byteLength(text)} bytes`);
});

test('cycles, their period and the silence since are shown', async () => {
  await newTenant(worker, 'cycles');
  await marked('cycles', { last: 61, began: 65, ended: 61, previous: 105 });
  const text = await health('cycles');
  assert.match(text, /<span class="state good">over<\/span>, began .*?1 h ago.*?, 4 min long; the one before began 40 min earlier/s);
  assert.match(text, /<dt>Last request<\/dt><dd><time [^>]*>1 h ago/);
});

test('a quarantine is forecast by what failed since the last cycle began', async () => {
  await newTenant(worker, 'failing');
  await marked('failing', { last: 1, began: 30, ended: 1 });
  await counted('failing', [[90, 'POST Users', 400, 50_000], [20, 'POST Users', 400, 4_000], [20, 'POST Users', 201, 1_000], [10, 'PATCH Groups', 404, 500], [10, 'GET Users', 429, 9_000]]);
  assert.match(await health('failing'), /class="state watch">quarantine near.*4,500 requests have failed\. At this rate Entra quarantines the job in 1 h/s);
  await counted('failing', [[5, 'PATCH Users', 500, 2_000], [5, 'GET Users', 200, 1_000]]);
  assert.match(await health('failing'), /class="state bad">quarantine.*6,000 requests have failed, \d\d % of all.*disables it at/s);
});

test('a client whose credential is refused is distinguished from one stray request', async () => {
  await newTenant(worker, 'refused');
  await marked('refused', { last: 100, began: 110, ended: 100 });
  await counted('refused', [[200, 'unauthenticated', 401, 9], [60, 'unauthenticated', 401, 2]]);
  assert.match(await health('refused'), /no failures/);
  await counted('refused', [[30, 'unauthenticated', 401, 1]]);
  assert.match(await health('refused'), /class="state bad">quarantine.*The last request was refused for its credential/s);
  await marked('refused', { last: 20, began: 110, ended: 20 });
  assert.match(await health('refused'), /no failures/);
});

test('many users that are disabled or deleted at once raise a warning', async () => {
  const { scimFetch } = await newTenant(worker, 'leaving');
  const operations = Array.from({ length: 40 }, (_, n) => ({ method: 'POST', path: '/Users', bulkId: `b${n}`, data: { userName: `u${n}` } }));
  const ids = (await scimFetch('POST', '/Bulk', { Operations: operations })).body.Operations.map(({ location }) => location.split('/').at(-1));
  for (const id of ids.slice(0, 20)) assert.equal((await scimFetch('PATCH', `/Users/${id}`, patch(replace('active', 'False')))).status, 200);
  assert.ok(!(await health('leaving')).includes('were disabled or deleted'), '20 are not more than 20');
  assert.equal((await scimFetch('DELETE', `/Users/${ids[30]}`)).status, 204);
  const text = await health('leaving');
  assert.match(text, /<p class="banner warning" role="alert">21 of 40 users were disabled or deleted since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: look at the scope of the provisioning/);
  const customer = await signedIn(worker, await setupLink(worker, 'leaving'));
  assert.match(await health('leaving', customer), /21 of 40 users were disabled/);
  await worker.d1.prepare('UPDATE changes SET at = at - ?2 WHERE tenant = ?1').bind('leaving', 61 * MINUTE).run();
  await worker.d1.prepare('DELETE FROM marks WHERE tenant = ?1').bind('leaving').run();
  assert.ok(!(await health('leaving')).includes('were disabled or deleted'), 'an hour ago');
});

test('a warning stands on the pages of a tenant that lost very many users, and in the list of tenants, until a day after its cycle', async () => {
  const { scimFetch } = await newTenant(worker, 'warned');
  await newTenant(worker, 'calm');
  const { users } = await made(scimFetch, 30);
  await leave(scimFetch, users.slice(0, 21));
  await worker.scheduled();
  const customer = await signedIn(worker, await setupLink(worker, 'warned'));
  const banner = /<p class="banner warning" role="alert">21 of 30 users were disabled or deleted since [^<]* UTC: [^<]*Prevent accidental deletions\. <a href="\/console\/warned\/health">Health<\/a><\/p>/;
  const pages = ['connect', 'activity', 'users', 'groups', 'health'];
  const shown = async (browser, id) => Promise.all(pages.map(async (page) => [...(await browser.get(`/console/${id}/${page}`)).text.matchAll(new RegExp(banner, 'g'))].length));
  assert.deepEqual(await shown(staff, 'warned'), [1, 1, 1, 1, 1]);
  assert.deepEqual(await shown(customer, 'warned'), [1, 1, 1, 1, 1]);
  assert.deepEqual(await shown(staff, 'calm'), [0, 0, 0, 0, 0]);
  const marked = async () => [...(await staff.get('/console')).text.matchAll(/<code class="dim">([^<]*)<\/code><\/th>\s*<td><span class="state bad">mass deprovisioning/g)].map(([, id]) => id);
  assert.deepEqual(await marked(), ['warned']);
  const older = "UPDATE changes SET at = at - ?2 WHERE tenant = ?1";
  await worker.d1.prepare(older).bind('warned', 1_439 * MINUTE).run();
  await worker.d1.prepare('UPDATE marks SET cycle_began = cycle_began - ?2, cycle_ended = cycle_ended - ?2 WHERE tenant = ?1').bind('warned', 1_439 * MINUTE).run();
  assert.deepEqual(await shown(staff, 'warned'), [1, 1, 1, 1, 1]);
  await worker.d1.prepare(older).bind('warned', 2 * MINUTE).run();
  await worker.d1.prepare('DELETE FROM marks WHERE tenant = ?1').bind('warned').run();
  assert.deepEqual(await shown(staff, 'warned'), [0, 0, 0, 0, 0]);
  assert.deepEqual(await marked(), []);
});

test('the list of tenants marks one of whose requests of the last hour too many failed, and mass deprovisioning before that', async () => {
  const { scimFetch } = await newTenant(worker, 'listed');
  const { users } = await made(scimFetch, 30);
  await worker.scheduled();
  const state = async () => (await staff.get('/console')).text.match(/<code class="dim">listed<\/code><\/th>\s*<td>(.*?)<\/td>/s)[1];
  const active = '<span class="state good">active</span>';
  await worker.d1.prepare("DELETE FROM counters WHERE tenant = 'listed'").run();
  await counted('listed', [[61, 'POST Users', 500, 900], [5, 'unauthenticated', 401, 900], [5, 'GET Users', 429, 900], [5, 'PATCH Users', 400, 9]]);
  assert.equal(await state(), active, 'nine have failed');
  await counted('listed', [[6, 'PATCH Groups', 404, 1]]);
  assert.equal(await state(), '<span class="state bad">failing</span>');
  await counted('listed', [[7, 'GET Users', 200, 15]]);
  assert.equal(await state(), active, '10 of 25 are not more than 40 %');
  await counted('listed', [[8, 'POST Users', 409, 1]]);
  assert.equal(await state(), '<span class="state bad">failing</span>');
  await leave(scimFetch, users.slice(0, 21));
  await worker.scheduled();
  await counted('listed', [[9, 'POST Users', 409, 900]]);
  assert.equal(await state(), '<span class="state bad">mass deprovisioning</span>');
});

test('the activity says in words that too many went, and leads to Health', async () => {
  const { scimFetch } = await newTenant(worker, 'said');
  const { users } = await made(scimFetch, 30);
  await leave(scimFetch, users.slice(0, 25));
  await worker.scheduled();
  const { text } = await staff.get('/console/said/activity');
  const [, address] = text.match(/<th scope="row"><bdi>All users<\/bdi><\/th>\s*<td><a href="([^"]*)"><span class="state bad">mass deprovisioning<\/span><\/a><\/td><td class="d"><bdi>25 of 30 users were disabled or deleted since /);
  const one = (await staff.get(address)).text;
  assert.match(one, /<h1><bdi>All users<\/bdi> mass deprovisioning<\/h1>/);
  assert.match(one, /<p>25 of 30 users were disabled or deleted since [^<]* UTC, which is more than may go in one cycle\. <a href="\/console\/said\/health">Health<\/a>/);
  const lines = (await staff.get('/console/said/activity/export?resource=said')).text.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ operation, departures }) => [operation, departures.users, departures.of, departures.threshold]), [['mass_deprovisioning', 25, 30, 20]]);
  assert.equal((await staff.get('/console/said/users/said')).status, 404, 'the row is of no person');
});

test('how many may go is a setting of the tenant, on its page too', async () => {
  const { scimFetch } = await newTenant(worker, 'own');
  const form = (text) => Object.fromEntries([...text.matchAll(/<input(?: id="[^"]*")? name="(\w+)"[^>]* value="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  const page = async () => (await staff.get('/console/own/settings')).text;
  const fields = { ...form(await page()), form_token: hidden(await page(), 'form_token'), dialect: 'tolerant', residency: '' };
  assert.equal(fields.massDeprovisioning, '', 'nothing is set');
  for (const wrong of ['few', '-1', '10001']) {
    const refused = await staff.post('/console/own/settings', { ...fields, massDeprovisioning: wrong });
    const problem = `<code>${wrong}</code> is not a number from 0 to 10000; nothing was changed`;
    assert.deepEqual([refused.status, refused.text.includes(problem)], [400, true], wrong);
  }
  assert.equal(form(await page()).massDeprovisioning, '');
  assert.equal((await staff.post('/console/own/settings', { ...fields, massDeprovisioning: '2' })).status, 303);
  assert.equal(form(await page()).massDeprovisioning, '2');
  const { users } = await made(scimFetch, 40);
  await leave(scimFetch, users.slice(0, 2));
  const warns = async () => (await health('own')).includes('were disabled or deleted');
  assert.equal(await warns(), false);
  await leave(scimFetch, users.slice(2, 3));
  assert.equal(await warns(), true);
  assert.equal((await staff.post('/console/own/settings', { ...fields, massDeprovisioning: '' })).status, 303);
  assert.equal(await warns(), false);
});

test('credentials are listed by their expiry, without those that were revoked', async () => {
  const { id } = await newTenant(worker, 'expiring');
  const token = async (name, days) => {
    const made = await admin('POST', `/tenants/${id}/tokens`, { name, expires: new Date(Date.now() + days * DAY).toISOString() });
    assert.equal(made.status, 201, made.text);
    return made.body;
  };
  const hostile = '<script>alert("token")</script>';
  const [far, near, old, ancient, revoked] = [await token('far', 300), await token(hostile, 3), await token('old', 2), await token('ancient', 2), await token('revoked', 3)];
  await admin('DELETE', `/tenants/${id}/tokens/${revoked.id}`);
  for (const [one, days] of [[old, 1], [ancient, 8]]) await worker.d1.prepare('UPDATE tokens SET expires = ?2 WHERE id = ?1').bind(one.id, Date.now() - days * DAY).run();
  const client = (await admin('POST', `/tenants/${id}/clients`, { name: 'Okta & Co' })).body;
  const text = await health(id);
  const rows = text.match(/<h2>Credentials<\/h2>.*?<\/table>/s)[0];
  const names = [...rows.matchAll(/<bdi>(.*?)<\/bdi>.*?class="state (\w+)"/gs)].map(([, name, state]) => [name, state]);
  const shown = '&#60;script&#62;alert(&#34;token&#34;)&#60;/script&#62;';
  assert.deepEqual(names.slice(0, 2), [['old', 'bad'], [shown, 'watch']]);
  assert.deepEqual(names.slice(2).map(([name]) => name).toSorted(), ['Okta &#38; Co', 'far', 'test']);
  assert.ok(rows.includes(`/console/${id}/connect/tokens/${near.id}`) && rows.includes(`/console/${id}/connect/clients/${client.clientId}`));
  for (const secret of [far.token, near.token, client.clientSecret]) assert.ok(!text.includes(secret));
});

test('the lag of the edge copy and of endpoints is shown, the latter to the vendor alone', async () => {
  const { id, scimFetch } = await newTenant(worker, 'lagging');
  const made = await admin('POST', `/tenants/${id}/endpoints`, { url: 'https://app.example/hook' });
  await admin('POST', `/tenants/${id}/endpoints/${made.body.id}/pause`);
  for (const userName of ['a', 'b', 'c']) await scimFetch('POST', '/Users', { userName });
  const on = "INSERT INTO edge (tenant, is_on, sequence, filling, since, written, held_until, caught_up) VALUES (?1, 1, (SELECT min(seq) FROM changes WHERE tenant = ?1), NULL, 0, ?2, ?3, ?2)";
  await worker.d1.prepare(on).bind(id, Date.now() - 5 * MINUTE, Date.now() + DAY).run();
  const text = await health(id);
  assert.match(text, /<dt>Edge copy<\/dt><dd><span class="state good">2 changes behind<\/span> <span class="dim">had every change <time [^>]*>5 min ago/);
  assert.match(text, /https:\/\/app\.example\/hook<\/a><\/th><td><span class="state off">paused<\/span><\/td><td>3 changes behind/);
  const customer = await signedIn(worker, await setupLink(worker, id));
  const own = await health(id, customer);
  assert.ok(own.includes('2 changes behind') && !own.includes('app.example') && !own.includes('deliveries'));
});

test('a customer sees the own tenant alone, and nothing is sent to the page', async () => {
  for (const id of ['mine', 'theirs']) await newTenant(worker, id);
  const customer = await signedIn(worker, await setupLink(worker, 'mine'));
  const text = await health('mine', customer);
  for (const id of ['theirs', 'none']) assert.equal((await customer.get(`/console/${id}/health`)).status, 404);
  const form_token = hidden(text, 'form_token');
  assert.equal((await customer.post('/console/mine/health', { form_token })).status, 405);
  assert.equal((await customer.get('/console/mine/health/x')).status, 404);
  assert.equal((await staff.get('/console/none/health')).status, 404);
  assert.equal((await staff.get('/console/default/health')).status, 200);
});
