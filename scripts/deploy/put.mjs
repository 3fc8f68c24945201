// Replacing a secret of a running Worker, through wrangler's standard input, so that no value stands on a command
// line.

import { existsSync } from 'node:fs';
import { UserError } from '../lib/process.mjs';
import { startWrangler } from '../lib/wrangler.mjs';
import { deployConfig } from './config.mjs';
import { secretNames } from './secret.mjs';

/** Stops if nothing was deployed from here; returns the names of the secrets that the Worker has. */
export async function demandDeployed() {
  if (!existsSync(deployConfig)) throw new UserError('nothing was deployed from this folder yet: run `npm run deploy` first');
  const { workerExists, names } = await secretNames(deployConfig);
  if (!workerExists) throw new UserError('there is no Worker in this account yet: run `npm run deploy` first');
  return names;
}

/** Replaces the secret. */
export async function putSecret(name, value) {
  const child = startWrangler(['secret', 'put', name, '--config', deployConfig], { stdio: ['pipe', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (printed += text));
  // If wrangler ends without reading, its exit code says so.
  child.stdin.on('error', () => {}).end(value);
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new UserError(`wrangler could not put the secret ${name}:\n${printed.replaceAll(value, '(the secret)')}`);
}
