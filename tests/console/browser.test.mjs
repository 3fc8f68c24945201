// The console in Chromium, as a vendor and its customer use it: from the printed link to a person who is provisioned.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { assertAccessible, assertFits, enter as enterBy, serveInBrowser } from '../harness/chromium.mjs';
import { oneTimeLink } from '../harness/console.mjs';
import { scimClient } from '../harness/index.mjs';
import { patch, replace, urn } from '../harness/scim.mjs';

let worker;
let chromium;
serveInBrowser((...started) => {
  [worker, chromium] = started;
}, withAdmin);

/** Opens a window and signs in by a link. */
const enter = (link, options) => enterBy(chromium, worker, link, options);

const rowOf = (page, name) => page.getByRole('row').filter({ hasText: name });

test('a vendor opens the printed link, creates a tenant, makes a token, and the first requests move the ticks', { timeout: 120_000 }, async () => {
  const { page, troubles, close } = await enter((await oneTimeLink(worker)).url);
  await page.waitForURL(`${worker.url}/console`);
  await page.getByLabel(/^Id/).fill('acme');
  await page.getByLabel('Name', { exact: true }).fill('Acme Inc.');
  await page.getByRole('button', { name: 'Create tenant' }).click();
  await page.waitForURL(`${worker.url}/console/acme/connect`);
  assert.equal(await page.locator('#tenant-url').textContent(), `${worker.url}/acme/scim/v2`);

  await page.getByRole('button', { name: 'Make a token' }).click();
  await page.getByText('A new Secret Token').waitFor();
  const token = (await page.locator('code').allTextContents()).find((text) => text.startsWith('scim_acme_') || /^[A-Za-z0-9_-]{40,}$/.test(text));
  assert.ok(token, 'the token is shown');
  const scripts = await page.locator('pre').allTextContents();
  assert.ok(scripts.length >= 2 && scripts.every((script) => script.includes(token) && script.includes(`${worker.url}/acme/scim/v2`)), 'the scripts hold both');
  await assertAccessible(page);
  await page.goto(`${worker.url}/console/acme/connect`);
  assert.ok(!(await page.content()).includes(token), 'it is shown once');

  // Test Connection, then a person and a group, as Entra sends them.
  const scim = scimClient(`${worker.url}/acme/scim/v2`, token);
  const probe = await scim('GET', `/Users?filter=${encodeURIComponent('userName eq "6cf0a5c1-4a5b-4a4a-9a3e-0a5c14a5b4a4"')}`);
  assert.equal(probe.status, 200, probe.text);
  const ada = (await scim('POST', '/Users', { schemas: [urn.user], userName: 'ada@acme.example', displayName: 'Ada', externalId: 'e1' })).body.id;
  await scim('POST', '/Groups', { schemas: [urn.group], displayName: 'Sales', members: [{ value: ada }] });
  await scim('PATCH', `/Users/${ada}`, patch(replace('title', 'Head')));
  await worker.scheduled();
  const ticks = page.getByRole('list', { name: 'How far the connection is' });
  for (const tick of ['Credential seen', 'First user', 'First group']) await ticks.getByText(tick).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('ol .state.done').length >= 3, undefined, { timeout: 20_000 });
  assert.deepEqual(troubles, []);
  await close();
});

test('a token is rotated with an overlap, and the old one can then be revoked', { timeout: 120_000 }, async () => {
  const { page, troubles, close } = await enter((await oneTimeLink(worker)).url);
  await page.goto(`${worker.url}/console/acme/connect`);
  await rowOf(page, 'Microsoft Entra ID').getByRole('link').click();
  await page.getByLabel(/Overlap/).waitFor();
  const old = page.url();
  await assertAccessible(page);
  await assertFits(page);
  await page.getByLabel(/Overlap/).fill('2');
  await page.getByRole('button', { name: 'Rotate' }).click();
  await page.getByText('A new Secret Token').waitFor();
  assert.equal(await rowOf(page, 'Microsoft Entra ID').count(), 2);
  await page.goto(old);
  await page.getByLabel(/To be sure/).fill('something else');
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('Another name was entered').waitFor();
  await page.getByLabel(/To be sure/).fill('Microsoft Entra ID');
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('revoked', { exact: true }).first().waitFor();
  assert.deepEqual(troubles.filter((text) => !text.includes('400')), []);
  await close();
});

