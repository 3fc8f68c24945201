// An identity provider of OpenID Connect on this machine, in place of the vendor's: it signs in whom a test names. Not here: the answers of
// the Worker.

import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { newKey, signed } from './issuer.mjs';

const clientId = 'console client';
const clientSecret = 'a secret/with+signs';

/**
 * Starts a provider that has one client. Returns { url, vars, person, keys, seen, stop }:
 * `vars`    the variables by which a Worker uses it
 * `person`  claims of the next person who signs in, added to those of every ID token
 * `header`  members added to the header of the next ID token
 * `keys`    those that it publishes; the first signs
 * `seen`    what it was asked: { discovery, keys, exchanges: [] }
 * `broken`  whether it answers 500 to everything
 */
export async function startProvider() {
  const codes = new Map();
  const provider = { person: {}, header: {}, keys: [newKey('one', 'ES256')], seen: { discovery: 0, keys: 0, exchanges: [] }, broken: false };
  const json = (response, body, status = 200) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const text = async (request) => Buffer.concat(await request.toArray()).toString();

  /** RFC 6749 s4.1.3, RFC 7636 s4.6, and Basic credentials by RFC 6749 s2.3.1. */
  async function exchange(request, response) {
    const form = new URLSearchParams(await text(request));
    const credentials = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
    const isClient = credentials === `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
    provider.seen.exchanges.push({ isClient, fields: [...form.keys()] });
    const asked = codes.get(form.get('code'));
    codes.delete(form.get('code'));
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    const isRight = asked?.code_challenge === challenge && asked.redirect_uri === form.get('redirect_uri') && form.get('grant_type') === 'authorization_code';
    if (!isClient) return json(response, { error: 'invalid_client' }, 401);
    if (!isRight) return json(response, { error: 'invalid_grant' }, 400);
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: provider.url, aud: clientId, sub: 'subject-1', nonce: asked.nonce, iat: now, exp: now + 300, ...provider.person };
    json(response, { access_token: 'unused', token_type: 'Bearer', id_token: provider.forged ?? signed(provider.keys[0], claims, provider.header) });
  }

  const server = createServer((request, response) => {
    if (provider.broken) return json(response, {}, 500);
    const { pathname, searchParams } = new URL(request.url, provider.url);
    if (pathname === '/.well-known/openid-configuration') {
      provider.seen.discovery += 1;
      return json(response, { issuer: provider.url, authorization_endpoint: `${provider.url}/authorize`, token_endpoint: `${provider.url}/token`, jwks_uri: `${provider.url}/keys`, ...provider.published });
    }
    if (pathname === '/keys' || pathname === '/cdn-cgi/access/certs') {
      provider.seen.keys += 1;
      return json(response, { keys: provider.keys.map(({ jwk }) => jwk) });
    }
    if (pathname === '/token') return exchange(request, response);
    if (pathname !== '/authorize') return json(response, {}, 404);
    const asked = Object.fromEntries(searchParams);
    const answer = new URL(asked.redirect_uri);
    const isWhole = asked.response_type === 'code' && asked.client_id === clientId && asked.code_challenge_method === 'S256' && asked.scope.split(' ').includes('openid');
    if (!isWhole) return json(response, { error: 'invalid_request' }, 400);
    const code = randomBytes(16).toString('hex');
    codes.set(code, asked);
    answer.searchParams.set('code', code);
    answer.searchParams.set('state', asked.state);
    response.writeHead(302, { location: answer.href });
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  provider.url = `http://127.0.0.1:${server.address().port}`;
  provider.vars = { OIDC_ISSUER: provider.url, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret };
  provider.clientId = clientId;
  provider.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return provider;
}
