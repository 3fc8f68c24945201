// The public keys of trusted issuers: when they are fetched, how long they are used, and that they do not reveal to a
// stranger which tenant trusts which issuer.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { newKey, signed, startIssuer } from '../harness/issuer.mjs';
import { claims, notValid, startTrusting } from '../harness/issuers.mjs';
import { lineOf } from '../harness/log.mjs';
import { assertError } from '../harness/scim.mjs';

const { worker, admin, issuer, trust, scim, status, older, tenMinutesLater, federated, exchange, reset, stop } = await startTrusting();
after(stop);
beforeEach(reset);

test('keys are fetched once and kept: a cold instance asks no issuer, and an issuer that is down hurts no tenant', async () => {
  const before = issuer.requests;
  const trusted = await trust();
  assert.equal(issuer.requests, before + 1);
  issuer.answer = (response) => response.destroy();
  for (let n = 0; n < 5; n += 1) assert.equal(await status(signed(issuer.keys[0], claims(trusted, { jti: `${n}` }))), 200);
  assert.equal(issuer.requests, before + 1);
});

test('a new key of the issuer is known when the cron trigger has fired, and never fetched because a token has come', async () => {
  const trusted = await trust();
  const [old] = issuer.keys;
  const fresh = newKey('key-2');
  issuer.keys = [old, fresh];
  await older(600_000);
  const before = issuer.requests;
  const strangers = Array.from({ length: 20 }, (_, n) => signed(newKey(`stranger-${n}`), claims(trusted)));
  const tokens = [signed(fresh, claims(trusted)), ...strangers];
  assert.deepEqual(new Set(await Promise.all(tokens.map((token) => status(token)))), new Set([401]));
  assert.equal(issuer.requests, before);
  await tenMinutesLater();
  assert.equal(issuer.requests, before + 1);
  assert.deepEqual([await status(signed(fresh, claims(trusted, { jti: 'x' }))), await status(signed(old, claims(trusted)))], [200, 200]);
  assert.equal(issuer.requests, before + 1);
});

test('a key that the issuer has withdrawn ends when the cron trigger has fired, within a minute also if it is in the cache', { timeout: 90_000 }, async () => {
  const trusted = await trust();
  const token = signed(issuer.keys[0], claims(trusted));
  issuer.keys = [newKey('key-2')];
  assert.equal(await status(token), 200);
  await tenMinutesLater();
  assert.equal(await status(signed(newKey('key-1'), claims(trusted))), 401);
  const begun = Date.now();
  while ((await status(token)) === 200) {
    assert.ok(Date.now() - begun < 60_000);
    await pause(1000);
  }
});

test('an administrator has the keys of an issuer fetched at once', async () => {
  const trusted = await trust();
  const [withdrawn] = issuer.keys;
  const token = signed(withdrawn, claims(trusted));
  const fetchKeys = (id, tenant = 'acme') => admin('POST', `/tenants/${tenant}/issuers/${id}/fetch`);
  await older(600_000, trusted);
  issuer.keys = [newKey('key-2')];
  assert.equal(await status(token), 200);
  const before = issuer.requests;
  const { status: fetched, body } = await fetchKeys(trusted.id);
  assert.deepEqual([fetched, issuer.requests], [200, before + 1]);
  assert.deepEqual(body, { ...trusted, lastUsed: body.lastUsed, keysFetched: body.keysFetched });
  assert.ok(Date.now() - Date.parse(body.keysFetched) < 60_000);
  assert.equal(await status(token), 401, 'this instance has forgotten its tokens');
  assert.equal(await status(signed(issuer.keys[0], claims(trusted))), 200);

  issuer.answer = (response) => response.writeHead(500).end();
  const failed = await fetchKeys(trusted.id);
  const detail = `the keys at \`${issuer.jwksUri}\` were not fetched: the answer is 500`;
  assert.deepEqual([failed.status, failed.body], [400, { status: 400, detail }]);
  assert.equal(await status(signed(issuer.keys[0], claims(trusted, { jti: 'x' }))), 200, 'it keeps the keys that it has');
  assert.equal((await fetchKeys(trusted.id, 'other')).status, 404);
  await admin('DELETE', `/tenants/acme/issuers/${trusted.id}`);
  const revoked = await fetchKeys(trusted.id);
  assert.deepEqual([revoked.status, revoked.body.detail], [409, `the issuer \`${trusted.id}\` was revoked: trust it again`]);
});

