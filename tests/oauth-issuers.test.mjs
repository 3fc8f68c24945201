// Tokens that somebody else has issued, an issuer on this machine standing in for Microsoft Entra ID: as bearer tokens, and
// as assertions of a client at the token endpoint (workload identity federation, RFC 7523).

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { adminClient, newTenant, withAdmin } from './harness/admin.mjs';
import { scimClient, startWorker } from './harness/index.mjs';
import { newKey, signed, startIssuer } from './harness/issuer.mjs';
import { assertError } from './support/scim.mjs';

const directory = '01234567-89ab-cdef-0123-456789abcdef';
const application = '8adf8e6e-67b2-4cf2-a259-e3dc5476c621';

let worker;
let admin;
let issuer;
before(async () => {
  [worker, issuer] = await Promise.all([startWorker(withAdmin), startIssuer()]);
  admin = adminClient(worker);
  for (const id of ['acme', 'other']) await newTenant(worker, id);
});
after(() => Promise.all([worker?.stop(), issuer?.stop()]));
beforeEach(() => Object.assign(issuer, { keys: [newKey('key-1')], answer: undefined }));

/** Makes a trusted issuer of a tenant; every one has a name of its own, so that no test meets that of another. */
async function trust(settings = {}, tenant = 'acme') {
  const name = `${issuer.url}/${crypto.randomUUID()}/`;
  const body = { issuer: name, jwksUri: issuer.jwksUri, audience: application, directory, ...settings };
  const made = await admin('POST', `/tenants/${tenant}/issuers`, body);
  assert.equal(made.status, 201, made.text);
  return made.body;
}

const seconds = () => Math.floor(Date.now() / 1000);

/** What Entra's token of version 1 says. */
const claims = ({ issuers }, more = {}) => ({
  iss: issuers[0],
  aud: application,
  tid: directory,
  appid: 'the-app',
  sub: 'the-principal',
  iat: seconds(),
  nbf: seconds(),
  exp: seconds() + 3600,
  ...more,
});

const scim = (token, tenant = 'acme') => scimClient(`${worker.url}/${tenant}/scim/v2`, token)('GET', '/Users');
const status = async (token, tenant) => (await scim(token, tenant)).status;

/** Lets time pass for the Worker: its clock is real, so what it has written down is made older. */
const older = ({ id }, column, milliseconds) =>
  worker.d1.prepare(`UPDATE issuers SET ${column} = ${column} - ? WHERE id = ?`).bind(milliseconds, id).run();

test('a token of a trusted issuer opens the directory of the tenant that trusts it, and no other', async () => {
  const trusted = await trust();
  const token = signed(issuer.keys[0], claims(trusted));
  const answer = await scim(token);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.totalResults, 0);
  assertError(await scim(token, 'other'), 401, undefined, 'the bearer token is not valid');
  assert.equal(await status(token, 'nobody'), 401);
  assert.equal((await scimClient(worker.scim, token)('GET', '/Users')).status, 401);
});

test('two tenants may trust one issuer, and the default tenant too', async () => {
  const trusted = await trust();
  for (const tenant of ['other', 'default']) await trust({ issuer: trusted.issuers[0] }, tenant);
  const token = signed(issuer.keys[0], claims(trusted));
  assert.deepEqual([await status(token), await status(token, 'other'), await status(token)], [200, 200, 200]);
  assert.equal((await scimClient(worker.scim, token)('GET', '/Users')).status, 200);
});

test('what an administrator has set is shown, and a token of Entra needs nothing but the directory', async () => {
  const { id, created, keysFetched, ...rest } = await trust({ name: 'test', subject: 'the-app' });
  assert.match(rest.issuers[0], /^http:\/\/127\.0\.0\.1:/);
  assert.deepEqual(rest, {
    name: 'test',
    clientId: null,
    issuers: rest.issuers,
    audiences: [application],
    directory,
    subject: 'the-app',
    jwksUri: issuer.jwksUri,
    lastUsed: null,
    revoked: null,
  });
  const listed = await admin('GET', '/tenants/acme/issuers');
  assert.deepEqual(listed.body.issuers.find((each) => each.id === id), { id, created, keysFetched, ...rest });
});

