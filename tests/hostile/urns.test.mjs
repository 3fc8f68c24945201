// Extensions that no schema declares, under URNs with every character that a URN may have, and under texts that only
// resemble one: neither breaks a query nor reaches another value.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bystanders, serveBeside } from '../harness/bystanders.mjs';
import { unlimited } from '../harness/index.mjs';
import { assertAnswer, assertError, list, patch, query, remove, replace, urn } from '../harness/scim.mjs';

let ask;
let user;
let assertUntouched;
serveBeside(bystanders, (own) => ({ ask, user, assertUntouched } = own), { rates: unlimited });

const quoted = (text) => JSON.stringify(text);

/**
 * Asserts that an extension under this URN is kept completely, found by filters that name it, and changed by paths
 * that do.
 */
async function isAnExtension(name, { body }) {
  assert.deepEqual(body[name], { a: 'found', b: { c: 1 } });
  assert.deepEqual(body.schemas, [urn.user, name]);
  for (const [filter, found] of [
    [`${name}:a eq "FOUND"`, true],
    [`${name}:a eq "x"`, false],
    [`${name}:b.c eq 1`, true],
    [`${name}:nothing pr`, false],
    [`${name}x:a pr`, false],
  ]) {
    const answer = await ask('GET', query('/Users', filter));
    assert.equal(answer.status, 200, `${filter}: ${answer.text}`);
    assert.equal(answer.body.totalResults, found ? 1 : 0, filter);
    assertAnswer(answer, 200, found ? list(body) : list());
  }
  const patched = await ask('PATCH', `/Users/${body.id}`, patch(replace(`${name}:a`, 'changed'), remove(`${name}:b`)));
  assert.equal(patched.status, 200, `${name}: ${patched.text}`);
  assert.deepEqual(patched.body[name], { a: 'changed' });
}

/** Asserts that nothing is kept under a name that is not a URN, and that queries cannot use it. */
async function isNoExtension(name, { body }) {
  const { schemas, id, meta, ...shown } = body;
  assert.deepEqual([schemas, shown], [[urn.user], { active: true, userName: 'urn' }], name);
  assertError(await ask('GET', query('/Users', `${name}:a eq "x"`)), 400, 'invalidFilter');
  assertError(await ask('PATCH', `/Users/${id}`, patch(replace(`${name}:a`, 'x'))), 400, 'invalidPath');
}

const named = async (part) => {
  const name = `urn:x${part}:2.0:User`;
  const created = await ask('POST', '/Users', { userName: 'urn', [name]: { a: 'found', b: { c: 1 } } });
  assert.equal(created.status, 201, `${name}: ${created.text}`);
  return [name, created];
};

// RFC 8141 s2: what may stand in a URN, but for brackets, which filters need.
for (const part of [
  `'`,
  `''`,
  '$',
  '$.a',
  '!',
  '&',
  '+',
  '.',
  '..',
  '*',
  '%22',
  '%5C',
  '@',
  ';--',
  ',',
  '=',
  '/',
  '~',
  '_',
  'a.b',
  '-',
  "';DROP",
  '__proto__',
]) {
  test(`in the URN of an extension: ${part}`, async () => {
    const [name, created] = await named(part);
    await isAnExtension(name, created);
    assertAnswer(await ask('DELETE', `/Users/${created.body.id}`), 204);
    await assertUntouched();
  });
}

for (const part of [
  '"',
  '\\',
  '\\\\',
  '\\"',
  '\\u0022',
  '[0]',
  '[',
  ']',
  '(',
  ' ',
  '#',
  '?',
  '%',
  '{',
  '}',
  '<x>',
  '`',
  '|',
  '^',
  '\u00e9',
  '\u0000',
  '"]',
  '" or userName pr or "',
]) {
  test(`in what is not a URN, though it looks like one: ${quoted(part)}`, async () => {
    const [name, created] = await named(part);
    await (name in created.body ? isAnExtension : isNoExtension)(name, created);
    assertAnswer(await ask('DELETE', `/Users/${created.body.id}`), 204);
    await assertUntouched();
  });
}
