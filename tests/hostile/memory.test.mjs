// Every request within the published limits stays below 64 MiB of wasm memory: each row of the table in
// docs/LIMITS.md is tested at its limit, with a new instance of the module. memory-answers.test.mjs tests what is
// large only in the answer.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, withAdmin } from '../harness/admin.mjs';
import { add, assertError, patch, query, remove, replace, urn } from '../harness/scim.mjs';
import { assertStatus, boundedFor, MIB } from '../harness/memory-bounds.mjs';
import { seedUsers, userId } from '../harness/seed.mjs';
import { serve } from '../harness/serve.mjs';
import {
  bulkOf, entraUser, extension, largeUser, manyNumbers, manyObjects, manyOperations, nestedObjects, patchOfObjects, times, userOfValues, userWith,
} from '../harness/shapes.mjs';

let worker;
let ask;
let admin;
serve(async (started) => {
  worker = started;
  ask = worker.scimFetch;
  admin = adminClient(worker);
  await seedUsers(worker.d1, 25_000);
}, { ...withAdmin, memory: true });

const bounded = boundedFor(() => worker);
const status = assertStatus;
const created = async (body, path = '/Users') => {
  const answer = await ask('POST', path, body);
  status(answer, 201);
  return answer.body.id;
};
let made = 0;
const name = () => `memory${(made += 1)}`;
const removed = (kind, where) => worker.d1.prepare(`DELETE FROM resources WHERE type = ? AND ${where}`).bind(kind).run();

// Bodies: 1 MiB, 127 levels, 51,000 values of which 26,000 objects.

const filled = (bytes) => {
  const body = { userName: name(), ballast: '' };
  return JSON.stringify({ ...body, ballast: 'x'.repeat(bytes - JSON.stringify(body).length) });
};
bounded('a body of 1 MiB, one text', async () => status(await ask('POST', '/Users', filled(MIB)), 201));
for (const [shape, value] of Object.entries({
  'small objects': () => manyObjects(25_400),
  'objects within objects': () => nestedObjects(25_900),
  'numbers in arrays': () => manyNumbers(50_000),
})) {
  bounded(`a body of as many values as are taken: ${shape}`, async () => status(await ask('POST', '/Users', userWith(name(), value())), 201));
  bounded(`three of them in turn, and a PUT: ${shape}`, async () => {
    const ids = [];
    for (let n = 0; n < 3; n += 1) ids.push(await created(userWith(name(), value())));
    status(await ask('PUT', `/Users/${ids[0]}`, userWith(name(), value())), 200);
  });
}
for (const [shape, text] of Object.entries({
  'small objects': `[${times(120_000, () => '{"a":0}').join(',')}]`,
  'arrays': `[${times(260_000, () => '[]').join(',')}]`,
  numbers: `[${times(500_000, () => '0').join(',')}]`,
  'members of one object': `{${times(70_000, (n) => `"${n.toString(36)}":0`).join(',')}}`,
})) {
  bounded(`a body of more values than are taken: ${shape}`, async () => {
    const answer = await ask('POST', '/Users', `{"userName":"memory-refused","${extension}":{"a":${text}}}`);
    assertError(answer, 400, 'tooMany', /^the request has \d+ JSON (values; at most 51000|objects; at most 26000) are taken$/);
  });
}
bounded('a body of 127 levels', async () => {
  const nested = JSON.parse(`${'{"a":'.repeat(125)}1${'}'.repeat(125)}`);
  status(await ask('POST', '/Users', userWith(name(), nested)), 201);
});

// A resource: 990 KB, 1,000 attributes, 1,000 values of one; and a PATCH of it.

bounded('a resource of 990 KB, created, read, replaced and changed', async () => {
  const id = await created(largeUser(name(), 980_000));
  status(await ask('GET', `/Users/${id}`), 200);
  status(await ask('PUT', `/Users/${id}`, largeUser(name(), 980_000)), 200);
  status(await ask('PATCH', `/Users/${id}`, patch(replace('nickName', 'n'))), 200);
});
bounded('1,000 attributes of 1,000 bytes', async () => {
  const value = Object.fromEntries(times(990, (n) => [`a${n}`, 'x'.repeat(950)]));
  status(await ask('POST', '/Users', userWith(name(), value)), 201);
});
bounded('1,000 values of an attribute', async () => status(await ask('POST', '/Users', userOfValues(name(), 990_000)), 201));
bounded(
  'a PATCH that gives a resource of as many objects as are kept as many others',
  async (id) => status(await ask('PATCH', `/Users/${id}`, patchOfObjects(25_400)), 400),
  () => created(userWith(name(), manyObjects(25_400))),
);

