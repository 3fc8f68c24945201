// scim-sanity in its strict mode: https://pypi.org/project/scim-sanity/
// It skips the resource types that the service does not have (agents); the other 28 checks have to pass.

import { pythonProgram } from './python.mjs';
import { runProgram } from './suite.mjs';

const goal = 28;

export default {
  name: 'scim-sanity',
  about: 'about 2 s',
  async run({ scim, token, folder }) {
    const args = ['probe', scim, '--token', token, '--strict', '--json-output', '--i-accept-side-effects'];
    const { stdout, stderr } = await runProgram(folder, pythonProgram('scim-sanity'), args);
    let results;
    try {
      ({ results } = JSON.parse(stdout));
    } catch {
      return { passed: 0, total: goal, failures: [`no results\n${stdout}${stderr}`], reached: false };
    }
    const ran = results.filter(({ status }) => status !== 'skip');
    const failed = ran.filter(({ status }) => status !== 'pass');
    const failures = failed.map(({ name, message }) => `${name}: ${message}`);
    const passed = ran.length - failed.length;
    return { passed, total: ran.length, failures, reached: failures.length === 0 && passed >= goal };
  },
};
