// The command line: what it says, and what it may say.

import { parseArgs } from 'node:util';
import { UserError } from '../lib/process.mjs';

export const usage = `npm run tenant -- <command> [tenant] [options]

  create <tenant>     makes a tenant and its first token   --name "Acme Inc." --dialect strict --log-days 90
                                                           --activity-days 30 --expires 365d
  list                all tenants
  show <tenant>       settings, size and tokens
  set <tenant>        changes settings                     --name, --dialect tolerant|strict, --log-days,
                                                           --activity-days; quotas, each a number or \`default\`:
                                                           --max-users, --max-groups, --max-memberships, --max-bytes;
                                                           --edge on|off: the edge copy in Workers KV;
                                                           --mass-deprovisioning: users who may be disabled or deleted
                                                           in one cycle, or \`default\`;
                                                           --residency eu|us|fedramp|none
  recount <tenant>    counts again what it has, in case another program has written into the database
  token <tenant>      makes another token                  --token-name, --expires, --scope scim:read: it may only read
  rotate <tenant>     a new token beside the old one       --token <id>, --overlap 24h, --token-name, --expires
  revoke <tenant>     ends a token now                     --token <id>
  suspend <tenant>    refuses all tokens of the tenant
  resume <tenant>     accepts them again
  export <tenant>     writes SCIM JSON lines               --file acme.jsonl; also \`npm run export -- <tenant>\`
  import <tenant>     reads them                           --file acme.jsonl; also \`npm run import -- <tenant>\`
  delete <tenant>     exports, then deletes everything     --file, --yes

  activity <tenant>   what its clients did, newest first   --from, --to, --outcome changed|refused, --resource <id>,
                                                           --actor <id>, --limit 100
  audit <tenant>      evidence as JSON lines               --from 2026-01-01 --to 2026-02-01, --file acme-audit.jsonl
  erase <tenant>      one person out of everything         --user <id>, --yes

  roles <tenant>      groups mapped to roles of the application
  map-role <tenant>   members of a group get a role        --group <name or id>, --role approver
  unmap-role <tenant> ends that                            --id <id>

The console, for a customer's administrator (docs/CONSOLE.md):

  setup-link <tenant>         a link to this tenant alone, good for 30 days                --person "Ada of Acme"
  setup-links <tenant>        the links, and how often each was used
  revoke-setup-link <tenant>  ends a link, and every session that it has made              --id <id>

Webhooks (docs/WEBHOOKS.md):

  endpoint <tenant>         sends its events there         --url https://..., --types user.*,group.member_added, --batch 100,
                                                           --thin; with --remote: --worker https://host
  endpoints <tenant>        where they are sent, and how far
  pause-endpoint <tenant>   sends nothing; resume-endpoint goes on where it stopped        --id <id>
  rotate-secret <tenant>    a new secret; the old one signs too for a day                  --id <id>, --overlap 0h: not at all
  replay <tenant>           sends again                    --id <id>, --sequence <number> or --time 2026-01-31
  skip <tenant>             leaves the next event out      --id <id>
  test-endpoint <tenant>    sends a test event now         --id <id>
  delete-endpoint <tenant>  deletes the endpoint           --id <id>

OAuth, where the identity provider takes it in place of a Secret Token:

  client <tenant>         a client with a secret           --name, --token-life 6h, --expires 730d, --scope scim:read; --federated: no secret
  client-secret <tenant>  another secret beside the others --client <id>, --expires
  revoke-client <tenant>  ends a client, or one secret     --client <id>, --secret <id>
  trust <tenant>          takes tokens of an issuer        --entra <directory id>, or --issuer, --jwks and --directory;
                                                           --audience, --subject (not needed for Entra's own audience);
                                                           --client <id>: as its assertions
  distrust <tenant>       stops trusting the issuer        --id <id>
  fetch-keys <tenant>     fetches the issuer's keys now    --id <id>
  clients <tenant>        clients, secrets and issuers
  signing-keys            what signs access tokens         --rotate, --revoke <id>

Durations: 90m, 24h, 365d. Times: 2026-01-31, 2026-01-31T12:00:00Z, or a duration ago. The Worker asked is the one of \`npm start\`;
\`--remote --url https://host\` asks another, with ADMIN_TOKEN from the environment or at the prompt.`;

const text = { type: 'string' };
const flag = { type: 'boolean' };

/** The options that set a quota, each with its name in the administration and the name of what is used of it. */
export const quotas = {
  'max-users': { setting: 'maxUsers', used: 'users' },
  'max-groups': { setting: 'maxGroups', used: 'groups' },
  'max-memberships': { setting: 'maxMemberships', used: 'memberships' },
  'max-bytes': { setting: 'maxBytes', used: 'bytes' },
};

const options = {
  ...{ name: text, dialect: text, 'log-days': text, 'activity-days': text, token: text, 'token-name': text, expires: text, overlap: text },
  ...Object.fromEntries(Object.keys(quotas).map((name) => [name, text])),
  ...{ edge: text, residency: text, 'mass-deprovisioning': text },
  ...{ file: text, url: text, remote: flag, yes: flag, help: flag },
  ...{ client: text, secret: text, 'token-life': text, federated: flag, scope: text, id: text, rotate: flag, revoke: text },
  ...{ from: text, to: text, outcome: text, resource: text, actor: text, limit: text, user: text },
  ...{ worker: text, types: text, batch: text, thin: flag, sequence: text, time: text, person: text, group: text, role: text },
  ...{ entra: text, issuer: text, jwks: text, directory: text, audience: text, subject: text },
};