test('the cron trigger asks each address once however many trust it, one that is dead keeps no other waiting, and two runs do not meet', async () => {
  const others = await Promise.all(Array.from({ length: 8 }, () => startIssuer()));
  // Not destroyed: the runtime repeats a request if the connection ends without an answer.
  const dead = (response) => response.writeHead(500).end();
  try {
    const trusted = [];
    for (const { jwksUri } of others) for (const tenant of ['acme', 'other', 'default']) trusted.push(await trust({ jwksUri }, tenant));
    for (const other of others) Object.assign(other, { requests: 0, keys: [newKey('key-2')] });
    others.slice(0, 7).forEach((other) => Object.assign(other, { answer: dead }));
    await older(600_000);
    const before = issuer.requests;
    const [first, second] = await Promise.all([worker.scheduled(), worker.scheduled()]);
    assert.deepEqual([first.outcome, second.outcome], ['ok', 'ok']);
    assert.deepEqual(others.map(({ requests }) => requests), others.map(() => 1));
    assert.ok(issuer.requests <= before + 1);
    const token = (of) => signed(others[7].keys[0], claims(of));
    assert.deepEqual([await status(token(trusted.at(-3))), await status(token(trusted.at(-2)), 'other')], [200, 200]);
    const failures = worker.logs.filter(({ message }) => message.includes(`the keys at ${others[0].jwksUri} were not fetched: the answer is 500`));
    assert.deepEqual(failures.map(({ level }) => level), ['error'], 'one line for one address');
    await worker.scheduled();
    assert.deepEqual(others.map(({ requests }) => requests), others.map(() => 1), 'nor a moment later');
    await tenMinutesLater();
    assert.deepEqual(others.map(({ requests }) => requests), others.map(() => 2));
  } finally {
    await worker.d1.prepare("UPDATE issuers SET revoked = 1 WHERE jwks_uri <> ?").bind(issuer.jwksUri).run();
    await Promise.all(others.map((other) => other.stop()));
  }
});

for (const [what, answer] of [
  ['does not answer', (response) => response.destroy()],
  ['answers 500', (response) => response.writeHead(500).end()],
  ['leads elsewhere', (response, request, publish) => (request.url === '/elsewhere' ? publish() : response.writeHead(302, { location: `${issuer.url}/elsewhere` }).end())],
  ['answers a page', (response) => response.end('<html>')],
  ['has no keys', (response) => response.end(JSON.stringify({ keys: [] }))],
  ['answers without end', (response) => response.end('x'.repeat(200_000))],
]) {
  test(`where an issuer ${what}, its keys are good for a day; then a token that they have signed is 503, and every other 401`, async () => {
    const trusted = await trust();
    const [key] = issuer.keys;
    issuer.answer = answer;
    issuer.keys = [newKey('key-2')];
    await tenMinutesLater();
    const token = () => signed(key, claims(trusted, { jti: crypto.randomUUID() }));
    assert.equal(await status(token()), 200);
    await older(24 * 3_600_000, trusted);
    const busy = await scim(token());
    const detail = "the keys of the token's issuer could not be fetched for a day; send the request again";
    assertError(busy, 503, undefined, detail);
    assert.equal(busy.headers.get('retry-after'), '1');
    assert.ok(worker.logs.some(({ message }) => message.includes(`the keys of the issuer ${trusted.id} are more than a day old`)));
    for (const forged of [signed(newKey('key-1'), claims(trusted)), signed(newKey('other'), claims(trusted)), signed(key, claims(trusted, { tid: 'x' }))]) {
      assert.equal(await status(forged), 401);
    }
    issuer.answer = undefined;
    const { client, trusted: federatedIssuer } = await federated();
    issuer.answer = answer;
    await older(24 * 3_600_000, federatedIssuer);
    const assertion = signed(issuer.keys[0], claims(federatedIssuer));
    assert.deepEqual(await exchange({ client }, assertion), { status: 503, body: { error: 'temporarily_unavailable', error_description: detail } });
    assert.deepEqual(await exchange({ client }, signed(newKey('key-2'), claims(federatedIssuer))), notValid);
    await older(600_000);
    issuer.answer = undefined;
    issuer.keys = [key];
    await worker.scheduled();
    assert.equal(await status(token()), 200);
  });
}

test('nothing tells a stranger which tenant trusts which issuer: the answers, the calls of D1 and of the issuer are the same', async () => {
  const trusted = await trust();
  const [key] = issuer.keys;
  issuer.answer = (response) => response.destroy();
  await older(24 * 3_600_000, trusted);
  const before = issuer.requests;
  const form = (assertion) => new URLSearchParams({ grant_type: 'client_credentials', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion });
  for (const forged of [
    () => signed(newKey('key-1'), claims(trusted, { jti: crypto.randomUUID() })),
    () => signed(newKey('unknown'), claims(trusted, { jti: crypto.randomUUID() })),
    () => signed(key, claims(trusted, { aud: crypto.randomUUID() })),
  ]) {
    const answers = [];
    for (const tenant of ['acme', 'other', 'nobody']) {
      const bearer = await scim(forged(), tenant);
      assertError(bearer, 401, undefined, 'the bearer token is not valid');
      const token = await fetch(`${worker.url}/${tenant}/oauth2/token`, { method: 'POST', body: form(forged()) });
      assert.deepEqual({ status: token.status, body: await token.json() }, notValid);
      answers.push([bearer.text, (await lineOf(worker, bearer)).roundTrips, (await lineOf(worker, token)).roundTrips]);
    }
    assert.deepEqual(answers, [answers[0], answers[0], answers[0]]);
    assert.deepEqual(answers[0].slice(1), [1, 1]);
  }
  assert.equal(issuer.requests, before);
});

test('an issuer of the same name whose keys are too old does not stand in the way of one whose key it is', async () => {
  const dead = await trust();
  const [old] = issuer.keys;
  await older(24 * 3_600_000, dead);
  await trust({ issuer: dead.issuers[0] });
  assert.equal(await status(signed(old, claims(dead))), 200);
});
