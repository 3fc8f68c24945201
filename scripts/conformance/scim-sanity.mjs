// scim-sanity in its strict mode: https://pypi.org/project/scim-sanity/ It skips the resource types that the service
// does not have: in the Worker that ships those are agents and agentic applications, in the full one there are none.
// Every other check must pass, except those that demand more than the RFC: they are run and counted like all others,
// and shown as contested.

import { full } from './full-build.mjs';
import { pythonProgram } from './python.mjs';
import { runProgram } from './suite.mjs';

// docs/CONFORMANCE.md gives the clause and the reason of each. A check that passes must be removed from this list.
const contested = ['PATCH /Groups/{id}', 'PATCH /Groups/{id} add member', 'PATCH /Groups/{id} remove members'];

function judged(results, checks, skipped) {
  const ran = results.filter(({ status }) => status !== 'skip');
  const failed = ran.filter(({ status }) => status !== 'pass');
  const failures = failed.filter(({ name }) => !contested.includes(name)).map(({ name, message }) => `${name}: ${message}`);
  const settled = contested.filter((name) => !failed.some((check) => check.name === name));
  failures.push(...settled.map((name) => `${name}: passes, or was not asked; it is contested no longer`));
  if (ran.length < checks) failures.push(`${ran.length} checks instead of ${checks}`);
  if (results.length - ran.length !== skipped) failures.push(`${results.length - ran.length} checks were skipped instead of ${skipped}`);
  const note = `${contested.length} contested, see docs/CONFORMANCE.md`;
  return { passed: ran.length - failed.length, total: ran.length, failures, reached: failures.length === 0, note };
}

const suite = (name, checks, skipped, sources) => ({
  name,
  about: 'about 2 s',
  sources,
  async run({ scim, token, folder }) {
    const args = ['probe', scim, '--token', token, '--strict', '--json-output', '--i-accept-side-effects'];
    const { stdout, stderr } = await runProgram(folder, pythonProgram('scim-sanity'), args);
    let results;
    try {
      ({ results } = JSON.parse(stdout));
    } catch {
      return { passed: 0, total: checks, failures: [`no results\n${stdout}${stderr}`], reached: false };
    }
    return judged(results, checks, skipped);
  },
});

export const scimSanity = suite('scim-sanity', 28, 3);
export const scimSanityFull = suite('scim-sanity-full', 45, 0, full);