for (const [what, changed] of [
  ['another issuer', { iss: 'https://sts.windows.net/another/' }],
  ['no issuer', { iss: undefined }],
  ['another audience', { aud: 'api://another' }],
  ['no audience', { aud: undefined }],
  ['another directory', { tid: 'another' }],
  ['no directory', { tid: undefined }],
  ['another subject', { appid: 'another' }],
  ['a time that is over', { exp: seconds() - 301 }],
  ['no end', { exp: undefined }],
  ['a time that has not come', { nbf: seconds() + 400 }],
  ['a birth in the future', { iat: seconds() + 400 }],
]) {
  test(`a token with ${what} is refused, and the operator reads why`, async () => {
    const trusted = await trust({ subject: 'the-app' });
    assert.equal(await status(signed(issuer.keys[0], claims(trusted))), 200);
    const answer = await scim(signed(issuer.keys[0], claims(trusted, changed)));
    assertError(answer, 401, undefined, 'the bearer token is not valid');
    if (!('iss' in changed)) {
      const told = ({ message }) => message.includes(`a token for the issuer ${trusted.id} is refused: `);
      assert.ok(worker.logs.some(told));
    }
  });
}

test('clocks may differ by five minutes', async () => {
  const trusted = await trust();
  for (const more of [{ exp: seconds() - 280 }, { nbf: seconds() + 290, iat: seconds() + 290 }]) {
    assert.equal(await status(signed(issuer.keys[0], claims(trusted, more))), 200);
  }
});

test('the subject may be the one that the issuer knows, or the application in either version', async () => {
  const trusted = await trust({ subject: 'me' });
  for (const more of [{ sub: 'me' }, { appid: 'me' }, { azp: 'me' }]) {
    assert.equal(await status(signed(issuer.keys[0], claims(trusted, more))), 200);
  }
});

test('only the issuer’s own keys sign, and only in the way that they are meant for', async () => {
  const trusted = await trust();
  const [key] = issuer.keys;
  const stranger = newKey('key-1');
  const good = signed(key, claims(trusted));
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = good.split('.')[1];
  // The classic confusion: the public key taken for the secret of an HMAC (RFC 8725 s2.1).
  const confused = `${encode({ typ: 'JWT', alg: 'HS256', kid: 'key-1' })}.${payload}`;
  const mac = createHmac('sha256', key.jwk.n).update(confused).digest('base64url');
  for (const forged of [
    signed(stranger, claims(trusted)),
    `${good.slice(0, -8)}AAAAAAAA`,
    `${encode({ alg: 'none' })}.${payload}.`,
    `${confused}.${mac}`,
    `${good.split('.')[0]}.${encode({ ...claims(trusted), sub: 'somebody else' })}.${good.split('.')[2]}`,
    signed(key, claims(trusted), { crit: ['exp'] }),
    signed({ ...stranger, jwk: undefined }, claims(trusted), { jwk: stranger.jwk, jku: issuer.jwksUri }),
  ]) {
    assert.equal(await status(forged), 401, forged);
  }
  assert.equal(await status(good), 200);
});

test('elliptic curves are taken, and a token without a key id where there is one key only', async () => {
  issuer.keys = [newKey('curve', 'ES256')];
  const trusted = await trust();
  assert.equal(await status(signed(issuer.keys[0], claims(trusted))), 200);
  assert.equal(await status(signed(issuer.keys[0], claims(trusted), { kid: undefined })), 200);
  assert.equal(await status(signed(newKey('curve', 'ES256'), claims(trusted))), 401);
});

test('keys are fetched once and kept: a cold instance asks nobody, and an issuer that is down hurts nobody', async () => {
  const before = issuer.requests;
  const trusted = await trust();
  assert.equal(issuer.requests, before + 1);
  issuer.answer = (response) => response.destroy();
  for (let n = 0; n < 5; n += 1) assert.equal(await status(signed(issuer.keys[0], claims(trusted, { jti: `${n}` }))), 200);
  assert.equal(issuer.requests, before + 1);
});

test('a new key of the issuer is fetched when it is met, at most once a minute whatever tokens come', async () => {
  const trusted = await trust();
  const [old] = issuer.keys;
  const fresh = newKey('key-2');
  issuer.keys = [old, fresh];
  const before = issuer.requests;
  assert.equal(await status(signed(fresh, claims(trusted))), 401, 'the keys were fetched a moment ago');
  assert.equal(issuer.requests, before);
  await older(trusted, 'asked', 60_000);
  await older(trusted, 'fetched', 60_000);
  assert.equal(await status(signed(fresh, claims(trusted, { jti: 'x' }))), 200);
  assert.equal(issuer.requests, before + 1);
  const strangers = Array.from({ length: 20 }, (_, n) => signed(newKey(`stranger-${n}`), claims(trusted)));
  assert.deepEqual(new Set(await Promise.all(strangers.map((token) => status(token)))), new Set([401]));
  assert.equal(issuer.requests, before + 1, 'the issuer is not asked once for each');
});

