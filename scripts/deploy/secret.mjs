// The secrets of a deployment. A Worker that does not exist yet accepts no `secret put`, so a first deployment brings
// them along in a private file: the Secret Token, and SIGNING_SECRET, which no person must know, as random bits. Not
// here: replacing a secret of a running Worker (put.mjs).

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../lib/process.mjs';
import { askHidden, atTerminal, readStandardInput } from '../lib/prompt.mjs';
import { withTemporaryFolder } from '../lib/temporary.mjs';
import { randomToken } from '../lib/token.mjs';
import { wranglerOutput } from '../lib/wrangler.mjs';
import { demandStrong, suggestion, workerSecrets } from './strength.mjs';

const missing = () => `the Worker has no secret SCIM_TOKEN yet, and must not run without one.

${suggestion()}
Put it into a file or a password manager, and hand it over by standard input:

  npm run deploy -- --token-stdin < <the file>

At a terminal \`npm run deploy\` asks for it. Keep the value: it is the Secret Token to enter at the identity provider.`;

const noSuchWorker = /Worker "[^"]+" not found/;

/** Returns which secrets the Worker has, and whether the Worker exists. */
export async function secretNames(config) {
  const { code, stdout, stderr } = await wranglerOutput('secret', 'list', '--format', 'json', '--config', config);
  if (code === 0) return { workerExists: true, names: JSON.parse(stdout).map(({ name }) => name) };
  if (noSuchWorker.test(stdout + stderr)) return { workerExists: false, names: [] };
  throw new UserError(`wrangler secret list failed:\n${stderr}${stdout}`);
}

async function asked() {
  if (!atTerminal()) throw new UserError(missing());
  const typed = await askHidden('Secret Token of the Worker (not shown; press Enter alone and a random one is made): ');
  if (typed) return demandStrong('SCIM_TOKEN', typed);
  const made = randomToken();
  console.log(`\n  Secret Token: ${made}\n  Keep it: it is shown this once, and is what to enter at the identity provider.\n`);
  return made;
}

/**
 * Reads the Secret Token that is given to this deployment, if one is, and stops if it or another secret can be
 * guessed.
 */
export async function givenToken(fromStandardInput) {
  for (const name of workerSecrets) {
    if (process.env[name]) demandStrong(name, process.env[name], ' of the environment');
  }
  if (fromStandardInput) return demandStrong('SCIM_TOKEN', await readStandardInput(), ' from standard input');
  return process.env.SCIM_TOKEN || undefined;
}

/** Returns the secrets that the deployment must bring along. */
async function wanted(config, given) {
  const { names } = await secretNames(config);
  const secrets = {};
  if (given) secrets.SCIM_TOKEN = given;
  else if (!names.includes('SCIM_TOKEN')) secrets.SCIM_TOKEN = await asked();
  // A new one would end every access token in force.
  if (!names.includes('SIGNING_SECRET')) secrets.SIGNING_SECRET = randomToken();
  return secrets;
}

/**
 * Runs `body` with the arguments that bring the secrets along: none if the Worker has them already and `given` is not
 * set.
 */
export async function withSecrets(config, given, body) {
  const secrets = await wanted(config, given);
  if (!Object.keys(secrets).length) return body([]);
  return withTemporaryFolder((folder) => {
    const file = join(folder, 'secrets.json');
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
    return body(['--secrets-file', file]);
  });
}
