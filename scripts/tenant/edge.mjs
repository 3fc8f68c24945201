// The copy of a tenant's directory in Workers KV: switching it on and off, and having it built anew.

import { UserError } from '../lib/process.mjs';
import { many } from './format.mjs';

const below = (tenant, act) => ['/tenants', encodeURIComponent(tenant), 'edge', act].filter((part) => part).join('/');

/** Returns what the options set; undefined if they set nothing of it. */
export function edgeSettings({ edge, residency }) {
  if (edge === undefined && residency === undefined) return undefined;
  if (edge !== undefined && !['on', 'off'].includes(edge)) throw new UserError(`--edge is on or off, not \`${edge}\``);
  return { edge: edge && edge === 'on', residency };
}

export const setEdge = (api, tenant, settings) => api('PATCH', below(tenant), settings);

export async function printEdge(api, tenant) {
  const { body } = await api('GET', below(tenant), undefined, [404, 409]);
  if (body.residency) console.log(`  residency     ${body.residency}`);
  if (body.edge && body.edge !== 'off') {
    const state = body.isBeingBuilt ? 'is being built' : `${many(body.behind, 'change')} behind`;
    console.log(`  edge copy     ${body.edge}, ${state}, last written ${body.lastCopied ?? 'never'}`);
  }
}

async function rebuild(api, tenant) {
  for (let sent = {}; ; sent = { continue: true }) {
    const { status, body } = await api('POST', below(tenant, 'rebuild'), sent);
    if (status === 200) return console.log(`the edge copy of ${tenant} is built anew, up to sequence ${body.sequence}`);
  }
}

export const edgeCommands = { 'rebuild-edge': rebuild };
