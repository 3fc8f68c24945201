// What each deed leaves in the audit: who, what, and the name of what it was done to.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { oneTimeLink, setupLink, signedIn } from '../harness/console.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
let grace;

serve(async (started) => {
  worker = started;
  admin = adminClient(worker);
  grace = await signedIn(worker, await oneTimeLink(worker, 'admin', 'Grace'));
}, withAdmin);

/** Returns the rows of a kind in the order of writing, as [person, what, target, name]. */
async function deeds(kind, tenant = null) {
  const all = await worker.d1.prepare('SELECT person, what, target, name FROM audit_log WHERE kind = ?1 AND tenant IS ?2 ORDER BY id').bind(kind, tenant).all();
  return all.results.map((row) => Object.values(row));
}

/** Sends a request that must succeed; returns its body. */
async function done(method, path, body) {
  const answer = await admin(method, path, body);
  assert.ok(answer.status < 300, answer.text);
  return answer.body;
}

/** Returns the rows of the page of the audit as `who | what | to what`. */
async function rows(tenant, browser = grace) {
  const { text } = await browser.get(`/console/${tenant}/audit`);
  return [...text.matchAll(/<tr><th scope="row"><bdi>(.*?)<\/bdi><\/th><td>(.*?)<\/td><td><bdi>(.*?)<\/bdi><\/td>/gs)].map(([, ...row]) => row.join(' | '));
}

test('an erasure that begins after the first row of the log is recorded', async () => {
  const { id, scimFetch } = await newTenant(worker, 'erasing');
  const user = (await scimFetch('POST', '/Users', { userName: 'ada' })).body.id;
  assert.equal((await done('POST', `/tenants/${id}/erase`, { user, after: 1_000_000 })).wasDeleted, true);
  assert.deepEqual(await deeds('user', id), [['administrator', 'erased', user, user]]);
  await done('POST', `/tenants/${id}/erase`, { user: 'missing', after: 1_000_000 });
  assert.equal((await deeds('user', id)).length, 1, 'a call that erases nothing is not an erasure');
});

test('an export that begins in the middle is recorded, and one that goes on is recorded once', async () => {
  const { id, scimFetch } = await newTenant(worker, 'exporting');
  await scimFetch('POST', '/Users', { userName: 'ada' });
  const sql = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 600) INSERT INTO changes (tenant, at, resource_type, resource_id, version, change, actor, correlation_id) SELECT ?1, ?2, 'User', n, 1, '{\"op\":\"created\",\"resource\":{\"userName\":\"u\"}}', 't', 'r' FROM n";
  await worker.d1.prepare(sql).bind(id, Date.now() - 1_000).run();
  const cursor = (await admin('GET', `/tenants/${id}/audit`)).headers.get('x-next-cursor');
  assert.ok(cursor);
  const exported = ['administrator', 'exported', id, id];
  assert.deepEqual(await deeds('evidence', id), [exported]);
  await admin('GET', `/tenants/${id}/audit?cursor=${cursor}`);
  assert.deepEqual(await deeds('evidence', id), [exported]);
  await worker.d1.prepare('DELETE FROM audit_log WHERE tenant = ?1').bind(id).run();
  for (let times = 0; times < 2; times += 1) assert.equal((await admin('GET', `/tenants/${id}/audit?cursor=${cursor}`)).status, 200);
  assert.deepEqual(await deeds('evidence', id), [exported]);
  await worker.d1.prepare('UPDATE audit_log SET at = at - 3600001 WHERE tenant = ?1').bind(id).run();
  await admin('GET', `/tenants/${id}/audit?cursor=${cursor}`);
  assert.deepEqual(await deeds('evidence', id), [exported, exported]);
});

test('who began to delete a tenant is recorded for good, and once', async () => {
  const { id } = await newTenant(worker, 'leaving', { name: 'Leaving Ltd' });
  for (let times = 0; times < 2; times += 1) assert.equal((await admin('DELETE', `/tenants/${id}`)).status, 202);
  assert.deepEqual(await deeds('tenant'), [['administrator', 'began to delete', id, 'Leaving Ltd']]);
  assert.deepEqual(await deeds('tenant', id), []);
  await newTenant(worker, 'staying');
  assert.ok((await rows('staying')).includes('an administrator | began to delete the tenant | Leaving Ltd'));
});

test('a session that ended with its link, or that another person has ended, is not listed as signed out', async () => {
  const { id } = await newTenant(worker, 'links');
  const link = await setupLink(worker, id, 'Ada');
  for (let times = 0; times < 2; times += 1) await signedIn(worker, link);
  const { sessions } = await done('GET', '/console/sessions');
  await done('DELETE', `/console/sessions/${sessions.find(({ person }) => person === 'Ada').id}`);
  await done('DELETE', `/tenants/${id}/setup-links/${link.id}`);
  const shown = await rows(id);
  assert.deepEqual(shown.filter((row) => row.includes('signed out')), []);
  assert.deepEqual(shown.filter((row) => row.includes('ended')), ['the service | ended with its set-up link: a session of the console | of Ada', 'an administrator | ended a session of the console | of Ada']);
  assert.ok(shown.includes('an administrator | revoked a set-up link | for Ada'));
  const leaving = await signedIn(worker, await setupLink(worker, id, 'Bob'));
  await leaving.post('/console/sign-out', { form_token: await leaving.token() });
  assert.ok((await rows(id)).includes('Bob | signed out | the console, as the administrator of this tenant'));
});

