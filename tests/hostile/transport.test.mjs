// How a request came: by https, unencrypted, or from the machine that the Worker runs on. Only the last may do what
// is meant for a trial: secrets that can be guessed, and keys from an address of that machine.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, adminToken, newTenant, withAdmin } from '../harness/admin.mjs';
import { startWorker, unlimited } from '../harness/index.mjs';
import { startIssuer } from '../harness/issuer.mjs';
import { lineOf } from '../harness/log.mjs';
import { tokenRequest } from '../harness/oauth.mjs';
import { assertError } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

const long = 'a-secret-of-thirty-two-character';
const longAdmin = `${long}-admin`;
const strict = 'max-age=31536000';
assert.equal(long.length, 32);

let worker;
const vars = { ADMIN_TOKEN: longAdmin, SIGNING_SECRET: `${long}-signing` };
serve((started) => (worker = started), { token: long, vars, rates: unlimited });

/** Sends a request as if the Worker were deployed there. */
async function ask(url, { token = long, method = 'GET', body, type = 'application/json', of = worker } = {}) {
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': type }) };
  const sent = typeof body === 'object' && !(body instanceof URLSearchParams) ? JSON.stringify(body) : body;
  const response = await of.dispatch(url, { method, headers, body: sent && `${sent}`, redirect: 'manual' });
  const text = await response.text();
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, body: json };
}

const errors = ({ logs }) => logs.map(({ message }) => JSON.parse(message)).filter(({ level }) => level === 'error').map(({ message }) => message);

const clear =
  'this service is served by https alone; a token that was sent by http must be replaced, since it could be read on the way';

for (const path of ['/scim/v2/Users', '/acme/scim/v2/Users', '/scim/v2/ServiceProviderConfig', '/admin/tenants', '/oauth2/token', '/healthz', '/nothing']) {
  test(`${path} in clear is refused with the reason, and by https it is not`, async () => {
    for (const host of ['scim.example.com', '127.0.0.1.example.com', 'localhost.example.com', '10.0.0.1', 'scim.example.com:8787']) {
      for (const token of [long, longAdmin, 'wrong', null]) {
        const answer = await ask(`http://${host}${path}`, { token });
        assertError(answer, 403, undefined, clear);
        assert.equal(answer.headers.get('strict-transport-security'), null, 'RFC 6797 s7.2');
        assert.equal(answer.headers.get('www-authenticate'), null);
      }
    }
    const answer = await ask(`https://scim.example.com${path}`, { token: path.startsWith('/admin') ? longAdmin : long });
    assert.notEqual(answer.status, 403);
    assert.equal(answer.headers.get('strict-transport-security'), strict);
  });
}

test('a request in clear changes nothing, and its line in the log says what it was', async () => {
  const answer = await ask('http://scim.example.com/scim/v2/Users', { method: 'POST', body: { userName: 'clear' } });
  assertError(answer, 403, undefined, clear);
  const { results } = await worker.d1.prepare('SELECT id FROM resources').all();
  assert.deepEqual(results, []);
  const { status, operation, tenant, roundTrips } = await lineOf(worker, answer);
  assert.deepEqual([status, operation, tenant, roundTrips], [403, 'http', null, 0]);
});

test('from this machine http is accepted, in every spelling, and without Strict-Transport-Security', async () => {
  for (const origin of ['http://127.0.0.1:8787', 'http://localhost:8787', 'http://[::1]:8787', 'http://127.1.2.3', 'https://localhost']) {
    const answer = await ask(`${origin}/scim/v2/Users`);
    assert.deepEqual([answer.status, answer.headers.get('strict-transport-security')], [200, null], origin);
  }
});

