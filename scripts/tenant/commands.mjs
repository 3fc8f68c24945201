// What each command does; those of OAuth stand in oauth.mjs. Tokens are printed here, once, and kept nowhere.

import { UserError } from '../lib/process.mjs';
import { activityCommands } from './activity.mjs';
import { durationInHours, quotas, scopesOf, timeAfter } from './arguments.mjs';
import { endpointCommands } from './endpoints.mjs';
import { linkCommands } from './links.mjs';
import { oauthCommands, warnOf } from './oauth.mjs';
import { roleCommands } from './roles.mjs';
import { exportTo, importFrom } from './transfer.mjs';
import { edgeHint, edgeLine, hours, inForce, life, limits, many } from './format.mjs';

const one = (tenant) => `/tenants/${encodeURIComponent(tenant)}`;

function printToken({ id, name, expires, scopes, token, tenantUrl, tokensInForce }) {
  console.log(`\n  Tenant URL:   ${tenantUrl}\n  Secret Token: ${token}\n`);
  console.log(`  The token is shown this once. Its name is \`${name}\`, its id ${id}; it expires ${expires ?? 'never'}.`);
  if (limits(scopes)) console.log(`  It may do this alone: ${scopes.join(' ')}.`);
  console.log(`  The tenant has ${many(tokensInForce, 'token')} in force, this one included: \`show\` lists them.\n`);
}

function state(tenant) {
  if (tenant.deleting) return 'deleting';
  return tenant.enabled ? 'enabled' : 'suspended';
}

/** Returns the token that --token names, or the only one that can be meant. */
async function meant(api, tenant, options) {
  if (options.token) return options.token;
  const { body } = await api('GET', `${one(tenant)}/tokens`);
  const tokens = body.tokens.filter(inForce);
  if (tokens.length === 1) return tokens[0].id;
  const list = tokens.map(({ id, name }) => `\n  ${id}  ${name}`).join('');
  throw new UserError(tokens.length ? `which one? Add --token <id>:${list}` : `${tenant} has no token in force: \`token ${tenant}\` makes one`);
}

function days(options, name) {
  const value = options[name];
  if (value !== undefined && !/^\d+$/.test(value)) throw new UserError(`--${name} must be a whole number of days, but is \`${value}\``);
  return value && Number(value);
}

function settings(options) {
  const { name, dialect } = options;
  return { name, dialect, logRetentionDays: days(options, 'log-days'), activityRetentionDays: days(options, 'activity-days') };
}

/** Returns whether the tenant has an edge copy, and where its data must stay; null is anywhere. */
function places({ edge, residency }) {
  if (edge !== undefined && !['on', 'off'].includes(edge)) throw new UserError(`--edge must be \`on\` or \`off\`, but is \`${edge}\``);
  return { edge: edge && edge === 'on', residency: residency === 'none' ? null : residency };
}

/** Returns the numbers that the options set; null is the default. */
function numbers(options) {
  const all = [...Object.entries(quotas).map(([option, { setting }]) => [option, setting]), ['mass-deprovisioning', 'massDeprovisioning']];
  const named = all.filter(([option]) => options[option] !== undefined);
  return Object.fromEntries(
    named.map(([option, setting]) => {
      const value = options[option];
      if (value !== 'default' && !/^\d{1,15}$/.test(value)) throw new UserError(`--${option} must be a number or \`default\`, but is \`${value}\``);
      return [setting, value === 'default' ? null : Number(value)];
    }),
  );
}

function printRetention(body) {
  console.log(`  log retention ${body.logRetentionDays} days, of activity ${body.activityRetentionDays} days`);
}

function printGuard({ massDeprovisioning }) {
  console.log(`  users who may be disabled or deleted in one cycle: ${massDeprovisioning ?? '20, or 10 % of them, at most 2000 (default)'}`);
}

function printQuotas(body) {
  for (const { setting, used } of Object.values(quotas)) {
    const most = `${body[setting]}${body.defaults.includes(setting) ? ' (default)' : ''}`;
    console.log(`  ${used.padEnd(13)} ${body[used]} of ${most}`);
  }
}

async function enable(api, tenant, enabled) {
  await api('PATCH', one(tenant), { enabled });
  console.log(enabled ? `${tenant}: its tokens are taken again` : `${tenant} is suspended: its tokens are refused within 60 seconds`);
}

async function create(api, tenant, options) {
  timeAfter(options.expires); // Refuses a bad time before a tenant without a token is created.
  const { status, body } = await api('POST', '/tenants', { id: tenant, ...settings(options) }, [409]);
  if (status === 409) throw new UserError(`${body.detail}: \`token ${tenant}\` makes a token for it`);
  await token(api, tenant, { 'token-name': 'first', ...options });
}

