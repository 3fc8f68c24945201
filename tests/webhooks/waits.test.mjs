// How long an endpoint waits, and how long an old secret signs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient, newTenant, withAdmin } from '../harness/admin.mjs';
import { startReceiver } from '../harness/receiver.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let admin;
serve((started) => {
  worker = started;
  admin = adminClient(worker);
}, withAdmin);

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Makes a tenant with an endpoint whose first event is answered like that; returns the endpoint after the answer, and when that came. */
async function refused(id, answer) {
  const to = await startReceiver({ answer });
  try {
    const tenant = await newTenant(worker, id);
    const made = await admin('POST', `/tenants/${id}/endpoints`, { url: to.url });
    assert.equal(made.status, 201, made.text);
    await tenant.scimFetch('POST', '/Users', { userName: 'ada' });
    for (let tries = 0; tries < 400; tries += 1) {
      const [shown] = (await admin('GET', `/tenants/${id}/endpoints`)).body.endpoints;
      if (shown.failures) return { shown, at: Date.now() };
      await pause(20);
    }
    throw new Error('no attempt failed');
  } finally {
    to.stop();
  }
}

test('the time that a receiver asks for is counted from its answer', { timeout: 60_000 }, async () => {
  const { shown, at } = await refused('slow', () => ({ status: 503, headers: { 'retry-after': '60' }, wait: 4_000 }));
  const wait = Date.parse(shown.nextAttempt) - at;
  assert.ok(wait > 58_000 && wait <= 61_000, `${wait}`);
});

test('the first attempt after a failure follows after five seconds, without a change or a trigger', { timeout: 60_000 }, async () => {
  let refuse = 1;
  const to = await startReceiver({ answer: () => ((refuse -= 1) >= 0 ? 500 : 204) });
  try {
    const tenant = await newTenant(worker, 'again');
    await admin('POST', '/tenants/again/endpoints', { url: to.url });
    await tenant.scimFetch('POST', '/Users', { userName: 'ada' });
    await to.until(2);
    const [first, second] = to.received;
    assert.equal(first.id, second.id);
    assert.ok(second.at - first.at > 4_500 && second.at - first.at < 9_000, `${second.at - first.at}`);
  } finally {
    to.stop();
  }
});

test('a batch that is not accepted keeps its id and its events, though others come meanwhile', { timeout: 60_000 }, async () => {
  let refuse = 1;
  const to = await startReceiver({ answer: () => ((refuse -= 1) >= 0 ? 500 : 204) });
  try {
    const tenant = await newTenant(worker, 'batches');
    await admin('POST', '/tenants/batches/endpoints', { url: to.url, batch: 10 });
    const operations = ['a', 'b', 'c'].map((userName) => ({ method: 'POST', path: '/Users', bulkId: userName, data: { userName } }));
    await tenant.scimFetch('POST', '/Bulk', { Operations: operations });
    await to.until(1);
    await tenant.scimFetch('POST', '/Users', { userName: 'd' });
    await to.until(3);
    const names = to.received.map(({ body }) => (body.data.events ?? [body]).map(({ data }) => data.user.userName).join(''));
    assert.deepEqual(names, ['abc', 'abc', 'd']);
    assert.equal(to.received[0].id, to.received[1].id);
    assert.deepEqual(to.received[0].body, to.received[1].body);
  } finally {
    to.stop();
  }
});

test('an old secret that is known to others can be ended at once', { timeout: 60_000 }, async () => {
  const to = await startReceiver();
  try {
    const tenant = await newTenant(worker, 'leaked');
    const made = await admin('POST', '/tenants/leaked/endpoints', { url: to.url });
    const rotated = await admin('POST', `/tenants/leaked/endpoints/${made.body.id}/rotate`, { overlapHours: 0 });
    assert.equal(rotated.status, 201, rotated.text);
    to.secrets.push(made.body.secret, rotated.body.secret);
    await tenant.scimFetch('POST', '/Users', { userName: 'ada' });
    const [came] = await to.until(1);
    assert.deepEqual([came.verified, came.headers['webhook-signature'].split(' ').length], [[rotated.body.secret], 1]);
    assert.equal((await admin('POST', `/tenants/leaked/endpoints/${made.body.id}/rotate`, { overlapHours: 721 })).status, 400);
  } finally {
    to.stop();
  }
});