test('keys that are an hour old are fetched anew behind an answer, which does not wait for it', async () => {
  const trusted = await trust();
  const [withdrawn] = issuer.keys;
  const token = signed(withdrawn, claims(trusted));
  issuer.keys = [newKey('key-2')];
  for (const column of ['asked', 'fetched']) await older(trusted, column, 3_600_000);
  const before = issuer.requests;
  let publish;
  issuer.answer = (response, request, now) => {
    publish = now;
  };
  assert.equal(await status(token), 200);
  for (let n = 0; n < 100 && !publish; n += 1) await pause(20);
  assert.equal(issuer.requests, before + 1);
  assert.equal(await status(token), 200, 'nothing has been answered yet');
  publish();
  for (let n = 0; n < 100 && (await status(token)) === 200; n += 1) await pause(20);
  assert.equal(await status(token), 401, 'its key is withdrawn');
  assert.equal(issuer.requests, before + 1);
});

test('a key that the issuer has withdrawn ends within a day, without anybody being told to', async () => {
  const trusted = await trust();
  const [withdrawn] = issuer.keys;
  issuer.keys = [newKey('key-2')];
  assert.equal(await status(signed(withdrawn, claims(trusted))), 200);
  for (const column of ['asked', 'fetched']) await older(trusted, column, 24 * 3_600_000);
  assert.equal(await status(signed(withdrawn, claims(trusted, { jti: 'x' }))), 401);
});

test('while an issuer does not answer, an unknown key is answered 503 and not 401', async () => {
  const trusted = await trust();
  const [old, fresh] = [issuer.keys[0], newKey('key-2')];
  await older(trusted, 'asked', 60_000);
  await older(trusted, 'fetched', 60_000);
  for (const answer of [
    (response) => response.destroy(),
    (response) => response.writeHead(500).end(),
    // It would lead to the key that is looked for.
    (response, request, publish) => {
      issuer.keys = [old, fresh];
      if (request.url === '/elsewhere') return publish();
      response.writeHead(302, { location: `${issuer.url}/elsewhere` }).end();
      issuer.keys = [old];
    },
    (response) => response.end('<html>'),
    (response) => response.end(JSON.stringify({ keys: [] })),
    (response) => response.end('x'.repeat(200_000)),
  ]) {
    issuer.answer = answer;
    await older(trusted, 'asked', 60_000);
    const busy = await scim(signed(fresh, claims(trusted, { jti: crypto.randomUUID() })));
    const detail = "the keys of the token's issuer could not be fetched; send the request again";
    assertError(busy, 503, undefined, detail);
    assert.equal(busy.headers.get('retry-after'), '1');
    assert.equal(await status(signed(fresh, claims(trusted, { jti: crypto.randomUUID() }))), 503, 'nor a moment later');
    assert.equal(await status(signed(issuer.keys[0], claims(trusted, { jti: crypto.randomUUID() }))), 200, 'known keys are good');
  }
  issuer.answer = undefined;
  issuer.keys.push(fresh);
  await older(trusted, 'asked', 60_000);
  assert.equal(await status(signed(fresh, claims(trusted, { jti: crypto.randomUUID() }))), 200);
});

test('an issuer of the same name that does not answer does not stand in the way of one whose key it is', async () => {
  const dead = await trust();
  issuer.keys = [newKey('key-2')];
  await trust({ issuer: dead.issuers[0] });
  await older(dead, 'asked', 60_000);
  await older(dead, 'fetched', 60_000);
  issuer.answer = (response) => response.destroy();
  assert.equal(await status(signed(issuer.keys[0], claims(dead))), 200);
});

test('a token that stands for a person is no application’s', async () => {
  const trusted = await trust({ subject: 'the-app' });
  assert.equal(await status(signed(issuer.keys[0], claims(trusted, { scp: 'user_impersonation' }))), 401);
});

test('an assertion that claims to be signed with a secret asks the issuer nothing', async () => {
  const of = await federated();
  await older(of.trusted, 'asked', 60_000);
  const before = issuer.requests;
  const [header, payload] = [{ alg: 'HS256', typ: 'JWT', kid: 'x' }, claims(of.trusted)].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  assert.deepEqual(await exchange(of, `${header}.${payload}.${'A'.repeat(43)}`), notValid);
  assert.equal(issuer.requests, before);
});

