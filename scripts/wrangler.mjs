// `npm run wrangler -- <arguments>`: the pinned wrangler under a Node that is new enough for it.

import { attempt, main } from './lib/process.mjs';
import { wranglerCommand } from './lib/wrangler.mjs';
import { ensureNpmPackages } from './setup/npm.mjs';

await main(async () => {
  await ensureNpmPackages();
  process.exitCode = await attempt(...wranglerCommand(...process.argv.slice(2)));
});