test('a session that has expired is not listed as ended, and one that was ended is listed with its person', async () => {
  const { id } = await newTenant(worker, 'sessions');
  await signedIn(worker, await setupLink(worker, id, 'Ada'));
  const session = (await done('GET', '/console/sessions')).sessions[0].id;
  const { results } = await worker.d1.prepare('SELECT expires FROM console_sessions WHERE id = ?1').bind(session).all();
  await worker.d1.prepare('UPDATE console_sessions SET expires = 1 WHERE id = ?1').bind(session).run();
  assert.equal((await done('DELETE', `/console/sessions/${session}`)).ended, null);
  assert.deepEqual(await deeds('session', id), []);
  await worker.d1.prepare('UPDATE console_sessions SET expires = ?2 WHERE id = ?1').bind(session, results[0].expires).run();
  assert.ok((await done('DELETE', `/console/sessions/${session}`)).ended);
  assert.deepEqual(await deeds('session', id), [['administrator', 'ended', session, 'Ada']]);
});

test('of the address of a webhook the audit keeps the host alone, and it names the endpoint in every deed', async () => {
  const { id } = await newTenant(worker, 'hooks');
  const { id: endpoint } = await done('POST', `/tenants/${id}/endpoints`, { url: 'https://hooks.example.com/services/T0/secret?key=secret' });
  await done('POST', `/tenants/${id}/endpoints/${endpoint}/pause`);
  await done('DELETE', `/tenants/${id}/endpoints/${endpoint}`);
  const of = (what) => ['administrator', what, endpoint, 'hooks.example.com'];
  assert.deepEqual(await deeds('endpoint', id), ['created', 'paused', 'deleted'].map(of));
});

test('what was mapped and what was unmapped name the same group, however it was entered', async () => {
  const { id, scimFetch } = await newTenant(worker, 'mapping');
  const group = (await scimFetch('POST', '/Groups', { displayName: 'Engineers' })).body.id;
  const made = await done('POST', `/tenants/${id}/roles`, { group: 'ENGINEERS', role: 'editor' });
  await done('DELETE', `/tenants/${id}/roles/${made.id}`);
  assert.deepEqual(await deeds('role', id), ['mapped', 'unmapped'].map((what) => ['administrator', what, group, 'Engineers to editor']));
});

test('what was done to a credential names it as people know it', async () => {
  const { id, tokenId } = await newTenant(worker, 'naming');
  const client = (await done('POST', `/tenants/${id}/clients`, { name: 'Entra' })).clientId;
  await done('POST', `/tenants/${id}/tokens/${tokenId}/rotate`, {});
  await done('DELETE', `/tenants/${id}/tokens/${tokenId}`);
  await done('POST', `/tenants/${id}/clients/${client}/secrets`, {});
  await done('DELETE', `/tenants/${id}/clients/${client}`);
  const link = await setupLink(worker, id, 'Ada');
  await done('DELETE', `/tenants/${id}/setup-links/${link.id}`);
  assert.deepEqual((await deeds('token', id)).map(([, what, , name]) => [what, name]), [['created', 'test'], ['created', 'test'], ['revoked', 'test']]);
  assert.deepEqual((await deeds('client secret', id)).map(([, , , name]) => name), ['Entra', 'Entra']);
  assert.deepEqual((await deeds('client', id)).at(-1).slice(1), ['revoked', client, 'Entra']);
  assert.deepEqual((await deeds('set-up link', id)).at(-1).slice(1), ['revoked', link.id, 'Ada']);
});

test('a key that signs is replaced, and that is recorded with it', async () => {
  const before = (await done('POST', '/signing-keys')).signingKeys;
  const after = (await done('POST', '/signing-keys')).signingKeys;
  assert.equal(after.length, before.length + 1);
  assert.deepEqual((await deeds('signing key')).map(([, what, target]) => [what, target]), [['created', before[0].id], ['created', after[0].id]]);
});

test('a download that a page of another site asks for is refused and not recorded', async () => {
  const { id } = await newTenant(worker, 'foreign');
  for (const [path, kind] of [['activity/export', 'activity'], ['audit/export', 'evidence']]) {
    for (const site of ['cross-site', 'same-site']) {
      const refused = await grace.get(`/console/${id}/${path}`, { 'sec-fetch-site': site });
      assert.equal(refused.status, 403, path);
      assert.match(refused.text, /nother site asked for this download/);
      assert.equal(refused.headers.get('content-disposition'), null);
    }
    assert.deepEqual(await deeds(kind, id), []);
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, {}]) assert.equal((await grace.get(`/console/${id}/${path}`, headers)).status, 200, path);
    assert.equal((await deeds(kind, id)).length, 3);
  }
});
