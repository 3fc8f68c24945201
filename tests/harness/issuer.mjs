// An issuer of tokens on this machine, in place of Microsoft Entra ID: it publishes keys and signs JWTs with them.
// Not here: how the Worker treats them.

import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';

const base64url = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

const kinds = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};

/** Makes a key pair; `jwk` is its public half as an issuer publishes it. */
export function newKey(kid, alg = 'RS256') {
  const { privateKey, publicKey } = kinds[alg]();
  return { kid, alg, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', x5t: kid } };
}

/** Signs a JWT of these claims; `header` is added to the key's own header, and undefined members are left out. */
export function signed(key, claims, header = {}) {
  const text = `${base64url({ typ: 'JWT', alg: key.alg, kid: key.kid, ...header })}.${base64url(claims)}`;
  const signature = sign('sha256', Buffer.from(text), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

/**
 * Starts the issuer. Returns { url, jwksUri, keys, requests, answer, stop }:
 * `keys`      those that it publishes; may be changed at any time
 * `requests`  the number of times that it was asked for them
 * `answer`    a function of (response, request, publish) that answers in the place of the keys, if it is set
 */
export async function startIssuer() {
  const issuer = { keys: [newKey('key-1')], requests: 0, answer: undefined };
  const server = createServer((request, response) => {
    issuer.requests += 1;
    const publish = () => response.end(JSON.stringify({ keys: issuer.keys.map(({ jwk }) => jwk) }));
    if (issuer.answer) return issuer.answer(response, request, publish);
    publish();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer.url = `http://127.0.0.1:${server.address().port}`;
  issuer.jwksUri = `${issuer.url}/discovery/v2.0/keys`;
  issuer.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return issuer;
}
