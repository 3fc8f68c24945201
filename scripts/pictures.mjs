// `npm run pictures`: pictures of the console for the documents, or of every page (tools/pictures/).

import { join } from 'node:path';
import { build } from './build.mjs';
import { newerNode, root } from './lib/paths.mjs';
import { attempt, main } from './lib/process.mjs';
import { ensureSetup } from './setup.mjs';

await main(async () => {
  await ensureSetup();
  await build();
  process.exitCode = await attempt(newerNode(), [join(root, 'tools', 'pictures', 'main.mjs'), ...process.argv.slice(2)]);
});
