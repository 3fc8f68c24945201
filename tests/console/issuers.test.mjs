// Trusted issuers on the page Connect, and the page of one, where the trust in it is revoked. What their tokens open: tests/oauth.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { hidden, oneTimeLink, sender, setupLink, signedIn } from '../harness/console.mjs';
import { assertShownAsText, hostileName } from '../harness/hostile-names.mjs';
import { signed } from '../harness/issuer.mjs';
import { application, claims, directory, startTrusting } from '../harness/issuers.mjs';

const { worker, admin, issuer, trust, status, federated, stop } = await startTrusting();
after(stop);

const staff = await signedIn(worker, await oneTimeLink(worker, 'admin', 'Grace'));
const customer = await signedIn(worker, await setupLink(worker, 'acme', 'Ada of Acme'));
const viewer = await signedIn(worker, await oneTimeLink(worker, 'viewer'));

/** Returns the page Connect of a tenant. */
async function connect(browser, tenant = 'acme') {
  const { status, text } = await browser.get(`/console/${tenant}/connect`);
  assert.equal(status, 200, text);
  return text;
}

/** Returns the cells of the row of an issuer on the page as text; undefined if it is not listed. */
const cells = (page, { id }) =>
  page
    .match(/<h2 id="issuers">.*?(?=<h2|<\/main>)/s)?.[0]
    .match(/<tr>.*?<\/tr>/gs)
    ?.find((row) => row.includes(`/connect/issuers/${id}"`))
    ?.match(/<t[hd]\b.*?<\/t[hd]>/gs)
    .map((cell) => cell.replace(/<[^>]*>/g, ''));

test('the page lists the issuers of the tenant with subject, client, state and times, and says the command that makes one', async () => {
  const bearer = await trust({ name: 'own token' });
  const { client, trusted } = await federated({ name: 'federation' });
  assert.equal(await status(signed(issuer.keys[0], claims(bearer))), 200);
  for (const browser of [staff, customer, viewer]) {
    const page = await connect(browser);
    const [created, lastUsed, ...others] = cells(page, bearer).slice(4);
    assert.deepEqual([...cells(page, bearer).slice(0, 4), others], ['own token', 'in force', bearer.issuers[0], 'any', []]);
    for (const time of [created, lastUsed]) assert.match(time, /^(just now|\d+ s ago)$/);
    assert.deepEqual(cells(page, trusted).slice(0, 4), [`federation of the client ${client.clientId}`, 'not used yet', trusted.issuers[0], 'the-principal']);
    assert.equal(cells(page, trusted)[5], 'never');
  }
  assert.match(await connect(staff), /One is made by <code>npm run tenant -- trust<\/code>, and <code>npm run tenant -- clients<\/code> lists all/);
  assert.ok(!(await connect(customer)).includes('npm run tenant'), 'a customer has no command line');
  assert.match(await connect(staff, 'other'), /<h2 id="issuers">/);
  assert.equal(cells(await connect(staff, 'other'), bearer), undefined);
  const other = await signedIn(worker, await setupLink(worker, 'other'));
  assert.ok(!(await connect(other, 'other')).includes('Trusted issuers'), 'there is none');
});

