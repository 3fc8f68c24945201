// How many requests a client may send: a tenant by its id, failures to authenticate by address and tenant, and by the
// address alone. With small limits of 10 s; the runtime here counts in windows that begin with the tens of the clock.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { adminClient, adminToken, newTenant, withAdmin } from '../harness/admin.mjs';
import { scimClient, startWorker } from '../harness/index.mjs';
import { lineOf } from '../harness/log.mjs';
import { issued, tokenRequest } from '../harness/oauth.mjs';
import { shippedRates } from '../harness/worker.mjs';
import { assertAnswer, assertError, assertUnharmed, list } from '../harness/scim.mjs';

const period = 10;
const tenantDetail = 'the tenant sends more requests than are taken';
const addressDetail = 'too many requests from this address fail to authenticate';

/** Waits, if necessary, until the window has that many seconds left. */
async function window(seconds) {
  const left = period * 1000 - (Date.now() % (period * 1000));
  if (left < seconds * 1000) await pause(left + 20);
}

async function withWorker(options, body) {
  const worker = await startWorker({ ...withAdmin, rates: {}, ...options });
  try {
    await body(worker);
  } finally {
    await worker.stop();
  }
  assertUnharmed(worker);
}

/** Returns what the log says about the request, as far as it matters here. */
async function logged(worker, answer) {
  const { status, limited, roundTrips, tenant } = await lineOf(worker, answer);
  return { status, limited, roundTrips, tenant };
}

function assertLimited(answer, detail) {
  assertError(answer, 429, undefined, detail);
  assert.equal(answer.headers.get('retry-after'), '10');
  assert.equal(answer.headers.get('www-authenticate'), null);
  assert.equal(answer.headers.get('server-timing'), null);
}

const unknownToken = () => `scim_${randomBytes(32).toString('base64url')}`;
const from = (address) => ({ headers: { 'cf-connecting-ip': address, 'X-Server-Timing': '1' } });

test('beyond its limit a tenant is answered 429 with Retry-After, before body and database; others are served, and it again later', () =>
  withWorker({ rates: { TENANT_RATE: { limit: 4, period } } }, async (worker) => {
    const [acme, globex] = [await newTenant(worker, 'acme'), await newTenant(worker, 'globex')];
    await window(6);
    const operations = Array.from({ length: 10 }, (_, n) => ({ method: 'POST', path: '/Users', bulkId: `b${n}`, data: { userName: `u${n}` } }));
    const bulk = await acme.scimFetch('POST', '/Bulk', { Operations: operations });
    assert.deepEqual([bulk.status, bulk.body.Operations.length], [200, 10], 'a bulk counts as one request');
    for (let n = 0; n < 3; n += 1) assert.equal((await acme.scimFetch('GET', '/Users/nobody')).status, 404);

    const limited = await acme.scimFetch('GET', '/Users', undefined, from('192.0.2.1'));
    assertLimited(limited, tenantDetail);
    assert.deepEqual(await logged(worker, limited), { status: 429, limited: 'tenant', roundTrips: 0, tenant: 'acme' });
    const tooLarge = 'x'.repeat((1 << 20) + 1);
    assertLimited(await acme.scimFetch('POST', '/Users', tooLarge), tenantDetail);
    assertLimited(await acme.scimFetch('GET', '/openapi.json'), tenantDetail);
    const head = await acme.scimFetch('HEAD', '/Users');
    assert.deepEqual([head.status, head.headers.get('retry-after'), head.text], [429, '10', '']);

    for (const other of [globex, worker]) assertAnswer(await other.scimFetch('GET', '/Users'), 200, list());
    assert.equal((await acme.scimFetch('GET', '/Users', undefined, { token: 'wrong' })).status, 401, 'who has no token uses nothing up');
    assert.equal((await adminClient(worker)('GET', '/tenants/acme')).status, 200);

    await pause(Number(limited.headers.get('retry-after')) * 1000);
    const later = await acme.scimFetch('GET', '/Users');
    assert.deepEqual([later.status, later.body.totalResults], [200, 10]);
  }));

