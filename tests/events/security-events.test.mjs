// Security Event Tokens (RFC 8417, RFC 9967) on the built Worker: what they say, who has signed them, and polling (RFC 8936).

import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { newTenant, withAdmin } from '../harness/admin.mjs';
import { readAll, reader } from '../harness/events.mjs';
import { scimClient, startWorker } from '../harness/index.mjs';
import { assertError, patch, remove, replace, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

const event = (name) => `urn:ietf:params:scim:event:prov:${name}`;
const vars = { ...withAdmin.vars, SECURITY_EVENTS: 'on', SIGNING_SECRET: 'a signing secret of the tests, long enough' };
const token = { Accept: 'application/secevent+jwt' };

let worker;
let acme;
let ask;
serve(async (started) => {
  worker = started;
  acme = await newTenant(worker, 'acme');
  ask = await reader(worker, 'acme');
}, { ...withAdmin, vars });

const made = async (path, body) => (await acme.scimFetch('POST', path, body)).body.id;
const parsed = (part) => JSON.parse(Buffer.from(part, 'base64url'));

async function keys() {
  const answer = await fetch(`${worker.url}/.well-known/jwks.json`);
  assert.deepEqual([answer.status, answer.headers.get('cache-control')], [200, 'public, max-age=300']);
  return (await answer.json()).keys;
}

/** Verifies a token with the published key, and returns its claims. */
async function claimsOf(jwt) {
  const [header, payload, signature] = jwt.split('.');
  const { alg, typ, kid } = parsed(header);
  assert.deepEqual([alg, typ], ['ES256', 'secevent+jwt']);
  const jwk = (await keys()).find((key) => key.kid === kid);
  const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  assert.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')), 'the signature');
  const forged = Buffer.from(`${header}.${Buffer.from('{}').toString('base64url')}`);
  assert.ok(!verify('sha256', forged, key, Buffer.from(signature, 'base64url')), 'another text');
  return parsed(payload);
}

const poll = (name, { query = '', ...body } = {}) => {
  const client = scimClient(`${worker.url}/acme/events`, ask.token);
  return client('POST', `/poll/${name}${query}`, { returnImmediately: true, ...body }, { headers: { 'Content-Type': 'application/json' } });
};

test('a life of a user and a group as tokens, full and as notices', async () => {
  const from = (await readAll(ask)).next;
  const ada = await made('/Users', { schemas: [urn.user], userName: 'ada@contoso.example', externalId: 'e1', password: 'secret', emails: [{ type: 'work', value: 'a@contoso.example' }] });
  const sales = await made('/Groups', { schemas: [urn.group], displayName: 'Sales', members: [{ value: ada }] });
  await acme.scimFetch('PATCH', `/Users/${ada}`, patch(replace('title', 'Head'), replace('active', false)));
  await acme.scimFetch('PATCH', `/Users/${ada}`, patch(replace('active', true), remove('title')));
  await acme.scimFetch('PATCH', `/Groups/${sales}`, patch(remove('members', [{ value: ada }])));
  const { headers } = await acme.scimFetch('DELETE', `/Users/${ada}`);
  const user = { format: 'scim', uri: `/Users/${ada}`, id: ada, externalId: 'e1' };
  const group = { format: 'scim', uri: `/Groups/${sales}`, id: sales };
  const version = (number) => ({ version: `W/"${number}"` });
  const operations = (...all) => ({ data: { schemas: [urn.patch], Operations: all } });

  const full = (await poll('life', { query: `?after=${from}` })).body.sets;
  const claims = await Promise.all(Object.values(full).map(claimsOf));
  assert.deepEqual(claims.map(({ sub_id, events }) => [sub_id, events]), [
    [user, { [event('create:full')]: { data: { schemas: [urn.user], id: ada, active: true, emails: [{ type: 'work', value: 'a@contoso.example' }], externalId: 'e1', userName: 'ada@contoso.example' }, ...version(1) } }],
    [group, { [event('create:full')]: { data: { schemas: [urn.group], id: sales, displayName: 'Sales' }, ...version(1) } }],
    [group, { [event('patch:full')]: { ...operations({ op: 'add', path: 'members', value: [{ value: ada }] }), ...version(1) } }],
    [user, { [event('patch:full')]: { ...operations({ op: 'replace', path: 'title', value: 'Head' }), ...version(2) } }],
    [user, { [event('deactivate')]: version(2) }],
    [user, { [event('patch:full')]: { ...operations({ op: 'remove', path: 'title' }), ...version(3) } }],
    [user, { [event('activate')]: version(3) }],
    [group, { [event('patch:full')]: { ...operations({ op: 'remove', path: `members[value eq "${ada}"]` }), ...version(2) } }],
    [user, { [event('delete')]: version(4) }],
  ]);
  const { events } = await readAll(ask, from);
  assert.deepEqual(claims.map(({ jti, txn, toe }) => [jti, txn, toe]), events.map((of) => [of.id, of.correlationId, Math.floor(Date.parse(of.timestamp) / 1000)]));
  assert.deepEqual(Object.keys(full), events.map(({ id }) => id));
  assert.equal(claims.at(-1).txn, headers.get('x-correlation-id'));
  for (const { iss, aud, iat, sub } of claims) {
    assert.deepEqual([iss, aud, sub], [worker.url, `${worker.url}/acme/events/poll/life`, undefined]);
    assert.ok(Math.abs(iat - Date.now() / 1000) < 60);
  }

  const notices = (await poll('notices', { query: `?after=${from}&payload=thin` })).body.sets;
  assert.deepEqual(Object.keys(notices), events.map(({ id }) => `${id}.notice`));
  const ofNotices = await Promise.all(Object.values(notices).map(claimsOf));
  assert.deepEqual(ofNotices.map((of) => of.events), [
    { [event('create:notice')]: { attributes: ['active', 'emails', 'externalId', 'userName'], ...version(1) } },
    { [event('create:notice')]: { attributes: ['displayName'], ...version(1) } },
    { [event('patch:notice')]: { attributes: ['members'], ...version(1) } },
    { [event('patch:notice')]: { attributes: ['title'], ...version(2) } },
    { [event('deactivate')]: version(2) },
    { [event('patch:notice')]: { attributes: ['title'], ...version(3) } },
    { [event('activate')]: version(3) },
    { [event('patch:notice')]: { attributes: ['members'], ...version(2) } },
    { [event('delete')]: version(4) },
  ]);
  // The externalId with both of its quotes: an id may end in the same characters.
  assert.doesNotMatch(JSON.stringify(ofNotices), /contoso|Sales|Head|"e1"|secret/);
  assert.doesNotMatch(JSON.stringify(claims), /secret/);
});

test('a reader gets again what it has not acknowledged, in order, and two readers do not disturb each other', async () => {
  const from = (await readAll(ask)).next;
  for (let n = 0; n < 5; n += 1) await made('/Users', { userName: `poll-${n}` });
  const ids = (await readAll(ask, from)).events.map(({ id }) => id);
  const names = async (name, body) => {
    const answer = await poll(name, { query: `?after=${from}`, ...body });
    assert.equal(answer.status, 200, answer.text);
    return [Object.keys(answer.body.sets), answer.body.moreAvailable];
  };
  assert.deepEqual(await names('one', { maxEvents: 2 }), [ids.slice(0, 2), true]);
  assert.deepEqual(await names('one', { maxEvents: 2 }), [ids.slice(0, 2), true]);
  assert.deepEqual(await names('one', { ack: [ids[1]], maxEvents: 2 }), [[ids[0], ids[2]], true], 'out of order');
  assert.deepEqual(await names('one', { ack: [ids[0], ids[2]], maxEvents: 0 }), [[], true], 'acknowledging alone');
  assert.deepEqual(await names('one', { setErrs: { [ids[3]]: { err: 'jwtAud', description: 'ada@contoso.example' } } }), [[ids[4]], undefined]);
  assert.deepEqual(await names('one', { ack: [ids[4], ids[4], ids[0]] }), [[], undefined]);
  assert.deepEqual(await names('two', {}), [ids, undefined]);
  assert.deepEqual(await names('two', { ack: ids.map((id) => `${id}.notice`) }), [[], undefined]);
  const log = worker.logs.map(({ message }) => message).join('\n');
  assert.match(log, new RegExp(`the reader \`one\` could not use ${ids[3]}: jwtAud`));
  assert.doesNotMatch(log, /ada@contoso/);
  assert.equal((await scimClient(`${worker.url}/acme/events`, ask.token)('DELETE', '/poll/two')).status, 204);
  assert.deepEqual(await names('two', {}), [ids, undefined], 'a reader that was forgotten begins again');
});

test('a poll waits for the next event, and types are chosen as in a list', async () => {
  const from = (await readAll(ask)).next;
  const waiting = poll('waits', { query: `?after=${from}&type=group.*`, returnImmediately: false });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await made('/Users', { userName: 'not-wanted' });
  await made('/Groups', { displayName: 'Wanted' });
  const { body } = await waiting;
  const claims = await Promise.all(Object.values(body.sets).map(claimsOf));
  assert.deepEqual(claims.map(({ events }) => Object.keys(events)), [[event('create:full')]]);
});

test('GET with the media type of tokens answers the next one, and the place after it', async () => {
  const from = (await readAll(ask)).next;
  const id = await made('/Users', { userName: 'one-by-one' });
  const answer = await ask(`?after=${from}`, { headers: token });
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'application/secevent+jwt']);
  const claims = await claimsOf(answer.text);
  assert.deepEqual([claims.sub_id.uri, claims.aud], [`/Users/${id}`, `${worker.url}/acme/events`]);
  const next = answer.headers.get('x-next');
  const end = await ask(`?after=${next}`, { headers: token });
  assert.deepEqual([end.status, end.text, end.headers.get('x-next')], [204, '', next]);
  const both = await ask(`?after=${from}`, { headers: { Accept: 'application/json, application/secevent+jwt;q=0.5' } });
  assert.equal(both.body.events.length, 1);
});

