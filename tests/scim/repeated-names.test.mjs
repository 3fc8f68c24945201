// A JSON object with a name twice (RFC 8259 s4 leaves open which counts) is refused wherever a body is read, by that
// name and before anything is done, so that a program between the client and the service cannot have read another
// request than this one. Names of attributes have no letter case (RFC 7643 s2.1), so two that differ only in it are
// one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { dump } from '../harness/dump.mjs';
import { assertAnswer, assertError, contentType, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
let ask;
let user;
let group;
serve(async (started) => {
  worker = started;
  admin = adminClient(worker);
  await newTenant(worker, 'acme');
  ask = worker.scimFetch;
  user = (await ask('POST', '/Users', { userName: 'bystander', name: { givenName: 'B' } })).body;
  group = (await ask('POST', '/Groups', { displayName: 'bystanders' })).body;
}, withAdmin);

const create = (data) => `{"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":${data}}]}`;
const operation = (members) => `{"Operations":[{${members}}]}`;

for (const [what, method, path, body, name] of [
  ['the name of a user', 'POST', '/Users', '{"userName":"a","userName":"b"}', 'userName'],
  ['the name in two letter cases', 'POST', '/Users', '{"userName":"a","USERNAME":"b"}', 'USERNAME'],
  ['the name in an escape', 'POST', '/Users', '{"userName":"a","user\\u004eame":"b"}', 'userName'],
  ['twice the same value', 'POST', '/Users', '{"userName":"a","userName":"a"}', 'userName'],
  ['a name that no schema has', 'POST', '/Users', '{"userName":"a","x":1,"x":2}', 'x'],
  ['a name without a value', 'POST', '/Users', '{"userName":"a","title":null,"TITLE":null}', 'TITLE'],
  ['schemas', 'POST', '/Users', `{"schemas":["${urn.user}"],"schemas":[],"userName":"a"}`, 'schemas'],
  ['a sub-attribute', 'PUT', '/Users/<user>', '{"userName":"a","name":{"givenName":"a","GivenName":"b"}}', 'GivenName'],
  ['a sub-attribute of an element', 'POST', '/Users', '{"userName":"a","emails":[{"value":"a"},{"value":"b","Value":"c"}]}', 'Value'],
  ['an extension', 'POST', '/Users', `{"userName":"a","${urn.enterprise}":{},"${urn.enterprise.toUpperCase()}":{}}`, urn.enterprise.toUpperCase()],
  ['an attribute of an undeclared extension', 'POST', '/Users', '{"userName":"a","urn:a:2.0:User":{"b":1,"B":2}}', 'B'],
  ['members of a group', 'POST', '/Groups', '{"displayName":"a","members":[],"members":[]}', 'members'],
  ['the id of a member', 'PUT', '/Groups/<group>', '{"displayName":"bystanders","members":[{"value":"<user>","value":"<group>"}]}', 'value'],
  ['Operations of a PATCH', 'PATCH', '/Users/<user>', '{"Operations":[],"operations":[{"op":"remove","path":"name"}]}', 'operations'],
  ['op of a PATCH', 'PATCH', '/Users/<user>', operation('"op":"add","OP":"remove","path":"name","value":{}'), 'OP'],
  ['path of a PATCH', 'PATCH', '/Users/<user>', operation('"op":"replace","path":"title","PATH":"userName","value":"x"'), 'PATH'],
  ['value of a PATCH', 'PATCH', '/Users/<user>', operation('"op":"replace","path":"title","value":"x","value":"y"'), 'value'],
  ['an attribute in a PATCH without a path', 'PATCH', '/Users/<user>', operation('"op":"replace","value":{"userName":"x","username":"y"}'), 'username'],
  ['a path in a PATCH without one', 'PATCH', '/Users/<user>', operation('"op":"replace","value":{"name.givenName":"x","name.givenName":"y"}'), 'name.givenName'],
  ['members of a PATCH', 'PATCH', '/Groups/<group>', operation('"op":"add","path":"members","value":[{"value":"<user>","VALUE":"<user>"}]'), 'VALUE'],
  ['filter of a search', 'POST', '/.search', '{"filter":"id pr","filter":"id eq \\"x\\""}', 'filter'],
  ['count of a search of users', 'POST', '/Users/.search', '{"count":1,"Count":2}', 'Count'],
  ['Operations of a bulk', 'POST', '/Bulk', '{"Operations":[],"Operations":[]}', 'Operations'],
  ['method of a bulk operation', 'POST', '/Bulk', operation('"method":"PATCH","method":"DELETE","path":"/Users/<user>"'), 'method'],
  ['path of a bulk operation', 'POST', '/Bulk', operation('"method":"DELETE","path":"/Users/x","path":"/Users/<user>"'), 'path'],
  ['data of a bulk operation', 'POST', '/Bulk', create('{"userName":"a"},"data":{"userName":"b"}'), 'data'],
  ['the name of a user in a bulk', 'POST', '/Bulk', create('{"userName":"a","userName":"b"}'), 'userName'],
]) {
  test(`${what}, twice, is refused by name and nothing is done`, async () => {
    const before = await dump(worker.d1);
    const withIds = (text) => text.replaceAll('<user>', user.id).replaceAll('<group>', group.id);
    const answer = await ask(method, withIds(path), withIds(body));
    const escaped = name.replace(/[.\\$]/g, '\\$&');
    assertError(answer, 400, 'invalidSyntax', new RegExp(`^\`${escaped}\` occurs twice at line 1 column \\d+$`));
    assert.deepEqual(await dump(worker.d1), before);
  });
}

test('an attribute once by its name and once written in full is refused by name', async () => {
  for (const [body, name] of [
    [{ userName: 'a', [`${urn.user}:userName`]: 'b' }, 'userName'],
    [{ userName: 'a', manager: 'x', [urn.enterprise]: { manager: 'y' } }, 'manager'],
    [{ userName: 'a', [urn.enterprise]: { department: 'x' }, [`${urn.enterprise}:department`]: 'y' }, 'department'],
    [{ userName: 'a', 'urn:a:2.0:User': { b: 'x' }, 'urn:a:2.0:User:b': 'y' }, 'b'],
  ]) {
    assertError(await ask('POST', '/Users', body), 400, 'invalidSyntax', `\`${name}\` occurs twice`);
  }
});

test('the same name in two objects, and two paths whose texts differ in letter case, are not a repetition', async () => {
  const made = await ask('POST', '/Users', '{"userName":"twin","emails":[{"value":"a","type":"x"},{"value":"b","type":"y"}],"urn:a:2.0:User":{"a":{"a":{"a":1}}}}');
  assert.equal(made.status, 201, made.text);
  const body = operation(`"op":"add","value":{"roles[value eq \\"Reader\\"].display":"R","roles[value eq \\"READER\\"].type":"t"}`);
  const { status, text } = await ask('PATCH', `/Users/${made.body.id}`, body);
  assert.equal(status, 200, text);
  assertAnswer(await ask('DELETE', `/Users/${made.body.id}`), 204);
});

test('the administration refuses it too, and an import refuses the line', async () => {
  // The import itself was done, and is recorded in the audit.
  const contents = () => dump(worker.d1, { without: ['audit_log'] });
  const before = await contents();
  for (const [path, body, name] of [
    ['/tenants', '{"id":"a1","id":"a2"}', 'id'],
    ['/tenants/acme/tokens', '{"expires":"2030-01-01T00:00:00Z","expires":null}', 'expires'],
  ]) {
    const { status, body: refusal } = await admin('POST', path, body);
    assert.equal(status, 400);
    assert.match(refusal.detail, new RegExp(`^\`${name}\` occurs twice at line 1 column \\d+$`));
  }
  const line = '{"id":"a","meta":{"resourceType":"User"},"userName":"a","userName":"b"}';
  const { status, body } = await admin('POST', '/tenants/acme/import', line);
  assert.equal(status, 200);
  assert.deepEqual(body, { created: 0, present: 0, incomplete: [], refused: [{ line: 1, detail: '`userName` occurs twice at line 1 column 66' }] });
  assert.deepEqual(await contents(), before);
});

// What bad-input.test.mjs tests for users and groups, tested for every other body.
test('JSON that is broken, too deep or too large a number is refused by every other endpoint, and the next request is served', async () => {
  const deep = (open, close) => `${open.repeat(10_000)}1${close.repeat(10_000)}`;
  const utf8 = (text) => new TextEncoder().encode(text);
  const refusal = /^the body (is not JSON: |nests deeper than 127 levels$)/;
  for (const [what, body] of [
    ['arrays in arrays', deep('[', ']')],
    ['objects in objects', deep('{"a":', '}')],
    ['a value that nests', `{"x":${deep('[', ']')}}`],
    ['a number beyond doubles', '{"x":1e400}'],
    ['a number of 100,000 digits', `{"x":${'9'.repeat(100_000)}}`],
    ['NaN', '{"x":NaN}'],
    ['Infinity', '{"x":-Infinity}'],
    ['a lone surrogate', '{"x":"\\ud800"}'],
    ['a lone surrogate in a name', '{"\\udfff":1}'],
    ['two byte order marks', '\ufeff\ufeff{}'],
    ['invalid UTF-8', Uint8Array.from([...utf8('{"x":"'), 0xff, ...utf8('"}')])],
    ['overlong UTF-8', Uint8Array.from([...utf8('{"x":"'), 0xc0, 0x80, ...utf8('"}')])],
    ['a NUL', '{"x":"\0"}'],
    ['many opening braces', '{'.repeat(500_000)],
  ]) {
    for (const path of ['/Bulk', '/.search', '/Users/.search', '/Groups/.search']) {
      const answer = await ask('POST', path, body);
      assert.equal(answer.status, 400, `${what}: ${path}: ${answer.text.slice(0, 200)}`);
      assertError(answer, 400, 'invalidSyntax', refusal);
    }
    if (body.length <= 65_536) {
      const refused = await admin('POST', '/tenants', body);
      assert.equal(refused.status, 400, what);
      assert.match(refused.body.detail, refusal);
    }
    const imported = await admin('POST', '/tenants/acme/import', body);
    const { status, text } = imported;
    // A body that is not UTF-8 has no lines; any other body is one line, which is refused.
    if (typeof body === 'string') assert.deepEqual([status, imported.body.refused], [200, [{ line: 1, detail: 'the line is not JSON' }]], text);
    else assert.deepEqual([status, imported.body], [400, { status: 400, detail: 'the body is not UTF-8' }], text);
    const served = await ask('GET', `/Users/${user.id}`);
    assertAnswer(served, 200, user);
    assert.equal(served.headers.get('content-type'), contentType);
  }
});
