// The secrets of a local run: kept in `.dev.vars`, where wrangler looks for them.
// Not here: the tokens of a deployment, which only Cloudflare stores (deploy/secret.mjs).

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { home } from './paths.mjs';

export const devVars = join(home, '.dev.vars');

/** Makes 256 random bits, in characters that a shell or a form does not change. */
export const randomToken = () => randomBytes(32).toString('hex');

const value = (text, name) => text.match(new RegExp(`^\\s*${name}\\s*=\\s*["']?([^"'\\r\\n]*\\S)["']?\\s*$`, 'm'))?.[1];

const stored = () => (existsSync(devVars) ? readFileSync(devVars, 'utf8') : '');

function ensure(name) {
  const before = stored();
  if (value(before, name)) return;
  mkdirSync(home, { recursive: true });
  const line = before && !before.endsWith('\n') ? '\n' : '';
  writeFileSync(devVars, `${before}${line}${name}=${randomToken()}\n`, { mode: 0o600 });
  chmodSync(devVars, 0o600);
}

/** Makes sure that all secrets exist; returns a text that says where the Secret Token is, never the token. */
export function ensureTokens() {
  ensure('SIGNING_SECRET');
  if (!process.env.ADMIN_TOKEN) ensure('ADMIN_TOKEN');
  if (process.env.SCIM_TOKEN) return 'SCIM_TOKEN of your environment';
  ensure('SCIM_TOKEN');
  return `SCIM_TOKEN in ${devVars}`;
}

/** Returns the token of the local administration, or undefined before the first `npm start`. */
export const localAdminToken = () => process.env.ADMIN_TOKEN || value(stored(), 'ADMIN_TOKEN');
