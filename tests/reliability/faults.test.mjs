// D1 fails under the built Worker: overloaded, reset, gone before and after the work was done, or refusing for good.
// Reads are tried again if that may help; writes are answered 503 with Retry-After and may be repeated; a valid token
// is never refused for it; no client reads the reason. Which states are possible at every call of every operation is
// tested natively (crates/directory/tests/directory/faults).

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { adminClient, adminToken, newTenant, withAdmin } from '../harness/admin.mjs';
import { exhausted, overloaded, passing, startFaultyD1 } from '../harness/faulty-d1.mjs';
import { dump } from '../harness/dump.mjs';
import { lineOf, linesOf } from '../harness/log.mjs';
import { issued } from '../harness/oauth.mjs';
import { add, bulk, contentType, patch, replace, urn } from '../harness/scim.mjs';
import { serve } from '../harness/serve.mjs';

const id = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}';
const busy = new RegExp(`^the directory did not answer; send the request again \\(\`${id}\`\\)$`);
const failed = new RegExp(`^the service failed; its operator finds the reason under \`${id}\`$`);

let database;
let worker;
let admin;

async function options() {
  database = await startFaultyD1();
  return { ...withAdmin, database };
}

serve((started) => {
  worker = started;
  admin = adminClient(worker);
}, options, () => database?.stop());
afterEach(() => database.recover());

/** Sends the request while every read and write fails in this way, as often as `times`. */
async function asked(ask, [name, detail], options) {
  database.fail(name, detail, options);
  const answer = await ask();
  return { ...answer, calls: database.recover() };
}

function assertScimError(answer, status, detail) {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.body.detail, detail);
  assert.deepEqual(answer.body, { schemas: [urn.error], status: `${status}`, detail: answer.body.detail });
  assert.equal(answer.headers.get('content-type'), contentType);
  assert.equal(answer.headers.get('retry-after'), status === 503 ? '1' : null);
  assert.ok(answer.body.detail.includes(answer.headers.get('x-correlation-id')));
}

function assertAdminError(answer, status, detail) {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.body.detail, detail);
  assert.deepEqual(answer.body, { status, detail: answer.body.detail });
  assert.equal(answer.headers.get('retry-after'), status === 503 ? '1' : null);
}

async function made(path, body) {
  const answer = await worker.scimFetch('POST', path, body);
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
}

const always = { times: Infinity };

/** Returns one request of each kind that only reads. */
async function reads() {
  const user = await made('/Users', { userName: `reader ${Math.random()}` });
  const group = await made('/Groups', { displayName: `read ${Math.random()}`, members: [{ value: user }] });
  return [
    ['GET', `/Users/${user}`],
    ['GET', `/Groups/${group}`],
    ['GET', `/Users?filter=id+eq+%22${user}%22`],
    ['GET', '/Users?count=1&cursor'],
    ['POST', '/.search', { count: 1 }],
    ['GET', '/?count=1'],
  ].map((request) => () => worker.scimFetch(...request));
}

/** Returns one request of each kind that writes: how many calls it makes, and how a repetition is answered. */
async function writes() {
  const name = `${Math.random()}`;
  const [user, other, doomed] = await Promise.all(['a', 'b', 'c'].map((letter) => made('/Users', { userName: `${letter} ${name}` })));
  const group = await made('/Groups', { displayName: `g ${name}`, members: [{ value: user }] });
  const members = [{ value: other }];
  return [
    [1, 409, 'POST', '/Users', { userName: `new ${name}` }],
    [1, 409, 'POST', '/Groups', { displayName: `new ${name}`, members }],
    [2, 200, 'PUT', `/Users/${user}`, { userName: `a ${name}`, title: 'put' }],
    [2, 200, 'PUT', `/Groups/${group}`, { displayName: `renamed ${name}`, members }],
    [2, 200, 'PATCH', `/Users/${user}`, patch(replace('active', 'False'))],
    [1, 204, 'PATCH', `/Groups/${group}`, patch(add('members', [{ value: doomed }]))],
    [1, 404, 'DELETE', `/Users/${doomed}`],
    [1, 404, 'DELETE', `/Groups/${group}`],
  ].map(([calls, again, ...request]) => ({ calls, again, name: request.slice(0, 2).join(' '), ask: () => worker.scimFetch(...request) }));
}

