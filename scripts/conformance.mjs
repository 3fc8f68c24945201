// `npm run conformance`: the suites of other projects, and the wire cases, against the built Worker. Names after the
// command are suites: `npm run conformance -- scim-sanity` runs only that one.

import { join } from 'node:path';
import { build } from './build.mjs';
import { ensurePython } from './conformance/python.mjs';
import { newerNode, root } from './lib/paths.mjs';
import { attempt, main } from './lib/process.mjs';
import { ensureSetup } from './setup.mjs';

await main(async () => {
  await ensureSetup();
  await ensurePython();
  await build();
  const run = join(root, 'scripts', 'conformance', 'run.mjs');
  process.exitCode = await attempt(newerNode(), [run, ...process.argv.slice(2)]);
});
