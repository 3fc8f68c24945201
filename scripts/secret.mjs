// `npm run secret -- <name>`: replaces a secret of the deployed Worker by what is typed at the prompt, or read from
// standard input. With `--make` it is replaced by 256 random bits, which suits SIGNING_SECRET, since no person must
// know it. `npm run admin-token`: makes a new ADMIN_TOKEN of 256 random bits, sets it and shows it once.

import { demandDeployed, putSecret } from './deploy/put.mjs';
import { demandStrong, foreignSecrets, workerSecrets } from './deploy/strength.mjs';
import { main, UserError } from './lib/process.mjs';
import { askHidden, readStandardInput } from './lib/prompt.mjs';
import { randomToken } from './lib/token.mjs';
import { ensureNpmPackages } from './setup/npm.mjs';

const usage = `nothing is changed: \`npm run secret -- <name>\` takes one of ${[...workerSecrets, ...foreignSecrets].join(', ')}.
The value is asked for, or read from standard input; it never stands on the command line. With --make it is made here, except the one of OIDC.
SCIM_TOKEN and ADMIN_TOKEN may be two tokens with a blank between: both are good.`;

function readArguments() {
  const [name, option, ...more] = process.argv.slice(2);
  const known = option === '--make' ? workerSecrets : [...workerSecrets, ...foreignSecrets];
  if (!known.includes(name) || (option !== undefined && option !== '--make') || more.length) throw new UserError(usage);
  return { name, make: option === '--make' };
}

function checked(name, value) {
  if (!foreignSecrets.includes(name)) return demandStrong(name, value);
  if (!value.trim()) throw new UserError(`${name} is empty, and nothing is changed`);
  return value.trim();
}

const given = (name) => (process.stdin.isTTY ? askHidden(`New value of ${name} (not shown): `) : readStandardInput());

await main(async () => {
  const { name, make } = readArguments();
  await ensureNpmPackages();
  const replaced = (await demandDeployed()).includes(name) ? ', in place of the one that was there' : '';
  const value = make ? randomToken() : checked(name, await given(name));
  await putSecret(name, value);
  // For a person and for a log alike; only the value goes to standard output, so that a password manager can read it
  // from a pipe.
  console.error(`[scim-edge] the secret ${name} is set${replaced}; it holds within seconds`);
  // No person must know what access tokens are signed with.
  if (make && name !== 'SIGNING_SECRET') console.log(process.stdout.isTTY ? `\n  ${name}: ${value}\n  Keep it: it is shown this once.\n` : value);
});