test('what cannot be understood is refused, and changes nothing', async () => {
  const client = scimClient(`${worker.url}/acme/events`, ask.token);
  for (const [body, detail] of [
    [{ ack: ['evt_other_1_0'] }, /`evt_other_1_0`/],
    [{ ack: [7] }, /by their `jti`/],
    [{ ack: ['17'] }, /not `17`/],
    [{ ack: 'evt_acme_1_0' }, /`ack` is not a list/],
    [{ maxEvents: -1 }, /`maxEvents`/],
    [{ returnImmediately: 'yes' }, /`returnImmediately`/],
    [{ setErrs: [] }, /`setErrs`/],
    [[], /not a JSON object/],
  ]) {
    const answer = await client('POST', '/poll/refused', body);
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.body.detail, detail);
  }
  assertError(await client('DELETE', '/poll/refused'), 404);
  assertError(await client('POST', '/poll/No_Name', {}), 400, 'invalidValue');
  assertError(await client('GET', '/poll/refused'), 405);
  assertError(await client('POST', '/poll', {}), 404);
  const scim = await reader(worker, 'acme', ['scim']);
  assertError(await scimClient(`${worker.url}/acme/events`, scim.token)('POST', '/poll/refused', {}), 403);
});

test('a tenant has 20 readers at most', async () => {
  const answers = [];
  for (let n = 0; n < 21; n += 1) answers.push((await poll(`reader-${n}`)).status);
  assert.ok(answers.slice(0, 10).every((status) => status === 200));
  assert.equal(answers.at(-1), 409);
});

