// `npm test`: the Rust tests, then the built Worker over HTTP. Stops at the first part that fails.
// Arguments are test files: `npm test -- tests/scim/cases.test.mjs` runs these alone.

import { availableParallelism } from 'node:os';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { newerNode, root } from './lib/paths.mjs';
import { attempt, main, UserError } from './lib/process.mjs';
import { ensureSetup } from './setup.mjs';

const chosen = process.argv.slice(2);

/** Returns the test files below a folder of the repository, at any depth. */
function testsBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return testsBelow(path);
    return entry.name.endsWith('.test.mjs') ? [path] : [];
  });
}
const workerTests = testsBelow('tests');

const cargoTests = ['test', '--workspace', '--all-features', '--locked'];
const nodeTests = () => [
  ...['--test', '--test-reporter=spec', `--test-concurrency=${Math.min(2, availableParallelism())}`],
  ...['--test-timeout=600000', ...(chosen.length ? chosen : workerTests)],
];

async function part(name, program, args) {
  console.log(`\n== ${name}`);
  const begun = performance.now();
  const code = await attempt(program, args);
  const took = `${((performance.now() - begun) / 1000).toFixed(0)} s`;
  if (code !== 0) throw new UserError(`npm test: FAILED in "${name}" after ${took}`);
  return `${name} ${took}`;
}

await main(async () => {
  if (!workerTests.length) throw new UserError('npm test: there are no tests in tests/');
  await ensureSetup();
  await build();
  const passed = [];
  if (!chosen.length) passed.push(await part('Rust tests', 'cargo', cargoTests));
  passed.push(await part('Worker tests', newerNode(), nodeTests()));
  console.log(`\nnpm test: passed (${passed.join(', ')})`);
});
