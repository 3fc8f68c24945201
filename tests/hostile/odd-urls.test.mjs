// URLs that try to be another one: slashes, dots, escapes, letter case, lengths. A path that is not exactly the
// service's is not a resource's, a tenant has one spelling, and a URL means the same to the platform and to the
// Worker. Not here: SQL in a URL (sql-injection.test.mjs), unknown paths below the base (bad-requests.test.mjs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminToken, newTenant, withAdmin } from '../harness/admin.mjs';
import { dump } from '../harness/dump.mjs';
import { assertError } from '../harness/scim.mjs';
import { rawRequest } from '../harness/raw.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let acme;
let user;
let untouched;
serve(async (started) => {
  worker = started;
  acme = await newTenant(worker, 'acme');
  user = (await worker.scimFetch('POST', '/Users', { userName: 'of-default' })).body;
  await acme.scimFetch('POST', '/Users', { userName: 'of-acme' });
  // The first one makes the key that signs.
  await tokenRequest('acme');
  untouched = await dump(worker.d1);
}, withAdmin);

/** Sends the path exactly as it is given: fetch would normalise it. */
const get = (path, token = 'test-token', method = 'GET') =>
  rawRequest(worker.url, [`${method} ${path} HTTP/1.1`, 'Host: localhost:8081', ...(token ? [`Authorization: Bearer ${token}`] : [])]);
/** Requests an access token with a secret that no client has. */
function tokenRequest(tenant) {
  const form = { grant_type: 'client_credentials', client_id: 'x', client_secret: `scims_${'x'.repeat(43)}` };
  return fetch(`${worker.url}/${tenant}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
}
const names = ({ body }) => body.Resources.map(({ userName }) => userName);

test('repeated slashes, at the end, in between and in front, are ignored in every Tenant URL', async () => {
  for (const path of ['/scim/v2/Users', '/scim/v2/Users/', '/scim/v2//Users', '//scim//v2///Users//', '/scim/Users', '/scim/v2/Users?', '/scim/v2/Users/?count=5']) {
    const answer = await get(path);
    assert.deepEqual([answer.status, names(answer)], [200, ['of-default']], path);
    const of = await get(`//${path}`.replace('scim', 'acme//scim'), acme.token);
    assert.deepEqual([of.status, names(of)], [200, ['of-acme']], path);
  }
  for (const path of [`/scim/v2/Users//${user.id}`, `/scim/v2/Users/${user.id}/`, `//scim/v2//Users///${user.id}//`]) {
    const { status, headers } = await get(path);
    assert.deepEqual([status, headers.get('location')], [200, `http://localhost:8081/scim/v2/Users/${user.id}`]);
  }
  for (const path of ['/admin/tenants/', '//admin//tenants']) assert.equal((await get(path, adminToken)).status, 200);
});

test('dots lead where they would lead in any URL, and the token must be that of the place', async () => {
  // The platform resolves them before the Worker sees the path, the encoded ones too.
  for (const up of ['..', '%2e%2e', '%2E.', '.%2e']) {
    for (const path of [`/scim/v2/${up}/${up}/admin/tenants`, `/acme/scim/v2/Users/${up}/${up}/${up}/${up}/admin/tenants`, `/healthz/${up}/admin/tenants`]) {
      for (const token of ['test-token', acme.token, null]) assert.equal((await get(path, token)).status, 401, path);
      assert.equal((await get(path, adminToken)).status, 200, path);
    }
    const path = `/acme/${up}/scim/v2/Users`;
    assert.equal((await get(path, acme.token)).status, 401);
    assert.deepEqual(names(await get(path)), ['of-default']);
    assert.equal((await get(`/acme/scim/v2/${up}/${up}/${up}/scim/v2/Users`, acme.token)).status, 401);
    // More of them than there are segments lead to the root and no further.
    assert.equal((await get(`/${`${up}/`.repeat(20)}etc/passwd`)).status, 404);
  }
  assert.equal((await get('/scim/v2/./Users')).status, 200);
  assert.deepEqual(names(await get('/scim/v2\\Users')), ['of-default']);
  assert.equal((await get('/acme\\..\\scim\\v2\\Users', acme.token)).status, 401);
});

