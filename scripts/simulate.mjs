// `npm run simulate -- --users 2000 --groups 50`: a simulated Azure AD against the built Worker (tools/simulate/).

import { join } from 'node:path';
import { build } from './build.mjs';
import { newerNode, root } from './lib/paths.mjs';
import { attempt, main } from './lib/process.mjs';
import { ensureSetup } from './setup.mjs';

await main(async () => {
  await ensureSetup();
  await build();
  // The token of the Worker that --url names.
  const env = { SCIM_TOKEN: process.env.SCIM_TOKEN };
  process.exitCode = await attempt(newerNode(), [join(root, 'tools', 'simulate', 'main.mjs'), ...process.argv.slice(2)], { env });
});
