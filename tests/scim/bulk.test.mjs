// Bulk over HTTP (RFC 7644 s3.7): references forwards and in cycles, failOnErrors, limits, and what it costs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf } from '../harness/log.mjs';
import { bulk as bulkRequest, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
serve((started) => (worker = started));

const bulk = (operations, more) => worker.scimFetch('POST', '/Bulk', bulkRequest(operations, more), { headers: { 'X-Server-Timing': '1' } });
const get = async (location) => (await worker.scimFetch('GET', location.slice(worker.scim.length))).body;
const post = (path, bulkId, data) => ({ method: 'POST', path, bulkId, data });

test('each operation is answered under its bulkId, with status, version and location', async () => {
  const { id } = (await worker.scimFetch('POST', '/Users', { userName: 'present' })).body;
  const { status, body } = await bulk([
    post('/Users', 'new', { userName: 'new' }),
    { method: 'PATCH', path: `/Users/${id}`, version: 'W/"1"', data: { Operations: [{ op: 'add', path: 'title', value: 't' }] } },
    { method: 'PUT', path: `/Users/${id}`, version: 'W/"1"', data: { userName: 'present' } },
    post('/Users', 'taken', { userName: 'PRESENT' }),
    { method: 'DELETE', path: `/Users/${id}` },
    { method: 'DELETE', path: '/Users/nobody' },
  ]);
  assert.equal(status, 200);
  assert.deepEqual(body.schemas, [urn.bulkResponse]);
  const location = body.Operations[0].location;
  assert.equal((await get(location)).userName, 'new');
  const own = `${worker.scim}/Users/${id}`;
  const refusal = (code, detail, scimType) => ({ schemas: [urn.error], status: code, detail, ...(scimType && { scimType }) });
  assert.deepEqual(body.Operations, [
    { method: 'POST', bulkId: 'new', location, version: 'W/"1"', status: '201' },
    { method: 'PATCH', location: own, version: 'W/"2"', status: '200' },
    { method: 'PUT', location: own, status: '412', response: refusal('412', 'the resource is not at the version that the request names') },
    { method: 'POST', bulkId: 'taken', status: '409', response: refusal('409', 'another User has the userName `PRESENT`', 'uniqueness') },
    { method: 'DELETE', location: own, status: '204' },
    { method: 'DELETE', location: `${worker.scim}/Users/nobody`, status: '404', response: refusal('404', 'there is no User `nobody`') },
  ]);
});

test('references lead forwards, backwards and in cycles', async () => {
  const manager = (bulkId) => ({ [urn.enterprise]: { manager: { value: `bulkId:${bulkId}` } } });
  const { body } = await bulk([
    post('/Groups', 'outer', { displayName: 'outer', members: [{ value: 'bulkId:inner' }, { value: 'bulkId:ann' }] }),
    post('/Groups', 'inner', { displayName: 'inner', members: [{ value: 'bulkId:outer' }] }),
    post('/Users', 'ann', { userName: 'ann', ...manager('ben') }),
    post('/Users', 'ben', { userName: 'ben', ...manager('ann') }),
    { method: 'PATCH', path: '/Groups/bulkId:inner', data: { Operations: [{ op: 'add', path: 'members', value: [{ value: 'bulkId:ben' }] }] } },
  ]);
  assert.deepEqual(body.Operations.map((operation) => operation.status), ['201', '201', '201', '201', '204']);
  const [outer, inner, ann, ben] = await Promise.all(body.Operations.slice(0, 4).map((operation) => get(operation.location)));
  const members = (group) => group.members.map((member) => member.value).sort();
  assert.deepEqual(members(outer), [inner.id, ann.id].sort());
  assert.deepEqual(members(inner), [outer.id, ben.id].sort());
  assert.deepEqual([ann[urn.enterprise].manager.value, ben[urn.enterprise].manager.value], [ben.id, ann.id]);
});

test('an operation fails with what it refers to, and says why', async () => {
  const { body } = await bulk([
    post('/Users', 'bad', { displayName: 'no userName' }),
    post('/Groups', 'g', { displayName: 'fails too', members: [{ value: 'bulkId:bad' }] }),
    post('/Users', 'x', { userName: 'refers to nothing', [urn.enterprise]: { manager: { value: 'bulkId:none' } } }),
    post('/Users', 'twice', { userName: 'twice1' }),
    post('/Users', 'twice', { userName: 'twice2' }),
    { method: 'GET', path: '/Users' },
    { method: 'POST', path: '/Users', data: { userName: 'nameless' } },
    { method: 'PUT', path: '/Bulk', data: {} },
  ]);
  assert.deepEqual(body.Operations.map((operation) => [operation.status, operation.response?.detail]), [
    ['400', 'a User needs a value for `userName`'],
    ['400', '`bulkId:bad` was not created, since its operation failed'],
    ['400', '`bulkId:none` is not created by an operation of this request'],
    ['201', undefined],
    ['400', 'the bulkId `twice` is used twice'],
    ['400', 'a bulk operation is a POST, PUT, PATCH or DELETE'],
    ['400', 'a POST needs a `bulkId`'],
    ['405', '`PUT` is not served here; this endpoint takes POST'],
  ]);
  assert.equal((await worker.scimFetch('GET', '/Groups?filter=displayName+eq+%22fails+too%22')).body.totalResults, 0);
});

test('a path with a query or an escape creates what any other does', async () => {
  const { body } = await bulk([
    post('/Users?attributes=id', 'q1', { userName: 'query1' }),
    post('/Users?x', 'q2', { userName: 'query2' }),
    post('/%55sers/', 'q3', { userName: 'escape' }),
  ]);
  assert.deepEqual(body.Operations.map((operation) => operation.status), ['201', '201', '201']);
  const users = await Promise.all(body.Operations.map((operation) => get(operation.location)));
  assert.deepEqual(users.map((user) => user.userName), ['query1', 'query2', 'escape']);
});

test('failOnErrors stops after that many errors, and nothing later is done', async () => {
  const operations = [
    { method: 'DELETE', path: '/Users/nobody' },
    post('/Users', 'a', { userName: 'before the second error' }),
    { method: 'DELETE', path: '/Users/nobody' },
    post('/Users', 'b', { userName: 'after the second error' }),
  ];
  const { body } = await bulk(operations, { failOnErrors: 2 });
  assert.deepEqual(body.Operations.map((operation) => operation.status), ['404', '201', '404']);
  const found = await worker.scimFetch('GET', '/Users?filter=userName+eq+%22after+the+second+error%22');
  assert.equal(found.body.totalResults, 0);
});

test('a thousand creates take one round trip', async () => {
  const before = (await worker.scimFetch('GET', '/Users?count=0')).body.totalResults;
  const operations = Array.from({ length: 1000 }, (_, n) =>
    post('/Users', `b${n}`, { userName: `bulk${n}`, displayName: `Bulk ${n}`, emails: [{ type: 'work', value: `b${n}@x.example` }] }));
  const answer = await bulk(operations);
  assert.deepEqual([...new Set(answer.body.Operations.map((operation) => operation.status))], ['201']);
  assert.match(answer.headers.get('server-timing'), /round_trips=1 /);
  assert.equal((await worker.scimFetch('GET', '/Users?count=0')).body.totalResults, before + 1000);
  const found = await worker.scimFetch('GET', '/Users?filter=emails.value+eq+%22b777@x.example%22');
  assert.deepEqual(found.body.Resources.map((user) => user.userName), ['bulk777']);
});

test('a bulk of more operations than one request may ask D1 for does the first, and tells the others to come again', async () => {
  const user = (await worker.scimFetch('POST', '/Users', { userName: 'patched often' })).body.id;
  const title = (n) => ({ Operations: [{ op: 'replace', path: 'title', value: `title ${n}` }] });
  const answer = await bulk(Array.from({ length: 1000 }, (_, n) => ({ method: 'PATCH', path: `/Users/${user}`, data: title(n) })));
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('server-timing'), /round_trips=950 /);
  const statuses = answer.body.Operations.map(({ status }) => status);
  assert.deepEqual(statuses, [...Array(475).fill('200'), ...Array(525).fill('503')]);
  const detail = 'this request has reached its limit of database calls; send this operation in another request';
  assert.deepEqual(answer.body.Operations.at(-1).response, { schemas: [urn.error], status: '503', detail });
  assert.equal((await worker.scimFetch('GET', `/Users/${user}`)).body.title, 'title 474');
  const logged = (await linesOf(worker, answer)).filter(({ level }) => level === 'error');
  assert.deepEqual(logged.map(({ message }) => message), ['the database failed: the request reached its limit of database calls']);
});