test('an issuer that is trusted no more lets nobody in', async () => {
  const trusted = await trust();
  const token = signed(issuer.keys[0], claims(trusted));
  assert.equal(await status(token), 200);
  const revoked = await admin('DELETE', `/tenants/acme/issuers/${trusted.id}`);
  assert.ok(revoked.status === 200 && revoked.body.revoked, revoked.text);
  assert.equal(await status(token), 401);
});

test('a warm instance checks a JWT without a round trip', async () => {
  const trusted = await trust();
  const ask = scimClient(`${worker.url}/acme/scim/v2`, signed(issuer.keys[0], claims(trusted)));
  const trips = async () => (await ask('GET', '/Users?count=1', undefined, { headers: { 'X-Server-Timing': '1' } })).headers.get('server-timing');
  assert.match(await trips(), /round_trips=2 /, 'a cold instance looks the issuer up');
  assert.match(await trips(), /round_trips=1 /);
});

async function federated(settings = {}) {
  const { body: client } = await admin('POST', '/tenants/acme/clients', { name: 'federated', secret: false });
  assert.equal(client.clientSecret, undefined);
  const trusted = await trust({ clientId: client.clientId, subject: 'the-principal', ...settings });
  return { client, trusted };
}

async function exchange({ client }, assertion, more = {}, tokenUrl = client.tokenUrl) {
  const form = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    scope: `api://${application}/.default`,
    ...more,
  };
  const response = await fetch(tokenUrl, { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, body: await response.json() };
}

const notValid = {
  status: 401,
  body: { error: 'invalid_client', error_description: "the client's credentials are not valid" },
};

test('workload identity federation: an assertion of the issuer gives an access token', async () => {
  const of = await federated();
  const assertion = signed(issuer.keys[0], claims(of.trusted));
  for (const more of [{}, { client_id: of.client.clientId }, { client_id: 'the-principal' }]) {
    const { status: answered, body } = await exchange(of, assertion, more);
    assert.equal(answered, 200, JSON.stringify(body));
    const { access_token, ...rest } = body;
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3600, scope: 'scim' });
    assert.equal(await status(access_token), 200);
    assert.equal(await status(access_token, 'other'), 401);
  }
  assert.equal(await status(assertion), 401, 'the assertion itself is no bearer token');
  const { lastUsed } = (await admin('GET', '/tenants/acme/issuers')).body.issuers.find(({ id }) => id === of.trusted.id);
  assert.ok(lastUsed);
});

test('the client_id of an assertion may be the application that Entra names beside `sub`', async () => {
  const { client, trusted } = await federated({ subject: 'the-app' });
  for (const of of [{ appid: 'the-app' }, { appid: undefined, azp: 'the-app' }]) {
    const answer = await exchange({ client }, signed(issuer.keys[0], claims(trusted, of)), { client_id: 'the-app' });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  }
  const another = signed(issuer.keys[0], claims(trusted, { appid: 'another' }));
  assert.deepEqual(await exchange({ client }, another, { client_id: 'another' }), notValid, 'it proves no other subject');
});

test('an assertion for another client, tenant, audience or subject gives nothing', async () => {
  const of = await federated();
  const good = claims(of.trusted);
  const make = (more) => signed(issuer.keys[0], { ...good, ...more });
  assert.deepEqual(await exchange(of, make({}), { client_id: 'another' }), notValid);
  assert.deepEqual(await exchange(of, make({}), {}, `${worker.url}/other/oauth2/token`), notValid);
  assert.deepEqual(await exchange(of, make({ aud: 'another' })), notValid);
  assert.deepEqual(await exchange(of, make({ sub: 'another', appid: 'another' })), notValid);
  assert.deepEqual(await exchange(of, make({ exp: seconds() - 301 })), notValid);
  assert.deepEqual(await exchange(of, signed(newKey('key-1'), good)), notValid);
  assert.deepEqual(await exchange(of, 'no.jwt.at all'), notValid);
  const bearer = await trust();
  assert.deepEqual(await exchange(of, signed(issuer.keys[0], claims(bearer))), notValid, 'an issuer of bearer tokens');
  const wrongType = await exchange(of, make({}), { client_assertion_type: 'x' });
  assert.deepEqual([wrongType.status, wrongType.body.error], [400, 'invalid_request']);
});

test('a federated client ends with its issuer, and so do its access tokens', async () => {
  const of = await federated();
  const assertion = signed(issuer.keys[0], claims(of.trusted));
  const { body } = await exchange(of, assertion);
  assert.equal(await status(body.access_token), 200);
  await admin('DELETE', `/tenants/acme/issuers/${of.trusted.id}`);
  assert.equal(await status(body.access_token), 401);
  assert.deepEqual(await exchange(of, assertion), notValid);
});

