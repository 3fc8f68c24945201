// Tests of this repository that need the full Worker, and therefore are not among those of `npm test`: tests/conformance/*.mjs.
// Each file starts its own Workers.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/paths.mjs';
import { capture } from '../lib/process.mjs';
import { full } from './full-build.mjs';

const summary = (printed, what) => Number(printed.match(new RegExp(`^# ${what} (\\d+)$`, 'm'))?.[1] ?? 0);

const suite = (name, about, tests) => ({
  name,
  about,
  sources: full,
  async run({ folder }) {
    const { code, stdout, stderr } = await capture(process.execPath, ['--test', '--test-reporter=tap', join(root, 'tests', 'conformance', `${name}.mjs`)]);
    writeFileSync(join(folder, 'output.txt'), stdout + stderr);
    const [passed, total] = ['pass', 'tests'].map((what) => summary(stdout, what));
    const failures = code === 0 ? [] : [stdout + stderr];
    if (total < tests) failures.push(`${total} tests instead of ${tests}`);
    return { passed, total, failures, reached: failures.length === 0 && passed === total };
  },
});

export const resourceTypes = suite('resource-types', 'about 5 s', 16);
export const contract = suite('contract', 'about 2 s', 2);
