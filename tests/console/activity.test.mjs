// The pages of what clients did: the list with its filters and pages, one change, one refusal, the download.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { oneTimeLink, setupLink, signedIn } from '../harness/console.mjs';
import { assertNoMarkup, assertShownAsText, hostileName } from '../harness/hostile-names.mjs';
import { add, patch, query, remove, replace } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let vendor;
let acme;
let umbra;

serve(async (started) => {
  worker = started;
  [acme, umbra] = [await newTenant(worker, 'acme'), await newTenant(worker, 'umbra')];
  vendor = await signedIn(worker, await oneTimeLink(worker));
}, withAdmin);

/** Opens a page of a tenant once everything that was answered is written. */
async function open(path, { tenant = 'acme', status = 200 } = {}) {
  await worker.scheduled();
  const answer = await vendor.get(`/console/${tenant}/activity${path}`);
  assert.equal(answer.status, status, answer.text);
  return answer.text;
}

/** Returns the rows of the first table, each as the text of its cells, and the address of its entry. */
const rowsOf = (html) =>
  [...html.matchAll(/<tr><th scope="row">(.*?)<\/tr>/gs)].map(([, row]) => ({
    text: row.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').replaceAll('&#60;', '<'),
    entry: row.match(/href="([^"]*\/activity\/r?\d+)"/)?.[1],
  }));

