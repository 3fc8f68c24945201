// The administration of a Worker under test, and tenants made with it.

import assert from 'node:assert/strict';
import { scimClient } from './client.mjs';
import { unlimited } from './worker.mjs';

export const adminToken = 'test-admin-token';

/**
 * Options of startWorker() with which the administration is open, and whose limits many refused requests do not
 * reach.
 */
export const withAdmin = { vars: { ADMIN_TOKEN: adminToken, SIGNING_SECRET: 'test-signing-secret' }, rates: unlimited };

/**
 * Returns admin(method, path, body, { token, headers }) -> { status, headers, body, text }; `path` is below /admin.
 */
export function adminClient(worker) {
  const ask = scimClient(`${worker.url}/admin`, adminToken);
  return (method, path, body, options = {}) => ask(method, path, body, options);
}

/** Creates a tenant and a token; returns { id, token, tokenId, scim, scimFetch }, the last two bound to them. */
export async function newTenant(worker, id, settings = {}) {
  const admin = adminClient(worker);
  const made = await admin('POST', '/tenants', { id, ...settings });
  assert.equal(made.status, 201, made.text);
  const { status, body, text } = await admin('POST', `/tenants/${id}/tokens`, { name: 'test' });
  assert.equal(status, 201, text);
  assert.equal(body.tenantUrl, `${worker.url}/${id}/scim/v2`);
  return { id, token: body.token, tokenId: body.id, scim: body.tenantUrl, scimFetch: scimClient(body.tenantUrl, body.token) };
}
