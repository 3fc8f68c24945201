// Running `wrangler deploy` on this terminal, where it may ask, and reading the address that it reports through a
// file.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../lib/process.mjs';
import { withTemporaryFolder } from '../lib/temporary.mjs';
import { attemptWrangler } from '../lib/wrangler.mjs';

// One JSON object a line; that of the deployment lists the addresses of the Worker.
function address(report) {
  const lines = existsSync(report) ? readFileSync(report, 'utf8').split('\n').filter(Boolean) : [];
  const targets = lines.map((line) => JSON.parse(line)).flatMap(({ type, targets }) => (type === 'deploy' && targets) || []);
  // A host alone or with its scheme, or a domain of the operator's own; a route or a schedule is not an address.
  const host = /^(?:https:\/\/)?([\w-]+(?:\.[\w-]+)+)(?:\/?$| \(custom domain\b)/;
  const hosts = targets.map((target) => target.match(host)?.[1]).filter(Boolean);
  return hosts[0] && `https://${hosts[0]}`;
}

/** Deploys, and returns the base address of the Worker if wrangler knows it. */
export function upload(...args) {
  return withTemporaryFolder(async (folder) => {
    const report = join(folder, 'report.ndjson');
    const code = await attemptWrangler(['deploy', ...args], { env: { WRANGLER_OUTPUT_FILE_PATH: report } });
    if (code !== 0) throw new UserError('wrangler could not deploy the Worker');
    return address(report);
  });
}