const says = (texts) => texts.map((text) => ['says', text]);
/** Failures after which nothing was done, and the same request may succeed the next moment. */
const passed = [...says(passing), ['dropped'], ['foreign']];
/** Failures after which nothing was done. */
const undone = [...passed, ...says(overloaded), ...says(exhausted)];

test('a read is tried three times, whatever D1 says of trouble that passes', async () => {
  for (const ask of await reads()) {
    const { text } = await ask();
    for (const fault of [...passed, ['lost']]) {
      const twice = await asked(ask, fault, { times: 2 });
      assert.deepEqual([twice.status, twice.text, twice.calls], [200, text, 3], fault.join(' '));
    }
    const thrice = await asked(ask, ['dropped'], { times: 3 });
    assertScimError(thrice, 503, busy);
    assert.equal(thrice.calls, 3);
  }
});

test('a read is tried once more if D1 is overloaded, after a pause', async () => {
  for (const ask of await reads()) {
    const { text } = await ask();
    for (const fault of says(overloaded)) {
      const begun = performance.now();
      const once = await asked(ask, fault, { times: 1 });
      assert.deepEqual([once.status, once.text, once.calls], [200, text, 2], fault.join(' '));
      // At least half of 400 ms. The pauses of the other tries, of 50 ms at most, cannot be seen from outside.
      assert.ok(performance.now() - begun >= 190);
      const always = await asked(ask, fault, { times: 9 });
      assertScimError(always, 503, busy);
      assert.equal(always.calls, 2);
    }
  }
});

test('a statement that D1 ended for its cost is never sent again', async () => {
  for (const fault of says(exhausted)) {
    for (const ask of (await reads()).filter((_, at) => at !== 2)) {
      const answer = await asked(ask, fault, { times: 9 });
      assertScimError(answer, 503, busy);
      assert.equal(answer.calls, 1);
    }
    const searches = ['/Users?filter=title+co+%22x%22', '/Groups?filter=displayName+eq+%22x%22', '/Users?sortBy=title', '/?filter=id+pr'];
    for (const path of searches) {
      const answer = await asked(() => worker.scimFetch('GET', path), fault, { times: 9 });
      assert.deepEqual([answer.status, answer.body.scimType, answer.calls], [400, 'tooMany', 1], answer.text);
      assert.match(answer.body.detail, /^the query makes too many comparisons for a directory of this size; /);
      const lines = await linesOf(worker, answer);
      assert.deepEqual(lines.map(({ level }) => level), ['error', 'info']);
      assert.equal(lines[0].message, `the database failed: a statement was too much for it: D1_ERROR: ${fault[1]}`);
    }
  }
});

test('a tenant that has read more than its share waits, and others do not', async () => {
  const [greedy, other] = [await newTenant(worker, 'greedy'), await newTenant(worker, 'modest')];
  const list = '/Users?filter=title+co+%22x%22';
  assert.equal((await greedy.scimFetch('GET', '/Users')).status, 200);
  // All rows but those of the token's look-up, which is remembered, count for the tenant.
  const read = await asked(() => greedy.scimFetch('GET', list), ['reads', 30_000_000], { times: 1 });
  assert.equal(read.status, 200, read.text);
  for (const request of [['GET', '/Users'], ['POST', '/Users', { userName: 'late' }], ['POST', '/Bulk', bulk([])]]) {
    const refused = await asked(() => greedy.scimFetch(...request), ['dropped'], always);
    assert.deepEqual([refused.status, refused.calls], [429, 0], refused.text);
    assert.ok(Number(refused.headers.get('retry-after')) > 25 && Number(refused.headers.get('retry-after')) <= 30);
    const detail = "the tenant's requests read more of the database than its share; filters by an indexed attribute, smaller pages and cursors read less";
    assert.deepEqual(refused.body, { schemas: [urn.error], status: '429', detail });
    assert.equal((await lineOf(worker, refused)).limited, 'rows');
  }
  assert.equal((await other.scimFetch('GET', '/Users')).status, 200);
});

test('a write that was not done is a 503 at once, leaves nothing, and is done when it is repeated', async () => {
  for (const fault of undone) {
    for (const { calls, name, ask } of await writes()) {
      const state = await dump(database.d1);
      const answer = await asked(ask, fault, { after: calls - 1, times: 1 });
      assertScimError(answer, 503, busy);
      assert.equal(answer.calls, calls, `${name}: a write is not tried again`);
      assert.deepEqual(await dump(database.d1), state, `${name} ${fault}`);
      assert.ok([200, 201, 204].includes((await ask()).status), name);
    }
  }
});

