// Wrong requests: each gets the right status with a SCIM error whose detail names the fault, none makes the Worker
// fail, and the next request is served normally (RFC 7644 s3.12; RFC 9110). Not here: names and values that attack
// SQL and JSON paths (../hostile/names.test.mjs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveBeside } from '../harness/bystanders.mjs';
import { add, assertAnswer, assertError, op, patch, replace, urn } from '../harness/scim.mjs';
import { rawRequest } from '../harness/raw.mjs';

let worker;
let ask;
let user;
let group;
serveBeside(
  {
    user: { schemas: [urn.user], userName: 'bystander', title: 'T' },
    group: { schemas: [urn.group], displayName: 'bystanders' },
  },
  (own) => ({ worker, ask, user, group } = own),
);

const utf8 = (text) => new TextEncoder().encode(text);
const withBytes = (...bytes) => Uint8Array.from([...utf8('{"userName":"'), ...bytes, ...utf8('"}')]);

test('a body that is not JSON is refused as invalidSyntax', async () => {
  for (const [name, body, detail = /^the body is not JSON: /] of [
    ['empty', '', /needs a body$/],
    ['blank', ' \n ', undefined],
    ['truncated', '{"userName":"tr'],
    ['trailing garbage', '{"userName":"x"} x'],
    ['two documents', '{"userName":"x"}{}'],
    ['a word', 'userName'],
    ['single quotes', "{'userName':'x'}"],
    ['a trailing comma', '{"userName":"x",}'],
    ['a comment', '{/**/"userName":"x"}'],
    ['a NUL byte outside', '{"userName":"x"}\0'],
    ['a raw NUL within', '{"userName":"a\0b"}'],
    ['a raw line end within', '{"userName":"a\nb"}'],
    ['invalid UTF-8', withBytes(0x61, 0xff, 0xfe)],
    ['overlong UTF-8', withBytes(0xc0, 0xaf)],
    ['a surrogate in UTF-8', withBytes(0xed, 0xa0, 0x80)],
    ['a lone high surrogate', '{"userName":"\\ud800"}'],
    ['a lone low surrogate', '{"userName":"\\udc00x"}'],
    ['a broken escape', '{"userName":"\\x41"}'],
    ['nested too deep: arrays', `{"userName":"x","emails":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'the body nests deeper than 127 levels'],
    ['nested too deep: objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 'the body nests deeper than 127 levels'],
    ['UTF-16', new Uint8Array(Buffer.from('{"userName":"x"}', 'utf16le'))],
    ['NaN', '{"userName":NaN}'],
    ['hexadecimal', '{"userName":0x10}'],
    ['a number beyond doubles', '{"userName":"x","urn:a:b:c":{"n":1e999}}'],
  ]) {
    for (const [method, path] of [
      ['POST', '/Users'],
      ['POST', '/Groups'],
      ['PUT', `/Users/${user.id}`],
      ['PATCH', `/Users/${user.id}`],
      ['PATCH', `/Groups/${group.id}`],
    ]) {
      const answer = await ask(method, path, body);
      assert.equal(answer.status, 400, `${name}: ${method} ${path}: ${answer.text}`);
      assertError(answer, 400, 'invalidSyntax', detail);
    }
  }
});

test('JSON that is not a message of the endpoint is refused as invalidSyntax', async () => {
  for (const body of ['[]', '[{"userName":"x"}]', '"userName"', '42', 'true', 'null']) {
    for (const [method, path] of [
      ['POST', '/Users'],
      ['POST', '/Groups'],
      ['PUT', `/Users/${user.id}`],
      ['PATCH', `/Users/${user.id}`],
      ['PATCH', `/Groups/${group.id}`],
    ]) {
      assertError(await ask(method, path, body), 400, 'invalidSyntax', 'the body is not a JSON object');
    }
  }
  for (const [body, detail] of [
    [{}, 'the body has no `Operations`'],
    [{ Operations: {} }, '`Operations` is not an array'],
    [{ Operations: null }, '`Operations` is not an array'],
    [{ Operations: ['x'] }, 'Operations[0]: the operation is not an object'],
    [patch({ path: 'title', value: 'x' }), 'Operations[0]: the operation has no `op`'],
    [patch({ op: 1 }), 'Operations[0]: `op` is not a string'],
    [patch(op('move', 'title', 'x')), 'Operations[0]: `move` is not add, remove or replace'],
    [patch(op('', 'title', 'x')), 'Operations[0]: `` is not add, remove or replace'],
  ]) {
    assertError(await ask('PATCH', `/Users/${user.id}`, body), 400, 'invalidSyntax', detail);
  }
  for (const schemas of ['x', {}, 5, [5]])
    assertError(await ask('POST', '/Users', { schemas, userName: 'x' }), 400, 'invalidSyntax', '`schemas` is not an array of URNs');
});

// The types of attributes, and values that do not fit them, with the words of the refusal.
const wrong = [
  ['displayName', 'string', [5, true, { a: 1 }, ['a', 'b'], [[1]]]],
  ['profileUrl', 'string', [5, {}]],
  ['active', 'boolean', ['maybe', 5, {}, ['true', 'false'], 1]],
  ['name', 'object', ['text', 5, true]],
  ['name.givenName', 'string', [5, {}, true]],
];

test("a value of another type is refused as invalidValue, by the attribute's name, in POST, PUT and PATCH", async () => {
  for (const [path, kind, values] of wrong) {
    for (const value of values) {
      const detail = new RegExp(`\`${path.replace('.', '\\.')}\` is not an? ${kind}$`);
      const [outer, inner] = path.split('.');
      const body = { schemas: [urn.user], userName: 'bystander', [outer]: inner ? { [inner]: value } : value };
      assertError(await ask('POST', '/Users', { ...body, userName: 'never' }), 400, 'invalidValue', detail);
      assertError(await ask('PUT', `/Users/${user.id}`, body), 400, 'invalidValue', detail);
      assertError(
        await ask('PATCH', `/Users/${user.id}`, patch(replace('title', 'lost'), replace(path, value))),
        400,
        'invalidValue',
        detail,
      );
      assertError(
        await ask('PATCH', `/Users/${user.id}`, patch(op('replace', undefined, { title: 'lost', [path]: value }))),
        400,
        'invalidValue',
        detail,
      );
    }
  }
  for (const [body, detail] of [
    [{ emails: 5 }, '`emails[0]` is not an object'],
    [{ emails: [5] }, '`emails[0]` is not an object'],
    [{ emails: [{ value: 'a' }, { value: {} }] }, '`emails[1].value` is not a string'],
    [{ emails: [{ value: 'a', primary: 'perhaps' }] }, '`emails[0].primary` is not a boolean'],
    [{ [urn.enterprise]: 'text' }, new RegExp(urn.enterprise)],
    [
      {
        emails: [
          { value: '1', primary: true },
          { value: '2', primary: true },
        ],
      },
      '`emails` has more than one primary value',
    ],
    [{ [urn.enterprise]: { manager: 5 } }, /manager` is not an object$/],
    [{ userName: 5 }, '`userName` is not a string'],
    [{ userName: undefined }, 'a User needs a value for `userName`'],
    [{ userName: '' }, 'a User needs a value for `userName`'],
    [{ userName: null }, 'a User needs a value for `userName`'],
    [{ externalId: {} }, '`externalId` is not a string'],
  ]) {
    assertError(await ask('POST', '/Users', { schemas: [urn.user], userName: 'never', ...body }), 400, 'invalidValue', detail);
  }
  for (const [members, detail] of [
    [5, /members/],
    [[5], '`members[0]` has no `value` that is an id'],
    [[{ display: 'x' }], '`members[0]` has no `value` that is an id'],
    [[{ value: 5 }], '`members[0]` has no `value` that is an id'],
    [[{ value: '' }], '`members[0]` has no `value` that is an id'],
  ]) {
    assertError(
      await ask('POST', '/Groups', { schemas: [urn.group], displayName: 'never', members }),
      400,
      'invalidValue',
      detail,
    );
    assertError(
      await ask('PATCH', `/Groups/${group.id}`, patch(add('members', members))),
      400,
      'invalidValue',
      typeof detail === 'string' ? `Operations[0]: ${detail}` : detail,
    );
  }
  assertError(
    await ask('POST', '/Groups', { schemas: [urn.group] }),
    400,
    'invalidValue',
    'a Group needs a value for `displayName`',
  );
});

test('numbers of any size in an extension come back as JSON has them, or are refused, but never break', async () => {
  for (const number of [
    '9007199254740993',
    '-0',
    '1e308',
    '1e-400',
    '123456789012345678901234567890',
    `${'9'.repeat(4_000)}`,
    '0.1',
  ]) {
    const answer = await ask('POST', '/Users', `{"userName":"number","urn:example:2.0:User":{"n":${number}}}`);
    if (answer.status === 400) assertError(answer, 400, 'invalidSyntax', /number out of range/);
    else {
      assert.equal(answer.status, 201, `${number}: ${answer.text}`);
      assert.equal(answer.body['urn:example:2.0:User'].n, JSON.parse(number));
      assertAnswer(await ask('GET', `/Users/${answer.body.id}`), 200, answer.body);
      assertAnswer(await ask('DELETE', `/Users/${answer.body.id}`), 204);
    }
  }
});

test('PATCH: a malformed path is refused as invalidPath, a filter that selects nothing it can make as noTarget', async () => {
  for (const [path, scimType] of [
    ['emails[', 'invalidPath'],
    ['emails[type eq "work"', 'invalidPath'],
    ['emails[type eq "work"]]', 'invalidPath'],
    ['emails[type]', 'invalidPath'],
    ['emails[nothing eq "x"].value', 'invalidPath'],
    ["emails[type eq 'work'].value", 'invalidPath'],
    ['.value', 'invalidPath'],
    ['title.', 'invalidPath'],
    ['a b', 'invalidPath'],
    ['dispalyName', 'invalidPath'],
    ['emails..value', 'invalidPath'],
    ['urn:', 'invalidPath'],
    ['1', 'invalidPath'],
    ['\u00e9', 'invalidPath'],
    [`${'('.repeat(5_000)}`, 'invalidPath'],
    [`emails[${'('.repeat(5_000)}type pr${')'.repeat(5_000)}]`, 'invalidPath'],
    ['emails[type ne "work" and type pr].value', 'noTarget'],
  ]) {
    const answer = await ask('PATCH', `/Users/${user.id}`, patch(replace(path, 'x')));
    assert.equal(answer.body?.scimType, scimType, `${path.slice(0, 40)}: ${answer.text.slice(0, 300)}`);
    assertError(answer, 400, scimType, scimType === 'noTarget' ? /no value of `emails` meets the filter$/ : undefined);
    assert.ok(answer.body.detail.includes(path.slice(0, 20)) || scimType === 'noTarget', answer.body.detail.slice(0, 300));
  }
  assertError(
    await ask('PATCH', `/Users/${user.id}`, patch(op('replace', 5, 'x'))),
    400,
    'invalidPath',
    'Operations[0]: `path` is not a string',
  );
  assertError(
    await ask('PATCH', `/Users/${user.id}`, patch(op('remove'))),
    400,
    'noTarget',
    'Operations[0]: a remove needs a `path`',
  );
  assertError(
    await ask('PATCH', `/Users/${user.id}`, patch(op('add', 'title'))),
    400,
    'invalidValue',
    'Operations[0]: the operation has no `value`',
  );
  assertError(
    await ask('PATCH', `/Users/${user.id}`, patch(op('add', undefined, 'x'))),
    400,
    'invalidValue',
    /^Operations\[0\]: without a `path`/,
  );
  assertError(
    await ask('PATCH', `/Groups/${group.id}`, patch(replace('members.value', 'x'))),
    400,
    'mutability',
    /`members\.value` is immutable/,
  );
  assertError(
    await ask('PATCH', `/Users/${user.id}`, patch(...Array.from({ length: 5_001 }, () => op('add', 'title', 'x')))),
    400,
    'tooMany',
    /5001 operations; at most 5000/,
  );
});

test("an id that no resource has is 404 on every verb, however it is written", async () => {
  const ids = [
    'unknown',
    'bulkId',
    '0',
    '%20',
    'a%20b',
    '%00',
    'a%00b',
    '%2F',
    '..%2F..%2Fetc',
    '%2e%2e',
    '%2e',
    '%252e',
    'x'.repeat(8_000),
    user.id.toUpperCase(),
    `${user.id}%00`,
    `${user.id}%20`,
    `${user.id};`,
    '%F0%9F%98%80',
    '*',
    '%25',
    `'${user.id}'`,
    group.id,
  ];
  for (const id of ids) {
    for (const [method, body] of [
      ['GET'],
      ['DELETE'],
      ['PUT', { schemas: [urn.user], userName: 'never' }],
      ['PATCH', patch(replace('title', 'x'))],
    ]) {
      // fetch itself resolves `..`; this path is sent exactly as it is given.
      const payload = body ? JSON.stringify(body) : '';
      const length = body ? [`Content-Length: ${Buffer.byteLength(payload)}`, 'Content-Type: application/scim+json'] : [];
      const answer = await rawRequest(
        worker.url,
        [`${method} /scim/v2/Users/${id} HTTP/1.1`, 'Host: localhost', 'Authorization: Bearer test-token', ...length],
        [payload],
      );
      // The platform treats an encoded dot as the dot segment that it is, so `/Users/%2e` is the list of all users.
      if (['%2e%2e', '%2e'].includes(id))
        assert.ok([method === 'GET' ? 200 : 405, 404].includes(answer.status), `${method} ${id}: ${answer.text}`);
      else {
        assert.equal(answer.status, 404, `${method} ${id.slice(0, 60)}: ${answer.text.slice(0, 300)}`);
        assertError(answer, 404, undefined, /^there is no User `/);
      }
    }
  }
  for (const id of ['%FF', '%C0%AF', 'a%ED%A0%80'])
    assertError(await ask('GET', `/Users/${id}`), 400, undefined, 'the path is not UTF-8');
});
