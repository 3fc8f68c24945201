// A session of the console that ends while a page asks for it: a D1 that keeps calls back decides what comes first.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { oneTimeLink, setupLink, signedIn } from '../harness/console.mjs';
import { startFaultyD1 } from '../harness/faulty-d1.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
let database;

async function options() {
  database = await startFaultyD1();
  return { ...withAdmin, database };
}

serve((started) => {
  worker = started;
  admin = adminClient(worker);
}, options, () => database?.stop());

const ended = (answer) => assert.deepEqual([answer.status, answer.location], [303, '/console/sign-in'], answer.text);

test('a session that is ended while a page looks it up opens nothing from the next page on', async () => {
  const eve = await signedIn(worker, await oneTimeLink(worker, 'viewer', 'Eve'));
  const { id } = (await admin('GET', '/console/sessions')).body.sessions.find(({ person }) => person === 'Eve');
  const { held, release } = database.hold('after');
  const page = eve.get('/console');
  await held;
  assert.equal((await admin('DELETE', `/console/sessions/${id}`)).status, 200);
  release();
  assert.equal((await page).status, 200);
  ended(await eve.get('/console'));
});

test('a session that a page looks up while its tenant begins to be deleted opens nothing from then on', async () => {
  await newTenant(worker, 'acme');
  const ada = await signedIn(worker, await setupLink(worker, 'acme', 'Ada'));
  const { held, release } = database.hold('before');
  const deletion = admin('DELETE', '/tenants/acme');
  await held;
  assert.equal((await ada.get('/console/acme/audit')).status, 200);
  release();
  assert.equal((await deletion).status, 202);
  ended(await ada.get('/console/acme/audit'));
});