async function token(api, tenant, options) {
  const wanted = { name: options['token-name'], expires: timeAfter(options.expires), scopes: scopesOf(options) };
  printToken((await api('POST', `${one(tenant)}/tokens`, wanted)).body);
}

async function rotate(api, tenant, options) {
  const overlapHours = durationInHours(options.overlap ?? '24h');
  if (!Number.isInteger(overlapHours)) throw new UserError(`--overlap must be in whole hours, such as 24h, but is \`${options.overlap}\``);
  const old = await meant(api, tenant, options);
  const wanted = { name: options['token-name'], expires: timeAfter(options.expires), overlapHours };
  printToken((await api('POST', `${one(tenant)}/tokens/${encodeURIComponent(old)}/rotate`, wanted)).body);
  console.log(`  The old one (${old}) is good for another ${hours(overlapHours)}.\n`);
}

async function revoke(api, tenant, options) {
  const id = await meant(api, tenant, options);
  await api('DELETE', `${one(tenant)}/tokens/${encodeURIComponent(id)}`);
  console.log(`the token ${id} of ${tenant} is revoked: it is refused within 60 seconds`);
}

async function list(api) {
  for (let after = ''; after !== null; ) {
    const { body } = await api('GET', `/tenants?after=${after}`);
    for (const tenant of body.tenants) console.log(`${tenant.id.padEnd(24)} ${state(tenant).padEnd(10)} ${tenant.name}`);
    after = body.next;
  }
}

function printTokens(tokens) {
  for (const each of tokens) {
    console.log(`  token ${each.id}  ${life(each)}${limits(each.scopes)}, last used ${each.lastUsed ?? 'never'}: ${each.name}`);
  }
}

async function show(api, tenant) {
  const { body } = await api('GET', one(tenant));
  if (tenant === 'default') {
    console.log(`default\n  Tenant URL    ${body.tenantUrl}`);
    printQuotas(body);
    printRetention(body);
    printGuard(body);
    console.log(`  ${edgeLine(body.edge)}`);
    const { body: of } = await api('GET', `${one(tenant)}/tokens`);
    return printTokens(of.tokens);
  }
  console.log(`${body.id}: ${body.name} (${state(body)})\n  Tenant URL    ${body.tenantUrl}`);
  printQuotas(body);
  printRetention(body);
  printGuard(body);
  console.log(`  ${edgeLine(body.edge)}\n  residency     ${body.residency ?? 'anywhere'}`);
  console.log(`  dialect       ${body.dialect}\n  created       ${body.created}`);
  printTokens(body.tokens);
  // A tenant that is being deleted has no issuers to show.
  const { body: trusted } = await api('GET', `${one(tenant)}/issuers`, undefined, [404]);
  warnOf(trusted.issuers ?? []);
}

async function set(api, tenant, options) {
  const wanted = { ...settings(options), ...places(options), ...numbers(options) };
  if (Object.values(wanted).every((value) => value === undefined)) {
    throw new UserError('`set` needs --name, --dialect, --log-days, --activity-days, --edge, --residency, --mass-deprovisioning or a quota, such as --max-users 50000');
  }
  await api('PATCH', one(tenant), wanted);
  if (wanted.edge) console.log(edgeHint(tenant));
  await show(api, tenant);
}

async function recount(api, tenant) {
  const { body } = await api('POST', `${one(tenant)}/recount`);
  console.log(`${tenant} is counted anew`);
  printQuotas(body);
}

/** Suspends first, so that nothing is written between the export and the end. */
async function remove(api, tenant, options) {
  if (!options.yes) throw new UserError(`this exports ${tenant} to a file and deletes all of its users, groups and tokens: add --yes`);
  const { body } = await api('GET', one(tenant));
  if (!body.deleting) {
    await enable(api, tenant, false);
    await exportTo(api, tenant, options);
  }
  for (;;) {
    const answer = await api('DELETE', one(tenant));
    if (answer.status === 204) return console.log(`${tenant} is deleted`);
    const wait = Number(answer.headers.get('retry-after') ?? 0);
    const left = answer.body.resourcesLeft;
    console.log(wait ? `nothing is left; the name is free in ${wait} s` : `deleting: ${left} users and groups left`);
    await new Promise((resolve) => setTimeout(resolve, Math.min(wait, 30) * 1000));
  }
}

export const commands = {
  ...{ create, list, show, set, recount, token, rotate, revoke },
  suspend: (api, tenant) => enable(api, tenant, false),
  resume: (api, tenant) => enable(api, tenant, true),
  export: exportTo,
  import: importFrom,
  delete: remove,
  ...activityCommands,
  ...endpointCommands,
  ...linkCommands,
  ...roleCommands,
  ...oauthCommands,
};
