// Names and values that would be SQL, JSON paths or JavaScript's own properties if they were interpreted as such.
// Each is sent through every string that reaches the database: it is stored and found as it is, or refused by name,
// and nothing else is changed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bystanders, serveBeside } from '../harness/bystanders.mjs';
import { unlimited } from '../harness/index.mjs';
import { add, assertAnswer, assertError, list, op, patch, query, remove, replace, urn } from '../harness/scim.mjs';

let ask;
let user;
let group;
let assertUntouched;
serveBeside(bystanders, (own) => ({ ask, user, group, assertUntouched } = own), { rates: unlimited });

const hostile = [
  `' OR '1'='1`,
  `'; DROP TABLE resources; --`,
  `" OR ""="`,
  `\\'; DELETE FROM resources; --`,
  `1) OR (1=1`,
  `x' UNION SELECT document FROM resources --`,
  `%`,
  `_`,
  `*`,
  `?1`,
  `:tenant`,
  `$[0]`,
  `$.userName`,
  `"`,
  `'`,
  '`',
  `\\`,
  `\\"`,
  `]`,
  `[0]`,
  `..`,
  `{}`,
  `null`,
  `__proto__`,
  `constructor`,
  `toString`,
  `\u0001`,
  `\u007f`,
  `\u2028`,
  `\u{1F600}`,
  `<script>`,
  `\${1}`,
  `a,b`,
  `a:b`,
  `CURRENT_TIMESTAMP`,
  `X'00'`,
];
const quoted = (text) => JSON.stringify(text);

for (const [name, values] of Object.entries({ 'as a value': hostile, 'as a value with U+0000 in it': ['x\0y', '\0', 'x\0'] })) {
  test(`${name}: stored, found by every filter, shown as it was sent`, () => storesAndFinds(values));
}

async function storesAndFinds(values) {
  for (const value of values) {
    const body = {
      userName: `u ${value}`,
      externalId: value,
      displayName: value,
      emails: [{ type: value, value }],
      'urn:example:2.0:User': { a: value },
    };
    const created = await ask('POST', '/Users', body);
    assert.equal(created.status, 201, `${quoted(value)}: ${created.text}`);
    const { schemas, id, meta, ...shown } = created.body;
    assert.deepEqual(shown, { active: true, ...body });
    assertAnswer(await ask('GET', `/Users/${id}`), 200, created.body);
    for (const filter of [
      `userName eq ${quoted(`u ${value}`)}`,
      `externalId eq ${quoted(value)}`,
      `displayName eq ${quoted(value)}`,
      `emails[type eq ${quoted(value)}].value eq ${quoted(value)}`,
      `emails.value eq ${quoted(value)}`,
      `urn:example:2.0:User:a eq ${quoted(value)}`,
      `userName co ${quoted(value)} and userName sw "u "`,
      `userName ew ${quoted(value)} and userName sw "u "`,
    ]) {
      const found = await ask('GET', query('/Users', filter));
      assert.equal(found.status, 200, `${filter}: ${found.text}`);
      assert.ok(
        found.body.Resources.some((one) => one.id === id),
        `${filter} finds it`,
      );
      assert.ok(
        found.body.Resources.every((one) => one.id !== user.id),
        `${filter} finds the bystander`,
      );
    }
    const renamed = await ask(
      'PATCH',
      `/Users/${id}`,
      patch(replace('userName', `v ${value}`), add(`emails[type eq ${quoted(value)}].display`, value)),
    );
    assert.equal(renamed.status, 200, `${quoted(value)}: ${renamed.text}`);
    assert.deepEqual(renamed.body.emails, [{ type: value, value, display: value }]);
    assertAnswer(await ask('DELETE', `/Users/${id}`), 204);
  }
  await assertUntouched();
}

test("as a group's name, and as the id of a member", async () => {
  for (const value of hostile) {
    const { status, body, text } = await ask('POST', '/Groups', { displayName: `g ${value}`, externalId: value });
    assert.equal(status, 201, text);
    assertAnswer(await ask('GET', query('/Groups', `displayName eq ${quoted(`g ${value}`)}`)), 200, list(body));
    for (const filter of [`members eq ${quoted(value)}`, `members[value eq ${quoted(value)}]`, `id eq ${quoted(value)}`])
      assertAnswer(await ask('GET', query('/Groups', filter)), 200, list());
    assertError(
      await ask('PATCH', `/Groups/${body.id}`, patch(add('members', [{ value }]))),
      400,
      'invalidValue',
      /^no user or group has the id of these members: /,
    );
    assertAnswer(await ask('PATCH', `/Groups/${body.id}`, patch(remove('members', [{ value }]))), 204);
    assertAnswer(await ask('PATCH', `/Groups/${body.id}`, patch(op('remove', `members[value eq ${quoted(value)}]`))), 204);
    assertAnswer(await ask('DELETE', `/Groups/${body.id}`), 204);
  }
  await assertUntouched();
});

test('as an id in the path: no resource has it', async () => {
  for (const value of hostile.filter((value) => value !== '..')) {
    for (const [method, body] of [['GET'], ['DELETE'], ['PUT', { userName: 'never' }], ['PATCH', patch(replace('title', 'x'))]]) {
      assertError(
        await ask(method, `/Users/${encodeURIComponent(value)}`, body),
        404,
        undefined,
        `there is no User \`${value}\``,
      );
    }
    assertError(
      await ask('PATCH', `/Groups/${encodeURIComponent(value)}`, patch(add('members', [{ value: user.id }]))),
      404,
      undefined,
      `there is no Group \`${value}\``,
    );
  }
  await assertUntouched();
});

