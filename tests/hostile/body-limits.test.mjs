// What a body may be as HTTP: its media type, its size, whether announced or not (RFC 7644 s3.8, RFC 9110 s15.5.14),
// how deep it nests and how many members it names, and how large a resource may be.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveBeside } from '../harness/bystanders.mjs';
import { add, assertAnswer, assertError, patch, remove, replace, urn } from '../harness/scim.mjs';
import { chunked, head, rawRequest } from '../harness/raw.mjs';
import { groupId, seedGroup, seedUsers, userId } from '../harness/seed.mjs';

let worker;
let ask;
let user;
serveBeside({ user: { schemas: [urn.user], userName: 'bystander' } }, (own) => ({ worker, ask, user } = own));

test('an unknown media type is a 415 that names it; known ones are accepted with or without parameters', async () => {
  for (const type of [
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json-patch+json',
    'scim',
    'application/scim+json+x',
  ]) {
    for (const [method, path, body] of [
      ['POST', '/Users', { userName: 'never' }],
      ['PATCH', `/Users/${user.id}`, patch(replace('title', 'x'))],
      ['PUT', `/Users/${user.id}`, { userName: 'x' }],
    ]) {
      const answer = await ask(method, path, body, { headers: { 'content-type': type } });
      assertError(answer, 415, undefined, `\`${type.split(';')[0]}\` is not taken; send \`application/scim+json\``);
    }
  }
  for (const type of [
    'application/json',
    'APPLICATION/SCIM+JSON',
    'application/scim+json;charset=UTF-8',
    'application/json; charset=utf-8; x=y',
  ]) {
    const { status, body, text } = await ask('POST', '/Users', { userName: 'typed' }, { headers: { 'content-type': type } });
    assert.equal(status, 201, text);
    assertAnswer(await ask('DELETE', `/Users/${body.id}`), 204);
  }
});

const mebibyte = 1 << 20;
/** Makes a user's JSON of exactly that many bytes, of which almost none are kept: no schema has a `ballast`. */
const ofSize = (bytes) => {
  const frame = JSON.stringify({ userName: 'large', ballast: '' });
  return Buffer.from(JSON.stringify({ userName: 'large', ballast: 'x'.repeat(bytes - frame.length) }));
};

test('a body of 1 MiB is accepted, one byte more is 413, whether its length is announced or not', async () => {
  const type = 'Content-Type: application/scim+json';
  const announced = (bytes) => head('POST', '/Users', type, `Content-Length: ${bytes}`);
  const inChunks = (body, size) =>
    rawRequest(worker.url, head('POST', '/Users', type, 'Transfer-Encoding: chunked'), chunked(body, size));
  for (const size of [mebibyte - 1, mebibyte]) {
    const body = ofSize(size);
    for (const sent of [
      () => rawRequest(worker.url, announced(size), [body]),
      () => inChunks(body),
      () => inChunks(body, 4_096),
      () => ask('POST', '/Users', new Uint8Array(body)),
    ]) {
      const created = await sent();
      assert.equal(created.status, 201, created.text.slice(0, 300));
      assert.deepEqual(Object.keys(created.body).sort(), ['active', 'id', 'meta', 'schemas', 'userName']);
      assertAnswer(await ask('DELETE', `/Users/${created.body.id}`), 204);
    }
  }
  const detail = `the body has more than ${mebibyte} bytes`;
  for (const size of [mebibyte + 1, mebibyte + 40_000]) {
    for (const chunk of [undefined, 4_096]) assertError(await inChunks(ofSize(size), chunk), 413, undefined, detail);
  }
  // The length alone is enough: the Worker does not wait for the body.
  for (const length of [mebibyte + 1, 1 << 30]) assertError(await rawRequest(worker.url, announced(length)), 413, undefined, detail);
});

test('a resource that no row of D1 can hold is 413, and the resource stays as it was', async () => {
  // D1 takes rows of 2 MB, though local runs take more, and a document stands in its row twice.
  const title = 'x'.repeat(900_000);
  const tooLarge = (answer) => assertError(answer, 413, undefined, 'the resource is larger than the directory can store');
  const { status, body } = await ask('POST', '/Users', { userName: 'huge', title });
  assert.equal(status, 201);
  tooLarge(await ask('PATCH', `/Users/${body.id}`, patch(replace('nickName', title))));
  tooLarge(await ask('PUT', `/Users/${body.id}`, { userName: 'huge', title: 'x'.repeat(1_000_000) }));
  tooLarge(await ask('POST', '/Users', { userName: 'huger', title: 'x'.repeat(1_000_000) }));
  assertAnswer(await ask('GET', `/Users/${body.id}`), 200, body);
});

test('a body of 127 levels is stored, read and written again, and one of 128 is refused', async () => {
  const nested = (levels) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
  const extension = 'urn:example:params:scim:schemas:extension:nested:2.0:User';
  // The body itself is a level, and in a PATCH there are two more around an operation.
  const created = await ask('POST', '/Users', { schemas: [urn.user], userName: 'deep', [extension]: nested(126) });
  assert.equal(created.status, 201, created.text);
  const { id } = created.body;
  assert.deepEqual((await ask('GET', `/Users/${id}`)).body[extension], nested(126));
  const again = await ask('PATCH', `/Users/${id}`, patch(replace(`${extension}:b`, nested(124))));
  assert.equal(again.status, 200, again.text);
  assert.deepEqual(again.body[extension], { a: nested(125), b: nested(124) });
  assert.equal((await ask('PUT', `/Users/${id}`, again.body)).status, 200);
  const detail = 'the body nests deeper than 127 levels';
  assertError(await ask('POST', '/Users', { userName: 'deeper', [extension]: nested(127) }), 400, 'invalidSyntax', detail);
  assertError(await ask('PATCH', `/Users/${id}`, patch(replace(`${extension}:b`, nested(125)))), 400, 'invalidSyntax', detail);
});

test('a request names 25,000 members, and not one more', async () => {
  await seedUsers(worker.d1, 25_000);
  await seedGroup(worker.d1, 1, 1, 0);
  const group = `/Groups/${groupId(1)}`;
  const members = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => userId(from + n));
  const count = () => worker.d1.prepare('SELECT count(*) AS count FROM memberships').first('count');
  assertAnswer(await ask('PATCH', group, patch(add('members', members(1, 25_000)))), 204);
  assert.equal(await count(), 25_000);
  const refused = (answer) => assertError(answer, 400, 'tooMany', /^(Operations\[0\]: )?the request has 25001 members; at most 25000 are taken$/);
  const short = (length) => Array.from({ length }, (_, n) => n.toString(36));
  refused(await ask('PATCH', group, patch(add('members', short(25_001)))));
  refused(await ask('PATCH', group, patch(remove('members', short(25_000)), add('members', short(1)))));
  refused(await ask('PUT', group, { displayName: 'g', members: short(25_001) }));
  refused(await ask('POST', '/Groups', { displayName: 'h', members: short(25_001) }));
  // As many as are accepted are looked up.
  assertError(await ask('PATCH', group, patch(add('members', short(25_000)))), 400, 'invalidValue', /./);
  assert.equal(await count(), 25_000);
  assertAnswer(await ask('PATCH', group, patch(remove('members', members(1, 25_000)))), 204);
  assert.equal(await count(), 0);
});
