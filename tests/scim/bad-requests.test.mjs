// Requests that are wrong as HTTP: methods, paths, headers. Each gets the right status with a SCIM error whose detail
// names the fault, and the next request is served normally. Not here: queries (bad-queries.test.mjs), bodies
// (bad-input.test.mjs), media types and sizes (../hostile/body-limits.test.mjs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveBeside } from '../harness/bystanders.mjs';
import { assertAnswer, assertError, urn } from '../harness/scim.mjs';
import { head, rawRequest } from '../harness/raw.mjs';

let worker;
let ask;
let user;
serveBeside({ user: { schemas: [urn.user], userName: 'bystander' } }, (own) => ({ worker, ask, user } = own));

test('a method that an endpoint does not take is a 405 that lists those that it takes', async () => {
  const collection = 'GET, POST';
  const resource = 'GET, PUT, PATCH, DELETE';
  for (const [path, allow, verbs] of [
    ['/Users', collection, ['PUT', 'PATCH', 'DELETE', 'OPTIONS']],
    ['/Groups', collection, ['PUT', 'PATCH', 'DELETE']],
    [`/Users/${user.id}`, resource, ['POST', 'OPTIONS']],
    ['/Groups/unknown', resource, ['POST']],
    ['/Schemas', 'GET', ['POST', 'DELETE']],
  ]) {
    for (const verb of verbs) {
      const answer = await ask(verb, path, ['PUT', 'PATCH', 'POST'].includes(verb) ? {} : undefined);
      assertError(answer, 405, undefined, `\`${verb}\` is not served here; this endpoint takes ${allow}`);
      assert.equal(answer.headers.get('allow'), allow);
    }
  }
});

test('an unknown verb is refused and is not taken for GET', async () => {
  for (const verb of ['TRACE', 'PROPFIND', 'PURGE', 'MERGE', 'SEARCH', 'LOCK', 'UNLINK', 'FOO', 'get', 'Patch']) {
    const answer = await rawRequest(worker.url, head(verb, `/Users/${user.id}`));
    // A method that the runtime does not know does not reach the Worker.
    assert.ok([400, 405, 501].includes(answer.status), `${verb}: ${answer.status} ${answer.text}`);
    assert.ok(!answer.text.includes(user.userName), verb);
    if (answer.status === 405) assertError(answer, 405, undefined, new RegExp(`^\`${verb}\` is not served here`, 'i'));
  }
});

test('HEAD is GET without the body', async () => {
  for (const path of [`/Users/${user.id}`, '/Users', '/Users/unknown', '/Schemas', '/nowhere']) {
    const [got, headed] = [await ask('GET', path), await ask('HEAD', path)];
    assert.deepEqual([headed.status, headed.text], [got.status, '']);
    for (const name of ['content-type', 'etag', 'location'])
      assert.equal(headed.headers.get(name), got.headers.get(name), `${path} ${name}`);
  }
});

test('a path that leads nowhere is 404 and named', async () => {
  for (const path of [
    '/NoSuchEndpoint',
    '/users',
    '/USERS',
    '/Users/a/b',
    '/Users/a/b/c',
    '/User',
    '/Groups/a/members',
    '/Schemas/a/b',
    '/ServiceProviderConfigs',
    '/ServiceProviderConfig/x',
    '/%55sers%2Fx/y',
    '/;',
    '/%20',
  ]) {
    assertError(await ask('GET', path), 404, undefined, `\`${decodeURIComponent(path)}\` is not an endpoint`);
  }
  for (const path of ['/', '/scim-edge', '/scimv2/Users', '/v2/Users', '/favicon.ico', '/.env']) {
    const response = await fetch(worker.url + path, { headers: { authorization: 'Bearer test-token' } });
    const text = await response.text();
    assertError(
      { status: response.status, headers: response.headers, text, body: JSON.parse(text) },
      404,
      undefined,
      'the service is at `/scim/v2`',
    );
  }
  for (const version of ['v1', 'v3', 'v2.1', 'v10']) {
    const response = await fetch(`${worker.url}/scim/${version}/Users`, { headers: { authorization: 'Bearer test-token' } });
    const text = await response.text();
    assertError(
      { status: response.status, headers: response.headers, text, body: JSON.parse(text) },
      400,
      'invalidVers',
      `\`${version}\` is not served; \`v2\` is`,
    );
  }
});

test('headers that are odd or long change nothing', async () => {
  const odd = [
    ['x-long', 'y'.repeat(8_000)],
    ['accept', 'text/html'],
    ['accept', ''],
    ['adscimversion', '2026-01-01;ActivityId=x'],
    ['user-agent', ''],
    ['if-none-match', '"'],
    ['if-none-match', ',,,'],
    ['x-server-timing', '1'],
    ['content-length-x', '5'],
  ];
  for (const [name, value] of odd)
    assertAnswer(await ask('GET', `/Users/${user.id}`, undefined, { headers: { [name]: value } }), 200, user);
  for (const tag of ['x', '"', 'W/', 'W/"x"', 'W/"99999999999999999999"', ','.repeat(2_000)]) {
    const answer = await ask('DELETE', `/Users/${user.id}`, undefined, { headers: { 'if-match': tag } });
    assertError(answer, 412, undefined, 'the resource is not at the version that the request names');
  }
  const answer = await rawRequest(worker.url, head('POST', '/Users', 'Content-Length: 0'));
  assertError(answer, 400, 'invalidSyntax', 'a POST needs a body');
});
