// The configuration of a deployment: wrangler.toml plus the ids of one account, in a file that git ignores.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/place.mjs';
import { Stop } from '../lib/process.mjs';

// Beside wrangler.toml, so that the relative paths in it hold.
const generated = process.env.SCIM_EDGE_DEPLOY_CONFIG ?? join(root, 'wrangler.deploy.toml');

function replace(text, line, by) {
  if (!text.includes(`${line}\n`)) throw new Stop(`wrangler.toml should hold the line: ${line}`);
  return text.replace(`${line}\n`, `${by}\n`);
}

const addAfter = (text, line, added) => replace(text, line, `${line}\n${added}`);

/** Writes the file and returns its path. */
export function writeDeployConfig({ databaseId, namespaceId }) {
  let text = readFileSync(join(root, 'wrangler.toml'), 'utf8').replaceAll('\r\n', '\n');
  text = addAfter(text, 'binding = "DB"', `database_id = "${databaseId}"`);
  text = addAfter(text, 'binding = "DIRECTORY_COPY"', `id = "${namespaceId}"`);
  // Without ADMIN_TOKEN a deployment serves the default tenant alone, as it may.
  text = replace(text, 'required = ["SCIM_TOKEN", "ADMIN_TOKEN", "SIGNING_SECRET"]', 'required = ["SCIM_TOKEN", "SIGNING_SECRET"]');
  writeFileSync(generated, `# Written by \`npm run deploy\` from wrangler.toml: change that file, not this one.\n\n${text}`);
  return generated;
}
