// `npm run wrangler -- <arguments>`: the pinned wrangler under a Node that is new enough for it.

import { main } from './lib/process.mjs';
import { attemptWrangler } from './lib/wrangler.mjs';
import { ensureNpmPackages } from './setup/npm.mjs';

await main(async () => {
  await ensureNpmPackages();
  process.exitCode = await attemptWrangler(process.argv.slice(2));
});