test('beyond its limit of failures at a tenant an address is answered 429 there and no unknown token is looked up for it, but known ones are served', () =>
  withWorker({ rates: { FAILURE_RATE: { limit: 4, period } } }, async (worker) => {
    const admin = adminClient(worker);
    const [acme, globex] = [await newTenant(worker, 'acme'), await newTenant(worker, 'globex')];
    const unseen = (await admin('POST', '/tenants/acme/tokens', { name: 'not used yet' })).body.token;
    await window(6);
    const [here, elsewhere] = [from('192.0.2.1'), from('192.0.2.2')];
    const ask = (token, at = here) => acme.scimFetch('GET', '/Users', undefined, { ...at, token });
    // Successful requests are not counted.
    for (let n = 0; n < 6; n += 1) assertAnswer(await ask(acme.token), 200, list());

    const again = unknownToken();
    const trips = [];
    for (const token of [again, again, null, 'wrong']) {
      const answer = await ask(token);
      assert.equal(answer.status, 401);
      trips.push((await logged(worker, answer)).roundTrips);
    }
    assert.deepEqual(trips, [1, 0, 0, 0], 'what could be a token is looked up, once in a while');

    // The first request beyond the limit, and all after it.
    const last = await ask(unknownToken());
    assertLimited(last, addressDetail);
    assert.deepEqual(await logged(worker, last), { status: 429, limited: 'address', roundTrips: 1, tenant: 'acme' });
    const blocked = [await ask(unseen), await ask('wrong'), await ask(null)];
    blocked.push(...(await Promise.all(Array.from({ length: 20 }, () => ask(unknownToken())))));
    for (const answer of blocked) {
      assertLimited(answer, addressDetail);
      assert.equal(answer.text, last.text);
      const { limited, roundTrips } = await logged(worker, answer);
      assert.deepEqual([limited, roundTrips], ['address', 0]);
    }

    // The instance has this one in its cache.
    assertAnswer(await ask(acme.token), 200, list());
    // Other tenants, whose identity provider may send from the same address, are not affected.
    assertAnswer(await globex.scimFetch('GET', '/Users', undefined, here), 200, list());
    assert.equal((await globex.scimFetch('GET', '/Users', undefined, { ...here, token: unknownToken() })).status, 401);
    assert.equal((await scimClient(worker.scim, 'wrong')('GET', '/Users', undefined, here)).status, 401);
    assert.equal((await scimClient(`${worker.url}/unknown/scim/v2`, unknownToken())('GET', '/Users', undefined, here)).status, 401);
    assert.equal((await admin('GET', '/tenants', undefined, { ...here, token: 'wrong' })).status, 401);
    // And so is another address.
    assert.equal((await ask('wrong', elsewhere)).status, 401);
    assertAnswer(await ask(unseen, elsewhere), 200, list());

    await admin('PATCH', '/tenants/acme', { name: 'Acme' }); // Makes the instance forget its tokens.
    assertLimited(await ask(unseen), addressDetail);
    await pause(Number(last.headers.get('retry-after')) * 1000);
    assertAnswer(await ask(unseen), 200, list());
    assert.equal((await ask('wrong')).status, 401);
  }));

test('secrets of the Worker are guessed no faster than tokens, and are let in from an address that is blocked', () =>
  withWorker({ rates: { FAILURE_RATE: { limit: 2, period } } }, async (worker) => {
    const admin = adminClient(worker);
    await window(4);
    const here = from('192.0.2.1');
    const guess = (token) => worker.scimFetch('GET', '/Users', undefined, { ...here, token });
    const administrate = (token) => admin('GET', '/tenants', undefined, { ...here, token });
    assert.deepEqual([(await guess('a')).status, (await guess('b')).status, (await guess('c')).status], [401, 401, 429]);
    assert.deepEqual([(await administrate('a')).status, (await administrate('b')).status], [401, 401]);
    const administrator = await administrate('c');
    assert.deepEqual([administrator.status, administrator.body], [429, { status: 429, detail: addressDetail }]);
    assert.equal(administrator.headers.get('retry-after'), '10');
    assertAnswer(await worker.scimFetch('GET', '/Users', undefined, here), 200, list());
    assert.equal((await administrate(adminToken)).status, 200);
  }));

test('names of tenants do not multiply what an address may try: all of its failures have a limit together', () =>
  withWorker({ rates: { FAILURE_RATE: { limit: 3, period }, ADDRESS_RATE: { limit: 8, period } } }, async (worker) => {
    const acme = await newTenant(worker, 'acme');
    await window(5);
    const ask = (tenant, at = '192.0.2.1') => scimClient(`${worker.url}/${tenant}/scim/v2`, unknownToken())('GET', '/Users', undefined, from(at));
    const statuses = [];
    for (let n = 0; n < 8; n += 1) statuses.push((await ask(`name-${n}`)).status);
    assert.deepEqual(statuses, Array(8).fill(401));
    assertLimited(await ask('name-8'), addressDetail);
    for (const tenant of ['acme', 'name-9', 'NAME', 'default']) {
      const answer = await ask(tenant);
      assertLimited(answer, addressDetail);
      assert.equal((await logged(worker, answer)).roundTrips, 0);
    }
    assert.equal((await adminClient(worker)('GET', '/tenants', undefined, { ...from('192.0.2.1'), token: 'wrong' })).status, 429);
    assert.equal((await ask('acme', '192.0.2.2')).status, 401);
    assertAnswer(await acme.scimFetch('GET', '/Users', undefined, from('192.0.2.2')), 200, list());
  }));

