// The configuration of a deployment: wrangler.toml plus the ids of one account, in a file that git ignores.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/paths.mjs';
import { UserError } from '../lib/process.mjs';

const source = process.env.SCIM_EDGE_WRANGLER_CONFIG ?? join(root, 'wrangler.toml');

// Beside wrangler.toml, so that the relative paths in it hold.
/** The path of the configuration of the last deployment from here. */
export const deployConfig = process.env.SCIM_EDGE_DEPLOY_CONFIG ?? join(root, 'wrangler.deploy.toml');

function replace(text, line, by) {
  if (!text.includes(`${line}\n`)) throw new UserError(`wrangler.toml should hold the line: ${line}`);
  return text.replace(`${line}\n`, `${by}\n`);
}

/**
 * Decides whether the Worker answers at its workers.dev name as well. Once it has a domain of its own it does not,
 * unless the file says so: requests to that name would bypass the firewall, TLS settings and rules of the domain's
 * zone.
 */
function settleWorkersDev(text) {
  if (/^workers_dev *=/m.test(text)) return text;
  const ownDomain = /^(\[\[routes\]\]|routes? *=)/m.test(text);
  return addAfter(text, 'preview_urls = false', `workers_dev = ${!ownDomain}`);
}

const addAfter = (text, line, added) => replace(text, line, `${line}\n${added}`);

/** Writes the file and returns its path. */
export function writeDeployConfig({ databaseId, namespaceId }) {
  let text = readFileSync(source, 'utf8').replaceAll('\r\n', '\n');
  text = addAfter(text, 'binding = "DB"', `database_id = "${databaseId}"`);
  text = addAfter(text, 'binding = "DIRECTORY_COPY"', `id = "${namespaceId}"`);
  text = settleWorkersDev(text);
  // Without ADMIN_TOKEN a deployment serves only the default tenant, which is allowed.
  text = replace(text, 'required = ["SCIM_TOKEN", "ADMIN_TOKEN", "SIGNING_SECRET"]', 'required = ["SCIM_TOKEN", "SIGNING_SECRET"]');
  writeFileSync(deployConfig, `# Written by \`npm run deploy\` from wrangler.toml: change that file, not this one.\n\n${text}`);
  return deployConfig;
}