// PATCH: 5,000 operations, 1,000 changes, 2,000 comparisons, 1 MiB of copies.

bounded('a PATCH of 5,000 operations', async (id) => {
  const operations = times(5_000, (n) => remove(`members[value eq "${userId(n + 1)}"]`));
  status(await ask('PATCH', `/Groups/${id}`, patch(...operations)), 204);
}, () => created({ schemas: [urn.group], displayName: name() }, '/Groups'));
bounded('a PATCH of 1,000 changes', async (id) => status(await ask('PATCH', `/Users/${id}`, manyOperations(1_000)), 200), () => created({ userName: name() }));
bounded('a PATCH of 2,000 comparisons of 1,000 values', async (id) => {
  const path = (n) => `emails[${times(200, (at) => `type eq "t${(n * 200 + at) % 900}"`).join(' or ')}].display`;
  status(await ask('PATCH', `/Users/${id}`, patch(...times(10, (n) => replace(path(n), 'd')))), 200);
}, () => created(userOfValues(name(), 100_000)));
bounded('a PATCH that copies 1 MiB', async (id) => {
  status(await ask('PATCH', `/Users/${id}`, patch(replace('emails.display', 'x'.repeat(800)))), 200);
}, () => created(userOfValues(name(), 110_000)));
bounded('a PATCH that copies many objects, of a resource of many, beside many others', async (id) => {
  const others = Object.entries(manyObjects(22_000)).map(([key, value]) => replace(`${extension}:c${key}`, value));
  const copied = replace(`${extension}:a0.x`, times(13, () => ({ a: 0 })));
  status(await ask('PATCH', `/Users/${id}`, patch(...others, copied)), 400);
}, () => created(userWith(name(), manyObjects(25_000))));

// Bulk: 1,000 operations, 950 calls of D1.

bounded('a bulk of 1,000 creates of users as Entra sends them', async () => {
  const answer = await ask('POST', '/Bulk', bulkOf(1_000, (n) => ({ method: 'POST', path: '/Users', bulkId: `b${n}`, data: entraUser(n) })));
  status(answer, 200);
  assert.equal(answer.body.Operations.filter((operation) => operation.status === '201').length, 1_000);
});
bounded('a bulk of creates with as many objects as are taken', async () => {
  const one = (n) => ({ method: 'POST', path: '/Users', bulkId: `b${n}`, data: userWith(name(), manyObjects(2_300)) });
  const answer = await ask('POST', '/Bulk', bulkOf(11, one));
  status(answer, 200);
  assert.equal(answer.body.Operations.filter((operation) => operation.status === '201').length, 11, answer.text.slice(0, 500));
});
bounded('a bulk of 470 PATCHes of one user of 900 KB', async (id) => {
  const one = (n) => ({ method: 'PATCH', path: `/Users/${id}`, data: patch(replace('nickName', `n${n}`)) });
  const answer = await ask('POST', '/Bulk', bulkOf(470, one));
  status(answer, 200);
  assert.equal(answer.body.Operations.filter((operation) => operation.status === '200').length, 470);
}, () => created(largeUser(name(), 900_000)));
bounded('a bulk of 1,000 PATCHes of attributes: 950 calls of D1', async (id) => {
  const one = (n) => ({ method: 'PATCH', path: `/Users/${id}`, data: patch(replace('nickName', `n${n}`)) });
  const answer = await ask('POST', '/Bulk', bulkOf(1_000, one));
  status(answer, 200);
  assert.equal(answer.body.Operations.filter((operation) => operation.status === '503').length, 525);
}, () => created({ userName: name() }));

// Racing PATCHes.

const races = async (id, count) => {
  const answers = await Promise.all(times(count, (n) => ask('PATCH', `/Users/${id}`, patch(replace('nickName', `n${n}`)))));
  answers.forEach((answer) => status(answer, 200));
  const { body } = await ask('GET', `/Users/${id}`);
  assert.equal(body.meta.version, `W/"${count + 1}"`);
};
bounded('8 PATCHes at once of a user of 900 KB', (id) => races(id, 8), () => created(largeUser(name(), 900_000)));
bounded('8 PATCHes at once of a user of as many objects as are kept', (id) => races(id, 8), () => created(userWith(name(), manyObjects(25_400))));
bounded('8 PUTs at once of as many objects as are taken', async (id) => {
  const answers = await Promise.all(times(8, () => ask('PUT', `/Users/${id}`, userWith(name(), manyObjects(25_400)))));
  answers.forEach((answer) => status(answer, 200));
}, () => created(userWith(name(), manyObjects(25_400))));
test('large requests whose clients leave hold up none that come after', async () => {
  const id = await created(largeUser(name(), 900_000));
  const headers = { authorization: 'Bearer test-token', 'content-type': 'application/scim+json' };
  const begun = times(12, (n) => {
    const leaving = new AbortController();
    setTimeout(() => leaving.abort(), 5 + 10 * n);
    const body = JSON.stringify(n % 2 ? patch(replace('nickName', `n${n}`)) : largeUser(name(), 900_000));
    return fetch(`${worker.scim}/Users/${id}`, { method: n % 2 ? 'PATCH' : 'PUT', headers, body, signal: leaving.signal }).catch(() => undefined);
  });
  assert.ok((await Promise.all(begun)).includes(undefined), 'some have left');
  status(await ask('PATCH', `/Users/${id}`, patch(replace('nickName', 'last'))), 200);
});
bounded('8 users of as many objects as are taken, created at once', async () => {
  const answers = await Promise.all(times(8, () => ask('POST', '/Users', userWith(name(), manyObjects(25_400)))));
  answers.forEach((answer) => status(answer, 201));
});

