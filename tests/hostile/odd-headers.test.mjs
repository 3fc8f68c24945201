// Headers and methods that try to be another request, and the headers of every answer. What the platform refuses
// before the Worker sees it must be refused too. Not here: which tokens are valid (authentication.test.mjs), media
// types and sizes (body-limits.test.mjs).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { adminToken, newTenant, withAdmin } from '../harness/admin.mjs';
import { startWorker } from '../harness/index.mjs';
import { dump } from '../harness/dump.mjs';
import { assertAnswer, assertError, assertUnharmed, patch, replace } from '../harness/scim.mjs';
import { rawRequest } from '../harness/raw.mjs';

let worker;
let acme;
let user;
let untouched;
before(async () => {
  worker = await startWorker({ ...withAdmin, vars: { ...withAdmin.vars, SECURITY_EVENTS: 'on' } });
  acme = await newTenant(worker, 'acme');
  user = (await worker.scimFetch('POST', '/Users', { userName: 'bystander' })).body;
  untouched = await dump(worker.d1, { without: ['changes', 'audit_log'] });
});
after(async () => {
  const left = await dump(worker.d1, { without: ['changes', 'audit_log'] });
  await worker.stop();
  assert.deepEqual(left, untouched);
  assertUnharmed(worker);
});

const host = 'Host: localhost:8081';
const bearer = 'Authorization: Bearer test-token';
const raw = (...head) => rawRequest(worker.url, head);
const get = (...lines) => raw('GET /scim/v2/Users HTTP/1.1', host, ...lines);

test('two Authorization headers open nothing, whichever of them is right and however they are joined', async () => {
  for (const lines of [
    [bearer, bearer],
    ['Authorization: Bearer wrong', bearer],
    [bearer, 'Authorization: Bearer wrong'],
    ['Authorization: Basic dTpw', bearer],
    [bearer, 'Authorization:'],
    [`${bearer}, Bearer wrong`],
    [`${bearer},test-token`],
    [`${bearer};`],
    ['Authorization: Basic dTpw, Bearer test-token'],
    ['Authorization: Bearer realm="x" test-token'],
    ['Authorization: "Bearer test-token"'],
    ['Authorization: Bearer "test-token"'],
    ['Authorization: Bearer\ttest-token'],
    ['Authorization: Bearer test-token%00'],
    ['Authorization: Digest username="test-token"'],
    ['Authorization: Negotiate dGVzdC10b2tlbg=='],
    ['Authorization: Token test-token'],
    ['Proxy-Authorization: Bearer test-token'],
    ['X-Authorization: Bearer test-token'],
    ['X-Forwarded-Authorization: Bearer test-token'],
    ['WWW-Authenticate: Bearer test-token'],
    ['Cookie: Authorization=Bearer test-token'],
  ]) {
    const answer = await get(...lines);
    assertError(answer, 401, undefined);
    assert.match(answer.headers.get('www-authenticate'), /^Bearer realm="scim"/);
    for (const path of ['/admin/tenants', '/acme/scim/v2/Users']) {
      const others = lines.map((line) => line.replaceAll('test-token', path.startsWith('/admin') ? adminToken : acme.token));
      assert.equal((await raw(`GET ${path} HTTP/1.1`, host, ...others)).status, 401, `${path} ${others}`);
    }
  }
  assert.equal((await get(bearer)).status, 200);
});

