// OAuth client credentials, as Microsoft's gallery demands them: an id and a secret for each customer, access tokens
// of one hour to six, several secrets at once, and an end to each of them (RFC 6749 s4.4, RFC 9068).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { scimClient, startWorker } from '../harness/index.mjs';
import { issued, tokenRequest } from '../harness/oauth.mjs';
import { rawRequest } from '../harness/raw.mjs';
import { assertError } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

const day = 86_400_000;

let worker;
let admin;
serve(async (started) => {
  worker = started;
  admin = adminClient(worker);
  for (const id of ['acme', 'other']) await newTenant(worker, id);
}, withAdmin);

async function newClient(tenant = 'acme', settings = {}) {
  const { status, body, text } = await admin('POST', `/tenants/${tenant}/clients`, settings);
  assert.equal(status, 201, text);
  return body;
}

/** Sends a token request. `form` is an object or a text; with Basic credentials if they are given. */
async function token(tokenUrl, form, { basic, headers = {}, method = 'POST' } = {}) {
  const sent = { 'content-type': 'application/x-www-form-urlencoded', ...headers };
  if (basic) sent.authorization = `Basic ${Buffer.from(basic.join(':')).toString('base64')}`;
  const body = method === 'GET' ? undefined : typeof form === 'string' ? form : new URLSearchParams(form).toString();
  const response = await fetch(tokenUrl, { method, headers: sent, body });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
}

const grant = { grant_type: 'client_credentials' };
const tokenOf = async (client) => (await issued(client)).body.access_token;
const opens = async (client, accessToken) => (await scimClient(client.tenantUrl, accessToken)('GET', '/Users')).status;
const claims = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));

function assertRefused(answer, status, error, description) {
  assert.equal(answer.status, status, answer.text);
  assert.deepEqual(answer.body, { error, error_description: description });
  assert.equal(answer.headers.get('content-type'), 'application/json');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.headers.get('www-authenticate'), status === 401 ? 'Basic realm="scim"' : null);
}

const invalidClient = "the client's credentials are not valid";

