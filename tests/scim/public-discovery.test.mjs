// The service's description of itself is answered to every client (RFC 7643 s5): the same to each, at no cost, and
// without anything about a tenant.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWorker } from '../harness/index.mjs';
import { adminClient, withAdmin } from '../harness/admin.mjs';
import { lineOf } from '../harness/log.mjs';
import { assertError, query, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
// A second counted request would exceed this limit.
const none = { limit: 1, period: 60 };
serve(async (started) => {
  worker = started;
  const admin = adminClient(worker);
  for (const id of ['acme', 'gone']) assert.equal((await admin('POST', '/tenants', { id })).status, 201);
  assert.equal((await admin('PATCH', '/tenants/gone', { enabled: false })).status, 200);
}, { ...withAdmin, rates: { ...withAdmin.rates, TENANT_RATE: none } });

const endpoints = [
  '/ServiceProviderConfig',
  '/ResourceTypes',
  '/ResourceTypes/User',
  '/ResourceTypes/Group',
  '/Schemas',
  `/Schemas/${urn.user}`,
  `/Schemas/${encodeURIComponent(urn.group)}`,
  `/Schemas/${urn.enterprise}`,
];
const bases = ['/scim/v2', '/scim', '/acme/scim/v2', '/gone/scim/v2', '/never-made/scim/v2', '/Not_a_name/scim/v2', '/%22%3Cb%3E/scim/v2'];
const credentials = {
  'no token': {},
  'a wrong token': { authorization: 'Bearer wrong' },
  'a token of no form': { authorization: 'Basic eDp5' },
  'a JWT of an unknown issuer': { authorization: 'Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.eA' },
  'the token': { authorization: 'Bearer test-token' },
};
const ask = async (path, { method = 'GET', headers = {} } = {}) => {
  const response = await fetch(worker.url + path, { method, headers: { 'x-server-timing': '1', ...headers } });
  // Headers of the connection, and of one answer: a length depends on the base, with which the text is compared.
  const own = ['x-correlation-id', 'date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding'];
  const kept = [...response.headers].filter(([name]) => !own.includes(name));
  return { status: response.status, text: await response.text(), headers: Object.fromEntries(kept) };
};

for (const endpoint of endpoints) {
  test(`${endpoint} is answered alike to every client at every address, without asking the database`, async () => {
    const { status, text, headers } = await ask(`/scim/v2${endpoint}`);
    assert.equal(status, 200, text);
    assert.equal(headers['server-timing'], 'd1;desc="round_trips=0 rows_read=0 rows_written=0"');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['content-type'], 'application/scim+json; charset=utf-8');
    for (const base of bases) {
      for (const [name, sent] of Object.entries(credentials)) {
        const answer = await ask(base + endpoint, { headers: sent });
        // The base is the client's own text: nothing else may differ.
        const location = (text) => text.replaceAll(`${worker.url}${base}/`, `${worker.url}/scim/v2/`);
        assert.deepEqual([answer.status, location(answer.text), answer.headers], [200, text, headers], `${base}: ${name}`);
        const head = await ask(base + endpoint, { method: 'HEAD', headers: sent });
        assert.deepEqual([head.status, head.text, head.headers], [200, '', headers], `${base}: ${name}`);
      }
    }
  });
}

test('what is not there is 404, and a filter 403, to every client', async () => {
  for (const base of bases) {
    for (const headers of Object.values(credentials)) {
      for (const [path, status, detail] of [
        ['/Schemas/urn:none', 404, 'there is no schema `urn:none`'],
        ['/ResourceTypes/Device', 404, '`/ResourceTypes/Device` is not an endpoint'],
        ['/ServiceProviderConfig/x', 404, '`/ServiceProviderConfig/x` is not an endpoint'],
        [query('/Schemas', 'id pr'), 403, 'this endpoint does not take a `filter`'],
      ]) {
        const answer = await ask(base + path, { headers });
        assertError({ ...answer, body: JSON.parse(answer.text), headers: new Headers(answer.headers) }, status, undefined, detail);
        assert.match(answer.headers['server-timing'], /round_trips=0 /);
      }
      assert.equal((await ask(`${base}/Schemas?filter=`, { headers })).status, 200);
    }
  }
});

test('nothing else is answered without a token: no other verb there, and no other endpoint', async () => {
  const own = await startWorker();
  try {
    for (const [method, path] of [
      ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].flatMap((method) => endpoints.map((path) => [method, path])),
      ...['/openapi.json', '/Users', '/Groups', '/', '', '/Me', '/nowhere', '/Users/Schemas', '/schemas', '/Schemas%2f'].map((path) => ['GET', path]),
      ['POST', '/.search'],
    ]) {
      const answer = await own.scimFetch(method, path, method === 'POST' ? {} : undefined, { token: null });
      assertError(answer, 401, undefined, 'a bearer token is needed');
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="scim"');
    }
    const refused = await own.scimFetch('POST', '/Schemas', {});
    assertError(refused, 405, undefined, '`POST` is not served here; this endpoint takes GET');
  } finally {
    await own.stop();
  }
});

test('it is answered though the Worker has no secret and an unknown dialect, and it is in the log', async () => {
  const own = await startWorker({ token: null, vars: { DIALECT: 'strikt' } });
  try {
    const answer = await own.scimFetch('GET', '/Schemas', undefined, { token: 'guessed-token' });
    assert.equal(answer.status, 200);
    await lineOf(own, answer);
    const lines = own.logs.map(({ message }) => JSON.parse(message));
    assert.deepEqual(lines.map(({ level, operation, status, roundTrips }) => [level, operation, status, roundTrips]), [['info', 'GET Schemas', 200, 0]]);
    assert.ok(!JSON.stringify(lines).includes('guessed-token'));
  } finally {
    await own.stop();
  }
});