test('no header makes another verb, another path or another host out of a request', async () => {
  const tricks = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].map((name) => `${name}: DELETE`);
  const read = await raw(`GET /scim/v2/Users/${user.id} HTTP/1.1`, host, bearer, ...tricks);
  assert.deepEqual([read.status, read.body.userName], [200, 'bystander']);
  const posted = await raw(`POST /scim/v2/Users/${user.id}?_method=DELETE HTTP/1.1`, host, bearer, ...tricks, 'Content-Length: 0');
  assertError(posted, 405, undefined);
  for (const name of ['X-Original-URL', 'X-Rewrite-URL', 'X-Original-URI', 'X-Accel-Redirect', 'X-Forwarded-Prefix', 'X-Forwarded-Path', 'Destination', 'Referer']) {
    const answer = await raw('GET /scim/v2/Users HTTP/1.1', host, bearer, `${name}: /admin/tenants`);
    assert.deepEqual([answer.status, answer.body.totalResults], [200, 1], name);
  }
  for (const name of ['X-Tenant', 'X-Tenant-Id', 'Tenant', 'X-Forwarded-User', 'X-Admin', 'CF-Access-Authenticated-User-Email']) {
    assert.equal((await raw('GET /scim/v2/Users HTTP/1.1', host, `${name}: default`)).status, 401, name);
    assert.equal((await raw('GET /scim/v2/Users HTTP/1.1', host, `Authorization: Bearer ${acme.token}`, `${name}: acme`)).status, 401, name);
  }
});

test('addresses in an answer have the host of the request and no other', async () => {
  const lies = ['X-Forwarded-Host: evil.example', 'X-Host: evil.example', 'Forwarded: host=evil.example;proto=http', 'X-Forwarded-Server: evil.example', 'X-Forwarded-Port: 666', 'Origin: https://evil.example'];
  const answer = await raw(`GET /scim/v2/Users/${user.id} HTTP/1.1`, host, bearer, ...lies);
  assert.equal(answer.headers.get('location'), `http://localhost:8081/scim/v2/Users/${user.id}`);
  assert.equal(answer.body.meta.location, `http://localhost:8081/scim/v2/Users/${user.id}`);
  assert.ok(!JSON.stringify([...answer.headers]).includes('evil') && !answer.text.includes('evil'));
  // A path in the Host is part of the URL.
  for (const odd of ['localhost/acme', 'localhost?x=', 'localhost#']) {
    const { status, headers } = await raw(`GET /scim/v2/Users/${user.id} HTTP/1.1`, `Host: ${odd}`, bearer);
    assert.ok([401, 404].includes(status), `${odd}: ${status}`);
    assert.equal(headers.get('location'), null);
  }
});

test('an invalid Host and CONNECT do not reach the Worker, which serves the next request', async () => {
  // The platform logs errors of its own about them, so they have a Worker of their own.
  const own = await startWorker();
  try {
    for (const odd of [['Host: a b'], ['Host: "><script>'], ['Host: a', 'Host: b'], ['Host:'], [], ['Host: a\0b']]) {
      const { status, headers } = await rawRequest(own.url, ['GET /scim/v2/Users HTTP/1.1', ...odd, bearer]);
      assert.ok([400, 500].includes(status), `${odd}: ${status}`);
      assert.equal(headers.get('x-correlation-id'), null);
    }
    const { status, headers } = await rawRequest(own.url, ['CONNECT h.example:443 HTTP/1.1', host, bearer]);
    assert.ok([400, 405, 500, 501].includes(status), `${status}`);
    assert.equal(headers.get('x-correlation-id'), null);
    assert.equal((await own.scimFetch('GET', '/Users')).status, 200);
  } finally {
    await own.stop();
  }
});