const linkOf = (html, words) => html.match(new RegExp(`href="([^"]*)"[^>]*>${words}<`))?.[1]?.replaceAll(/&amp;|&#38;/g, '&');

const post = async (tenant, path, body) => {
  const answer = await tenant.scimFetch('POST', path, body);
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
};

test('a tenant in which nothing has happened says what to do next', async () => {
  const html = await open('', { tenant: 'umbra' });
  assert.match(html, /No client has changed anything yet/);
  assert.match(html, /href="\/console\/umbra\/connect">connect the identity provider/);
});

test('a refusal is found, and understood: what arrived, why, what Entra shows, what to do', async () => {
  const ada = await post(acme, '/Users', { userName: 'ada', displayName: 'Ada' });
  for (let time = 0; time < 3; time += 1) {
    const { status } = await acme.scimFetch('PATCH', `/Users/${ada}`, patch(replace('name.giveName', 'Ada')));
    assert.equal(status, 400);
  }
  assert.equal((await acme.scimFetch('POST', '/Users', { userName: 'ADA' })).status, 409);
  assert.equal((await acme.scimFetch('GET', '/Users/01900000-0000-7000-8000-000000000000')).status, 404);
  const rows = rowsOf(await open('?outcome=refused'));
  assert.equal(rows.length, 5);
  const page = async (words) => {
    const row = rows.find(({ text }) => text.includes(words));
    assert.ok(row?.entry, `${words} in ${JSON.stringify(rows)}`);
    return (await vendor.get(row.entry)).text;
  };
  const path = await page('400 invalidPath for PATCH /Users/{id}');
  for (const words of ['<strong>ServiceIncompatible</strong>', 'its name in the mapping is probably misspelt', 'Mappings: correct the target attribute', 'Refused 3 times in the last day', 'by <bdi>test</bdi>']) {
    assert.ok(path.includes(words), `${words} in ${path}`);
  }
  assert.match(path, new RegExp(`href="/console/acme/users/${ada}"><bdi>ada</bdi>`));
  const conflict = await page('409 uniqueness for POST /Users');
  assert.match(conflict, /<strong>Conflict<\/strong>/);
  assert.ok(!conflict.includes('ADA'), 'what the client sent is not kept');
  assert.match(await page('404 for GET /Users/{id}'), /<strong>InvalidAnchor<\/strong>/);
});

test('a change is shown with its exact difference, by whom and by which request', async () => {
  const [bob, eve] = [await post(acme, '/Users', { userName: 'bob', emails: [{ type: 'work', value: 'bob@a.example' }, { type: 'home', value: 'b@b.example' }] }), await post(acme, '/Users', { userName: 'eve', displayName: 'Eve' })];
  const changed = await acme.scimFetch('PATCH', `/Users/${bob}`, patch(add('title', 'Engineer'), replace('emails[type eq "work"].value', 'robert@a.example')));
  const [row] = rowsOf(await open(`?resource=${bob}&operation=updated`));
  assert.match(row.text, /bob updated .*title.*by test/);
  const html = (await vendor.get(row.entry)).text;
  const cells = (path, old, now) => new RegExp(`<code>${path}</code></th><td>${old}</td><td>${now}</td>`);
  assert.match(html, cells('title', '<span class="dim">not there</span>', '<ins><bdi>Engineer</bdi></ins>'));
  assert.match(html, cells('emails\\[type eq &#34;work&#34;\\].value', '<del><bdi>bob@a.example</bdi></del>', '<ins><bdi>robert@a.example</bdi></ins>'));
  assert.ok(!html.includes('b@b.example'), 'what has not changed is not shown');
  assert.ok(html.includes(changed.headers.get('x-correlation-id')));

  const group = await post(acme, '/Groups', { displayName: 'Sales', members: [{ value: bob }] });
  await acme.scimFetch('PATCH', `/Groups/${group}`, patch(remove(`members[value eq "${bob}"]`), add('members', [{ value: eve }])));
  const [moved, made] = rowsOf(await open(`?resource=${group}`));
  assert.match(moved.text, /Sales updated 1 member came, 1 member went/);
  const members = (await vendor.get(moved.entry)).text;
  assert.match(members, new RegExp(`<ins><a href="/console/acme/users/${eve}"><bdi>Eve</bdi>`));
  assert.match(members, new RegExp(`<del><a href="/console/acme/users/${bob}"><bdi>bob</bdi>`));
  assert.match((await vendor.get(made.entry)).text, /<code>displayName<\/code><\/th><td><span class="dim">not there<\/span><\/td><td><ins><bdi>Sales/);
});

test('the list is filtered by outcome, operation, resource, credential and day, and goes back page by page', async () => {
  const { body } = await adminClient(worker)('POST', '/tenants/umbra/tokens', { name: 'second' });
  const ids = [];
  for (let number = 0; number < 70; number += 1) ids.push(await post(umbra, '/Users', { userName: `u${number}` }));
  await umbra.scimFetch('DELETE', `/Users/${ids[0]}`);
  await umbra.scimFetch('GET', query('/Users', 'userName like "x"'));
  const names = async (path) => {
    const found = [];
    let pages = 0;
    for (let html = await open(path, { tenant: 'umbra' }); ; html = (await vendor.get(linkOf(html, 'Older'))).text) {
      found.push(...rowsOf(html).map(({ text }) => text));
      pages += 1;
      if (!linkOf(html, 'Older')) return [found, pages];
    }
  };
  const [all, pages] = await names('');
  assert.deepEqual([all.length, pages], [72, 3]);
  assert.match(all[0], /not known refused 400 invalidFilter for GET \/Users/);
  assert.match(all[1], /u0 deleted/);
  assert.deepEqual(all.slice(2).map((text) => text.trim().split(' ')[0]), ids.map((_, number) => `u${69 - number}`));
  const lengths = async (path) => (await names(path))[0].length;
  assert.equal(await lengths('?outcome=changed'), 71);
  assert.equal(await lengths('?operation=created'), 70);
  assert.equal(await lengths('?operation=deleted'), 1);
  assert.equal(await lengths(`?resource=${ids[0]}`), 2);
  assert.equal(await lengths(`?actor=${umbra.tokenId}`), 72);
  assert.equal(await lengths(`?actor=${body.id}`), 0);
  const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  assert.equal(await lengths(`?from=${day(-1)}&to=${day(1)}`), 72);
  assert.equal(await lengths(`?to=${day(-2)}`), 0);
  assert.match(await open('?operation=updated', { tenant: 'umbra' }), /Nothing fits/);
  const filtered = await open('?outcome=changed&operation=created', { tenant: 'umbra' });
  assert.match(filtered, /<option value="created" selected>/);
  assert.match(linkOf(filtered, 'Older'), /^\/console\/umbra\/activity\?outcome=changed&operation=created&cursor=/);
  assert.ok(filtered.length < 30_000, `a page of ${filtered.length} bytes`);
});

test('everything that came with one request is found by its id, which a change and the answer of a refusal name', async () => {
  const operations = ['kim', 'lee', 'kim'].map((userName, n) => ({ method: 'POST', path: '/Users', bulkId: `b${n}`, data: { userName } }));
  const bulk = await acme.scimFetch('POST', '/Bulk', { Operations: operations });
  await post(acme, '/Users', { userName: 'other' });
  const id = bulk.headers.get('x-correlation-id');
  const found = rowsOf(await open(`?request=${id}`));
  assert.equal(found.length, 3, JSON.stringify(found));
  assert.deepEqual(found.map(({ text }) => text.trim().match(/^\w+/)[0]).sort(), ['kim', 'kim', 'lee'], 'a name that is taken is refused');
  const change = (await vendor.get(found.find(({ text }) => text.includes('lee')).entry)).text;
  assert.ok(change.includes(`<dt>Request</dt><dd><a href="/console/acme/activity?request=${id}"><code>${id}</code></a>`), change);
  assert.deepEqual(rowsOf(await open(`?request=${id}`, { tenant: 'umbra' })), []);
  assert.equal(rowsOf(await open(`?request=${id}&outcome=refused`)).length, 1);
  const admin = await adminClient(worker)('GET', `/tenants/acme/activity?correlationId=${id}`);
  assert.deepEqual([admin.status, admin.body.entries.length], [200, 3]);
  assert.equal((await adminClient(worker)('GET', '/tenants/acme/activity?correlationId=x')).status, 400);
  const lines = (await vendor.get(`/console/acme/activity/export?request=${id}`)).text.trim().split('\n');
  assert.equal(lines.length, 3);
});

test('what cannot be read as a filter is said on the page', async () => {
  for (const [path, words] of [['?from=yesterday', '<code>From</code> must be a day'], ['?outcome=some', 'everything, changes or refusals'], ['?operation=made', 'created, updated, deleted or roles'], ['?cursor=x', 'The cursor was not issued'], ['?request=7f2c', 'The id of a request must be one of this service']]) {
    assert.match(await open(path, { status: 400 }), new RegExp(words));
  }
});

test('the download has what fits as JSON lines', async () => {
  const html = await open('?operation=created', { tenant: 'umbra' });
  const address = linkOf(html, 'Download');
  assert.equal(address, '/console/umbra/activity/export?operation=created');
  const { status, headers, text } = await vendor.get(address);
  assert.equal(status, 200);
  assert.match(headers.get('content-type'), /^application\/jsonl/);
  assert.equal(headers.get('content-disposition'), 'attachment; filename="activity-umbra.jsonl"');
  const entries = text.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual([entries.length, entries[0].resource.name, entries[69].resource.name], [70, 'u69', 'u0']);
  assert.ok(entries.every((entry) => entry.operation === 'created' && entry.tenant === 'umbra'));
  assert.equal((await vendor.get('/console/umbra/activity/export?from=x')).status, 400);
});

test('a download that takes several reads loses nothing', async () => {
  const { scimFetch } = await newTenant(worker, 'many');
  const one = await post({ scimFetch }, '/Users', { userName: 'one' });
  // A thousand changes in a few requests: each operation of a bulk is one.
  for (let request = 0; request < 6; request += 1) {
    const Operations = Array.from({ length: 200 }, (_, number) => ({ method: 'PATCH', path: `/Users/${one}`, data: patch(replace('title', `t${request}-${number}`)) }));
    const { status, text } = await scimFetch('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations });
    assert.equal(status, 200, text);
  }
  const { text } = await vendor.get('/console/many/activity/export');
  const sequences = text.trim().split('\n').map((line) => JSON.parse(line).sequence);
  assert.equal(sequences.length, 1_201);
  assert.deepEqual(sequences, [...new Set(sequences)].sort((a, b) => b - a));
});

test('hostile names are text on every page, in the filters too', async () => {
  const name = hostileName('mallory');
  const { scimFetch } = await newTenant(worker, 'hostile');
  const user = await post({ scimFetch }, '/Users', { userName: name, displayName: name, title: name });
  await scimFetch('PATCH', `/Users/${user}`, patch(replace('title', hostileName('title'))));
  await scimFetch('PATCH', `/Users/${user}`, patch(replace('active', name)));
  await scimFetch('POST', '/Groups', { displayName: hostileName('group'), members: [{ value: user }] });
  const list = await open('', { tenant: 'hostile' });
  assertShownAsText({ status: 200, text: list }, 'mallory');
  assert.ok(list.length < 30_000);
  const pages = await Promise.all(rowsOf(list).map(async ({ entry }) => vendor.get(entry)));
  assert.equal(pages.length, 4);
  pages.forEach(({ status, text }) => {
    assert.equal(status, 200, text);
    assertNoMarkup(text);
  });
  assert.ok(pages.some(({ text }) => text.includes('title&#60;script') && text.includes('mallory&#60;script')), 'the change has both');
  for (const field of ['resource', 'actor', 'operation', 'outcome', 'from', 'to', 'cursor']) {
    const { status, text } = await vendor.get(`/console/hostile/activity?${new URLSearchParams({ [field]: name })}`);
    assert.ok([200, 400].includes(status), `${field}: ${status}`);
    assertNoMarkup(text);
  }
});

test("a customer's administrator sees the activity of the own tenant alone, and only reads it", async () => {
  const customer = await signedIn(worker, await setupLink(worker, 'acme', 'Carol'));
  const [own] = rowsOf((await customer.get('/console/acme/activity')).text);
  assert.equal((await customer.get(own.entry)).status, 200);
  const [other] = rowsOf((await vendor.get('/console/umbra/activity?outcome=changed')).text);
  const [refused] = rowsOf((await vendor.get('/console/umbra/activity?outcome=refused')).text);
  const ids = [other, refused].map(({ entry }) => entry.split('/').at(-1));
  for (const path of ['/console/umbra/activity', '/console/umbra/activity/export', other.entry, refused.entry, ...ids.map((id) => `/console/acme/activity/${id}`)]) {
    const { status, text } = await customer.get(path);
    assert.equal(status, 404, path);
    assert.ok(!text.includes('u69'), path);
  }
  for (const path of ['/console/acme/activity/0', '/console/acme/activity/r0', '/console/acme/activity/x', '/console/acme/activity/1/2', '/console/acme/activity/99999999999999999999']) {
    assert.equal((await customer.get(path)).status, 404, path);
  }
  const posted = await customer.post('/console/acme/activity', { form_token: await tokenOf(customer) });
  assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET']);
});

const tokenOf = async (one) => (await one.get('/console/acme/activity')).text.match(/name="form_token" value="([^"]*)"/)[1];