test('names that no tenant can have are counted together', () =>
  withWorker({ rates: { FAILURE_RATE: { limit: 3, period } } }, async (worker) => {
    await window(3);
    const ask = async (tenant) => (await scimClient(`${worker.url}/${tenant}/scim/v2`, 'wrong')('GET', '/Users', undefined, from('192.0.2.1'))).status;
    const statuses = [];
    for (const tenant of ['ACME', '%61cme', 'default', 'a.b', 'x'.repeat(64)]) statuses.push(await ask(tenant));
    assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
    assert.deepEqual([await ask('acme'), (await worker.scimFetch('GET', '/Users', undefined, { ...from('192.0.2.1'), token: 'x' })).status], [401, 401]);
  }));

test('what is blocked at one tenant does not use up what its address may try at the others', () =>
  withWorker({ rates: { FAILURE_RATE: { limit: 2, period }, ADDRESS_RATE: { limit: 5, period } } }, async (worker) => {
    await window(4);
    const ask = async (tenant) => (await scimClient(`${worker.url}/${tenant}/scim/v2`, 'wrong')('GET', '/Users', undefined, from('192.0.2.1'))).status;
    const statuses = [];
    for (let n = 0; n < 20; n += 1) statuses.push(await ask('acme'));
    assert.deepEqual(statuses, [401, 401, ...Array(18).fill(429)]);
    assert.deepEqual([await ask('globex'), await ask('globex')], [401, 401]);
  }));

test('a request whose token could not be looked up counts as one that failed', () =>
  withWorker({ rates: { FAILURE_RATE: { limit: 3, period } } }, async (worker) => {
    const acme = await newTenant(worker, 'acme');
    await worker.d1.exec('ALTER TABLE tokens RENAME TO gone');
    await window(4);
    const ask = () => acme.scimFetch('GET', '/Users', undefined, { ...from('192.0.2.1'), token: unknownToken() });
    assert.deepEqual([(await ask()).status, (await ask()).status, (await ask()).status], [500, 500, 500]);
    const limited = await ask();
    assertLimited(limited, addressDetail);
    const blocked = await ask();
    assertLimited(blocked, addressDetail);
    assert.equal((await logged(worker, blocked)).roundTrips, 0);
  }));

test('a request of a tenant whose setting is misspelt is authenticated, and not counted', () =>
  withWorker({ rates: { FAILURE_RATE: { limit: 2, period } }, vars: { ...withAdmin.vars, DIALECT: 'srtict' } }, async (worker) => {
    await window(3);
    for (let n = 0; n < 6; n += 1) assert.equal((await worker.scimFetch('GET', '/Users', undefined, from('192.0.2.1'))).status, 500);
  }));

test('the addresses of one IPv6 subnet are counted together, and so are the subnets of a site', () =>
  withWorker({ rates: { FAILURE_RATE: { limit: 2, period }, ADDRESS_RATE: { limit: 6, period } } }, async (worker) => {
    await window(4);
    const ask = async (address) => (await worker.scimFetch('GET', '/Users', undefined, { ...from(address), token: 'wrong' })).status;
    const statuses = [];
    for (const address of ['2001:db8:0:1::1', '2001:db8:0:1:2:3:4:5', '2001:db8:0:1::2', '2001:db8:0:2::1', '2001:db8:0:3::1', '2001:db8:0:4::1']) {
      statuses.push(await ask(address));
    }
    assert.deepEqual(statuses, [401, 401, 429, 401, 401, 401], 'by /64');
    assert.deepEqual([await ask('2001:db8:0:5::1'), await ask('2001:db8:0:ffff::1'), await ask('2001:db8:1:5::1')], [429, 429, 401], 'by /48');
  }));