test('a client is made with what an administrator enters at the identity provider, and its secret is shown once', async () => {
  const made = await newClient('acme', { name: 'Entra' });
  const { clientId, clientSecret, created, secrets, ...rest } = made;
  assert.match(clientSecret, /^scims_[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(rest, {
    name: 'Entra',
    scopes: ['scim'],
    tokenSeconds: 3600,
    revoked: null,
    tenantUrl: `${worker.url}/acme/scim/v2`,
    tokenUrl: `${worker.url}/acme/oauth2/token`,
  });
  const [{ id, expires, ...secret }] = secrets;
  assert.deepEqual(secret, { created, lastUsed: null, revoked: null });
  assert.equal(Date.parse(expires) - Date.parse(created), 730 * day);
  const listed = await admin('GET', '/tenants/acme/clients');
  const shown = { clientId, name: 'Entra', scopes: ['scim'], tokenSeconds: 3600, created, revoked: null, secrets };
  assert.deepEqual(listed.body.clients.find((client) => client.clientId === clientId), shown);
  assert.ok(!listed.text.includes(clientSecret));
  const stored = await worker.d1.prepare('SELECT * FROM client_secrets WHERE client = ?').bind(clientId).all();
  assert.ok(!JSON.stringify(stored.results).includes(clientSecret.slice(6)), 'only its hash is stored');
});

test('credentials in the body, in the header or in both give a token that opens the directory', async () => {
  const client = await newClient();
  const { clientId, clientSecret, tokenUrl } = client;
  for (const [form, options] of [
    [tokenRequest(client), {}],
    [tokenRequest(client, { scope: 'api://app/.default', resource: 'x' }), {}],
    [grant, { basic: [clientId, clientSecret] }],
    [tokenRequest(client), { basic: [clientId, clientSecret] }],
    [tokenRequest(client), { headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' } }],
  ]) {
    const answer = await token(tokenUrl, form, options);
    assert.equal(answer.status, 200, answer.text);
    const { access_token, ...rest } = answer.body;
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3600, scope: 'scim' });
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(answer.headers.get('pragma'), 'no-cache');
    assert.equal(answer.headers.get('content-type'), 'application/json');
    const scim = scimClient(client.tenantUrl, access_token);
    const page = await scim('GET', '/Users?startIndex=1&count=1');
    assert.equal(page.status, 200, page.text);
  }
});

test('an access token is a signed JWT for one tenant that ends after the seconds that it says', async () => {
  const client = await newClient('acme', { tokenSeconds: 21_600 });
  const { body } = await token(client.tokenUrl, tokenRequest(client));
  assert.equal(body.expires_in, 21_600);
  const { iat, exp, jti, credential, ...rest } = claims(body.access_token);
  assert.deepEqual(rest, { iss: 'scim-edge', aud: 'acme', sub: client.clientId, client_id: client.clientId });
  assert.equal(exp - iat, 21_600);
  assert.ok(Math.abs(iat * 1000 - Date.now()) < 60_000);
  assert.equal(credential, client.secrets[0].id);
  const [header] = body.access_token.split('.');
  const { kid, ...head } = JSON.parse(Buffer.from(header, 'base64url'));
  assert.deepEqual(head, { alg: 'HS256', typ: 'at+jwt' });
  assert.ok((await admin('GET', '/signing-keys')).body.signingKeys.some(({ id }) => id === kid));
});

test('a token of one tenant opens no other, and a client of one tenant gets no token at another', async () => {
  const [acme, other, byDefault] = [await newClient('acme'), await newClient('other'), await newClient('default')];
  assert.equal(byDefault.tokenUrl, `${worker.url}/oauth2/token`);
  assert.equal(byDefault.tenantUrl, worker.scim);
  const all = [acme, other, byDefault];
  for (const client of all) {
    const accessToken = await tokenOf(client);
    for (const where of all) {
      assert.equal(await opens(where, accessToken), where === client ? 200 : 401);
      const answer = await token(where.tokenUrl, tokenRequest(client));
      if (where === client) assert.equal(answer.status, 200);
      else assertRefused(answer, 401, 'invalid_client', invalidClient);
    }
  }
  const mixed = { ...grant, client_id: acme.clientId, client_secret: other.clientSecret };
  assertRefused(await token(acme.tokenUrl, mixed), 401, 'invalid_client', invalidClient);
  assertRefused(await token(`${worker.url}/nobody/oauth2/token`, tokenRequest(acme)), 401, 'invalid_client', invalidClient);
});

test('what is wrong with a token request is said in the words of RFC 6749', async () => {
  const client = await newClient();
  const ask = (form, options) => token(client.tokenUrl, form, options);
  const missing = 'client credentials are needed: `client_id` with `client_secret`, or `client_assertion`';
  assertRefused(await ask({}), 400, 'invalid_request', '`grant_type` is missing');
  assertRefused(await ask({ grant_type: 'password' }), 400, 'unsupported_grant_type', '`grant_type` must be `client_credentials`');
  assertRefused(await ask(grant), 401, 'invalid_client', missing);
  assertRefused(await ask({ ...grant, client_id: client.clientId }), 401, 'invalid_client', missing);
  assertRefused(await ask(tokenRequest(client, { client_secret: 'wrong' })), 401, 'invalid_client', invalidClient);
  const wrong = `${client.clientSecret.slice(0, -1)}${client.clientSecret.endsWith('A') ? 'B' : 'A'}`;
  assertRefused(await ask(tokenRequest(client, { client_secret: wrong })), 401, 'invalid_client', invalidClient);
  assertRefused(await ask(`${new URLSearchParams(tokenRequest(client))}&client_id=x`), 400, 'invalid_request', 'a parameter is sent twice');
  assertRefused(await ask('grant_type=%ff'), 400, 'invalid_request', 'the form is not percent-encoded UTF-8');
  assertRefused(
    await ask(tokenRequest(client), { basic: [client.clientId, 'another'] }),
    ...[400, 'invalid_request', 'the credentials of the header and of the body differ'],
  );
  assertRefused(
    await ask(JSON.stringify(tokenRequest(client)), { headers: { 'content-type': 'application/json' } }),
    ...[400, 'invalid_request', 'the body must be application/x-www-form-urlencoded'],
  );
  const head = ['POST /acme/oauth2/token HTTP/1.1', 'Host: localhost', 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: 65537'];
  const large = await rawRequest(worker.url, head, ['x'.repeat(65_537)]);
  assert.deepEqual(
    [large.status, large.body],
    [413, { error: 'invalid_request', error_description: 'the body has more than 65536 bytes' }],
  );
  const got = await ask(undefined, { method: 'GET' });
  assertRefused(got, 405, 'invalid_request', '`GET` is not served here; this endpoint takes POST');
  assert.equal(got.headers.get('allow'), 'POST');
  // RFC 6749 s3.2: never in the URL.
  const inUrl = await token(`${client.tokenUrl}?${new URLSearchParams(tokenRequest(client))}`, '');
  assertRefused(inUrl, 400, 'invalid_request', '`grant_type` is missing');
});

test('two secrets are good at once, and a revoked one takes its access tokens with it', async () => {
  const client = await newClient();
  const path = `/tenants/acme/clients/${client.clientId}/secrets`;
  const expires = new Date(Date.now() + 365 * day).toISOString().replace(/\.\d+Z$/, '.000Z');
  const made = await admin('POST', path, { expires });
  assert.equal(made.status, 201, made.text);
  const { id, clientSecret, created, ...rest } = made.body;
  assert.deepEqual(rest, {
    clientId: client.clientId,
    tokenUrl: client.tokenUrl,
    tenantUrl: client.tenantUrl,
    expires,
    lastUsed: null,
    revoked: null,
    secretsInForce: 2,
  });
  const [first, second] = [await tokenOf(client), await tokenOf({ ...client, clientSecret })];
  assert.deepEqual([await opens(client, first), await opens(client, second)], [200, 200]);
  const revoked = await admin('DELETE', `${path}/${client.secrets[0].id}`);
  assert.equal(revoked.status, 200);
  assert.ok(revoked.body.revoked && revoked.body.lastUsed);
  assert.deepEqual([await opens(client, first), await opens(client, second)], [401, 200]);
  assertRefused(await token(client.tokenUrl, tokenRequest(client)), 401, 'invalid_client', invalidClient);
  assert.ok(await tokenOf({ ...client, clientSecret }));
});

test('a revoked client gets no token, and the tokens that it has open nothing any more', async () => {
  const client = await newClient();
  const accessToken = await tokenOf(client);
  assert.equal(await opens(client, accessToken), 200);
  const revoked = await admin('DELETE', `/tenants/acme/clients/${client.clientId}`);
  assert.ok(revoked.status === 200 && revoked.body.revoked, revoked.text);
  assert.equal(await opens(client, accessToken), 401);
  assertRefused(await token(client.tokenUrl, tokenRequest(client)), 401, 'invalid_client', invalidClient);
  const another = await admin('POST', `/tenants/acme/clients/${client.clientId}/secrets`, {});
  assert.deepEqual(another.body, { status: 404, detail: `the tenant \`acme\` has no client \`${client.clientId}\`` });
});

test('an expired secret gives no token, and an expired token opens nothing', async () => {
  const client = await newClient();
  const seconds = 'UPDATE clients SET token_seconds = 1 WHERE id = ?';
  await worker.d1.prepare(seconds).bind(client.clientId).run();
  const accessToken = await tokenOf(client);
  while (claims(accessToken).exp * 1000 > Date.now()) await new Promise((resolve) => setTimeout(resolve, 50));
  assertError(await scimClient(client.tenantUrl, accessToken)('GET', '/Users'), 401, undefined, 'the bearer token is not valid');
  await worker.d1.prepare('UPDATE client_secrets SET expires = ? WHERE client = ?').bind(Date.now(), client.clientId).run();
  assertRefused(await token(client.tokenUrl, tokenRequest(client)), 401, 'invalid_client', invalidClient);
});

test('a token that was changed, or signed with another key, opens nothing', async () => {
  const client = await newClient();
  const accessToken = await tokenOf(client);
  const [header, payload, signature] = accessToken.split('.');
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = JSON.parse(Buffer.from(header, 'base64url'));
  for (const forged of [
    `${header}.${encode({ ...claims(accessToken), exp: 9_999_999_999 })}.${signature}`,
    `${encode({ ...head, alg: 'none' })}.${payload}.`,
    `${encode({ ...head, alg: 'none' })}.${payload}.${signature}`,
    `${encode({ ...head, alg: 'RS256' })}.${payload}.${signature}`,
    `${encode({ ...head, kid: 'another' })}.${payload}.${signature}`,
    `${encode({ ...head, typ: 'JWT' })}.${payload}.${signature}`,
    `${header}.${payload}.`,
    `${header}.${payload}`,
    `${header}.${payload}.${signature.slice(4)}`,
    `${header}.${payload}.${'A'.repeat(43)}`,
  ]) {
    assert.equal(await opens(client, forged), 401, forged);
  }
  assert.equal(await opens(client, accessToken), 200);
});

test('signing keys are replaced without harm to the tokens of the old one, which can be ended too', async () => {
  const client = await newClient();
  const before = await tokenOf(client);
  const rotated = await admin('POST', '/signing-keys');
  assert.equal(rotated.status, 201, rotated.text);
  const [now, old] = rotated.body.signingKeys;
  assert.deepEqual([now.retired, now.revoked, old.revoked], [null, null, null]);
  assert.ok(old.retired);
  assert.ok(!rotated.text.includes('salt'));
  const later = await tokenOf(client);
  const kid = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[0], 'base64url')).kid;
  assert.deepEqual([kid(before), kid(later)], [old.id, now.id]);
  assert.deepEqual([await opens(client, before), await opens(client, later)], [200, 200]);
  assert.equal((await admin('DELETE', `/signing-keys/${old.id}`)).status, 200);
  assert.deepEqual([await opens(client, before), await opens(client, later)], [401, 200]);
  assert.equal((await admin('DELETE', '/signing-keys/nothing')).status, 404);
});

test('a copy of the database signs nothing: the keys need the secret of the Worker', async () => {
  const another = await startWorker({ vars: { ...withAdmin.vars, SIGNING_SECRET: 'another' } });
  try {
    await newTenant(another, 'acme');
    const client = await newClient();
    const accessToken = await tokenOf(client);
    for (const table of ['clients', 'client_secrets', 'signing_keys']) {
      await another.d1.prepare(`DELETE FROM ${table}`).run();
      const { results } = await worker.d1.prepare(`SELECT * FROM ${table}`).all();
      for (const row of results) {
        const sql = `INSERT INTO ${table} (${Object.keys(row)}) VALUES (${Object.keys(row).map(() => '?')})`;
        await another.d1.prepare(sql).bind(...Object.values(row)).run();
      }
    }
    assert.equal((await scimClient(`${another.url}/acme/scim/v2`, accessToken)('GET', '/Users')).status, 401);
  } finally {
    await another.stop();
  }
});

test('without the signing secret, a client is answered 503, and the log tells the operator why', async () => {
  const unset = await startWorker({ vars: { ADMIN_TOKEN: withAdmin.vars.ADMIN_TOKEN } });
  try {
    await newTenant(unset, 'acme');
    const { body: client } = await adminClient(unset)('POST', '/tenants/acme/clients', {});
    const answer = await token(client.tokenUrl, tokenRequest(client));
    assert.equal(answer.status, 500);
    assert.equal(answer.body.error, 'server_error');
    assert.ok(unset.logs.some(({ message }) => message.includes('the secret SIGNING_SECRET is not set')));
  } finally {
    await unset.stop();
  }
});

test('a warm instance checks an access token without a round trip, and a token costs one', async () => {
  const client = await newClient();
  const timed = { headers: { 'X-Server-Timing': '1' } };
  const asked = await token(client.tokenUrl, tokenRequest(client), timed);
  assert.match(asked.headers.get('server-timing'), /round_trips=1 /);
  const scim = scimClient(client.tenantUrl, asked.body.access_token);
  const trips = async () => (await scim('GET', '/Users?count=1', undefined, timed)).headers.get('server-timing');
  assert.match(await trips(), /round_trips=2 /, 'a cold instance looks the token up');
  assert.match(await trips(), /round_trips=1 /);
});

test('a suspended tenant gets no tokens, and a deleted one leaves no client', async () => {
  const tenant = await newTenant(worker, 'leaving');
  const client = await newClient('leaving');
  const accessToken = await tokenOf(client);
  assert.equal(await opens(client, accessToken), 200);
  await admin('PATCH', '/tenants/leaving', { enabled: false });
  assert.equal(await opens(client, accessToken), 401);
  assertRefused(await token(client.tokenUrl, tokenRequest(client)), 401, 'invalid_client', invalidClient);
  await admin('PATCH', '/tenants/leaving', { enabled: true });
  assert.equal(await opens(client, accessToken), 200);
  await admin('DELETE', '/tenants/leaving');
  assert.equal(await opens(client, accessToken), 401);
  for (const table of ['clients', 'client_secrets']) {
    const { results } = await worker.d1.prepare(`SELECT 1 FROM ${table} WHERE tenant = ?`).bind(tenant.id).all();
    assert.deepEqual(results, []);
  }
  assert.equal((await admin('POST', '/tenants/leaving/clients', {})).status, 404);
});

test('what is wrong with a client to be is said', async () => {
  const most = new Date(Date.now() + 1_097 * day).toISOString();
  for (const [path, body, status, detail] of [
    ['/tenants/nobody/clients', {}, 404, 'there is no tenant `nobody`'],
    ['/tenants/acme/clients', { tokenSeconds: 60 }, 400, '`tokenSeconds` is not an integer from 3600 to 21600'],
    ['/tenants/acme/clients', { expires: most }, 400, '`expires` is more than 1096 days away'],
    ['/tenants/acme/clients', { scope: 'x' }, 400, '`scope` is not known here; known are name, tokenSeconds, secret, expires, scopes'],
    ['/tenants/acme/clients/x/secrets', {}, 404, 'the tenant `acme` has no client `x`'],
  ]) {
    const answer = await admin('POST', path, body);
    assert.deepEqual([answer.status, answer.body], [status, { status, detail }]);
  }
  const put = await admin('PUT', '/tenants/acme/clients', {});
  assert.deepEqual([put.status, put.headers.get('allow')], [405, 'GET, POST']);
});

test('neither a secret nor a token is ever in the log', async () => {
  const client = await newClient();
  const accessToken = await tokenOf(client);
  await opens(client, accessToken);
  await token(client.tokenUrl, tokenRequest(client, { client_secret: `${client.clientSecret}x` }));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const log = JSON.stringify(worker.logs);
  assert.ok(!log.includes(client.clientSecret.slice(6)) && !log.includes(accessToken.split('.')[2]));
  const lines = worker.logs.map(({ message }) => JSON.parse(message));
  assert.ok(lines.some(({ operation, tenant, status }) => operation === 'POST oauth2' && tenant === 'acme' && status === 200));
});
