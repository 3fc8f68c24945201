// No deployment without its secrets. A Worker that does not exist yet takes no `secret put`, so a first deployment brings
// them along through a private file: the Secret Token from SCIM_TOKEN in the environment, and SIGNING_SECRET, which nobody
// has to know, as random as it comes.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stop } from '../lib/process.mjs';
import { randomToken } from '../lib/token.mjs';
import { wranglerOutput } from '../lib/wrangler.mjs';

// A log keeps what is printed, so a fresh token is offered to a person at a terminal only.
const suggestion = () =>
  process.stdout.isTTY
    ? `A fresh random value, shown this once:\n\n  ${randomToken()}\n`
    : 'A random value: node -p "crypto.randomBytes(32).toString(\'hex\')"\n';

const missing = (config, workerExists) => `the Worker has no secret SCIM_TOKEN yet, and must not run without one.

${suggestion()}
${
  workerExists
    ? `Set it, then deploy again:\n\n  npm run wrangler -- secret put SCIM_TOKEN --config ${config}\n  npm run deploy`
    : 'Bring it along with the first deployment:\n\n  SCIM_TOKEN=<the value> npm run deploy'
}

Keep the value: it is the Secret Token to enter at the identity provider.`;

const noSuchWorker = /Worker "[^"]+" not found/;

async function secretNames(config) {
  const { code, stdout, stderr } = await wranglerOutput('secret', 'list', '--format', 'json', '--config', config);
  if (code === 0) return { workerExists: true, names: JSON.parse(stdout).map(({ name }) => name) };
  if (noSuchWorker.test(stdout + stderr)) return { workerExists: false, names: [] };
  throw new Stop(`wrangler secret list failed:\n${stderr}${stdout}`);
}

/** The secrets that the deployment has to bring along. */
async function wanted(config) {
  const { workerExists, names } = await secretNames(config);
  const secrets = {};
  if (process.env.SCIM_TOKEN) secrets.SCIM_TOKEN = process.env.SCIM_TOKEN;
  else if (!names.includes('SCIM_TOKEN')) throw new Stop(missing(config, workerExists));
  // A new one would end every access token that there is.
  if (!names.includes('SIGNING_SECRET')) secrets.SIGNING_SECRET = randomToken();
  return secrets;
}

/** Runs `body` with the arguments that bring the secrets along: none when the Worker has them already. */
export async function withSecrets(config, body) {
  const secrets = await wanted(config);
  if (!Object.keys(secrets).length) return body([]);
  const folder = mkdtempSync(join(tmpdir(), 'scim-edge-'));
  try {
    const file = join(folder, 'secrets.json');
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
    return await body(['--secrets-file', file]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
