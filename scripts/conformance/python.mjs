// A virtual environment in .tools/python with the suites at the versions of tests/conformance/requirements.txt.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, tools } from '../lib/paths.mjs';
import { capture, run, UserError } from '../lib/process.mjs';
import { step } from '../lib/steps.mjs';

const environment = join(tools, 'python');
const requirements = join(root, 'tests', 'conformance', 'requirements.txt');
const stamp = join(environment, 'requirements.sha256');
const windows = process.platform === 'win32';

/** Returns a program of the environment: Python itself, or one of a suite. */
export const pythonProgram = (name) => join(environment, windows ? 'Scripts' : 'bin', windows ? `${name}.exe` : name);

const fingerprint = () => createHash('sha256').update(readFileSync(requirements)).digest('hex');

async function newEnoughPython() {
  const wanted = 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))';
  for (const name of ['python3', 'python3.13', 'python3.12', 'python3.11', 'python']) {
    const { code } = await capture(name, ['-c', wanted]).catch(() => ({}));
    if (code === 0) return name;
  }
  throw new UserError('the suites need Python 3.11 or newer with its modules venv and ensurepip (Debian: python3-venv)');
}

export async function ensurePython() {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const python = await newEnoughPython();
  rmSync(environment, { recursive: true, force: true });
  await step('installing the conformance suites', 'about 30 s, 150 MB', async () => {
    await run(python, ['-m', 'venv', environment]);
    await run(pythonProgram('python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--requirement', requirements]);
  });
  writeFileSync(stamp, wanted);
}
