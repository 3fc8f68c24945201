// Lists over HTTP: sorting, index paging, cursor paging (RFC 9865), /.search, and the root. What filters select is
// tested natively (crates/directory/tests); here the Worker runs on D1.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWorker } from '../harness/index.mjs';
import { search } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

let worker;
serve(async (started) => {
  worker = started;
  for (const [userName, familyName, emails] of [
    ['carol', 'Müller', [{ value: 'z@x.example' }, { value: 'b@x.example', primary: true }]],
    ['Alice', 'muller', [{ value: 'c@x.example' }]],
    ['bob', undefined, [{ value: 'a@x.example' }]],
    ['dave', 'MÜLLER', undefined],
  ]) {
    const body = { userName, name: familyName && { familyName }, emails };
    assert.equal((await worker.scimFetch('POST', '/Users', body)).status, 201);
  }
  for (const displayName of ['Sales', 'Board']) await worker.scimFetch('POST', '/Groups', { displayName });
});

const names = (answer) => answer.body.Resources.map((resource) => resource.userName ?? resource.displayName);
const list = async (path) => {
  const answer = await worker.scimFetch('GET', path);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.body.schemas, [LIST]);
  return answer;
};

for (const [query, expected] of [
  ['sortBy=userName', ['Alice', 'bob', 'carol', 'dave']],
  ['sortBy=USERNAME&sortOrder=Descending', ['dave', 'carol', 'bob', 'Alice']],
  ['sortBy=name.familyName', ['Alice', 'carol', 'dave', 'bob']],
  ['sortBy=name.familyName&sortOrder=descending', ['bob', 'carol', 'dave', 'Alice']],
  ['sortBy=emails', ['bob', 'carol', 'Alice', 'dave']],
  ['sortBy=emails.value&sortOrder=descending', ['dave', 'Alice', 'carol', 'bob']],
  ['sortBy=meta.created&sortOrder=descending', ['dave', 'bob', 'Alice', 'carol']],
  ['', ['carol', 'Alice', 'bob', 'dave']],
]) {
  test(`users are listed in the order that \`${query}\` asks for`, async () => {
    assert.deepEqual(names(await list(`/Users?${query}`)), expected);
  });
}

test('what cannot be sorted by is refused by name', async () => {
  const unknown = await worker.scimFetch('GET', '/Users?sortBy=shoeSize');
  assert.equal(unknown.status, 400);
  assert.equal(unknown.body.detail, '`sortBy`: `shoeSize` is not an attribute to sort by');
  const order = await worker.scimFetch('GET', '/Users?sortBy=userName&sortOrder=sideways');
  assert.equal(order.status, 400);
  assert.equal(order.body.detail, '`sortOrder` is neither ascending nor descending: `sideways`');
});

test('a page by index shows its place and the total', async () => {
  const { body } = await list('/Users?startIndex=2&count=2&sortBy=userName&attributes=userName');
  assert.deepEqual([body.totalResults, body.startIndex, body.itemsPerPage], [4, 2, 2]);
  assert.deepEqual(body.Resources.map((user) => Object.keys(user)), [['schemas', 'id', 'userName'], ['schemas', 'id', 'userName']]);
});

async function pages(path) {
  const found = [];
  for (let cursor = ''; cursor !== undefined; ) {
    const { body } = await list(`${path}&cursor=${cursor}`);
    assert.equal(body.startIndex, undefined);
    assert.match(body.nextCursor ?? 'last', /^[A-Za-z0-9._~-]+$/);
    found.push(body.Resources.map((resource) => resource.userName ?? resource.displayName));
    cursor = body.nextCursor;
  }
  return found;
}

test('cursors lead through all resources, each once, in the requested order', async () => {
  assert.deepEqual(await pages('/Users?count=3'), [['carol', 'Alice', 'bob'], ['dave']]);
  assert.deepEqual(await pages('/Users?count=2&sortBy=name.familyName'), [['Alice', 'carol'], ['dave', 'bob']]);
  assert.deepEqual(await pages('/Users?count=1&sortBy=name.familyName&sortOrder=descending'), [['bob'], ['carol'], ['dave'], ['Alice']]);
  assert.deepEqual(await pages('/Users?count=1&filter=emails+pr'), [['carol'], ['Alice'], ['bob']]);
  assert.deepEqual(await pages('/Users?count=4'), [['carol', 'Alice', 'bob', 'dave']]);
});