test('a forged access token costs no round trip if its key is known, and neither does a good one if its client is known', () =>
  withWorker({ rates: { FAILURE_RATE: { limit: 30, period } } }, async (worker) => {
    const acme = await newTenant(worker, 'acme');
    const client = (await adminClient(worker)('POST', '/tenants/acme/clients', {})).body;
    const newToken = async () => (await issued(client)).body.access_token;
    const tokens = [await newToken(), await newToken(), await newToken()];
    const ask = async (token) => {
      const answer = await acme.scimFetch('GET', '/Users/none', undefined, { ...from('192.0.2.1'), token });
      const { status, roundTrips } = await logged(worker, answer);
      return [status, roundTrips];
    };
    await window(6);
    const part = (token, n) => JSON.parse(Buffer.from(token.split('.')[n], 'base64url'));
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = (more) => `${tokens[0].split('.')[0]}.${encode({ ...part(tokens[0], 1), ...more })}.${randomBytes(32).toString('base64url')}`;
    assert.deepEqual(await ask(forged({ credential: 'none' })), [401, 1], 'the key is looked up');
    for (const more of [{}, { credential: 'none' }, { client_id: 'none' }, { jti: 'x' }]) assert.deepEqual(await ask(forged(more)), [401, 0]);
    assert.deepEqual(await ask(tokens[0]), [404, 2], 'what it was given for is looked up');
    assert.deepEqual([await ask(tokens[0]), await ask(tokens[1])], [[404, 1], [404, 1]]);
    // A blocked address is admitted with a valid token that the instance has not seen.
    for (let n = 0; n < 30; n += 1) await ask(unknownToken());
    assert.deepEqual(await ask(unknownToken()), [429, 0]);
    assert.deepEqual([await ask(forged({})), await ask(tokens[2])], [[429, 0], [404, 1]]);
  }));

for (const [name, vars] of [
  ['without the bindings', {}],
  ['with bindings that are something else', { TENANT_RATE: 'text', FAILURE_RATE: 'text', ADDRESS_RATE: 'text' }],
]) {
  test(`${name} nothing is limited, and the log says so once`, () =>
    withWorker({ rates: { TENANT_RATE: null, FAILURE_RATE: null, ADDRESS_RATE: null }, vars: { ...withAdmin.vars, ...vars } }, async (worker) => {
      for (let n = 0; n < 70; n += 1) assert.equal((await worker.scimFetch('GET', '/Users', undefined, { token: 'wrong' })).status, 401);
      for (let n = 0; n < 5; n += 1) assertAnswer(await worker.scimFetch('GET', '/Users'), 200, list());
      const answer = await worker.scimFetch('GET', '/Users');
      assert.deepEqual(await logged(worker, answer), { status: 200, limited: null, roundTrips: 1, tenant: 'default' });
      const errors = worker.logs.map(({ message }) => JSON.parse(message)).filter(({ level }) => level === 'error');
      assert.equal(errors.length, 1);
      assert.match(errors[0].message, /^the binding FAILURE_RATE cannot be used, so requests are not limited: /);
      assert.match(errors[0].correlationId, /^[0-9a-f-]{36}$/);
    }));
}

test('what is shipped leaves room above the 25 requests a second that Entra asks for', () =>
  withWorker({}, async (worker) => {
    const { TENANT_RATE: tenant, FAILURE_RATE: failures, ADDRESS_RATE: address } = shippedRates();
    assert.equal(tenant.period, 10, 'Retry-After is 10');
    assert.ok(tenant.limit >= 4 * 25 * tenant.period, `${tenant.limit}`);
    assert.ok(failures.limit <= 60 && failures.period === 60);
    assert.ok(address.limit <= 600 && address.limit >= 5 * failures.limit && address.period === 60);
    // In a second or two as many requests as Entra sends in 40.
    const acme = await newTenant(worker, 'acme');
    const begun = Date.now();
    const statuses = new Map();
    let left = 4 * 25 * 10;
    const client = async () => {
      while (left-- > 0) {
        const { status } = await acme.scimFetch('GET', '/Users?filter=userName+eq+%22nobody%22');
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 16 }, client));
    assert.deepEqual([...statuses], [[200, 1000]], `in ${Date.now() - begun} ms`);
  }));

test('the database is asked for its health once a second at most, however many requests come', () =>
  withWorker({}, async (worker) => {
    const begun = Date.now();
    let roundTrips = 0;
    for (let n = 0; n < 50; n += 1) {
      const answer = await fetch(`${worker.url}/healthz`);
      assert.deepEqual([answer.status, await answer.json()], [200, { status: 'ok' }]);
      roundTrips += (await lineOf(worker, answer)).roundTrips;
    }
    const seconds = (Date.now() - begun) / 1000;
    assert.ok(roundTrips >= 1 && roundTrips <= 1 + Math.floor(seconds), `${roundTrips} in ${seconds} s`);
  }));