test('what is over a limit is refused whole, and the limit named', async () => {
  const config = (await worker.scimFetch('GET', '/ServiceProviderConfig')).body.bulk;
  assert.deepEqual(config, { supported: true, maxOperations: 1000, maxPayloadSize: 1048576 });
  const many = await bulk(Array.from({ length: 1001 }, () => ({ method: 'DELETE', path: '/Users/nobody' })));
  assert.deepEqual([many.status, many.body.detail], [413, 'the request has 1001 operations; maxOperations is 1000']);
  const large = await bulk([post('/Users', 'a', { userName: 'large', title: 'x'.repeat(1 << 20) })]);
  assert.deepEqual([large.status, large.body.detail], [413, 'the body has more than 1048576 bytes']);
});

test('a body that is not a bulk request is refused by name', async () => {
  for (const [body, detail] of [
    [{ schemas: [urn.bulk] }, 'the body has no array of `Operations`'],
    [{ Operations: [7] }, 'Operations[0]: the operation is not an object'],
    [{ Operations: [{ path: '/Users' }] }, 'Operations[0] has no `method`'],
    [{ Operations: [{ method: 'POST', path: 7 }] }, 'Operations[0]: `path` is not a string'],
    [{ failOnErrors: 'two', Operations: [] }, '`failOnErrors` is not a count of errors'],
  ]) {
    const answer = await worker.scimFetch('POST', '/Bulk', body);
    assert.deepEqual([answer.status, answer.body.detail], [400, detail]);
  }
});