test('secrets of fewer than 32 characters are treated as not set except on this machine; the log says so once, of the signing secret at each request that fails', async () => {
  const short = long.slice(1);
  const own = await startWorker({ token: short, ...withAdmin, vars: { ADMIN_TOKEN: adminToken, SIGNING_SECRET: 'signing' } });
  try {
    await newTenant(own, 'acme');
    const { body: client } = await adminClient(own)('POST', '/tenants/acme/clients', {});
    const form = new URLSearchParams(tokenRequest(client));
    const exchange = (url) => ask(url, { of: own, token: null, method: 'POST', body: form, type: 'application/x-www-form-urlencoded' });
    const here = await exchange(client.tokenUrl);
    assert.equal(here.status, 200, here.text);
    assert.equal((await own.scimFetch('GET', '/Users')).status, 200);
    assert.deepEqual(errors(own), []);

    for (let n = 0; n < 3; n += 1) {
      assertError(await ask('https://scim.example.com/scim/v2/Users', { of: own, token: short }), 401, undefined, 'the bearer token is not valid');
      assert.equal((await ask('https://scim.example.com/admin/tenants', { of: own, token: adminToken })).status, 401);
    }
    const away = await exchange('https://scim.example.com/acme/oauth2/token');
    assert.deepEqual([away.status, away.body.error], [500, 'server_error']);
    const accessToken = await ask('https://scim.example.com/acme/scim/v2/Users', { of: own, token: here.body.access_token });
    assert.equal(accessToken.status, 500);
    const logged = (name) => errors(own).filter((message) => message.includes(`the secret ${name} holds a value of fewer than 32 characters, which is treated as not set`));
    await lineOf(own, accessToken);
    assert.deepEqual(['SCIM_TOKEN', 'ADMIN_TOKEN', 'SIGNING_SECRET'].map((name) => logged(name).length), [1, 1, 2]);
    for (const secret of [short, adminToken]) assert.ok(!JSON.stringify(own.logs).includes(secret));
  } finally {
    await own.stop();
  }
});

test('of two tokens in a secret the one that is too short opens nothing, and the other one does', async () => {
  const own = await startWorker({ token: `short ${long}`, rates: unlimited });
  try {
    const status = async (token) => (await ask('https://scim.example.com/scim/v2/Users', { of: own, token })).status;
    assert.deepEqual([await status('short'), await status(long), await status(`short ${long}`)], [401, 200, 401]);
    assert.equal((await own.scimFetch('GET', '/Users', undefined, { token: 'short' })).status, 200);
    assert.equal(errors(own).length, 1);
  } finally {
    await own.stop();
  }
});

test('keys are fetched from this machine only by a Worker that runs on it', async () => {
  const issuer = await startIssuer();
  try {
    const trust = (origin, jwksUri) =>
      ask(`${origin}/admin/tenants/default/issuers`, { token: longAdmin, method: 'POST', body: { issuer: 'https://i/', jwksUri, audience: 'a', subject: 's' } });
    for (const jwksUri of [issuer.jwksUri, issuer.jwksUri.replace('127.0.0.1', 'localhost'), 'https://localhost/keys', 'https://127.0.0.1/keys']) {
      const refused = await trust('https://scim.example.com', jwksUri);
      assert.deepEqual([refused.status, refused.body], [400, { status: 400, detail: '`jwksUri` must not be an address of the machine itself' }]);
    }
    assert.equal(issuer.requests, 0);
    assert.equal((await trust('http://127.0.0.1:8787', issuer.jwksUri)).status, 201);
  } finally {
    await issuer.stop();
  }
});

test('the default tenant has one spelling: written out it is a tenant that there is not', async () => {
  const admin = (path, body) => ask(`http://localhost/admin/tenants/default${path}`, { token: longAdmin, method: 'POST', body });
  const { body: client } = await admin('/clients', { name: 'x' });
  const form = new URLSearchParams(tokenRequest(client));
  const exchange = (tenant) =>
    ask(`https://scim.example.com${tenant}/oauth2/token`, { token: null, method: 'POST', body: form, type: 'application/x-www-form-urlencoded' });
  const good = await exchange('');
  assert.equal(good.status, 200, good.text);
  const token = good.body.access_token;
  const list = (tenant) => ask(`https://scim.example.com${tenant}/scim/v2/Users`, { token });
  assert.equal((await list('')).status, 200);
  const [written, unknown] = [await list('/default'), await list('/nobody')];
  assertError(written, 401, undefined, 'the bearer token is not valid');
  assert.deepEqual([written.text, written.headers.get('www-authenticate')], [unknown.text, unknown.headers.get('www-authenticate')]);
  const [tokenOfWritten, tokenOfUnknown] = [await exchange('/default'), await exchange('/nobody')];
  assert.deepEqual([tokenOfWritten.status, tokenOfWritten.text], [401, tokenOfUnknown.text]);
  assert.equal((await ask('https://scim.example.com/default/scim/v2/Users')).status, 401, 'nor with SCIM_TOKEN');
});
