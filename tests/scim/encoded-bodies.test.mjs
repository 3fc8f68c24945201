// How the text of a body is encoded: a compressed body is refused by name (RFC 9110 s15.5.16), and a byte order mark
// before the JSON is skipped (RFC 8259 s8.1).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { assertAnswer, assertError, bulk, list, patch, query, replace, search, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let ask;
let admin;
let user;
let group;
serve(async (started) => {
  worker = started;
  ask = worker.scimFetch;
  admin = adminClient(worker);
  await newTenant(worker, 'acme');
  user = (await ask('POST', '/Users', { schemas: [urn.user], userName: 'kept' })).body;
  group = (await ask('POST', '/Groups', { schemas: [urn.group], displayName: 'kept' })).body;
}, withAdmin);

const requests = () => [
  ['POST', '/Users', { schemas: [urn.user], userName: 'new' }],
  ['PUT', `/Users/${user.id}`, { schemas: [urn.user], userName: 'kept', title: 'T' }],
  ['PATCH', `/Users/${user.id}`, patch(replace('title', 'T'))],
  ['PATCH', `/Groups/${group.id}`, patch(replace('displayName', 'renamed'))],
  ['POST', '/Users/.search', search({ filter: 'userName eq "kept"' })],
  ['POST', '/.search', search()],
  ['POST', '/Bulk', bulk([{ method: 'DELETE', path: `/Users/${user.id}` }])],
];
const codings = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, GZIP: gzipSync, zstd: (text) => text, compress: (text) => text };

test('a body in any coding but identity is 415, says what to send, and changes nothing', async () => {
  for (const [coding, encode] of Object.entries(codings)) {
    for (const [method, path, content] of requests()) {
      const answer = await ask(method, path, new Uint8Array(encode(Buffer.from(JSON.stringify(content)))), { headers: { 'content-encoding': coding } });
      assertError(answer, 415, undefined, `a body with \`Content-Encoding: ${coding}\` is not taken; send it as it is, uncompressed`);
      assert.equal(answer.headers.get('accept-encoding'), 'identity');
    }
  }
  assertAnswer(await ask('GET', `/Users/${user.id}`), 200, user);
  assertAnswer(await ask('GET', `/Groups/${group.id}`), 200, group);
});

test('of several codings the first that is not taken is named, and a plain body that calls itself compressed is refused too', async () => {
  for (const [sent, coding] of [['identity, gzip', 'gzip'], ['gzip, br', 'gzip'], ['x-unknown', 'x-unknown']]) {
    const answer = await ask('PATCH', `/Users/${user.id}`, patch(replace('title', 'never')), { headers: { 'content-encoding': sent } });
    assertError(answer, 415, undefined, `a body with \`Content-Encoding: ${coding}\` is not taken; send it as it is, uncompressed`);
  }
  assertAnswer(await ask('GET', `/Users/${user.id}`), 200, user);
});

test('identity is what every body is, and a request that has no body has no coding', async () => {
  for (const coding of ['identity', 'Identity', 'identity, identity']) {
    const found = await ask('POST', '/Users/.search', search(), { headers: { 'content-encoding': coding } });
    assertAnswer(found, 200, list(user));
  }
  assertAnswer(await ask('GET', `/Users/${user.id}`, undefined, { headers: { 'content-encoding': 'gzip' } }), 200, user);
  assert.equal((await ask('DELETE', '/Users/nobody', undefined, { headers: { 'content-encoding': 'gzip' } })).status, 404);
});

test('the administration and the token endpoint refuse a compressed body in their own words', async () => {
  const headers = { 'content-encoding': 'gzip' };
  const detail = 'a body with `Content-Encoding: gzip` is not taken; send it as it is, uncompressed';
  for (const path of ['/tenants', '/tenants/acme/tokens', '/tenants/acme/import']) {
    const answer = await admin('POST', path, new Uint8Array(gzipSync('{"id":"zipped"}')), { headers });
    assert.deepEqual([answer.status, answer.body], [415, { status: 415, detail }]);
    assert.equal(answer.headers.get('accept-encoding'), 'identity');
  }
  assert.equal((await admin('GET', '/tenants/zipped')).status, 404);
  const body = new Uint8Array(gzipSync('grant_type=client_credentials'));
  const answer = await fetch(`${worker.url}/acme/oauth2/token`, { method: 'POST', body, headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' } });
  // RFC 6749 s5.2 has its own alphabet for descriptions.
  assert.deepEqual([answer.status, (await answer.json()).error], [415, 'invalid_request']);
  assert.equal(answer.headers.get('accept-encoding'), 'identity');
});

test('a byte order mark before the JSON is skipped at every endpoint', async () => {
  const marked = (content) => `\ufeff${JSON.stringify(content)}`;
  const [create, put, change, rename, search, searchAll] = requests();
  const send = ([method, path, content]) => ask(method, path, marked(content));
  const created = await send(create);
  assert.deepEqual([created.status, created.body.userName], [201, 'new'], created.text);
  assert.deepEqual([(await send(put)).body.title, (await send(change)).body.title], ['T', 'T']);
  assert.equal((await send(rename)).status, 204);
  assert.equal((await ask('GET', `/Groups/${group.id}`)).body.displayName, 'renamed');
  assert.equal((await send(search)).body.totalResults, 1);
  assert.equal((await send(searchAll)).body.totalResults, 3);
  const deleted = await ask('POST', '/Bulk', marked(bulk([{ method: 'DELETE', path: `/Users/${created.body.id}` }])));
  assert.deepEqual([deleted.status, deleted.body.Operations[0].status], [200, '204'], deleted.text);
  assert.equal((await ask('GET', query('/Users', 'userName eq "new"'))).body.totalResults, 0);
  assert.equal((await admin('POST', '/tenants', marked({ id: 'marked' }))).status, 201);
});

test('a mark anywhere else, two of them, or one alone is what it was before', async () => {
  for (const [body, detail] of [
    ['\ufeff\ufeff{}', /^the body is not JSON: /],
    [' \ufeff{}', /^the body is not JSON: /],
    ['{}\ufeff', /^the body is not JSON: /],
    ['\ufeff', 'a POST needs a body'],
    [new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]), 'the body is not JSON: it is not UTF-8'],
  ]) {
    assertError(await ask('POST', '/Users', body), 400, 'invalidSyntax', detail);
  }
  const { body } = await ask('POST', '/Users', { schemas: [urn.user], userName: '\ufeffmark' });
  assert.equal(body.userName, '\ufeffmark');
});