test('a cursor neither loses nor repeats a resource while others come and go', async () => {
  const own = await startWorker();
  const create = async (userName) => (await own.scimFetch('POST', '/Users', { userName })).body.id;
  const ids = [];
  for (let n = 0; n < 9; n += 1) ids.push(await create(`user${n}`));
  const seen = [];
  let cursor = '';
  for (let page = 0; cursor !== undefined; page += 1) {
    const { body } = await own.scimFetch('GET', `/Users?count=3&cursor=${cursor}`);
    seen.push(...body.Resources.map((user) => user.userName));
    cursor = body.nextCursor;
    await own.scimFetch('DELETE', `/Users/${ids[page]}`);
    if (page < 2) await create(`late${page}`);
  }
  await own.stop();
  assert.deepEqual(seen, [...Array.from({ length: 9 }, (_, n) => `user${n}`), 'late0', 'late1']);
});

test('a cursor is refused with a query that it does not belong to', async () => {
  const { body } = await list('/Users?count=1&cursor=');
  for (const path of [`/Groups?count=1&cursor=${body.nextCursor}`, `/Users?sortBy=userName&cursor=${body.nextCursor}`, '/Users?cursor=nonsense']) {
    const answer = await worker.scimFetch('GET', path);
    assert.equal(answer.status, 400, path);
    assert.equal(answer.body.scimType, 'invalidCursor', path);
  }
  const count = await worker.scimFetch('GET', '/Users?cursor=&count=many');
  assert.deepEqual([count.status, count.body.scimType], [400, 'invalidCount']);
});

test('a search by POST answers as the query does', async () => {
  const request = search({ filter: 'userName sw "A" or userName eq "bob"', sortBy: 'userName', sortOrder: 'descending', attributes: ['userName'], startIndex: 1, count: 1 });
  const posted = await worker.scimFetch('POST', '/Users/.search', request);
  const query = 'filter=userName+sw+%22A%22+or+userName+eq+%22bob%22&sortBy=userName&sortOrder=descending&attributes=userName&startIndex=1&count=1';
  assert.equal(posted.status, 200);
  assert.deepEqual(posted.body, (await list(`/Users?${query}`)).body);
  assert.deepEqual([posted.body.totalResults, names(posted)], [2, ['bob']]);
});

test('a search at the root finds users and groups in one list', async () => {
  const all = await worker.scimFetch('POST', '/.search', search());
  assert.deepEqual([all.body.totalResults, names(all)], [6, ['Sales', 'Board', 'carol', 'Alice', 'bob', 'dave']]);
  const filter = 'userName eq "bob" or displayName eq "board" or meta.resourceType eq "Nothing"';
  const some = await worker.scimFetch('POST', '/.search', search({ filter }));
  assert.deepEqual([some.body.totalResults, names(some)], [2, ['Board', 'bob']]);
  assert.deepEqual(names(await list('/?sortBy=displayName&count=2')), ['Board', 'Sales']);
  assert.deepEqual(await pages('/?count=4'), [['Sales', 'Board', 'carol', 'Alice'], ['bob', 'dave']]);
  const unknown = await worker.scimFetch('POST', '/.search', { filter: 'shoeSize eq 1' });
  assert.deepEqual([unknown.status, unknown.body.scimType], [400, 'invalidFilter']);
});

test('a body that is not a search is refused by name', async () => {
  const wrong = await worker.scimFetch('POST', '/Users/.search', { filter: 7, attributes: [1] });
  assert.deepEqual([wrong.status, wrong.body.scimType], [400, 'invalidValue']);
  const verb = await worker.scimFetch('GET', '/Users/.search');
  assert.deepEqual([verb.status, verb.headers.get('allow')], [405, 'POST']);
});
