// The wire cases of tests/cases, with every capability that is built; a skipped case does not count as passed.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/paths.mjs';
import { pythonProgram } from './python.mjs';
import { runProgram } from './suite.mjs';

const capabilities = 'groups,bulk,sort,etag,cursor,attr:nickName,attr:roles';
const cases = join(root, 'tests', 'cases');

const count = () => readdirSync(cases, { recursive: true }).filter((name) => /[\\/].*\.json$/.test(name)).length;

export default {
  name: 'wire-cases',
  about: 'about 5 s',
  async run({ scim, token, folder }) {
    const args = [join(cases, 'run_cases.py'), scim, '--token', token, '--caps', capabilities, '-v'];
    const { code, stdout, stderr } = await runProgram(folder, pythonProgram('python'), args);
    const results = stdout.split(/\n(?=ok  |FAIL |SKIP |\{)/);
    const passed = results.filter((result) => result.startsWith('ok  ')).length;
    const failures = results.filter((result) => /^(FAIL|SKIP) /.test(result));
    const total = count();
    if (passed + failures.length !== total) failures.push(`not every case was run\n${stderr}`);
    return { passed, total, failures, reached: code === 0 && passed === total };
  },
};
