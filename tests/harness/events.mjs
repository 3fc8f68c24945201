// Readers of a tenant's events: their token, and reading all there are.

import assert from 'node:assert/strict';
import { adminClient } from './admin.mjs';
import { scimClient } from './client.mjs';

/**
 * Makes a token that follows the events of a tenant. Returns ask(path, options) -> { status, headers, body, text }; `path` is
 * what follows `/events`.
 */
export async function reader(worker, tenant = 'default', scopes = ['events']) {
  const { status, body, text } = await adminClient(worker)('POST', `/tenants/${tenant}/tokens`, { name: 'reader', scopes });
  assert.equal(status, 201, text);
  const base = tenant === 'default' ? worker.url : `${worker.url}/${tenant}`;
  const ask = scimClient(`${base}/events`, body.token);
  return Object.assign((path = '', { method = 'GET', ...options } = {}) => ask(method, path, undefined, options), { token: body.token, id: body.id });
}

/** Reads all events after a cursor, page by page. */
export async function readAll(ask, after, limit = 1000) {
  const events = [];
  for (let more = true; more; ) {
    const answer = await ask(`?limit=${limit}${after === undefined ? '' : `&after=${after}`}`);
    assert.equal(answer.status, 200, answer.text);
    events.push(...answer.body.events);
    ({ next: after, more } = answer.body);
  }
  return { events, next: after };
}

/** Splits the exclusive or of a bucket: what a reader computes of its own copy, to compare it with a digest. */
export async function digestOf(resources) {
  const buckets = Array.from({ length: 256 }, () => ({ count: 0, hash: 0n }));
  const sha = async (text) => new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  for (const { type, id, version } of resources) {
    const bucket = buckets[(await sha(id))[0]];
    bucket.count += 1;
    bucket.hash ^= BigInt(`0x${Buffer.from((await sha(`${type}/${id}/${version}`)).subarray(0, 16)).toString('hex')}`);
  }
  return buckets.map(({ count, hash }) => ({ count, hash: hash.toString(16).padStart(32, '0') }));
}