test('the default tenant is polled at the root, and what is on is announced', async () => {
  const own = await reader(worker);
  await worker.scimFetch('POST', '/Users', { userName: 'default-user' });
  const answer = await scimClient(`${worker.url}/events`, own.token)('POST', '/poll/app', { returnImmediately: true });
  assert.equal((await claimsOf(Object.values(answer.body.sets)[0])).aud, `${worker.url}/events/poll/app`);
  const { securityEvents } = (await worker.scimFetch('GET', '/ServiceProviderConfig')).body;
  assert.equal(securityEvents.asyncRequest, 'none');
  assert.deepEqual(securityEvents.eventUris, ['create:full', 'create:notice', 'patch:full', 'patch:notice', 'delete', 'activate', 'deactivate'].map(event));
});

test('the private key is in the database, but only sealed', async () => {
  const { results: rows } = await worker.d1.prepare('SELECT id, sealed FROM key_pairs').all();
  assert.equal(rows.length, 1);
  assert.deepEqual((await keys()).map(({ kid, kty, crv, d }) => [kid, kty, crv, d]), [[rows[0].id, 'EC', 'P-256', undefined]]);
  assert.match(rows[0].sealed, /^[0-9a-f]{200,}$/);
  assert.ok(!Buffer.from(rows[0].sealed, 'hex').includes('"d"'));
});

test('with another secret, another pair signs at once, and the old one is not published any more', async () => {
  const persist = mkdtempSync(join(tmpdir(), 'scim-edge-keys-'));
  const poll = async (SIGNING_SECRET) => {
    const own = await startWorker({ ...withAdmin, vars: { ...vars, SIGNING_SECRET }, persist });
    try {
      const { token } = await reader(own);
      await own.scimFetch('POST', '/Users', { userName: `signed-by-${SIGNING_SECRET.length}` });
      const { body } = await scimClient(`${own.url}/events`, token)('POST', '/poll/app', { returnImmediately: true });
      const kids = Object.values(body.sets).map((jwt) => parsed(jwt.split('.')[0]).kid);
      const published = await (await fetch(`${own.url}/.well-known/jwks.json`)).json();
      assert.deepEqual([...new Set(kids)], published.keys.map(({ kid }) => kid));
      return kids[0];
    } finally {
      await own.stop();
    }
  };
  try {
    const first = await poll('a first secret of the tests, long enough');
    assert.equal(await poll('a first secret of the tests, long enough'), first);
    assert.notEqual(await poll('a second secret of the tests, also long enough'), first);
  } finally {
    rmSync(persist, { recursive: true });
  }
});

test('without the variable there are no tokens, no keys and no announcement', async () => {
  const off = await startWorker(withAdmin);
  try {
    const own = await reader(off);
    const client = scimClient(`${off.url}/events`, own.token);
    assertError(await client('POST', '/poll/app', {}), 406);
    assertError(await client('GET', '', undefined, { headers: token }), 406);
    assert.equal((await fetch(`${off.url}/.well-known/jwks.json`)).status, 404);
    assert.equal((await off.scimFetch('GET', '/ServiceProviderConfig')).body.securityEvents, undefined);
  } finally {
    await off.stop();
  }
});
