// `npm run tenant`, the commands of OAuth: from the creation of a client to its end, against a running Worker.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withAdmin } from '../harness/admin.mjs';
import { tenantCommand } from '../harness/command.mjs';
import { scimClient } from '../harness/index.mjs';
import { issued } from '../harness/oauth.mjs';
import { signed, startIssuer } from '../harness/issuer.mjs';
import { serve } from '../harness/serve.mjs';

let worker;
let issuer;
let command;
serve(async (started) => {
  worker = started;
  issuer = await startIssuer();
  command = tenantCommand(worker);
  await command.done('create', 'acme');
}, withAdmin, async () => {
  await issuer?.stop();
  command?.remove();
});

const value = (output, label) => output.match(new RegExp(`${label}: +(\\S+)`))?.[1];
const shown = (output) => ({
  tenantUrl: value(output, 'Tenant URL'),
  tokenUrl: value(output, 'Token endpoint'),
  clientId: value(output, 'Client identifier'),
  clientSecret: value(output, 'Client secret'),
});

const accessToken = async (client) => (await issued(client)).body.access_token;

const status = async (token) => (await scimClient(`${worker.url}/acme/scim/v2`, token)('GET', '/Users')).status;

test('a client is made, gets another secret, loses the first, and is revoked', { timeout: 60_000 }, async () => {
  const output = await command.done('client', 'acme', '--name', 'Entra', '--token-life', '6h', '--expires', '365d');
  const first = shown(output);
  assert.deepEqual([first.tenantUrl, first.tokenUrl], [`${worker.url}/acme/scim/v2`, `${worker.url}/acme/oauth2/token`]);
  assert.match(output, /The secret is shown this once\. It expires 20\d\d-.*\n {2}An access token is good for 6 hours\./);
  assert.equal(await status(await accessToken(first)), 200);

  const another = await command.done('client-secret', 'acme');
  assert.match(another, /The client has 2 secrets in force, this one included/);
  const second = shown(another);
  assert.equal(second.clientId, first.clientId);
  assert.notEqual(second.clientSecret, first.clientSecret);
  const listed = await command.done('clients', 'acme');
  assert.ok(!listed.includes(first.clientSecret) && !listed.includes(second.clientSecret));
  assert.match(listed, new RegExp(`^client ${first.clientId} {2}in force, tokens of 6 h: Entra$`, 'm'));
  const [old] = [...listed.matchAll(/^ {2}secret (\S+) {2}until \S+, last used \S+$/gm)].map(([, id]) => id);

  await command.done('revoke-client', 'acme', '--secret', old);
  assert.deepEqual([await accessToken(first), await status(await accessToken(second))], [undefined, 200]);
  const unnamed = await command.tenant(['revoke-client', 'acme']);
  assert.deepEqual([unnamed.code, /needs --client/.test(unnamed.output)], [1, true]);
  await command.done('revoke-client', 'acme', '--client', first.clientId);
  assert.equal(await accessToken(second), undefined);
  assert.match(await command.done('clients', 'acme'), /^client \S+ {2}revoked 20/m);
});

test('an issuer is trusted and trusted no more', { timeout: 60_000 }, async () => {
  const trust = ['--issuer', `${issuer.url}/`, '--jwks', issuer.jwksUri, '--audience', 'api://app', '--name', 'test'];
  const open = await command.tenant(['trust', 'acme', ...trust]);
  assert.deepEqual([open.code, /`--subject` is missing: the application or user to which the issuer issues the token/.test(open.output)], [1, true]);
  trust.push('--subject', 's');
  const output = await command.done('trust', 'acme', ...trust);
  assert.match(output, /^acme takes tokens of http\S+, as bearer tokens\n {2}for api:\/\/app, given to s; keys of http/);
  const claims = { iss: `${issuer.url}/`, aud: 'api://app', sub: 's', exp: Math.floor(Date.now() / 1000) + 600 };
  const token = signed(issuer.keys[0], claims);
  assert.equal(await status(token), 200);
  assert.match(await command.done('clients', 'acme'), /^issuer \S+ {2}in force, last used .*: test\n {2}bearer tokens of http/m);
  const id = output.match(/--id (\S+)`/)[1];
  const before = issuer.requests;
  assert.match(await command.done('fetch-keys', 'acme', '--id', id), /^the keys at http\S+ are fetched: /);
  assert.equal(issuer.requests, before + 1);
  assert.doesNotMatch(await command.done('show', 'acme'), /UNSAFE/);
  await worker.d1.prepare('UPDATE issuers SET subject = NULL WHERE id = ?').bind(id).run();
  for (const what of ['show', 'clients']) assert.match(await command.done(what, 'acme'), new RegExp(`^UNSAFE: issuer ${id}: no subject is demanded`, 'm'));
  await command.done('distrust', 'acme', '--id', id);
  assert.equal(await status(token), 401);
});

test('a client without a secret is known by assertions of an issuer', { timeout: 60_000 }, async () => {
  const output = await command.done('client', 'acme', '--federated');
  const { clientId, clientSecret } = shown(output);
  assert.equal(clientSecret, undefined);
  assert.match(output, /The client has no secret: `trust` says whose assertions it is known by\./);
  const trust = ['--issuer', issuer.url, '--jwks', issuer.jwksUri, '--audience', 'a', '--client', clientId];
  const open = await command.tenant(['trust', 'acme', ...trust]);
  assert.deepEqual([open.code, /need a `--subject`/.test(open.output)], [1, true]);
  assert.match(await command.done('trust', 'acme', ...trust, '--subject', 's'), /as assertions of the client/);
});

test('the signing key is replaced, and the old one ended', { timeout: 60_000 }, async () => {
  await command.done('signing-keys', '--rotate');
  const output = await command.done('signing-keys', '--rotate');
  assert.match(output, /^\S+ {2}made \S+, signs\n\S+ {2}made \S+, retired /);
  const old = output.split('\n')[1].split(' ')[0];
  assert.match(await command.done('signing-keys', '--revoke', old), new RegExp(`^${old} {2}made \\S+, revoked `, 'm'));
});