test('the settings of a tenant are changed, what is wrong is said, and it is suspended and resumed', { timeout: 120_000 }, async () => {
  const { page, close } = await enter((await oneTimeLink(worker)).url);
  await page.goto(`${worker.url}/console/acme/settings`);
  await assertAccessible(page);
  await assertFits(page);
  await page.getByLabel('Name', { exact: true }).fill('Acme <b>Ltd</b>');
  await page.getByLabel('Users', { exact: true }).fill('5000');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Acme <b>Ltd</b>');
  assert.equal(await page.getByLabel('Users', { exact: true }).inputValue(), '5000');
  await page.getByLabel('Where its data must stay').selectOption('eu');
  await page.getByLabel('Edge copy').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText(/a tenant has one or the other/).waitFor();
  await page.goto(`${worker.url}/console/acme/settings`);
  await page.getByLabel(/To be sure/).fill('acme');
  await page.getByRole('button', { name: 'Suspend' }).click();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Suspend' }).waitFor();
  await close();
});

test('a customer comes by a set-up link that the vendor has made, and sees no other tenant', { timeout: 120_000 }, async () => {
  const vendor = await enter((await oneTimeLink(worker)).url);
  await vendor.page.goto(`${worker.url}/console/acme/connect`);
  await vendor.page.getByRole('textbox', { name: 'For' }).fill('Grace of Acme');
  await vendor.page.getByRole('button', { name: 'Make a link' }).click();
  const link = await vendor.page.locator('code', { hasText: '/console/enter?code=' }).first().textContent();
  const customer = await enter(link, { colorScheme: 'dark' });
  await customer.page.waitForURL(`${worker.url}/console/acme/connect`);
  for (const label of ['Tenants', 'Settings', 'Deliveries']) assert.equal(await customer.page.getByRole('link', { name: label, exact: true }).count(), 0, label);
  for (const path of ['/console/acme/settings', '/console/default/connect', '/console/other/connect', '/console/acme/deliveries']) {
    assert.equal((await customer.page.goto(worker.url + path)).status(), 404, path);
  }
  await vendor.page.goto(`${worker.url}/console/acme/connect`);
  await rowOf(vendor.page, 'Grace of Acme').getByRole('button', { name: 'Revoke' }).click();
  await rowOf(vendor.page, 'Grace of Acme').getByText('revoked').waitFor();
  await customer.page.goto(`${worker.url}/console/acme/connect`);
  assert.equal(new URL(customer.page.url()).pathname, '/console/sign-in', 'the session ended with the link');
  await Promise.all([vendor.close(), customer.close()]);
});

test('every page keeps WCAG 2.2 AA in both colours and fits a phone, with hostile names in it', { timeout: 300_000 }, async () => {
  const hostile = `<script>alert(1)</script> \u202Eabc ${'x'.repeat(900)}`;
  const tenant = await newTenant(worker, 'hostile', { name: '<img src=x onerror=alert(1)>' });
  const user = (await tenant.scimFetch('POST', '/Users', { schemas: [urn.user], userName: 'mallory@hostile.example', displayName: hostile })).body.id;
  const group = (await tenant.scimFetch('POST', '/Groups', { schemas: [urn.group], displayName: hostile, members: [{ value: user }] })).body.id;
  await tenant.scimFetch('PATCH', `/Users/${user}`, patch(replace('title', hostile)));
  assert.equal((await tenant.scimFetch('POST', '/Users', { schemas: [urn.user], userName: 'mallory@hostile.example' })).status, 409);
  assert.equal((await adminClient(worker)('POST', '/tenants/hostile/roles', { group, role: hostile.slice(0, 200).replace(/\n/g, '') })).status, 201);
  const { page, troubles, close } = await enter((await oneTimeLink(worker)).url);
  page.on('dialog', (dialog) => troubles.push(`a dialog: ${dialog.message()}`));
  const below = ['connect', 'connect?idp=google', 'activity', 'users', `users/${user}`, 'groups', `groups/${group}`, 'roles', `roles?group=${group}&role=approver`, 'roles?person=mallory@hostile.example', 'deliveries', 'health', 'audit', 'settings'];
  for (const path of ['/console', ...below.map((name) => `/console/hostile/${name}`)]) {
    const answer = await page.goto(worker.url + path);
    assert.equal(answer.status(), 200, path);
    assert.ok((await answer.body()).length <= 30 * 1024, `${path}: ${(await answer.body()).length} bytes`);
    await assertAccessible(page);
    await assertFits(page);
  }
  assert.deepEqual(troubles, []);
  await close();
});

test('every page works without script', { timeout: 120_000 }, async () => {
  const { page, close } = await enter((await oneTimeLink(worker)).url, { javaScriptEnabled: false });
  await page.getByRole('link', { name: /Acme/ }).click();
  await page.getByRole('link', { name: 'Okta' }).click();
  await page.getByText('Create App Integration').waitFor();
  await page.getByRole('button', { name: 'Make a token' }).click();
  await page.getByText('A new Secret Token').waitFor();
  await page.getByRole('link', { name: 'JumpCloud' }).click();
  await page.getByText('Identity Management').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(`${worker.url}/console/sign-in`);
  await close();
});