// The options of each command, besides --remote, --url and --help. Any other is refused, since the user may have
// meant something else.
const taken = {
  create: ['name', 'dialect', 'log-days', 'activity-days', 'token-name', 'expires'],
  list: [],
  show: [],
  set: ['name', 'dialect', 'log-days', 'activity-days', 'edge', 'residency', 'mass-deprovisioning', ...Object.keys(quotas)],
  recount: [],
  token: ['token-name', 'expires', 'scope'],
  rotate: ['token', 'token-name', 'overlap', 'expires'],
  revoke: ['token'],
  suspend: [],
  resume: [],
  export: ['file'],
  import: ['file'],
  delete: ['file', 'yes'],
  activity: ['from', 'to', 'outcome', 'resource', 'actor', 'limit'],
  audit: ['from', 'to', 'file'],
  erase: ['user', 'yes'],
  roles: [],
  'map-role': ['group', 'role'],
  'unmap-role': ['id'],
  'setup-link': ['person'],
  'setup-links': [],
  'revoke-setup-link': ['id'],
  endpoint: ['types', 'batch', 'thin', 'worker'],
  endpoints: [],
  'pause-endpoint': ['id'],
  'resume-endpoint': ['id'],
  'rotate-secret': ['id', 'overlap'],
  replay: ['id', 'sequence', 'time'],
  skip: ['id'],
  'test-endpoint': ['id'],
  'delete-endpoint': ['id'],
  client: ['name', 'token-life', 'expires', 'federated', 'scope'],
  'client-secret': ['client', 'expires'],
  'revoke-client': ['client', 'secret'],
  trust: ['name', 'entra', 'issuer', 'jwks', 'directory', 'audience', 'subject', 'client'],
  distrust: ['id'],
  'fetch-keys': ['id'],
  clients: [],
  'signing-keys': ['rotate', 'revoke'],
};

const ofNoTenant = ['list', 'signing-keys'];
const notOfDefault = ['create', 'suspend', 'resume', 'delete'];
const help = '`npm run tenant` lists what there is';

function parsed(args) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    // Node's first sentence names the option; the others are about its own ways of quoting.
    throw new UserError(`${error.message.split(/[.\n]/)[0]}: ${help}`);
  }
}

/** Returns the command, its tenant, and the options; no command if help is wanted. */
export function readArguments(args) {
  const { positionals, values } = parsed(args);
  const [command, tenant, ...more] = positionals;
  if (!command || values.help) return {};
  if (!Object.hasOwn(taken, command)) throw new UserError(`there is no command \`${command}\`: ${help}`);
  if (ofNoTenant.includes(command)) {
    if (tenant) throw new UserError(`\`${command}\` is not about one tenant: leave out \`${tenant}\``);
  } else if (!tenant) throw new UserError(`\`${command}\` needs the name of a tenant`);
  if (more.length) throw new UserError(`too many arguments: ${more.join(' ')}`);
  if (tenant === 'default' && notOfDefault.includes(command)) {
    throw new UserError(`\`${command}\` is not for \`default\`, which is always there`);
  }
  if (tenant === 'default' && command === 'set' && ['name', 'dialect', 'residency'].some((name) => values[name] !== undefined)) {
    throw new UserError('of `default` only retention, quotas, --edge and --mass-deprovisioning can be set: its dialect is the variable DIALECT');
  }
  for (const name of Object.keys(values)) {
    if (!['remote', 'url', ...taken[command]].includes(name)) throw new UserError(`\`${command}\` does not take --${name}: ${help}`);
  }
  // Of `endpoint`, --url is where events are sent, and not the Worker.
  if (command === 'endpoint') return { command, tenant, options: { ...values, receiver: values.url, url: values.worker } };
  return { command, tenant, options: values };
}

/**
 * Returns the scopes that --scope names, with blanks between them (RFC 6749 s3.3), as the administration expects
 * them.
 */
export const scopesOf = ({ scope }) => scope?.split(' ').filter((name) => name);

const units = { m: 1 / 60, h: 1, d: 24 };
const century = 100 * 365 * 24;

/** Returns a duration in hours. */
export function durationInHours(duration) {
  const [, number, unit] = duration.match(/^(\d+)([mhd])$/) ?? [];
  if (!unit) throw new UserError(`\`${duration}\` is not a duration: write 90m, 24h or 365d`);
  return Number(number) * units[unit];
}

/** Returns the time when the duration is over, as the administration expects it; undefined without one. */
export function timeAfter(duration) {
  if (duration === undefined) return undefined;
  const hours = durationInHours(duration);
  if (hours === 0 || hours > century) throw new UserError(`\`${duration}\` is not a time in the future within a hundred years`);
  return new Date(Date.now() + hours * 3_600_000).toISOString();
}

/** Returns the time that an option names, as the administration expects it: a date, a time, or a duration ago. */
export function timeOf(text) {
  if (text === undefined) return undefined;
  const time = /^\d+[mhd]$/.test(text) ? Date.now() - durationInHours(text) * 3_600_000 : Date.parse(text);
  const isTime = Number.isFinite(time) && Math.abs(time) < 8.64e15;
  if (!isTime || !/^\d+[mhd]$|^\d{4}-/.test(text)) throw new UserError(`\`${text}\` is not a time: write 2026-01-31, 2026-01-31T12:00:00Z or 7d`);
  return new Date(time).toISOString();
}