test('token requests of a tenant count like its other requests', () =>
  withWorker({ rates: { TENANT_RATE: { limit: 3, period } } }, async (worker) => {
    const [acme, globex] = [await newTenant(worker, 'acme'), await newTenant(worker, 'globex')];
    const ask = async (tenant, wrong) => {
      const client = (await adminClient(worker)('POST', `/tenants/${tenant}/clients`, {})).body;
      return issued(client, wrong && { client_secret: wrong });
    };
    await window(6);
    for (let n = 0; n < 4; n += 1) assert.equal((await ask('acme', 'wrong')).status, 401, 'who proves nothing uses nothing up');
    for (let n = 0; n < 3; n += 1) assert.equal((await ask('acme')).status, 200);
    const limited = await ask('acme');
    assert.deepEqual([limited.status, limited.body], [429, { error: 'temporarily_unavailable', error_description: tenantDetail }]);
    assert.deepEqual([limited.headers.get('retry-after'), limited.headers.get('www-authenticate')], ['10', null]);
    assert.equal((await lineOf(worker, limited)).limited, 'tenant');
    assertLimited(await acme.scimFetch('GET', '/Users'), tenantDetail);
    assert.equal((await ask('globex')).status, 200);
    assertAnswer(await globex.scimFetch('GET', '/Users'), 200, list());
  }));

test('a token endpoint counts wrong credentials like wrong tokens, and asks no database while the address is blocked', () =>
  withWorker({ rates: { FAILURE_RATE: { limit: 2, period } } }, async (worker) => {
    await newTenant(worker, 'acme');
    const client = (await adminClient(worker)('POST', '/tenants/acme/clients', {})).body;
    const ask = (client_secret, address = '192.0.2.1') => issued(client, { client_secret }, { 'cf-connecting-ip': address });
    const wrong = `scims_${randomBytes(32).toString('base64url')}`;
    await window(4);
    for (let n = 0; n < 5; n += 1) assert.equal((await ask(client.clientSecret)).status, 200, 'what succeeds is not counted');
    assert.deepEqual([(await ask(wrong)).status, (await ask('no secret')).status, (await ask(wrong)).status], [401, 401, 429]);
    for (const secret of [wrong, client.clientSecret]) {
      const answer = await ask(secret);
      assert.equal(answer.status, 429);
      assert.deepEqual(answer.body, { error: 'temporarily_unavailable', error_description: addressDetail });
      assert.deepEqual(['retry-after', 'www-authenticate'].map((name) => answer.headers.get(name)), ['10', null]);
      assert.deepEqual(await logged(worker, answer), { status: 429, limited: 'address', roundTrips: 0, tenant: 'acme' });
    }
    const scim = scimClient(`${worker.url}/acme/scim/v2`, 'wrong');
    assert.equal((await scim('GET', '/Users', undefined, from('192.0.2.1'))).status, 429, 'it is one tenant');
    assert.equal((await worker.scimFetch('GET', '/Users', undefined, { ...from('192.0.2.1'), token: 'wrong' })).status, 401);
    assert.equal((await ask(client.clientSecret, '192.0.2.2')).status, 200);
  }));

test('whatever a token request is refused for, it counts until it has proven something', () =>
  withWorker({ rates: { FAILURE_RATE: { limit: 5, period } } }, async (worker) => {
    await newTenant(worker, 'acme');
    const client = (await adminClient(worker)('POST', '/tenants/acme/clients', {})).body;
    const ask = async (parameters, method = 'POST') => {
      const body = method === 'POST' ? new URLSearchParams(parameters) : undefined;
      const { status } = await fetch(client.tokenUrl, { method, body, headers: { 'cf-connecting-ip': '192.0.2.1' } });
      return status;
    };
    await window(4);
    const good = tokenRequest(client);
    const statuses = [await ask({}), await ask({ ...good, grant_type: 'password' }), await ask({}, 'GET'), await ask({ grant_type: 'client_credentials' }), await ask({ x: 'x'.repeat(70_000) })];
    assert.deepEqual(statuses, [400, 400, 405, 401, 413]);
    assert.deepEqual([await ask({}), await ask(good)], [429, 429]);
  }));

test('what proves nothing at a token endpoint is looked up once in a while, however often it is sent', () =>
  withWorker({}, async (worker) => {
    await newTenant(worker, 'acme');
    const client = (await adminClient(worker)('POST', '/tenants/acme/clients', {})).body;
    const ask = async (client_secret) => {
      const { status, roundTrips } = await logged(worker, await issued(client, { client_secret }));
      return [status, roundTrips];
    };
    const [one, another] = [0, 1].map(() => `scims_${randomBytes(32).toString('base64url')}`);
    assert.deepEqual([await ask(one), await ask(one), await ask(another), await ask(one)], [[401, 1], [401, 0], [401, 1], [401, 0]]);
  }));