test('a page has room for ten issuers: those in force, the newest first, before those that were revoked', async () => {
  const [id, made] = ['default', []];
  for (let n = 0; n < 12; n += 1) made.push(await trust({ name: `issuer ${n}` }, id));
  for (const n of [11, 10, 9]) assert.equal((await admin('DELETE', `/tenants/${id}/issuers/${made[n].id}`)).status, 200);
  const page = await connect(staff, id);
  const names = [...page.matchAll(/connect\/issuers\/[^"]*"><bdi>issuer (\d+)</g)].map(([, n]) => Number(n));
  assert.deepEqual(names, [8, 7, 6, 5, 4, 3, 2, 1, 0, 11]);
  assert.equal(cells(page, made[11])[1], 'revoked');
  assert.ok(Buffer.byteLength(page) < 30 * 1024);
});

test('names of issuers, subjects and clients that would like to be markup are text', async () => {
  const text = (word) => hostileName(word, 200);
  const one = await trust({ name: text('name'), issuer: text('https://issuer'), subject: text('subject'), audience: text('audience') });
  const list = await staff.get('/console/acme/connect');
  for (const word of ['name', 'https://issuer', 'subject']) assertShownAsText(list, word);
  const page = await staff.get(`/console/acme/connect/issuers/${one.id}`);
  for (const word of ['name', 'https://issuer', 'subject', 'audience']) assertShownAsText(page, word);
});

test('the page of an issuer shows which tokens it accepts, and offers neither a rotation nor a secret', async () => {
  const one = await trust({ name: 'one', subject: 'the-app' });
  const { status, text } = await customer.get(`/console/acme/connect/issuers/${one.id}`);
  assert.equal(status, 200, text);
  const facts = Object.fromEntries([...text.matchAll(/<dt>([^<]*)<\/dt><dd><bdi>([^<]*)<\/bdi><\/dd>/g)].map(([, label, value]) => [label, value]));
  assert.deepEqual(facts, { Issuer: one.issuers[0], Audience: application, Directory: directory, Subject: 'the-app', Keys: issuer.jwksUri });
  assert.match(text, /A trusted issuer of this tenant/);
  assert.match(text, /Every request with a token of it is refused within a minute, for ever/);
  assert.ok(!/Expires|rotate"|secrets"/.test(text));
});

test('the trust is revoked by its name and the token of the form, and its tokens open nothing from then on', async () => {
  for (const [browser, person] of [[staff, 'Grace'], [customer, 'Ada of Acme']]) {
    const one = await trust({ name: `of ${person}` });
    const [token, path] = [signed(issuer.keys[0], claims(one)), `/console/acme/connect/issuers/${one.id}`];
    assert.equal(await status(token), 200);
    const isTrusted = async () => (await admin('GET', '/tenants/acme/issuers')).body.issuers.find(({ id }) => id === one.id).revoked === null;
    const form_token = hidden((await browser.get(path)).text, 'form_token');
    assert.equal((await browser.post(`${path}/revoke`, { confirm: one.name })).status, 403, 'without the token of the form');
    const unsure = await browser.post(`${path}/revoke`, { form_token, confirm: 'another' });
    assert.equal(unsure.status, 400);
    assert.match(unsure.text, /role="alert">Another name was entered, so nothing was revoked\.</);
    assert.ok(await isTrusted());
    const done = await browser.post(`${path}/revoke`, { form_token, confirm: one.name });
    assert.deepEqual([done.status, done.location, done.text], [303, path, '']);
    assert.ok(!(await isTrusted()));
    assert.equal(await status(token), 401);
    const after = (await browser.get(path)).text;
    assert.match(after, /class="state off">revoked</);
    assert.ok(!after.includes('/revoke"'));
    const audit = (await staff.get('/console/acme/audit')).text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
    assert.ok(audit.includes(`${person} revoked a trusted issuer of ${person}`), audit);
  }
});

test('an issuer of another tenant is 404, and a viewer revokes nothing', async () => {
  const one = await trust({ name: 'kept' }, 'other');
  const path = `connect/issuers/${one.id}`;
  for (const browser of [staff, customer]) {
    assert.equal((await browser.get(`/console/acme/${path}`)).status, 404);
    assert.equal((await sender(browser, 'acme')(`${path}/revoke`, { confirm: 'kept' })).status, 404);
  }
  assert.equal((await customer.get(`/console/other/${path}`)).status, 404);
  assert.equal((await customer.post(`/console/other/${path}/revoke`, { form_token: await customer.token(), confirm: 'kept' })).status, 404);
  const shown = await viewer.get(`/console/other/${path}`);
  assert.equal(shown.status, 200);
  assert.ok(!shown.text.includes('/revoke"'));
  assert.equal((await viewer.post(`/console/other/${path}/revoke`, { form_token: hidden(shown.text, 'form_token'), confirm: 'kept' })).status, 403);
  const { body } = await admin('GET', '/tenants/other/issuers');
  assert.deepEqual(body.issuers.map(({ id, revoked }) => [id, revoked]), [[one.id, null]]);
});

test('the page costs one call of D1, with issuers as without', async () => {
  await staff.get('/console/acme/connect');
  const { headers } = await staff.get('/console/acme/connect', { 'x-server-timing': '1' });
  assert.match(headers.get('server-timing'), /round_trips=1 /);
});