test('an escaped slash, dot or letter makes no path out of a name, however often it is escaped', async () => {
  for (const path of [
    `/scim/v2/Users%2F${user.id}`,
    `/scim/v2/Users%2f${user.id}`,
    `/scim/v2/Users%5C${user.id}`,
    '/scim%2Fv2/Users',
    '/%73cim/v2/Users',
    '/scim/v2%2FUsers',
    '/scim/v2/Users%3Fcount=1',
    '/scim/v2/Users%23',
    '/scim/v2/Users%00',
    '/scim/v2/Users%20',
    '/scim/v2/%2555sers',
    '/scim/v2/Users;x=y',
    '/scim/v2;x=y/Users',
    '/scim/v2/Users.json',
    '/scim/v2/users',
    '/scim/V2/Users',
    '/Scim/v2/Users',
    '/scim/v2/Users/x/..%2F..%2F..%2Fadmin',
  ]) {
    const answer = await get(path);
    assert.equal(answer.status, 404, `${path}: ${answer.text}`);
    assertError(answer, 404, undefined);
  }
  for (const id of [`%2e%2e%2f${user.id}`, `..%5c${user.id}`, `%252e%252e`, `${user.id}%2F`, `${user.id}%2500`, `${user.id}%0d%0aX-Injected:%201`, '%zz', '%', '%4', 'a%']) {
    const answer = await get(`/scim/v2/Users/${id}`);
    assert.equal(answer.status, 404, `${id}: ${answer.text}`);
    assertError(answer, 404, undefined, /^there is no User `/);
    assert.equal(answer.headers.get('x-injected'), null);
  }
  // Characters that need no escape may be escaped: clients escape more than they must.
  assert.equal((await get(`/scim/v2/%55sers/${user.id.replace('-', '%2D')}`)).status, 200);
});

test('a tenant has one spelling, and any other is answered as an unknown tenant', async () => {
  const wrong = await get('/acme/scim/v2/Users', 'wrong');
  assert.equal(wrong.status, 401);
  const spellings = ['ACME', 'Acme', '%61cme', '%2561cme', 'acme%00', 'acme%20', 'acme%2F', 'acme%2F..', 'acme;x', 'acme.', 'acme%E2%80%8B', '%C0%A1cme', 'default', 'xn--acme', '\u0430cme', 'acme%FF'];
  for (const spelling of spellings) {
    for (const token of [acme.token, 'test-token', adminToken]) {
      const answer = await get(`/${spelling}/scim/v2/Users`, token);
      assert.deepEqual([answer.status, answer.text, answer.headers.get('www-authenticate')], [401, wrong.text, wrong.headers.get('www-authenticate')], spelling);
    }
  }
  const invalid = await (await tokenRequest('acme')).text();
  for (const spelling of ['ACME', '%61cme', 'acme%2F', 'nobody', 'default']) {
    const answer = await tokenRequest(spelling);
    assert.deepEqual([answer.status, await answer.text()], [401, invalid], spelling);
  }
  for (const path of ['/Admin/tenants', '/ADMIN/tenants', '/%61dmin/tenants', '/admin;x/tenants', '/admin.json/tenants', '/admin%2Ftenants']) {
    assert.equal((await get(path, adminToken)).status, 404, path);
  }
});

test('invalid UTF-8 is refused in a path and in a query, and never taken for what it imitates', async () => {
  for (const bytes of ['%FF', '%C0%AF', '%C0%AE%C0%AE', '%E0%80%AF', '%F0%80%80%AF', '%ED%A0%80', '%ED%A0%BD%ED%B8%80', '%F4%90%80%80', '%80', '%E2%82']) {
    assertError(await get(`/scim/v2/Users/${bytes}`), 400, undefined, 'the path is not UTF-8');
    assertError(await get(`/scim/v2/${bytes}`), 400, undefined, 'the path is not UTF-8');
    for (const name of ['filter', 'sortBy', 'count', 'cursor', 'attributes', 'x']) {
      assertError(await get(`/scim/v2/Users?${name}=${bytes}`), 400, 'invalidSyntax', 'the query is not UTF-8');
    }
  }
  // The UTF-8 of %2F is %2F alone; decoded once it is a slash within a name, decoded twice it would be a path.
  assertError(await get('/scim/v2/Users/%252F'), 404, undefined, 'there is no User `%2F`');
  assertError(await get('/scim/v2/Users?filter=userName%2520eq%2520%2522x%2522'), 400, 'invalidFilter');
});

test('a URL of any length is answered, by the Worker or by the platform before it', async () => {
  for (const length of [1_000, 16_000, 64_000, 1_000_000]) {
    for (const path of [`/scim/v2/Users/${'a'.repeat(length)}`, `/${'a'.repeat(length)}/scim/v2/Users`, `/scim/v2/Users?x=${'a'.repeat(length)}`, `/${'a/'.repeat(length / 2)}`]) {
      const { status } = await get(path);
      assert.ok([200, 401, 404, 414, 431].includes(status), `${length}: ${status}`);
    }
    assert.equal((await get('/scim/v2/Users')).status, 200);
  }
});

test('a token in the URL or in a form opens nothing (RFC 6750 s2.3)', async () => {
  for (const name of ['access_token', 'token', 'bearer', 'authorization', 'Authorization']) {
    assert.equal((await get(`/scim/v2/Users?${name}=test-token`, null)).status, 401);
    assert.equal((await get(`/admin/tenants?${name}=${adminToken}`, null)).status, 401);
    assert.equal((await get(`/acme/scim/v2/Users?${name}=${acme.token}`, null)).status, 401);
  }
  assert.equal((await get(`http://test-token@localhost:8081/scim/v2/Users`, null)).status, 401);
  for (const type of ['application/x-www-form-urlencoded', 'application/scim+json']) {
    const form = await fetch(`${worker.scim}/Users`, { method: 'POST', body: 'access_token=test-token', headers: { 'content-type': type } });
    assert.equal(form.status, 401);
    const cookie = await fetch(`${worker.scim}/Users`, { headers: { cookie: 'access_token=test-token; Authorization=Bearer%20test-token' } });
    assert.equal(cookie.status, 401);
  }
});

// The last test of the file: it looks at what all of them have left.
test('none of these requests has changed the database', async () => {
  assert.deepEqual(await dump(worker.d1), untouched);
});
