// Which secrets are too short for the Worker. The Worker itself treats such a secret as not set
// (src/auth/worker_secret.rs), but only after the deployment, when every request that needs it is refused.

import { UserError } from '../lib/process.mjs';
import { randomToken } from '../lib/token.mjs';

/**
 * Attackers can see what is derived from these, or try values that are compared with them, so their values must not
 * be guessable.
 */
export const workerSecrets = ['SCIM_TOKEN', 'ADMIN_TOKEN', 'SIGNING_SECRET'];

/** What another service has made: its length is not ours to judge, and a value that is made here would not be known there. */
export const foreignSecrets = ['OIDC_CLIENT_SECRET'];

const shortest = 32;

// One, or two with white space between them while one replaces the other. SIGNING_SECRET is one text, white space
// included.
const parts = (name, value) => (name === 'SIGNING_SECRET' ? [value] : value.split(/\s+/).filter(Boolean));

/**
 * Returns how to make a good one. A log keeps what is printed, so a fresh value is shown only to a person at a
 * terminal.
 */
export const suggestion = () =>
  process.stdout.isTTY
    ? `A fresh random value, shown this once:\n\n  ${randomToken()}\n`
    : 'A random value: node -p "crypto.randomBytes(32).toString(\'hex\')"\n';

/** Returns the value, or stops if it can be guessed. The message never contains any of it. */
export function demandStrong(name, value, from = '') {
  const found = parts(name, value);
  if (!found.length) throw new UserError(`${name}${from} is empty. ${suggestion()}`);
  found.forEach((part, at) => {
    const length = [...part].length;
    if (length >= shortest) return;
    const which = found.length === 1 ? `${name}${from}` : `token ${at + 1} of ${found.length} in ${name}${from}`;
    const rule = `A secret must have ${shortest} or more, made at random, or it can be guessed.`;
    throw new UserError(`${which} has ${length} characters. ${rule}\n\n${suggestion()}`);
  });
  return value;
}