test('a JWT whose secret, client, issuer or signing key another instance revoked stops within 60 seconds', { timeout: 90_000 }, async () => {
  const form = ({ clientId, clientSecret }) => ({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret });
  const newClient = async () => (await admin('POST', '/tenants/acme/clients', {})).body;
  const ask = async (client) => {
    const response = await fetch(client.tokenUrl, { method: 'POST', body: new URLSearchParams(form(client)) });
    return (await response.json()).access_token;
  };
  const clients = [await newClient(), await newClient(), await newClient()];
  const [bySecret, byClient] = [await ask(clients[0]), await ask(clients[1])];
  const of = await federated();
  const byAssertion = (await exchange(of, signed(issuer.keys[0], claims(of.trusted)))).body.access_token;
  const bearer = await trust();
  const byIssuer = signed(issuer.keys[0], claims(bearer));
  const { signingKeys } = (await admin('POST', '/signing-keys')).body;
  const byKey = await ask(clients[2]);
  const kid = signingKeys.find(({ retired }) => !retired).id;

  const tokens = [bySecret, byClient, byAssertion, byIssuer, byKey];
  const statuses = () => Promise.all(tokens.map((token) => status(token)));
  const begun = Date.now();
  assert.deepEqual(await statuses(), [200, 200, 200, 200, 200]);
  for (const [table, id] of [
    ['client_secrets', clients[0].secrets[0].id],
    ['clients', clients[1].clientId],
    ['issuers', of.trusted.id],
    ['issuers', bearer.id],
    ['signing_keys', kid],
  ]) {
    await worker.d1.prepare(`UPDATE ${table} SET revoked = 1 WHERE id = ?`).bind(id).run();
  }
  for (let found = [200]; found.includes(200); found = await statuses()) {
    assert.ok(Date.now() - begun < 60_000, `${found}`);
    await pause(1000);
  }
  assert.deepEqual(await statuses(), [401, 401, 401, 401, 401]);
});

test('while the issuer does not answer, an assertion with an unknown key is answered 503', async () => {
  const of = await federated();
  await older(of.trusted, 'asked', 60_000);
  issuer.answer = (response) => response.destroy();
  const { status: answered, body } = await exchange(of, signed(newKey('key-2'), claims(of.trusted)));
  assert.deepEqual([answered, body], [
    503,
    {
      error: 'temporarily_unavailable',
      error_description: "the keys of the token's issuer could not be fetched; send the request again",
    },
  ]);
});

test('what is wrong with an issuer to be is said', async () => {
  const good = { issuer: 'https://i/', jwksUri: issuer.jwksUri, audience: 'a' };
  const post = (body, tenant = 'acme') => admin('POST', `/tenants/${tenant}/issuers`, body);
  for (const [body, status, detail] of [
    [{}, 400, '`issuer` is missing, or `entraTenant` in its place'],
    [{ ...good, audience: undefined }, 400, '`audience` is missing'],
    [{ ...good, jwksUri: 'http://example.com/keys' }, 400, '`jwksUri` has to be an https address'],
    [{ ...good, entraTenant: directory }, 400, '`entraTenant` stands for `issuer`, `jwksUri` and `directory`'],
    [{ entraTenant: 'common' }, 400, '`entraTenant` is no directory id such as `01234567-89ab-cdef-0123-456789abcdef`'],
    [{ ...good, clientId: 'x' }, 400, "a client's assertions need a `subject`: whom the issuer gives the token to"],
    [{ ...good, clientId: 'x', subject: 's' }, 404, 'the tenant `acme` has no client `x`'],
    [{ ...good, audience: '' }, 400, '`audience` has to have 1 to 1000 characters, and none that controls'],
  ]) {
    const answer = await post(body);
    assert.deepEqual([answer.status, answer.body], [status, { status, detail }]);
  }
  issuer.answer = (response) => response.writeHead(404).end();
  const missing = await post(good);
  const detail = `the keys at \`${issuer.jwksUri}\` were not fetched: the answer is 404`;
  assert.deepEqual([missing.status, missing.body], [400, { status: 400, detail }]);
  issuer.answer = undefined;
  assert.equal((await post(good, 'nobody')).status, 404);
  assert.equal((await admin('DELETE', '/tenants/other/issuers/x')).status, 404);
});
