// Vendor's staff who sign in at the vendor's identity provider.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { newKey, signed } from '../harness/issuer.mjs';
import { adminClient, withAdmin } from '../harness/admin.mjs';
import { browser, oneTimeLink, signedIn } from '../harness/console.mjs';
import { startWorker } from '../harness/index.mjs';
import { lineWith } from '../harness/log.mjs';
import { startProvider } from '../harness/provider.mjs';
import { serve } from '../harness/serve.mjs';

let provider;
let worker;

async function options() {
  provider = await startProvider();
  const lists = { CONSOLE_ADMINS: 'ada@example.com, Site Admins', CONSOLE_VIEWERS: 'eve@example.com' };
  return { ...withAdmin, vars: { ...withAdmin.vars, ...provider.vars, ...lists } };
}

serve((started) => (worker = started), options, () => provider?.stop());

afterEach(() => Object.assign(provider, { person: {}, header: {}, broken: false, forged: undefined }));

/** Begins a sign-in; returns the address of the provider that the browser is sent to. */
async function begin(one) {
  const sent = await one.get('/console/sign-in/oidc');
  assert.equal(sent.status, 303, sent.text);
  assert.ok(sent.location.startsWith(`${provider.url}/authorize?`), sent.location);
  return sent.location;
}

/** Returns the address that the provider sends the browser back to. */
const back = async (address) => (await fetch(address, { redirect: 'manual' })).headers.get('location');

/** Signs that person in; returns the answer to the way back. */
async function signIn(person, one = browser(worker)) {
  provider.person = person;
  return one.get(await back(await begin(one)));
}

const reason = (wanted) => lineWith(worker, ({ message }) => message.includes(wanted));

test('an administrator signs in, by address or by group, and a viewer as a viewer', async () => {
  const page = await browser(worker).get('/console/sign-in');
  assert.match(page.text, /href="\/console\/sign-in\/oidc"/);
  for (const [person, shown] of [
    [{ email: 'Ada@Example.com', email_verified: true }, /Ada@Example\.com \(may see and change every tenant\)/],
    [{ groups: ['Others', 'Site Admins'] }, /subject-1 \(may see and change every tenant\)/],
    [{ email: 'eve@example.com' }, /eve@example\.com \(may see every tenant\)/],
  ]) {
    const one = browser(worker);
    const answer = await signIn(person, one);
    assert.deepEqual([answer.status, answer.location], [303, '/console'], answer.text);
    assert.deepEqual([...one.cookies.keys()], ['scim_edge']);
    assert.match(await one.who(), shown);
  }
  assert.ok(provider.seen.exchanges.every(({ isClient, fields }) => isClient && fields.includes('code_verifier') && !fields.includes('client_secret')));
  const { body } = await adminClient(worker)('GET', '/console/sessions');
  assert.deepEqual(body.sessions.map(({ person, role, link }) => [person, role, link])[0], ['eve@example.com', 'viewer', null]);
});

test('what the provider publishes is fetched once, and a new key is found', async () => {
  await signIn({ email: 'ada@example.com' });
  const { discovery } = provider.seen;
  for (let number = 0; number < 3; number += 1) assert.equal((await signIn({ email: 'ada@example.com' })).status, 303);
  assert.equal(provider.seen.discovery, discovery);
  assert.equal(provider.seen.keys, 1);
});

test('a person who is on no list may not enter, and one whose address is not verified does not pass by it', async () => {
  for (const person of [{ email: 'mallory@example.com' }, { email: 'ada@example.com', email_verified: false }, { groups: ['ada@example.com'] }, { sub: 'Site Admins' }]) {
    const one = browser(worker);
    const answer = await signIn(person, one);
    assert.equal(answer.status, 403);
    assert.match(answer.text, /role="alert">[^<]* may not enter/);
    assert.equal(one.cookies.size, 0);
  }
});

test('an ID token of another issuer, client, attempt, time or key is refused', async () => {
  const now = Math.floor(Date.now() / 1000);
  const ada = { email: 'ada@example.com' };
  for (const [person, why] of [
    [{ iss: 'https://evil.example.com' }, 'its issuer (`iss`) is not trusted'],
    [{ aud: 'another' }, 'its audience (`aud`)'],
    [{ aud: [provider.clientId, 'another'] }, 'another client (`azp`)'],
    [{ nonce: 'another' }, 'another sign-in (`nonce`)'],
    [{ exp: now - 600 }, 'it has expired'],
    [{ sub: '' }, 'it names no subject'],
  ]) {
    const answer = await signIn({ ...ada, ...person });
    assert.equal(answer.status, 403, why);
    assert.match(answer.text, /could not be verified/);
    await reason(why);
  }
  const claims = { iss: provider.url, aud: provider.clientId, sub: 's', exp: now + 300, ...ada };
  for (const forged of ['not a token', signed({ ...newKey('one', 'ES256') }, claims)]) {
    provider.forged = forged;
    assert.equal((await signIn(ada)).status, 403);
  }
  await reason('there is no ID token');
});

