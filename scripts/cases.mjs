// `npm run cases -- https://host/scim/v2 --token T`: asks any SCIM server the wire cases of tests/cases.

import { join } from 'node:path';
import { root } from './lib/paths.mjs';
import { attempt, main } from './lib/process.mjs';

await main(async () => {
  process.exitCode = await attempt('python3', [join(root, 'tests', 'cases', 'run_cases.py'), ...process.argv.slice(2)]);
});