test('as the name of an attribute in a filter or a PATCH: refused by name, or nothing', async () => {
  const { body: own } = await ask('POST', '/Users', { userName: 'own', name: { familyName: 'F' }, title: 'T' });
  for (const value of hostile) {
    for (const name of [value, `name.${value}`, `${urn.enterprise}:${value}`]) {
      const filtered = await ask('GET', query('/Users', `${name} eq "x"`));
      // After a URN, a colon makes another URN: an undeclared extension, in which no resource has a value.
      if (name.startsWith('urn:') && filtered.status === 200) assertAnswer(filtered, 200, list());
      else assertError(filtered, 400, 'invalidFilter');
      for (const change of [replace(name, 'x'), op('replace', undefined, { [name]: 'x' })]) {
        const patched = await ask('PATCH', `/Users/${own.id}`, patch(change));
        if (patched.status !== 200)
          assertError(patched, 400, patched.body.scimType === 'invalidValue' && !value.trim() ? 'invalidValue' : 'invalidPath');
      }
    }
    assert.equal((await ask('GET', `/Users?attributes=${encodeURIComponent(value)}`)).status, 200);
    assert.equal((await ask('GET', `/Users?excludedAttributes=${encodeURIComponent(value)}`)).status, 200);
  }
  const { body } = await ask('GET', `/Users/${own.id}`);
  const plain = (resource) =>
    Object.fromEntries(Object.entries(resource).filter(([key]) => !key.startsWith('urn:') && !['schemas', 'meta'].includes(key)));
  assert.deepEqual(plain(body), plain(own));
  assertAnswer(await ask('DELETE', `/Users/${own.id}`), 204);
  await assertUntouched();
});

test('as an attribute of a body that no schema has: left out, or an extension of that very name', async () => {
  for (const value of hostile) {
    const body = `{"userName":"named",${quoted(value)}:{"userName":"x"},"name":{"familyName":"F",${quoted(value)}:"x"}}`;
    const { status, body: created, text } = await ask('POST', '/Users', body);
    assert.equal(status, 201, `${quoted(value)}: ${text}`);
    const { schemas, id, meta, ...shown } = created;
    assert.deepEqual([schemas, shown], [[urn.user], { active: true, userName: 'named', name: { familyName: 'F' } }]);
    assertAnswer(await ask('DELETE', `/Users/${id}`), 204);
  }
  await assertUntouched();
});

test('in an undeclared extension: its attributes are kept under their names, and change and are found by no other', async () => {
  const extension = 'urn:example:2.0:User';
  const byName = ([a], [b]) => (a < b ? -1 : 1);
  for (const value of hostile) {
    const body = `{"userName":"extended","${extension}":{${quoted(value)}:"kept","other":{${quoted(value)}:["deep"]}}}`;
    const { status, body: created, text } = await ask('POST', '/Users', body);
    assert.equal(status, 201, `${quoted(value)}: ${text}`);
    const entries = Object.entries(created[extension]);
    assert.deepEqual(
      entries.toSorted(byName),
      [
        [value, 'kept'],
        ['other', created[extension].other],
      ].toSorted(byName),
    );
    assert.deepEqual(Object.entries(created[extension].other), [[value, ['deep']]]);
    assertAnswer(await ask('GET', `/Users/${created.id}`), 200, created);
    const changed = await ask('PATCH', `/Users/${created.id}`, patch(replace(`${extension}:plain`, value)));
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual(Object.entries(changed.body[extension]).toSorted(byName), [...entries, ['plain', value]].toSorted(byName));
    assertAnswer(await ask('GET', query('/Users', `${extension}:plain eq ${quoted(value)}`)), 200, list(changed.body));
    assertAnswer(await ask('DELETE', `/Users/${created.id}`), 204);
  }
  await assertUntouched();
});

test('`__proto__` in every message is a name like any other', async () => {
  const created = await ask(
    'POST',
    '/Users',
    '{"userName":"proto","__proto__":{"active":false},"constructor":{"prototype":{"active":false}},"urn:a:2.0:User":{"__proto__":{"x":1}},"emails":[{"value":"a","__proto__":{"primary":true}}]}',
  );
  assert.equal(created.status, 201, created.text);
  assert.match(created.text, /"urn:a:2\.0:User":\{"__proto__":\{"x":1\}\}/);
  const { id } = created.body;
  assert.deepEqual(created.body.emails, [{ value: 'a' }]);
  for (const body of [
    '{"Operations":[{"op":"replace","value":{"__proto__":{"userName":"x"}}}]}',
    '{"Operations":[{"op":"replace","path":"__proto__","value":{"userName":"x"}}]}',
  ]) {
    assertError(await ask('PATCH', `/Users/${id}`, body), 400, 'invalidPath', /`__proto__`/);
  }
  assertError(
    await ask('PATCH', `/Users/${id}`, '{"__proto__":{"Operations":[]}}'),
    400,
    'invalidSyntax',
    'the body has no `Operations`',
  );
  assertAnswer(await ask('GET', `/Users/${id}`), 200, created.body);
  assertAnswer(await ask('DELETE', `/Users/${id}`), 204);
  await assertUntouched();
});
