// What each command of OAuth does: clients with their secrets, trusted issuers, signing keys. A secret is printed once.

import { UserError } from '../lib/process.mjs';
import { durationInHours, scopesOf, timeAfter } from './arguments.mjs';
import { hours, life, limits, many } from './format.mjs';

const below = (...path) => ['/tenants', ...path.map(encodeURIComponent)].join('/');
const clients = (tenant, ...path) => below(tenant, 'clients', ...path);
const issuers = (tenant, ...path) => below(tenant, 'issuers', ...path);

function printCredentials({ tenantUrl, tokenUrl, clientId, clientSecret, tokenSeconds }, expires) {
  console.log(`\n  Tenant URL:        ${tenantUrl}\n  Token endpoint:    ${tokenUrl}\n  Client identifier: ${clientId}`);
  if (clientSecret) {
    console.log(`  Client secret:     ${clientSecret}\n\n  The secret is shown this once. It expires ${expires}.`);
  } else {
    console.log('\n  The client has no secret: `trust` says whose assertions it is known by.');
  }
  if (tokenSeconds) console.log(`  An access token is good for ${hours(tokenSeconds / 3600)}.`);
  console.log();
}

const tokenSeconds = (life) => (life === undefined ? undefined : Math.round(durationInHours(life) * 3600));

async function client(api, tenant, options) {
  const wanted = {
    name: options.name,
    tokenSeconds: tokenSeconds(options['token-life']),
    expires: timeAfter(options.expires),
    secret: !options.federated,
    scopes: scopesOf(options),
  };
  const { body } = await api('POST', clients(tenant), wanted);
  printCredentials(body, body.secrets[0]?.expires);
}

/** Returns the client that --client names, or the only one that can be meant. */
async function meant(api, tenant, options) {
  if (options.client) return options.client;
  const { body } = await api('GET', clients(tenant));
  const inForce = body.clients.filter(({ revoked }) => !revoked);
  if (inForce.length === 1) return inForce[0].clientId;
  const list = inForce.map(({ clientId, name }) => `\n  ${clientId}  ${name}`).join('');
  throw new UserError(inForce.length ? `which one? Add --client <id>:${list}` : `${tenant} has no client: \`client ${tenant}\` makes one`);
}

async function secret(api, tenant, options) {
  const path = clients(tenant, await meant(api, tenant, options), 'secrets');
  const { body } = await api('POST', path, { expires: timeAfter(options.expires) });
  printCredentials(body, body.expires);
  const count = body.secretsInForce;
  console.log(`  The client has ${many(count, 'secret')} in force, this one included: \`revoke-client --secret <id>\` ends one.\n`);
}

async function revoke(api, tenant, options) {
  if (options.secret) {
    const client = await meant(api, tenant, options);
    await api('DELETE', clients(tenant, client, 'secrets', options.secret));
    return console.log(`the secret ${options.secret} is revoked; access tokens that were given for it end within 60 seconds`);
  }
  // The whole client is revoked, so it must be named.
  if (!options.client) throw new UserError('`revoke-client` needs --client <id>, or --secret <id> for one of its secrets');
  await api('DELETE', clients(tenant, options.client));
  console.log(`the client ${options.client} of ${tenant} is revoked; its access tokens end within 60 seconds`);
}

async function trust(api, tenant, options) {
  const { body } = await api('POST', issuers(tenant), {
    name: options.name,
    entraTenant: options.entra,
    issuer: options.issuer,
    jwksUri: options.jwks,
    directory: options.directory,
    audience: options.audience,
    subject: options.subject,
    clientId: options.client,
  });
  const use = body.clientId ? `as assertions of the client ${body.clientId}` : 'as bearer tokens';
  console.log(`${tenant} takes tokens of ${body.issuers.join(' and ')}, ${use}`);
  console.log(`  for ${body.audiences.join(' or ')}, given to ${body.subject ?? 'anybody'}; keys of ${body.jwksUri}`);
  console.log(`  \`distrust ${tenant} --id ${body.id}\` ends it`);
}

async function fetchKeys(api, tenant, options) {
  if (!options.id) throw new UserError('`fetch-keys` needs --id <id>: `clients` lists them');
  const { body } = await api('POST', issuers(tenant, options.id, 'fetch'));
  console.log(`the keys at ${body.jwksUri} are fetched: a token by a key that is not among them is refused within 60 seconds`);
}

async function distrust(api, tenant, options) {
  if (!options.id) throw new UserError('`distrust` needs --id <id>: `clients` lists them');
  await api('DELETE', issuers(tenant, options.id));
  console.log(`the issuer ${options.id} is trusted no more; its tokens are refused within 60 seconds`);
}

async function list(api, tenant) {
  const [{ body: made }, { body: trusted }] = [await api('GET', clients(tenant)), await api('GET', issuers(tenant))];
  for (const client of made.clients) {
    console.log(`client ${client.clientId}  ${life(client)}${limits(client.scopes)}, tokens of ${client.tokenSeconds / 3600} h: ${client.name}`);
    for (const each of client.secrets) console.log(`  secret ${each.id}  ${life(each)}, last used ${each.lastUsed ?? 'never'}`);
  }
  for (const each of trusted.issuers) {
    const use = each.clientId ? `client ${each.clientId}` : 'bearer tokens';
    console.log(`issuer ${each.id}  ${life(each)}, last used ${each.lastUsed ?? 'never'}: ${each.name}`);
    console.log(`  ${use} of ${each.issuers.join(', ')} for ${each.audiences.join(', ')}, given to ${each.subject ?? 'anybody'}`);
  }
  warnOf(trusted.issuers);
}

/** Names the issuers that are trusted without a subject. */
export function warnOf(trusted) {
  for (const { id, warning } of trusted) if (warning) console.log(`UNSAFE: issuer ${id}: ${warning}`);
}

/** Runs the commands on signing keys, which belong to the whole Worker and not to a tenant. */
async function signingKeys(api, _, options) {
  if (options.revoke) await api('DELETE', `/signing-keys/${encodeURIComponent(options.revoke)}`);
  const { body } = await api(options.rotate ? 'POST' : 'GET', '/signing-keys');
  for (const { id, created, retired, revoked } of body.signingKeys) {
    const now = revoked ? `revoked ${revoked}` : retired ? `retired ${retired}` : 'signs';
    console.log(`${id}  made ${created}, ${now}`);
  }
}

export const oauthCommands = {
  ...{ client, clients: list, trust, distrust },
  'client-secret': secret,
  'fetch-keys': fetchKeys,
  'revoke-client': revoke,
  'signing-keys': signingKeys,
};
