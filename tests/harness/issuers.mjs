// A Worker with two tenants, an issuer on this machine that they may trust, and the uses of its tokens: as bearer
// tokens, and as assertions at the token endpoint. Not here: how the Worker should treat them.

import assert from 'node:assert/strict';
import { adminClient, newTenant, withAdmin } from './admin.mjs';
import { scimClient, startWorker } from './index.mjs';
import { newKey, startIssuer } from './issuer.mjs';
import { assertUnharmed } from './scim.mjs';

export const directory = '01234567-89ab-cdef-0123-456789abcdef';
export const application = '8adf8e6e-67b2-4cf2-a259-e3dc5476c621';

export const seconds = () => Math.floor(Date.now() / 1000);

/** Returns the claims of Entra's token of version 1. */
export const claims = ({ issuers }, more = {}) => ({
  iss: issuers[0],
  aud: application,
  tid: directory,
  appid: 'the-app',
  sub: 'the-principal',
  oid: 'the-principal',
  iat: seconds(),
  nbf: seconds(),
  exp: seconds() + 3600,
  ...more,
});

export const notValid = {
  status: 401,
  body: { error: 'invalid_client', error_description: "the client's credentials are not valid" },
};

/**
 * Starts both. Returns { worker, admin, issuer, trust, scim, status, older, tenMinutesLater, federated, exchange, reset, stop }; stop() ends
 * both, and asserts that the Worker has not failed.
 */
export async function startTrusting() {
  const [worker, issuer] = await Promise.all([startWorker(withAdmin), startIssuer()]);
  const admin = adminClient(worker);
  for (const id of ['acme', 'other']) await newTenant(worker, id);

  /** Creates a trusted issuer of a tenant, each with a name of its own, so that tests do not meet each other's. */
  async function trust(settings = {}, tenant = 'acme') {
    const name = `${issuer.url}/${crypto.randomUUID()}/`;
    const body = { issuer: name, jwksUri: issuer.jwksUri, audience: application, directory, ...settings };
    const made = await admin('POST', `/tenants/${tenant}/issuers`, body);
    assert.equal(made.status, 201, made.text);
    return made.body;
  }

  const scim = (token, tenant = 'acme') => scimClient(`${worker.url}/${tenant}/scim/v2`, token)('GET', '/Users');
  const status = async (token, tenant) => (await scim(token, tenant)).status;

  /**
   * Lets time pass for the Worker: its clock is real, so what it has stored is made older, of one issuer or of all.
   */
  const older = (milliseconds, { id } = {}) =>
    worker.d1.prepare('UPDATE issuers SET asked = asked - ?1, fetched = fetched - ?1 WHERE ?2 IS NULL OR id = ?2').bind(milliseconds, id ?? null).run();

  /** Lets ten minutes pass and fires the cron trigger. */
  async function tenMinutesLater() {
    await older(600_000);
    assert.deepEqual(await worker.scheduled(), { outcome: 'ok', noRetry: false });
  }

  /** Creates a client without a secret, and the issuer of its assertions. */
  async function federated(settings = {}) {
    const { body: client } = await admin('POST', '/tenants/acme/clients', { name: 'federated', secret: false });
    assert.equal(client.clientSecret, undefined);
    const trusted = await trust({ clientId: client.clientId, subject: 'the-principal', ...settings });
    return { client, trusted };
  }

  async function exchange({ client }, assertion, more = {}, tokenUrl = client.tokenUrl) {
    const form = {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      scope: `api://${application}/.default`,
      ...more,
    };
    const response = await fetch(tokenUrl, { method: 'POST', body: new URLSearchParams(form) });
    return { status: response.status, body: await response.json() };
  }

  const reset = () => Object.assign(issuer, { keys: [newKey('key-1')], answer: undefined });
  const stop = async () => {
    await Promise.all([worker.stop(), issuer.stop()]);
    assertUnharmed(worker);
  };
  return { worker, admin, issuer, trust, scim, status, older, tenMinutesLater, federated, exchange, reset, stop };
}
