// The Secret Token of a local run: kept in `.dev.vars`, where wrangler looks for local secrets.
// Not here: the token of a deployment, which only Cloudflare stores (deploy/secret.mjs).

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { home } from './place.mjs';

export const devVars = join(home, '.dev.vars');

/** 256 random bits: nothing to guess, and no character that a shell or a form would change. */
export const randomToken = () => randomBytes(32).toString('hex');

const tokenLine = /^\s*SCIM_TOKEN\s*=\s*\S/m;

/** Makes sure that a token exists; returns the words that say where it is, never the token. */
export function ensureToken() {
  if (process.env.SCIM_TOKEN) return 'SCIM_TOKEN of your environment';
  mkdirSync(home, { recursive: true });
  const before = existsSync(devVars) ? readFileSync(devVars, 'utf8') : '';
  if (!tokenLine.test(before)) {
    const line = before && !before.endsWith('\n') ? '\n' : '';
    writeFileSync(devVars, `${before}${line}SCIM_TOKEN=${randomToken()}\n`, { mode: 0o600 });
    chmodSync(devVars, 0o600);
  }
  return `SCIM_TOKEN in ${devVars}`;
}
