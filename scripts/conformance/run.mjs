// Runs the suites one after the other, each against a Worker with an empty directory of its own, and prints the table.
// Runs under the newer Node, which the harness needs. What a suite printed is kept in target/conformance/.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startWorker, unlimited } from '../../tests/harness/index.mjs';
import { root } from '../lib/paths.mjs';
import { main, UserError } from '../lib/process.mjs';
import { step } from '../lib/steps.mjs';
import { table } from './table.mjs';
import { buildFull, full } from './full-build.mjs';
import generatedClients from './generated-clients.mjs';
import { contract, resourceTypes } from './own-tests.mjs';
import schemathesis from './schemathesis.mjs';
import { scimSanity, scimSanityFull } from './scim-sanity.mjs';
import { scim2Tester, scim2TesterFull } from './scim2-tester.mjs';
import webhooks from './webhooks.mjs';
import wireCases from './wire-cases.mjs';

/** `sources` of a suite says where the Worker that it asks was built, if that is not the one that ships. */
const suites = [scim2Tester, scimSanity, wireCases, generatedClients, schemathesis, webhooks, resourceTypes, scim2TesterFull, scimSanityFull, contract];
const token = 'conformance-token';
const outputs = join(root, 'target', 'conformance');

async function judge(suite) {
  const folder = join(outputs, suite.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const worker = await startWorker({ token, rates: unlimited, folder: suite.sources });
  try {
    return { name: suite.name, ...(await step(suite.name, suite.about, () => suite.run({ ...worker, token, folder }))) };
  } finally {
    await worker.stop();
  }
}

function chosen(names) {
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length) throw new UserError(`no such suite: ${unknown.join(', ')}; there are ${suites.map(({ name }) => name).join(', ')}`);
  return suites.filter(({ name }) => !names.length || names.includes(name));
}

await main(async () => {
  const [wanted, results] = [chosen(process.argv.slice(2)), []];
  if (wanted.some(({ sources }) => sources === full)) await buildFull();
  for (const suite of wanted) results.push(await judge(suite));
  for (const { name, failures } of results) for (const failure of failures) console.log(`\n${name}: ${failure}`);
  console.log(`\n${table(results)}`);
  const short = results.filter(({ reached }) => !reached).map(({ name }) => name);
  if (short.length) throw new UserError(`goal not reached: ${short.join(', ')} (what they printed is in target/conformance/)`);
});