test('a line end that is sent in a path, a query, a body or a header makes no header of an answer', async () => {
  const injected = '%0d%0aX-Injected:%20yes%0d%0a%0d%0a<script>';
  const text = '\r\nX-Injected: yes';
  const made = (await worker.scimFetch('POST', '/Users', { userName: `u${text}`, externalId: text, [`urn:a${text}:User`]: { x: text } })).body;
  const answers = [
    await raw(`GET /scim/v2/Users/${injected} HTTP/1.1`, host, bearer),
    await raw(`GET /scim/v2/${injected} HTTP/1.1`, host, bearer),
    await raw(`GET /${injected}/scim/v2/Users HTTP/1.1`, host, bearer),
    await raw(`GET /scim/v2/Users?filter=${injected} HTTP/1.1`, host, bearer),
    await raw(`GET /scim/v2/Users?count=1&cursor=${injected} HTTP/1.1`, host, bearer),
    await raw(`GET /admin/tenants/default/export?cursor=User~${injected} HTTP/1.1`, host, `Authorization: Bearer ${adminToken}`),
    await raw(`GET /scim/v2/Users/${made.id} HTTP/1.1`, host, bearer, `X-Correlation-Id: x${injected}`, `If-None-Match: "${injected}"`, 'X-Server-Timing: 1'),
    await raw(`GET /scim/v2/Users/${made.id} HTTP/1.1`, host, bearer, 'X-Y: a\rX-Injected: yes'),
    await worker.scimFetch('GET', `/Users/${made.id}`),
  ];
  for (const { headers } of answers) assert.equal(headers.get('x-injected'), null);
  // The id in the log is the Worker's own.
  const { headers } = await get(bearer, 'X-Correlation-Id: chosen-by-the-client', 'CF-Ray: chosen', 'Traceparent: 00-chosen');
  assert.match(headers.get('x-correlation-id'), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  assert.equal((await worker.scimFetch('DELETE', `/Users/${made.id}`)).status, 204);
});

test('TRACE and verbs of other protocols show and do nothing', async () => {
  for (const verb of ['TRACE', 'TRACK', 'OPTIONS', 'PROPFIND', 'MOVE', 'COPY', 'LINK', 'PURGE', 'SEARCH', 'PRI', 'GETT', 'DELETE\u0000']) {
    for (const path of ['/scim/v2/Users', `/scim/v2/Users/${user.id}`, '/admin/tenants', '/healthz']) {
      const token = path.startsWith('/admin') ? adminToken : 'test-token';
      const { status, text } = await raw(`${verb} ${path} HTTP/1.1`, host, `Authorization: Bearer ${token}`, 'X-Echo: echoed');
      assert.ok([400, 405, 501].includes(status), `${verb} ${path}: ${status} ${text}`);
      for (const shown of ['echoed', token, 'bystander']) assert.ok(!text.includes(shown), `${verb}: ${text}`);
    }
  }
});

test('a body whose length is given twice, wrongly or in two ways is refused or read once', async () => {
  const body = JSON.stringify(patch(replace('title', 'never')));
  const chunks = [`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`];
  const smuggled = `GET /admin/tenants HTTP/1.1\r\n${host}\r\nAuthorization: Bearer ${adminToken}\r\n\r\n`;
  const send = (lines, sent) => rawRequest(worker.url, [`PATCH /scim/v2/Users/nobody HTTP/1.1`, host, bearer, 'Content-Type: application/json', ...lines], sent);
  for (const [lines, sent, statuses] of [
    [[`Content-Length: ${body.length - 1}`], [body], [400]],
    [['Content-Length: 0'], [body], [400]],
    [['Content-Length: -1'], [body], [400]],
    [[`Content-Length: +${body.length}`], [body], [400]],
    [['Content-Length: 0x10'], [body], [400]],
    [['Content-Length: 99999999999999999999'], [body], [400, 413]],
    [[`Content-Length: ${body.length}`, 'Content-Length: 5'], [body], [400]],
    [[`Content-Length: ${body.length}, 5`], [body], [400]],
    [['Content-Length: 5', 'Transfer-Encoding: chunked'], chunks, [400, 404]],
    [['Transfer-Encoding: xchunked'], chunks, [400]],
    [['Transfer-Encoding: chunked, identity'], chunks, [400, 501]],
    [['Transfer-Encoding : chunked'], chunks, [400]],
    [['Transfer-Encoding: chunked'], [`zz\r\n${body}`], [400]],
    [['Transfer-Encoding: chunked'], [`${'f'.repeat(40)}\r\n${body}`], [400, 413]],
    [['Content-Length: 0', `Content-Length : ${smuggled.length}`], [smuggled], [400]],
    [['Content-Length: 0'], [smuggled], [400]],
    // A body that calls itself compressed is not read, and neither is what follows it.
    [['Content-Encoding: gzip', `Content-Length: ${body.length}`], [body], [415]],
  ]) {
    const { status, text } = await send(lines, sent);
    assert.ok(statuses.includes(status), `${lines}: ${status} ${text}`);
    assert.ok(!text.includes('"tenants"'), `${lines}: ${text}`);
  }
  assertAnswer(await worker.scimFetch('GET', `/Users/${user.id}`), 200, user);
});

test('no cache keeps an answer but the published keys and the assets of the console, no browser guesses its type, and none is open to the pages of others (CORS)', async () => {
  const origin = { origin: 'https://evil.example', 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization' };
  const ask = (method, path, token, headers = {}) =>
    fetch(worker.url + path, { method, redirect: 'manual', headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...origin, ...headers } });
  const one = `/scim/v2/Users/${user.id}`;
  const signIn = await (await fetch(`${worker.url}/console/sign-in`)).text();
  const assets = [...new Set(signIn.match(/\/console\/assets\/[\w.-]+/g))];
  assert.equal(assets.length, 3);
  const caching = { '/.well-known/jwks.json': 'public, max-age=300', ...Object.fromEntries(assets.map((path) => [path, 'public, max-age=31536000, immutable'])) };
  for (const [status, ...request] of [
    ...Object.keys(caching).map((path) => [200, 'GET', path]),
    [404, 'GET', '/console/assets/none'],
    [200, 'GET', '/console/sign-in'],
    [303, 'GET', '/console'],
    [200, 'GET', '/scim/v2/Users', 'test-token'],
    [200, 'GET', one, 'test-token'],
    [304, 'GET', one, 'test-token', { 'if-none-match': user.meta.version }],
    [200, 'HEAD', one, 'test-token'],
    [200, 'GET', '/scim/v2/ServiceProviderConfig', 'test-token'],
    [200, 'GET', '/scim/v2/Schemas', 'test-token'],
    [200, 'GET', '/acme/scim/v2/Schemas'],
    [200, 'GET', '/scim/v2/openapi.json', 'test-token'],
    [200, 'GET', '/acme/scim/v2/Users', acme.token],
    [404, 'DELETE', '/scim/v2/Users/nobody', 'test-token'],
    [405, 'OPTIONS', '/scim/v2/Users', 'test-token'],
    [401, 'OPTIONS', '/scim/v2/Users'],
    [401, 'OPTIONS', '/admin/tenants'],
    [401, 'GET', '/scim/v2/Users', 'wrong'],
    [401, 'GET', '/admin/tenants'],
    [200, 'GET', '/admin/tenants', adminToken],
    [200, 'GET', '/admin/tenants/acme/export', adminToken],
    [404, 'GET', '/nowhere'],
    [400, 'POST', '/oauth2/token'],
    [405, 'GET', '/acme/oauth2/token'],
    [405, 'OPTIONS', '/acme/oauth2/token'],
    [200, 'GET', '/healthz'],
    [405, 'POST', '/healthz'],
  ]) {
    const { status: found, headers } = await ask(...request);
    assert.equal(found, status, request.join(' '));
    assert.equal(headers.get('cache-control'), caching[request[1]] ?? 'no-store', request.join(' '));
    assert.equal(headers.get('x-content-type-options'), 'nosniff', request.join(' '));
    for (const [name] of headers) {
      assert.ok(!name.startsWith('access-control-') && !['set-cookie', 'server', 'x-powered-by', 'refresh'].includes(name), `${request}: ${name}`);
    }
    // RFC 9110 s15.4.5: a 304 carries what the 200 would have.
    if (status === 304) assert.equal(headers.get('etag'), user.meta.version);
  }
});
