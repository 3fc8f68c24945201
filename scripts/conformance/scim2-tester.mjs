// scim2-tester, by way of scim2-cli: https://github.com/python-scim/scim2-tester Every check must be SUCCESS. It checks
// each resource type that it finds, so the full Worker gets more checks.

import { full } from './full-build.mjs';
import { pythonProgram } from './python.mjs';
import { runProgram } from './suite.mjs';

const statuses = ['SUCCESS', 'COMPLIANT', 'ACCEPTABLE', 'DEVIATION', 'ERROR', 'CRITICAL', 'SKIPPED'];
const begin = new RegExp(`\\n(?=(?:${statuses.join('|')}) )`);

const suite = (name, about, sources) => ({
  name,
  about,
  sources,
  async run({ scim, token, folder }) {
    const env = { SCIM_CLI_HEADERS: `Authorization: Bearer ${token}` };
    const { code, stdout, stderr } = await runProgram(folder, pythonProgram('scim2'), ['--url', scim, 'test', '--verbose'], env);
    const results = stdout.split(begin).slice(1);
    const failures = results.filter((result) => !result.startsWith('SUCCESS '));
    if (!results.length) failures.push(`no results\n${stdout}${stderr}`);
    const passed = results.filter((result) => result.startsWith('SUCCESS ')).length;
    return { passed, total: results.length, failures, reached: code === 0 && failures.length === 0 };
  },
});

export const scim2Tester = suite('scim2-tester', 'about 10 s');
export const scim2TesterFull = suite('scim2-tester-full', 'about 20 s', full);