test('a write whose answer was lost is a 503, and repeating it does no harm', async () => {
  for (const { calls, again, name, ask } of await writes()) {
    const answer = await asked(ask, ['lost'], { after: calls - 1 });
    assertScimError(answer, 503, busy);
    assert.equal(answer.calls, calls, name);
    assert.equal((await ask()).status, again, name);
  }
});

test('the read before a write is tried again', async () => {
  for (const { calls, name, ask } of (await writes()).filter(({ calls }) => calls === 2)) {
    const answer = await asked(ask, ['dropped'], { times: 2 });
    assert.deepEqual([answer.status, answer.calls], [200, calls + 2], name);
  }
});

test('a statement that fails in the middle of a batch is a 500 and takes the whole batch with it', async () => {
  const user = await made('/Users', { userName: 'stays out' });
  const body = { displayName: 'never', members: [{ value: user }] };
  for (const place of [0, 1, 2, 3]) {
    assertScimError(await asked(() => worker.scimFetch('POST', '/Groups', body), ['within', place]), 500, failed);
    const rows = await database.d1.prepare("SELECT 1 FROM resources WHERE unique_key = 'never'").all();
    assert.deepEqual(rows.results, []);
  }
});

test('an answer that is not whole, or that has an error after the first statement, is not success', async () => {
  const user = await made('/Users', { userName: 'half told' });
  const ask = () => worker.scimFetch('POST', '/Groups', { displayName: 'half told', members: [{ value: user }] });
  assertScimError(await asked(ask, ['second', passing[0]]), 503, busy);
  assertScimError(await asked(ask, ['second', 'no such table: memberships: SQLITE_ERROR']), 500, failed);
  assertScimError(await asked(ask, ['short']), 503, busy);
  assert.equal((await ask()).status, 409);
});

test('a bulk says of each operation what became of it, and its reason is logged once', async () => {
  const name = `${Math.random()}`;
  const users = [await made('/Users', { userName: `1 ${name}` }), await made('/Users', { userName: `2 ${name}` })];
  const Operations = [
    { method: 'POST', path: '/Users', bulkId: 'a', data: { userName: `new ${name}` } },
    ...users.map((user) => ({ method: 'DELETE', path: `/Users/${user}` })),
    { method: 'POST', path: '/Groups', bulkId: 'b', data: { displayName: `new ${name}`, members: [{ value: 'bulkId:a' }] } },
  ];
  const ask = () => worker.scimFetch('POST', '/Bulk', bulk(Operations));
  const statuses = ({ status, text, body }) => {
    assert.equal(status, 200, text);
    return body.Operations.map((operation) => operation.status);
  };
  const again = 'the directory did not answer; send this operation again';
  const cut = await asked(ask, ['dropped'], { after: 1, times: 2 });
  assert.deepEqual(statuses(cut), ['201', '503', '503', '201']);
  assert.deepEqual(cut.body.Operations[1].response, { schemas: [urn.error], status: '503', detail: again });
  assert.deepEqual((await linesOf(worker, cut)).map(({ level }) => level), ['error', 'info']);
  // Resources that exist are reported as such; what was not done is done.
  assert.deepEqual(statuses(await ask()), ['409', '204', '204', '400']);
});

test("Cloudflare's own error about too many calls is answered in the same way", async () => {
  const text = 'Too many API requests by single Worker invocation. To configure this limit, refer to https://developers.cloudflare.com/workers/';
  const answer = await asked(() => worker.scimFetch('GET', '/Users'), ['says', text], always);
  assertScimError(answer, 503, busy);
  assert.equal(answer.calls, 1, 'asking again cannot help');
});

test('a token that cannot be looked up is a 503 or a 500 and never a 401, and is taken once D1 is back', async () => {
  const tenant = await newTenant(worker, 'cold');
  // Creating a token clears the instance's cache.
  const forget = () => admin('POST', '/tenants/cold/tokens', {});
  for (const fault of [...undone, ['lost']]) {
    await forget();
    assertScimError(await asked(() => tenant.scimFetch('GET', '/Users'), fault, always), 503, busy);
    const status = exhausted.includes(fault[1]) ? 503 : 200;
    assert.equal((await asked(() => tenant.scimFetch('GET', '/Users'), fault)).status, status, 'the look-up is a read');
  }
  await forget();
  assertScimError(await asked(() => tenant.scimFetch('GET', '/Users'), ['within', 0], always), 500, failed);
  assertScimError(await asked(() => tenant.scimFetch('GET', '/Users', undefined, { token: tenant.token.replace(/.$/, '_') }), ['dropped'], always), 503, busy);
  assert.equal((await tenant.scimFetch('GET', '/Users')).status, 200);
});

