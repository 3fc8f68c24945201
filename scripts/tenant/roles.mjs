// What each command on roles does: groups of a tenant mapped to roles of the application.

import { UserError } from '../lib/process.mjs';

const roles = (tenant, ...path) => ['/tenants', ...[tenant, 'roles', ...path].map(encodeURIComponent)].join('/');
const nameOf = ({ id, displayName }) => displayName ?? id;

async function list(api, tenant) {
  const { body } = await api('GET', roles(tenant));
  for (const { id, group, role, created, maker } of body.roles) console.log(`${id}  ${nameOf(group)} gives ${role}, since ${created} by ${maker}`);
  if (!body.roles.length) console.log(`no group of ${tenant} gives a role: \`map-role ${tenant}\` maps one`);
}

async function map(api, tenant, { group, role }) {
  if (!group || !role) throw new UserError('`map-role` needs --group <name or id> and --role <role>');
  const { status, body } = await api('POST', roles(tenant), { group, role });
  console.log(`${nameOf(body.group)} ${status === 201 ? 'gives' : 'gave already'} the role ${body.role}: ${body.id}`);
}

async function unmap(api, tenant, { id }) {
  if (!id) throw new UserError('`unmap-role` needs --id <id>: `roles` lists them');
  const { body } = await api('DELETE', roles(tenant, id));
  console.log(`${nameOf(body.group)} does not give the role ${body.role} any more`);
}

export const roleCommands = { roles: list, 'map-role': map, 'unmap-role': unmap };
