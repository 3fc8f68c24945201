// The one door to wrangler. `SCIM_EDGE_WRANGLER` names another script to run in its place:
// the tests put a recording one there, so that a deployment can be rehearsed without an account.

import { join } from 'node:path';
import { modules, newerNode } from './place.mjs';
import { capture, run, Stop } from './process.mjs';

const script = process.env.SCIM_EDGE_WRANGLER ?? join(modules, 'wrangler', 'bin', 'wrangler.js');

/** The command line that runs wrangler with `args`, for whoever starts the process alone. */
export const wranglerCommand = (...args) => [newerNode(), [script, ...args]];

/** Runs wrangler on this terminal. */
export const wrangler = (...args) => run(...wranglerCommand(...args));

/** Runs wrangler silently; returns { code, stdout, stderr }. */
export const wranglerOutput = (...args) => capture(...wranglerCommand(...args));

/** Runs wrangler silently and parses the JSON it prints. */
export async function wranglerJson(...args) {
  const { code, stdout, stderr } = await wranglerOutput(...args);
  if (code !== 0) throw new Stop(`wrangler ${args.join(' ')} failed:\n${stderr}${stdout}`);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Stop(`wrangler ${args.join(' ')} should print JSON, but printed:\n${stdout}`);
  }
}
