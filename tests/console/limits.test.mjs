// How many wrong codes and cookies one address may send to the console, and how many pages a customer may open.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminToken, newTenant } from '../harness/admin.mjs';
import { browser, oneTimeLink, setupLink, signedIn } from '../harness/console.mjs';
import { serve } from '../harness/serve.mjs';

let worker;

serve((started) => (worker = started), { vars: { ADMIN_TOKEN: adminToken, SIGNING_SECRET: 'secret' }, rates: { FAILURE_RATE: { limit: 5, period: 60 }, TENANT_RATE: { limit: 5, period: 10 } } });

test('wrong codes and wrong cookies are counted together, and then nothing is looked up', async () => {
  const from = (address) => ({ 'cf-connecting-ip': address });
  const links = [await oneTimeLink(worker), await oneTimeLink(worker)];
  const code = `scimlink_${'x'.repeat(43)}`;
  const colleague = await signedIn(worker, await oneTimeLink(worker));
  assert.equal((await colleague.get('/console', from('192.0.2.1'))).status, 200);
  const statuses = [];
  for (let number = 0; number < 4; number += 1) {
    statuses.push((await browser(worker).get(`/console/enter?code=${code}`, from('192.0.2.1'))).status);
    const guessed = { ...from('192.0.2.1'), cookie: `scim_edge=scimsession_${'y'.repeat(43)}` };
    statuses.push((await browser(worker).get('/console', guessed)).status);
  }
  assert.deepEqual(statuses, [404, 303, 404, 303, 404, 429, 429, 429]);
  const refused = await browser(worker).get(links[0].url, { ...from('192.0.2.1'), 'x-server-timing': '1' });
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.match(refused.headers.get('content-type'), /text\/html/);
  // A colleague at the same address, who is signed in, is not locked out.
  assert.equal((await colleague.get('/console', from('192.0.2.1'))).status, 200);
  // From another address the link still works.
  assert.equal((await browser(worker).get(links[0].url, from('192.0.2.2'))).status, 200);
  const one = await signedIn(worker, links[1]);
  assert.equal((await one.get('/console')).status, 200);
});

test('pages of a customer count as requests of its tenant, and those of the vendor do not', async () => {
  await newTenant(worker, 'busy');
  const [customer, staff] = [await signedIn(worker, await setupLink(worker, 'busy')), await signedIn(worker, await oneTimeLink(worker))];
  const statuses = [];
  for (let number = 0; number < 12; number += 1) statuses.push((await customer.get('/console/busy/health')).status);
  assert.equal(statuses[0], 200);
  assert.equal(statuses.at(-1), 429, `${statuses}`);
  const refused = await customer.get('/console/busy/users');
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.match(refused.text, /Too many requests/);
  for (let number = 0; number < 8; number += 1) assert.equal((await staff.get('/console/busy/health')).status, 200);
});