test('a signature by another key of the same name is refused', async () => {
  const [own] = provider.keys;
  const other = newKey('one', 'ES256');
  provider.keys = [{ ...other, jwk: own.jwk }];
  try {
    assert.equal((await signIn({ email: 'ada@example.com' })).status, 403);
    await reason('not of a key of the issuer');
  } finally {
    provider.keys = [own];
  }
});

test('only the browser that began a sign-in ends it, and only once', async () => {
  provider.person = { email: 'ada@example.com' };
  const [one, victim] = [browser(worker), browser(worker)];
  const answer = await back(await begin(one));
  for (const cookie of [undefined, 'a.b.c']) {
    if (cookie) victim.cookies.set('scim_edge_oidc', cookie);
    const forced = await victim.get(answer);
    assert.equal(forced.status, 403);
    assert.match(forced.text, /took too long, or began in another browser/);
  }
  await begin(victim);
  assert.match((await victim.get(answer)).text, /belongs to another sign-in/);
  assert.equal(victim.cookies.size, 0);
  const state = one.cookies.get('scim_edge_oidc');
  assert.equal((await one.get(answer)).status, 303);
  one.cookies.set('scim_edge_oidc', state);
  assert.equal((await one.get(answer)).status, 403);
  await reason('the code was not exchanged: the answer is 400');
  const denied = browser(worker);
  const url = new URL(await begin(denied));
  const refused = await denied.get(`/console/sign-in/oidc/callback?error=access_denied&state=${url.searchParams.get('state')}`);
  assert.match(refused.text, /refused the sign-in/);
});

test('a sign-in ends the session that the browser had', async () => {
  const one = await signedIn(worker, await oneTimeLink(worker, 'viewer'));
  const before = one.cookies.get('scim_edge');
  assert.equal((await signIn({ email: 'ada@example.com' }, one)).status, 303);
  assert.notEqual(one.cookies.get('scim_edge'), before);
  const copy = browser(worker);
  copy.cookies.set('scim_edge', before);
  assert.equal((await copy.get('/console')).location, '/console/sign-in');
});

test('no code, state or token of a sign-in is in the log', async () => {
  const one = browser(worker);
  provider.person = { email: 'ada@example.com' };
  const address = new URL(await begin(one));
  const attempt = one.cookies.get('scim_edge_oidc').split('.');
  const answer = await back(address);
  const ended = await one.get(answer);
  const id = ended.headers.get('x-correlation-id');
  const line = await lineWith(worker, ({ message, correlationId }) => message === 'request' && correlationId === id);
  assert.deepEqual([line.operation, line.credential.length], ['console end sign-in', 1]);
  const log = worker.logs.map(({ message }) => message).join('\n');
  for (const secret of [...attempt, new URL(answer).searchParams.get('code'), one.cookies.get('scim_edge'), 'ada@example.com']) assert.ok(!log.includes(secret));
});

test('by https the cookie of an attempt belongs to this host alone', async () => {
  // A provider on the machine itself is taken by a Worker on this machine alone.
  const answer = await worker.dispatch('https://localhost/console/sign-in/oidc', { redirect: 'manual' });
  assert.match(answer.headers.getSetCookie()[0], /^__Host-scim_edge_oidc=[\w.-]{131}; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/);
  const elsewhere = await worker.dispatch('https://scim.example.com/console/sign-in/oidc', { redirect: 'manual' });
  assert.equal(elsewhere.status, 500);
  await reason('the address of OIDC_ISSUER must begin with https://');
});

test('without a provider there is no such way in, and one that does not answer or is another is 503', async () => {
  const fresh = await startProvider();
  const others = [];
  try {
    fresh.broken = true;
    for (const vars of [{}, fresh.vars, { ...provider.vars, OIDC_ISSUER: `${provider.url}/elsewhere` }]) {
      others.push(await startWorker({ ...withAdmin, vars: { ...withAdmin.vars, ...vars } }));
    }
    const asked = await Promise.all(others.map((each) => browser(each).get('/console/sign-in/oidc')));
    assert.deepEqual(asked.map(({ status }) => status), [404, 503, 503]);
    assert.doesNotMatch((await browser(others[0]).get('/console/sign-in')).text, /oidc/);
    Object.assign(fresh, { broken: false, published: { issuer: 'https://evil.example.com' } });
    assert.equal((await browser(others[1]).get('/console/sign-in/oidc')).status, 503);
  } finally {
    await Promise.all(others.map((each) => each.stop()));
    await fresh.stop();
  }
});
