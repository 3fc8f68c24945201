// A simulated Azure AD (tools/simulate) and the console in Chromium, side by side: what the one does, the other shows and helps to mend.
// Not here: single pages (browser.test.mjs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '../../tools/simulate/client.mjs';
import { Directory } from '../../tools/simulate/directory.mjs';
import { Job } from '../../tools/simulate/job.mjs';
import { Progress } from '../../tools/simulate/progress.mjs';
import { Statistics } from '../../tools/simulate/statistics.mjs';
import { withAdmin } from '../harness/admin.mjs';
import { assertAccessible, enter, serveInBrowser } from '../harness/chromium.mjs';
import { oneTimeLink } from '../harness/console.mjs';

const users = 12;
const groups = 3;
let worker;
let chromium;
serveInBrowser((...started) => {
  [worker, chromium] = started;
}, withAdmin);

/** Returns the provisioning job of a customer that was given these two values. */
function provisioning(base, token) {
  const directory = new Directory({ users, groups, seed: 7 });
  const statistics = new Statistics();
  const client = new Client({ base, token, timeout: 60_000, concurrency: 4, statistics });
  return new Job({ directory, client, flag: false, seed: 7, concurrency: 4, progress: new Progress() });
}

/** Creates a tenant in the browser, and makes a token for it. Returns Tenant URL and Secret Token as the page shows them. */
async function connect(page, id) {
  await page.goto(`${worker.url}/console`);
  await page.getByLabel(/^Id/).fill(id);
  await page.getByLabel('Name', { exact: true }).fill(`The tenant ${id}`);
  await page.getByRole('button', { name: 'Create tenant' }).click();
  await page.getByRole('button', { name: 'Make a token' }).click();
  await page.getByText('A new Secret Token').waitFor();
  return [await page.locator('#tenant-url').textContent(), await page.locator('dt:text-is("Secret Token") + dd code').textContent()];
}

/** Ends a cycle as a cycle ends: no request comes for five minutes. */
const rest = (tenant) =>
  worker.d1.prepare('UPDATE marks SET last_request = last_request - 360000, cycle_began = cycle_began - 360000, cycle_ended = cycle_ended - 360000 WHERE tenant = ?').bind(tenant).run();

/** Waits until the page shows that tick as done, by itself. */
const ticked = (page, name) => page.locator('ol li', { hasText: name, has: page.locator('.done') }).waitFor({ timeout: 20_000 });

test('Test Connection and the first cycle of a simulated Azure AD move the ticks by themselves', { timeout: 180_000 }, async () => {
  const { page, troubles, close } = await enter(chromium, worker, (await oneTimeLink(worker)).url);
  const job = provisioning(...(await connect(page, 'contoso')));
  await page.goto(`${worker.url}/console/contoso/connect`);
  assert.equal(await page.locator('ol .done').count(), 0, 'nothing is done yet');

  await job.testConnection();
  await worker.scheduled();
  await ticked(page, 'Credential seen');
  await ticked(page, 'Test Connection');
  assert.equal(await page.locator('ol .done').count(), 2);

  await job.cycle('first cycle');
  assert.deepEqual(job.faults, []);
  await worker.scheduled();
  await ticked(page, 'First user');
  await ticked(page, 'First group');
  assert.equal(await page.locator('ol .done').count(), 4, 'a cycle is not over while requests come');
  await rest('contoso');
  await ticked(page, 'First cycle done');
  await assertAccessible(page);

  await page.getByRole('link', { name: 'Groups', exact: true }).click();
  for (const group of job.directory.groups()) await page.getByRole('link', { name: group.attributes.displayName }).waitFor();
  assert.deepEqual(troubles, []);
  await close();
});

test('a refusal is found, understood and mended, and the next cycle brings what was missing', { timeout: 180_000 }, async () => {
  const { page, troubles, close } = await enter(chromium, worker, (await oneTimeLink(worker)).url);
  const job = provisioning(...(await connect(page, 'fabrikam')));
  const limit = async (text) => {
    await page.goto(`${worker.url}/console/fabrikam/settings`);
    await page.getByLabel('Users', { exact: true }).fill(text);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
  };
  await limit('10');
  await job.cycle('first cycle');
  const wanted = job.directory.staff().length;
  assert.equal(job.retries.size > 0, true, 'some people were refused');
  await worker.scheduled();

  // It is found ..
  await page.getByRole('link', { name: 'Health', exact: true }).click();
  await page.getByText(/requests? ha(s|ve) failed/).waitFor();
  await page.getByRole('link', { name: 'Activity', exact: true }).click();
  await page.getByLabel('Show').selectOption('refused');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('link', { name: 'refused', exact: true }).first().click();
  // .. understood ..
  await page.getByText('ServiceIncompatible').waitFor();
  await assertAccessible(page);
  await page.getByText(/The tenant is at a quota/).waitFor();
  await page.getByText(/raises the quota under Settings/).waitFor();
  // .. and mended.
  await limit('1000');
  await job.cycle('the next cycle');
  assert.deepEqual([...job.retries], []);
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await page.getByText(`${wanted} users`).waitFor();
  assert.deepEqual(troubles, []);
  await close();
});
