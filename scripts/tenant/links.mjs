// What each command on set-up links does: they open the console for the administrator of one customer. A link is printed once.

import { life, many } from './format.mjs';
import { UserError } from '../lib/process.mjs';

const links = (tenant, ...path) => ['/tenants', ...[tenant, 'setup-links', ...path].map(encodeURIComponent)].join('/');

async function create(api, tenant, options) {
  const { body } = await api('POST', links(tenant), { person: options.person });
  console.log(`\n  Set-up link: ${body.url}\n`);
  console.log(`  The link is shown this once. It opens the console for ${tenant} and no other tenant, as often as it is used, until ${body.expires}.`);
  console.log(`  \`revoke-setup-link ${tenant} --id ${body.id}\` ends it, and every session that it has made.\n`);
}

async function list(api, tenant) {
  const { body } = await api('GET', links(tenant));
  for (const link of body.setupLinks) console.log(`${link.id}  ${life(link)}, used ${many(link.uses, 'time')}: ${link.person}`);
  if (!body.setupLinks.length) console.log(`${tenant} has no set-up link: \`setup-link ${tenant}\` makes one`);
}

async function revoke(api, tenant, options) {
  if (!options.id) throw new UserError('`revoke-setup-link` needs --id <id>: `setup-links` lists them');
  await api('DELETE', links(tenant, options.id));
  console.log(`the set-up link ${options.id} of ${tenant} is revoked, and its sessions have ended`);
}

export const linkCommands = { 'setup-link': create, 'setup-links': list, 'revoke-setup-link': revoke };
