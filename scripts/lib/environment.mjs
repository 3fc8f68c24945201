// The environment of child processes: the PATH with the installed tools, and no secret. cargo runs build scripts of
// hundreds of packages, and npm, esbuild and the tests run other people's code as well: none of them needs what opens
// a Cloudflare account or the Worker. Only wrangler gets it (wrangler.mjs).

import { delimiter, dirname, join } from 'node:path';
import { modules, newerNode, tools } from './paths.mjs';

// By pattern and not by a list, so that new names are kept back as well.
const ofCloudflare = /^(CLOUDFLARE|CF|WRANGLER)_/i;
const secret = /TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|_AUTH$/i;

// Without it cargo cannot use a private registry, and worker-build and the tests start cargo too.
const ofCargo = /^CARGO_REGISTRIES_\w+_TOKEN$/i;

/** The pattern of all secrets. */
export const allSecrets = /^/;
export const secretsOfNpm = /^(NPM_|NODE_AUTH_TOKEN$)/i;

const isSecret = (name) => (ofCloudflare.test(name) || secret.test(name)) && !ofCargo.test(name);

/**
 * Returns the environment of a child, with `extra` added. Of the secrets it has those that `secrets` matches; by default
 * it has none of them.
 */
export function childEnvironment(extra = {}, secrets = undefined) {
  const inherited = Object.entries(process.env).filter(([name]) => !isSecret(name) || secrets?.test(name));
  const node = newerNode();
  const path = [node && dirname(node), join(modules, '.bin'), join(tools, 'bin'), process.env.PATH];
  return { ...Object.fromEntries(inherited), PATH: path.filter(Boolean).join(delimiter), ...extra };
}
