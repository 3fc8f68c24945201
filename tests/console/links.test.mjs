// Links that open the console: one-time links of the vendor's staff, and set-up links of customers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { browser, hidden, oneTimeLink, setupLink, signedIn } from '../harness/console.mjs';
import { lineOf } from '../harness/log.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;

serve(async (started) => {
  worker = started;
  admin = adminClient(worker);
  for (const id of ['acme', 'other']) await newTenant(worker, id, { name: `${id} Ltd` });
}, withAdmin);

const isOpen = async (one) => (await one.home()).status === 200;

test('a one-time link is opened as often as a mail scanner likes, and used once', async () => {
  const link = await oneTimeLink(worker);
  assert.equal(new URL(link.url).origin, worker.url);
  assert.match(link.url, /\/console\/enter\?code=scimlink_[\w-]{43}$/);
  assert.equal(Date.parse(link.expires) - Date.parse(link.created), 5 * 60_000);
  const scanner = browser(worker);
  for (const method of ['GET', 'HEAD', 'GET']) {
    const page = await scanner.ask(method, link.url);
    assert.equal(page.status, 200);
    assert.equal(page.headers.getSetCookie().length, 0);
  }
  const one = await signedIn(worker, link);
  assert.match((await one.get('/console')).text, /the holder of a one-time link/);
  const again = await browser(worker).get(link.url);
  assert.equal(again.status, 404);
  assert.match(again.text, /was used already/);
  assert.ok(await isOpen(one));
});

test('a one-time link that two browsers redeem at once lets one in', async () => {
  const { url } = await oneTimeLink(worker);
  const code = new URL(url).searchParams.get('code');
  const all = await Promise.all([1, 2, 3, 4].map(() => browser(worker).post('/console/enter', { code })));
  assert.deepEqual(all.map(({ status }) => status).sort(), [303, 404, 404, 404]);
});

test('a one-time link expires after five minutes', async () => {
  const link = await oneTimeLink(worker);
  await worker.d1.prepare('UPDATE console_links SET expires = ?2 WHERE id = ?1').bind(link.id, Date.now() - 1).run();
  assert.equal((await browser(worker).get(link.url)).status, 404);
  assert.equal((await browser(worker).post('/console/enter', { code: new URL(link.url).searchParams.get('code') })).status, 404);
});