// Filters: 64 KiB, 1,000 terms, depth 12.

bounded('a filter of 1,000 terms', async () => {
  const filter = times(1_000, (n) => `userName eq "u${n}"`).join(' or ');
  status(await ask('POST', '/Users/.search', { filter }), 200);
});
bounded('a filter of 64 KiB', async () => {
  const frame = 'userName eq ""';
  status(await ask('POST', '/Users/.search', { filter: `userName eq "${'x'.repeat(65_536 - frame.length)}"` }), 200);
});
bounded('a filter of 12 levels', async () => {
  status(await ask('GET', query('/Users', `${'('.repeat(11)}userName eq "x"${')'.repeat(11)}`)), 200);
});

// Members: 25,000 in one request; groups beyond what one page reads.

const ids = (from, to) => times(to - from + 1, (n) => userId(from + n));
bounded('25,000 members added and removed as ids', async (id) => {
  status(await ask('PATCH', `/Groups/${id}`, patch(add('members', ids(1, 25_000)))), 204);
  status(await ask('PATCH', `/Groups/${id}`, patch(remove('members', ids(1, 25_000)))), 204);
}, () => created({ schemas: [urn.group], displayName: name() }, '/Groups'));
bounded('a group of 25,000 members created, and replaced', async () => {
  const answer = await ask('POST', '/Groups', { displayName: name(), members: ids(1, 25_000) });
  status(answer, 201);
  assert.equal(answer.body.members.length, 25_000);
  const again = await ask('PUT', `/Groups/${answer.body.id}`, { displayName: name(), members: ids(1, 24_999) });
  status(again, 200);
  assert.equal(again.body.members.length, 24_999);
});
bounded('25,000 members as objects with a value', async (id) => {
  const members = times(25_000, (n) => ({ value: n.toString(36) }));
  assertError(await ask('PATCH', `/Groups/${id}`, patch(add('members', members))), 400, 'invalidValue', /^no user or group has the id/);
}, () => created({ schemas: [urn.group], displayName: name() }, '/Groups'));

// The administration: an import of 4 MiB and 1,000 lines, bodies of 64 KiB.

const imported = (n, more) => JSON.stringify({ schemas: [urn.user], id: `import-${n}`, userName: `import${n}`, meta: { resourceType: 'User' }, ...more });
for (const [shape, more] of Object.entries({
  'texts': () => ({ title: 'x'.repeat(4_000) }),
  'small objects': () => ({ [extension]: manyObjects(498, 1) }),
  'values': () => userOfValues('', 3_900),
})) {
  bounded(`an import of 4 MiB in 1,000 lines: ${shape}`, async () => {
    const { userName, ...rest } = more();
    const body = times(1_000, (n) => imported(n, rest)).join('\n');
    assert.ok(body.length > 3.4 * MIB && body.length <= 4 * MIB, `${body.length}`);
    const answer = await admin('POST', '/tenants/default/import', body);
    status(answer, 200);
    assert.deepEqual(answer.body, { created: 1_000, present: 0, incomplete: [], refused: [] });
    assert.equal((await admin('POST', '/tenants/default/import', body)).body.present, 1_000);
  }, () => removed('User', "id LIKE 'import-%'"));
}
bounded('an import of four lines of 940 KB', async () => {
  const body = times(4, (n) => imported(n, { title: 'x'.repeat(940_000) })).join('\n');
  const answer = await admin('POST', '/tenants/default/import', body);
  status(answer, 200);
  assert.equal(answer.body.created, 4);
}, () => removed('User', "id LIKE 'import-%'"));
bounded('a body of the administration of 64 KiB', async () => {
  status(await admin('POST', '/tenants', `[${times(32_000, () => '0').join(',')}]`), 400);
});
