// The only place that runs wrangler, which alone gets the secrets of this process. `SCIM_EDGE_WRANGLER` names another
// script to run in its place: the tests use a recording one, so that a deployment can be rehearsed without an
// account.

import { join } from 'node:path';
import { allSecrets } from './environment.mjs';
import { modules, newerNode } from './paths.mjs';
import { attempt, capture, start, UserError } from './process.mjs';

const script = process.env.SCIM_EDGE_WRANGLER ?? join(modules, 'wrangler', 'bin', 'wrangler.js');

const command = (args) => [newerNode(), [script, ...args]];

// It sends no statistics about its use, prints no banner, and looks nothing up by itself.
const quiet = { WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', CLOUDFLARE_CF_FETCH_ENABLED: 'false' };

const withSecrets = ({ env, ...options } = {}) => ({ env: { ...quiet, ...env }, secrets: allSecrets, ...options });

/** Starts wrangler and returns its process. */
export const startWrangler = (args, options) => start(...command(args), withSecrets(options));

/** Runs wrangler on this terminal and returns its exit code. */
export const attemptWrangler = (args, options) => attempt(...command(args), withSecrets(options));

/** Runs wrangler on this terminal and stops everything when it fails. */
export async function wrangler(...args) {
  const code = await attemptWrangler(args);
  if (code !== 0) throw new UserError(`failed (${code}): wrangler ${args.join(' ')}`);
}

/** Runs wrangler silently; returns { code, stdout, stderr }. */
export const wranglerOutput = (...args) => capture(...command(args), withSecrets());

/** Runs wrangler silently and parses the JSON it prints. */
export async function wranglerJson(...args) {
  const { code, stdout, stderr } = await wranglerOutput(...args);
  if (code !== 0) throw new UserError(`wrangler ${args.join(' ')} failed:\n${stderr}${stdout}`);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new UserError(`wrangler ${args.join(' ')} should print JSON, but printed:\n${stdout}`);
  }
}