test('a link of a viewer makes a viewer, and any other role is refused', async () => {
  const one = await signedIn(worker, await oneTimeLink(worker, 'viewer', '<b>Ada</b> & Eve'));
  assert.match(await one.who(), /&#60;b&#62;Ada&#60;\/b&#62; &#38; Eve \(may see every tenant\)/);
  for (const role of ['customer', 'root', '', 7]) assert.equal((await admin('POST', '/console/links', { role })).status, 400, `${role}`);
  assert.equal((await admin('POST', '/console/links', {}, { token: 'wrong' })).status, 401);
  assert.equal((await admin('GET', '/console/links')).status, 405);
});

test('a set-up link names its tenant, opens that one alone, and is used again and again', async () => {
  const link = await setupLink(worker, 'acme', 'Ada of Acme');
  assert.equal(Date.parse(link.expires) - Date.parse(link.created), 30 * 86_400_000);
  assert.match((await browser(worker).get(link.url)).text, /code/);
  for (const time of [1, 2]) {
    const one = await signedIn(worker, link);
    assert.match(await one.who(), /Ada of Acme \(may see and change acme\)/, `${time}`);
  }
  const { body } = await admin('GET', '/tenants/acme/setup-links');
  const listed = body.setupLinks.find(({ id }) => id === link.id);
  assert.deepEqual([listed.uses, listed.person, listed.tenant, listed.url], [2, 'Ada of Acme', 'acme', undefined]);
  assert.equal((await admin('GET', '/tenants/other/setup-links')).body.setupLinks.length, 0);
  assert.equal((await admin('POST', '/tenants/none/setup-links', {})).status, 404);
});

test('a revoked set-up link opens nothing, and its sessions end at once', async () => {
  const [link, kept] = [await setupLink(worker, 'acme'), await setupLink(worker, 'acme')];
  const [one, another] = [await signedIn(worker, link), await signedIn(worker, kept)];
  assert.equal((await admin('DELETE', `/tenants/other/setup-links/${link.id}`)).status, 404);
  assert.ok(await isOpen(one));
  const { status, body } = await admin('DELETE', `/tenants/acme/setup-links/${link.id}`);
  assert.equal(status, 200);
  assert.ok(body.revoked);
  assert.equal((await one.get('/console')).location, '/console/sign-in');
  assert.equal((await browser(worker).get(link.url)).status, 404);
  assert.ok(await isOpen(another));
});

test('the administrator of a suspended tenant is let in again when it is resumed, and of a deleted one never', async () => {
  await newTenant(worker, 'short');
  const link = await setupLink(worker, 'short');
  const one = await signedIn(worker, link);
  await admin('PATCH', '/tenants/short', { enabled: false });
  assert.equal((await browser(worker).get(link.url)).status, 404);
  const cookies = new Map(one.cookies);
  assert.equal((await one.get('/console')).location, '/console/sign-in');
  await admin('PATCH', '/tenants/short', { enabled: true });
  for (const [name, value] of cookies) one.cookies.set(name, value);
  assert.ok(await isOpen(one));
  await admin('DELETE', '/tenants/short');
  assert.equal((await one.get('/console')).location, '/console/sign-in');
  assert.equal((await browser(worker).get(link.url)).status, 404);
});

test('a link is in the evidence of its tenant, and a sign-in is listed', async () => {
  await newTenant(worker, 'audited');
  const link = await setupLink(worker, 'audited', 'Eve');
  await signedIn(worker, link);
  const evidence = await admin('GET', '/tenants/audited/audit?from=2020-01-01T00:00:00Z');
  assert.ok(evidence.text.includes('set-up link') && evidence.text.includes(link.id), evidence.text);
  const { body } = await admin('GET', '/console/sessions?tenant=audited');
  assert.deepEqual(body.sessions.map(({ person, role, link, ended }) => [person, role, link, ended]), [['Eve', 'customer', link.id, null]]);
});

test('no code, no cookie and no form token is in the log or in the database', async () => {
  const link = await oneTimeLink(worker);
  const code = new URL(link.url).searchParams.get('code');
  const one = browser(worker);
  const shown = await one.get(link.url);
  assert.equal((await lineOf(worker, shown)).operation, 'console open link');
  const entered = await one.post('/console/enter', { code: hidden(shown.text, 'code') });
  const line = await lineOf(worker, entered);
  assert.equal(line.operation, 'console redeem link');
  assert.equal(line.credential.length, 1);
  const wrong = await one.get(`/console/enter?code=scimlink_${'x'.repeat(43)}`);
  await lineOf(worker, wrong);
  const secrets = [code, ...one.cookies.values(), await one.token(), 'x'.repeat(43)];
  const log = worker.logs.map(({ message }) => message).join('\n');
  const tables = [];
  for (const table of ['console_links', 'console_sessions']) tables.push(JSON.stringify((await worker.d1.prepare(`SELECT * FROM ${table}`).all()).results));
  for (const secret of secrets) {
    assert.ok(!log.includes(secret), 'in the log');
    assert.ok(!tables.join().includes(secret), 'in the database');
  }
});

test('`npm run console` and `npm run tenant -- setup-link` print links that work', async () => {
  const command = tenantCommand(worker);
  try {
    const linkIn = (output) => output.match(/http:\S+\/console\/enter\?code=\S+/)?.[0];
    for (const [args, role] of [[[], 'may see and change every tenant'], [['--viewer', '--person', 'Eve'], 'may see every tenant']]) {
      const { code, output } = await command.npmRun('console', ...args);
      assert.equal(code, 0, output);
      assert.match(await (await signedIn(worker, { url: linkIn(output) })).who(), new RegExp(role));
    }
    assert.equal((await command.npmRun('console', '--nothing')).code, 1);
    const made = await command.done('setup-link', 'acme', '--person', 'Grace of Acme');
    const one = await signedIn(worker, { url: linkIn(made) });
    assert.match(await one.who(), /Grace of Acme \(may see and change acme\)/);
    const listed = await command.done('setup-links', 'acme');
    const id = listed.match(/^(\S+) .*used 1 time: Grace of Acme$/m)[1];
    assert.ok(!listed.includes('scimlink_'));
    await command.done('revoke-setup-link', 'acme', '--id', id);
    assert.equal((await one.get('/console')).location, '/console/sign-in');
    assert.match(await command.done('setup-links', 'other'), /has no set-up link/);
    assert.equal((await command.tenant(['revoke-setup-link', 'acme'])).code, 1);
  } finally {
    command.remove();
  }
});