test('an access token is neither issued nor refused while D1 does not answer', async () => {
  await newTenant(worker, 'jwt');
  const client = (await admin('POST', '/tenants/jwt/clients', {})).body;
  const ask = () => issued(client);
  const silent = await asked(ask, ['dropped'], always);
  assert.deepEqual([silent.status, silent.body.error, silent.headers.get('retry-after')], [503, 'temporarily_unavailable', '1']);
  const { access_token: token } = (await ask()).body;
  const list = () => fetch(`${client.tenantUrl}/Users`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await asked(list, ['dropped'], always).then(() => list())).status, 200);
  await admin('POST', '/tenants/jwt/tokens', {});
  database.fail('dropped', undefined, always);
  assert.equal((await list()).status, 503);
});

test('the administration answers 503 and may be asked again', async () => {
  const { tokenId } = await newTenant(worker, 'managed');
  const line = JSON.stringify({ id: 'i1', userName: 'imported', meta: { resourceType: 'User' } });
  const requests = [
    [409, 'POST', '/tenants', { id: 'fresh' }],
    [200, 'PATCH', '/tenants/managed', { name: 'Managed' }],
    [201, 'POST', '/tenants/managed/tokens', {}],
    [201, 'POST', `/tenants/managed/tokens/${tokenId}/rotate`, { overlapHours: 0 }],
    [200, 'DELETE', `/tenants/managed/tokens/${tokenId}`],
    [200, 'POST', '/tenants/managed/import', line],
    [202, 'DELETE', '/tenants/managed'],
  ];
  for (const [again, ...request] of requests) {
    const first = await asked(() => admin(...request), ['dropped'], always);
    assertAdminError(first, 503, busy);
    // The write follows what is read before it; one whose answer is lost was done.
    const calls = request[1].endsWith('/import') || request[0] === 'PATCH' ? 1 : 0;
    assertAdminError(await asked(() => admin(...request), ['lost'], { after: calls }), 503, busy);
    assert.equal((await admin(...request)).status, again, request.join(' '));
  }
  for (const path of ['/tenants', '/tenants/managed', '/tenants/managed/tokens', '/tenants/default/export']) {
    assertAdminError(await asked(() => admin('GET', path), ['dropped'], always), 503, busy);
    assert.equal((await asked(() => admin('GET', path), ['dropped'], { times: 2 })).status, 200, path);
  }
  assertAdminError(await asked(() => admin('GET', '/tenants'), ['within', 0]), 500, failed);
});

test('healthz is unavailable while D1 is, and not for a single lost call', async () => {
  const ask = async () => {
    const response = await fetch(`${worker.url}/healthz`);
    return { status: response.status, text: await response.text() };
  };
  for (const fault of [['dropped'], ['says', passing[0]], ['within', 0]]) {
    const { status, text } = await asked(ask, fault, always);
    assert.deepEqual([status, text], [503, '{"status":"unavailable"}']);
    // D1's answer is reused for a second.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
  }
  assert.equal((await asked(ask, ['dropped'])).status, 200);
});

test('discovery needs no database', async () => {
  const answer = await asked(() => worker.scimFetch('GET', '/ServiceProviderConfig'), ['dropped'], always);
  assert.deepEqual([answer.status, answer.calls], [200, 0]);
});

test('the log has the reason under the id that the client read, and no secret', async () => {
  const tenant = await newTenant(worker, 'logged');
  const answer = await asked(() => tenant.scimFetch('GET', '/Users?filter=userName+eq+%22ada%22'), ['says', passing[0]], always);
  const [reason, request] = await linesOf(worker, answer);
  assert.deepEqual([reason.level, reason.message], ['error', `the database failed: it was not available: D1_ERROR: ${passing[0]}`]);
  assert.deepEqual([request.status, request.roundTrips], [503, 3]);
  const all = worker.logs.map(({ message }) => message).join('\n');
  for (const secret of [tenant.token, 'test-token', adminToken, 'test-signing-secret', 'Bearer']) assert.ok(!all.includes(secret), secret);
  assert.ok(!all.includes('"ada"'));
});
