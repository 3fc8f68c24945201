// Tokens that another issuer has issued, an issuer on this machine standing in for Microsoft Entra ID: as bearer tokens, and
// as assertions of a client at the token endpoint (workload identity federation, RFC 7523). Its keys: issuer-keys.test.mjs.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { scimClient } from '../harness/index.mjs';
import { newKey, signed } from '../harness/issuer.mjs';
import { application, claims, directory, notValid, seconds, startTrusting } from '../harness/issuers.mjs';
import { assertError } from '../harness/scim.mjs';

const { worker, admin, issuer, trust, scim, status, older, federated, exchange, reset, stop } = await startTrusting();
after(stop);
beforeEach(reset);

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
    warning: null,
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
      const refusal = ({ message }) => message.includes(`a token for the issuer ${trusted.id} is refused: `);
      assert.ok(worker.logs.some(refusal));
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
  for (const more of [{ sub: 'me', oid: 'me' }, { appid: 'me' }, { azp: 'me' }]) {
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
  // The classic confusion: the public key used as the secret of an HMAC (RFC 8725 s2.1).
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

test('elliptic curves are accepted, and so is a token without a key id if there is only one key', async () => {
  issuer.keys = [newKey('curve', 'ES256')];
  const trusted = await trust();
  assert.equal(await status(signed(issuer.keys[0], claims(trusted))), 200);
  assert.equal(await status(signed(issuer.keys[0], claims(trusted), { kid: undefined })), 200);
  assert.equal(await status(signed(newKey('curve', 'ES256'), claims(trusted))), 401);
});

for (const [what, more] of [
  ['an ID token', { sub: 'pairwise', oid: 'person', appid: undefined, name: 'Eve', preferred_username: 'eve@example.com', nonce: '1' }],
  ['an ID token without a name in it', { sub: 'pairwise', oid: 'person', appid: undefined }],
  ['an ID token of a person whose ids are one', { sub: 'person', oid: 'person', appid: undefined }],
  ['a token on behalf of a person', { sub: 'pairwise', oid: 'person', scp: 'user_impersonation' }],
  ['a token on behalf of a person, without a scope', { sub: 'pairwise', oid: 'person' }],
  ['a token of version 2 on behalf of a person', { appid: undefined, azp: 'the-app', sub: 'pairwise', oid: 'person' }],
  ['a token whose type is a person’s', { idtyp: 'user' }],
  ['a token with a user name', { upn: 'eve@example.com' }],
  ['a token with another user name', { preferred_username: 'eve@example.com' }],
  ['a token of a sign-in', { nonce: '1' }],
  ['a token without an object', { oid: undefined }],
]) {
  test(`${what} is not an application’s`, async () => {
    for (const settings of [{}, { audience: 'api://app', subject: 'the-app' }, { audience: 'api://app', subject: 'pairwise' }]) {
      const trusted = await trust(settings);
      const [aud] = trusted.audiences;
      const subject = settings.subject === 'pairwise' ? { sub: 'pairwise', oid: 'pairwise' } : {};
      assert.equal(await status(signed(issuer.keys[0], claims(trusted, { aud, ...subject }))), 200);
      assert.equal(await status(signed(issuer.keys[0], claims(trusted, { aud, ...subject, ...more }))), 401);
    }
  });
}

test('an application is known by `idtyp`, or by its principal in `sub` and `oid` beside `appid` or `azp`', async () => {
  const trusted = await trust();
  for (const more of [{ idtyp: 'app' }, { idtyp: 'app', oid: undefined, appid: undefined }, { appid: undefined, azp: 'the-app' }]) {
    assert.equal(await status(signed(issuer.keys[0], claims(trusted, more))), 200);
  }
});

test('without a directory `scp` and the others may be said of an application', async () => {
  const trusted = await trust({ directory: undefined, subject: 'the-app' });
  const more = { tid: undefined, oid: undefined, scp: 'scim', nonce: '1' };
  assert.equal(await status(signed(issuer.keys[0], claims(trusted, more))), 200);
});

test('a trust from before a subject was demanded is honoured, and named in the list and in the log', async () => {
  const trusted = await trust({ audience: 'api://app', subject: 'the-app' });
  await worker.d1.prepare('UPDATE issuers SET subject = NULL WHERE id = ?').bind(trusted.id).run();
  assert.equal(await status(signed(issuer.keys[0], claims(trusted, { aud: 'api://app', appid: 'another' }))), 200);
  const warned = async () => (await admin('GET', '/tenants/acme/issuers')).body.issuers.find(({ id }) => id === trusted.id).warning;
  assert.match(await warned(), /^no subject is demanded, so too many applications can get a token that is accepted: trust the issuer again with a subject/);
  assert.ok(worker.logs.some(({ message }) => message.includes(`a token for the issuer ${trusted.id} is accepted whichever user or application it was issued to`)));
  await admin('DELETE', `/tenants/acme/issuers/${trusted.id}`);
  assert.equal(await warned(), null);
});

test('an assertion that claims to be signed with a secret asks the issuer nothing', async () => {
  const of = await federated();
  await older(600_000, of.trusted);
  const before = issuer.requests;
  const [header, payload] = [{ alg: 'HS256', typ: 'JWT', kid: 'x' }, claims(of.trusted)].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  assert.deepEqual(await exchange(of, `${header}.${payload}.${'A'.repeat(43)}`), notValid);
  assert.equal(issuer.requests, before);
});

test('an issuer that is trusted no more lets no client in', async () => {
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
  assert.equal(await status(assertion), 401, 'the assertion itself is not a bearer token');
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

test('the assertion that Microsoft shows of workload identity federation has another object than its subject', async () => {
  const of = await federated({ audience: 'api://the-app', subject: 'the-provisioning-service' });
  const shown = { aud: 'api://the-app', oid: 'the-workload-identity', sub: 'the-provisioning-service', appidacr: '2', ver: '2.0' };
  const { status: answered, body } = await exchange(of, signed(issuer.keys[0], claims(of.trusted, shown)));
  assert.equal(answered, 200, JSON.stringify(body));
  for (const more of [{ idtyp: 'user' }, { preferred_username: 'eve' }, { nonce: '1' }, { upn: 'eve' }, { scp: 'x' }, { appid: undefined }]) {
    assert.deepEqual(await exchange(of, signed(issuer.keys[0], claims(of.trusted, { ...shown, ...more }))), notValid);
  }
});

test('what is wrong with an issuer to be is said', async () => {
  const good = { issuer: 'https://i/', jwksUri: issuer.jwksUri, audience: 'a', subject: 's' };
  const noSubject =
    '`subject` is missing: the application or user to which the issuer issues the token. Every application of a directory gets a token for an audience in it, so only Entra\'s own audience needs no subject';
  const post = (body, tenant = 'acme') => admin('POST', `/tenants/${tenant}/issuers`, body);
  for (const [body, status, detail] of [
    [{}, 400, '`issuer` is missing, or `entraTenant` in its place'],
    [{ ...good, audience: undefined }, 400, '`audience` is missing'],
    [{ ...good, jwksUri: 'http://example.com/keys' }, 400, '`jwksUri` must be an https address'],
    [{ ...good, entraTenant: directory }, 400, '`entraTenant` stands for `issuer`, `jwksUri` and `directory`'],
    [{ entraTenant: 'common' }, 400, '`entraTenant` is not a directory id such as `01234567-89ab-cdef-0123-456789abcdef`'],
    [{ ...good, subject: undefined }, 400, noSubject],
    [{ ...good, subject: undefined, directory }, 400, noSubject],
    [{ ...good, subject: undefined, audience: application }, 400, noSubject],
    [{ entraTenant: directory, audience: '11111111-2222-3333-4444-555555555555' }, 400, noSubject],
    [{ ...good, clientId: 'x', subject: undefined }, 400, "a client's assertions need a `subject`: the application or user to which the issuer issues the token"],
    [{ ...good, clientId: 'x' }, 404, 'the tenant `acme` has no client `x`'],
    [{ ...good, audience: '' }, 400, '`audience` must have 1 to 1000 characters and no control characters'],
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
